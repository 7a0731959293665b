import type { CliDeps, LocalUse } from "./deps.ts";
import { gatewayError, NoGateway } from "./failure.ts";
import { localPhone, type CliPhone } from "./phone.ts";
import { RemotePhone } from "./remote.ts";

/** Whose phone the work is done on. `own`: of this process, which must stay until the call is over. */
export interface Reached {
  readonly phone: CliPhone;
  readonly own: boolean;
}

/**
 * Does the work on the running gateway. Only when no gateway listens at all is it done on a runtime of this
 * process, which is stopped afterwards; a gateway that has answered once is never replaced. Without a credential
 * to ask with, reading falls back to the store on disk and writing fails.
 */
export async function reach<T>(
  deps: CliDeps,
  use: LocalUse,
  work: (reached: Reached) => Promise<T>,
): Promise<T> {
  const remote = new RemotePhone(deps.gateway, deps.io);
  try {
    return await work({ phone: remote, own: false });
  } catch (thrown) {
    if (!(thrown instanceof NoGateway) || remote.answered) throw thrown;
    if (thrown.why === "locked" && use.kind === "run") throw thrown;
    if (deps.localService === undefined) throw thrown;
  }
  return await onOwn(deps, use, work);
}

/** Does the work on a runtime of this process without asking for a gateway. */
export async function onOwn<T>(
  { localService }: CliDeps,
  use: LocalUse,
  work: (reached: Reached) => Promise<T>,
): Promise<T> {
  if (localService === undefined) throw gatewayError("This process cannot open the call store");
  const local = await localService(use);
  try {
    return await work({ phone: localPhone(local.service), own: true });
  } finally {
    await local.stop();
  }
}
