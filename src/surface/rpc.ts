import { isVoiceCallError, toVoiceCallError } from "../call/errors.ts";
import type { PhoneService } from "../call/service.ts";
import { METHODS } from "./rpc-methods.ts";
import type { Caller, Scope } from "./rpc-method.ts";

/** The part of the host's plugin API that gateway methods need. */
export interface RpcRegistrar {
  registerGatewayMethod(method: string, handler: RpcHandler, options: { scope: Scope }): void;
}

export type RpcHandler = (request: RpcRequest) => Promise<void>;

interface RpcRequest {
  readonly params: Record<string, unknown>;
  /** Null for a dispatch inside the gateway that carries no client. */
  readonly client: RpcClient | null;
  readonly respond: (ok: boolean, payload?: unknown, error?: RpcError) => void;
}

/** What the host tells about the connection. `internal` is set by the gateway itself, never by the wire. */
export interface RpcClient {
  readonly connect?: {
    readonly scopes?: readonly string[];
    readonly client?: { readonly mode?: string };
  };
  readonly internal?: { readonly pluginRuntimeOwnerId?: string };
}

interface RpcError {
  code: string;
  message: string;
  details: unknown;
  retryable: boolean;
}

/** Registers every `voicecall.*` gateway method. `find` throws `VC_NOT_RUNNING` while no service runs. */
export function registerRpc(api: RpcRegistrar, find: () => PhoneService): void {
  for (const method of METHODS) {
    const handler: RpcHandler = async ({ params, client, respond }) => {
      let answer: unknown;
      try {
        answer = await method.run(find, params, callerOf(client));
      } catch (thrown) {
        respond(false, undefined, asRpcError(thrown));
        return;
      }
      respond(true, answer);
    };
    api.registerGatewayMethod(method.name, handler, { scope: method.scope });
  }
}

/** The error as the gateway sends it; `details` is the catalogue's entry. */
function asRpcError(thrown: unknown): RpcError {
  const error = isVoiceCallError(thrown) ? thrown : toVoiceCallError(thrown);
  return { code: error.code, message: error.message, details: error.toJSON(), retryable: error.retryable };
}

/** Whatever is not certain is answered with less: no client, no scopes, no owner id mean the least rights. */
function callerOf(client: RpcClient | null): Caller {
  const scopes = client?.connect?.scopes;
  const granted: readonly string[] = Array.isArray(scopes) ? scopes : [];
  const owner = client?.internal?.pluginRuntimeOwnerId;
  return {
    full: granted.includes("operator.write") || granted.includes("operator.admin"),
    admin: granted.includes("operator.admin"),
    trustedPlugin: typeof owner === "string" && owner.trim() !== "",
    surface: client?.connect?.client?.mode === "cli" ? "cli" : "rpc",
  };
}
