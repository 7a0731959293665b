import type { CallView, PhonePort, PhoneService } from "../../call/service.ts";
import { portOf } from "../rpc-phone.ts";
import type { Refusal } from "../refusal.ts";

/** What the commands talk to: the phone of the running gateway, or one of this process. */
export interface CliPhone extends Pick<
  PhoneService,
  | "initiate"
  | "speak"
  | "ask"
  | "press"
  | "transfer"
  | "end"
  | "status"
  | "events"
  | "latency"
  | "setup"
  | "pairings"
  | "approvePairing"
  | "revokePairing"
> {
  /** The latest calls, and why no new one can be placed, or null. */
  overview(limit: number): Promise<{ calls: readonly CallView[]; problem: Refusal | null }>;
  /** The mock carrier's phone. Throws `VC_NO_PHONE`, at the latest when it is used. */
  port(): PhonePort;
}

export function localPhone(service: PhoneService): CliPhone {
  return {
    initiate: async (request) => await service.initiate(request),
    speak: async (callId, message) => await service.speak(callId, message),
    ask: async (callId, message) => await service.ask(callId, message),
    press: async (callId, digits) => await service.press(callId, digits),
    transfer: async (request) => await service.transfer(request),
    end: async (callId) => await service.end(callId),
    status: async (callId) => await service.status(callId),
    events: async (options) => await service.events(options),
    latency: async (last) => await service.latency(last),
    setup: async () => await service.setup(),
    pairings: async () => await service.pairings(),
    approvePairing: async (code) => await service.approvePairing(code),
    revokePairing: async (number) => await service.revokePairing(number),
    overview: async (limit) => ({
      calls: await service.list(limit),
      problem: service.problem()?.toJSON() ?? null,
    }),
    port: () => portOf(service),
  };
}
