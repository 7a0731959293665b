import type { Requester } from "../call/call.ts";
import type { PhoneService } from "../call/service.ts";
import { readParams, type Params, type Values } from "./params.ts";
import { ask } from "./refusal.ts";

export type Scope = "operator.read" | "operator.write" | "operator.admin";

/** Who sends a request, as far as the gateway vouches for it. */
export interface Caller {
  /** May see numbers and words: the client was granted write or admin. */
  readonly full: boolean;
  /** May override the guards of outbound calls: the client was granted admin. */
  readonly admin: boolean;
  /** A plugin in the same gateway process, named by the gateway itself. */
  readonly trustedPlugin: boolean;
  readonly surface: Requester["surface"];
}

export interface Method {
  readonly name: string;
  readonly scope: Scope;
  run(find: () => PhoneService, params: unknown, caller: Caller): Promise<unknown>;
}

/** A gateway method: parameters are read first, then the service is looked for, then the work is done. */
export function method<P extends Params>(
  name: string,
  scope: Scope,
  params: P,
  work: (service: PhoneService, values: Values<P>, caller: Caller) => Promise<unknown>,
): Method {
  return {
    name,
    scope,
    run: async (find, input, caller) => {
      const values = readParams(input, params);
      const service = find();
      return await ask(service, async () => await work(service, values, caller));
    },
  };
}
