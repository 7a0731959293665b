import { toVoiceCallError, VoiceCallError } from "../call/errors.ts";
import { GUARDS, type Guard } from "../call/guard/guards.ts";
import type { CallDetail, CallView, PhoneService } from "../call/service.ts";
import { ignored, integer, oneOf, optional, ref, someOf, text } from "./params.ts";
import { publicCall, publicEvents, publicSetup } from "./redact.ts";
import { ask } from "./refusal.ts";
import { method, type Caller, type Method } from "./rpc-method.ts";
import { PHONE_METHODS } from "./rpc-phone.ts";

const READ = "operator.read";
const WRITE = "operator.write";
const ADMIN = "operator.admin";

const mode = optional(oneOf(["notify", "conversation"]));
const override = optional(someOf(GUARDS));
const call = { callId: ref, message: text };

const calls: readonly Method[] = [
  method(
    "voicecall.initiate",
    WRITE,
    { to: optional(ref), message: text, mode, override },
    async (service, given, caller) =>
      placed(
        await service.initiate({
          to: given.to,
          message: given.message,
          mode: given.mode,
          override: overrides(given.override, caller),
          requester: { surface: caller.surface },
        }),
      ),
  ),
  method(
    "voicecall.start",
    WRITE,
    {
      to: ref,
      message: optional(text),
      mode,
      dtmfSequence: optional(ref),
      override,
      agentId: optional(ref),
      requesterSessionKey: optional(text),
      sessionKey: ignored,
    },
    async (service, given, caller) => {
      // Only the gateway itself can vouch for an agent and its session; anybody else gets the configured agent.
      const sessionKey = caller.trustedPlugin ? given.requesterSessionKey : undefined;
      const view = await service.initiate({
        to: given.to,
        message: given.message,
        mode: given.mode,
        digits: given.dtmfSequence,
        override: overrides(given.override, caller),
        agentId: caller.trustedPlugin ? given.agentId : undefined,
        requester: { surface: caller.surface, ...(sessionKey === undefined ? {} : { sessionKey }) },
      });
      return placed(view);
    },
  ),
  method("voicecall.continue", WRITE, call, async (service, { callId, message }) => {
    const heard = await service.ask(callId, message);
    return { success: true, callId: heard.callId, text: heard.text };
  }),
  method("voicecall.continue.start", WRITE, call, async (service, { callId, message }) => {
    const { operationId } = await service.askStart(callId, message);
    return { operationId };
  }),
  method(
    "voicecall.continue.result",
    WRITE,
    { operationId: ref },
    async (service, { operationId }) => await service.askResult(operationId),
  ),
  method(
    "voicecall.speak",
    WRITE,
    { ...call, allowTwimlFallback: ignored },
    async (service, { callId, message }) => await spoken(service, callId, message),
  ),
  method("voicecall.dtmf", WRITE, { callId: ref, digits: ref }, async (service, { callId, digits }) => {
    await service.press(callId, digits);
    return { success: true };
  }),
  method(
    "voicecall.transfer",
    WRITE,
    { callId: ref, to: ref, message: optional(text), override },
    async (service, given, caller) => {
      await service.transfer({ ...given, override: overrides(given.override, caller) });
      return { success: true };
    },
  ),
  method("voicecall.end", WRITE, { callId: ref }, async (service, { callId }) => {
    await service.end(callId);
    return { success: true };
  }),
];

const reading: readonly Method[] = [
  method("voicecall.status", READ, { callId: optional(ref) }, async (service, { callId }, caller) => {
    if (callId === undefined) return await overview(service, 20, caller);
    const detail = await service.status(callId);
    if (detail !== null) return { found: true, call: shown(detail, caller) };
    const problem = service.problem();
    if (problem !== null) throw problem;
    return { found: false };
  }),
  method("voicecall.list", READ, { limit: optional(integer(1, 1000)) }, async (service, { limit }, caller) =>
    overview(service, limit ?? 20, caller),
  ),
  method(
    "voicecall.events",
    READ,
    { after: optional(integer(0, Number.MAX_SAFE_INTEGER)), limit: optional(integer(1, 1000)) },
    async (service, { after, limit }) =>
      publicEvents(await service.events({ after: after ?? null, limit: limit ?? 200 })),
  ),
  method("voicecall.latency", READ, { last: optional(integer(1, 100_000)) }, async (service, { last }) => {
    const rows = await service.latency(last ?? 200);
    return { stages: rows.map(({ stage, count, p50, p95, max }) => ({ stage, count, p50, p95, max })) };
  }),
  method("voicecall.setup", READ, {}, async (service, _, caller) => {
    const report = await service.setup();
    return caller.full ? report : publicSetup(report);
  }),
];

const pairing: readonly Method[] = [
  method("voicecall.pairing.list", ADMIN, {}, async (service) => ({ pairings: await service.pairings() })),
  method("voicecall.pairing.approve", ADMIN, { code: ref }, async (service, { code }) => ({
    pairing: await service.approvePairing(code),
  })),
  method("voicecall.pairing.revoke", ADMIN, { number: ref }, async (service, { number }) => ({
    revoked: await service.revokePairing(number),
  })),
];

/** Every gateway method of the plugin. */
export const METHODS: readonly Method[] = [...calls, ...reading, ...pairing, ...PHONE_METHODS];

/** Refused rather than left out, so that nobody takes a guarded call for an unguarded one. */
function overrides(given: readonly Guard[] | undefined, caller: Caller): readonly Guard[] | undefined {
  if (given !== undefined && !caller.admin) throw new VoiceCallError("VC_OVERRIDE_NOT_ALLOWED");
  return given;
}

const placed = (view: CallView) => ({ callId: view.callId, call: view });

const shown = (view: CallView | CallDetail, caller: Caller) => (caller.full ? view : publicCall(view));

async function overview(service: PhoneService, limit: number, caller: Caller) {
  const views = await service.list(limit);
  return { calls: views.map((view) => shown(view, caller)), problem: service.problem()?.toJSON() ?? null };
}

/**
 * The host's meeting plugins read `success` and `error` of this answer, so a call that cannot be spoken on is
 * an answer and not a failed request. A plugin that is not set up stays a failed request.
 */
async function spoken(service: PhoneService, callId: string, message: string) {
  try {
    await ask(service, async () => await service.speak(callId, message));
  } catch (thrown) {
    const error = toVoiceCallError(thrown);
    if (service.problem()?.code === error.code) throw error;
    return { success: false, error: error.message, details: error.toJSON() };
  }
  return { success: true };
}
