import { VoiceCallError } from "../call/errors.ts";
import type { PhoneService } from "../call/service.ts";

/**
 * The gateway evaluates the plugin at least twice in one process, and module state is not shared: one copy runs the
 * service, another runs the agent tool. They meet in this slot.
 */
const SLOT = Symbol.for("openclaw.voice-call.service");

interface SharedSlot {
  [SLOT]?: PhoneService | undefined;
}

const shared = globalThis as SharedSlot;

/** Makes `service` the one every surface finds; the newest wins. */
export function publishService(service: PhoneService): void {
  shared[SLOT] = service;
}

/** Takes `service` out of the slot. Does nothing when a newer one is there already. */
export function clearService(service: PhoneService): void {
  if (shared[SLOT] === service) delete shared[SLOT];
}

/** The running service. Throws `VC_NOT_RUNNING`. */
export function findService(): PhoneService {
  const service = shared[SLOT];
  if (!service) throw new VoiceCallError("VC_NOT_RUNNING");
  return service;
}
