import { VoiceCallError } from "../../call/errors.ts";
import type { PhonePort } from "../../call/service.ts";
import type { Exchange } from "./exchange.ts";
import type { Line } from "./line.ts";

const E164 = /^\+[1-9]\d{7,14}$/;
const DIGITS = /^[0-9A-D*#]{1,32}$/;
const MAX_WORDS = 4000;
/** An inbound call that the plugin neither takes nor refuses rings this long. */
const RING_LIMIT_MS = 60_000;

/** The person's end of the mock carrier. Errors are `VoiceCallError`s of the catalogue. */
export function createPhone(exchange: Exchange): PhonePort {
  const lineOf = (carrierCallId: string): Line => {
    const line = exchange.line(carrierCallId);
    if (!line) throw new VoiceCallError("VC_CALL_NOT_FOUND");
    return line;
  };
  /** A call to this phone that rings or talks; a call of its own is answered and declined at the other end. */
  const received = (carrierCallId: string): Line => {
    const line = lineOf(carrierCallId);
    if (line.direction === "inbound") throw invalid("this phone placed the call; the other end answers it");
    if (line.state === "ended")
      throw new VoiceCallError("VC_CALL_NOT_ACTIVE", { outcome: line.outcome ?? "ended" });
    if (line.state === "dialing") throw invalid("the phone does not ring yet");
    return line;
  };

  return {
    async call(from, to) {
      if (from !== "" && !E164.test(from)) throw new VoiceCallError("VC_NUMBER_INVALID", { field: "from" });
      if (!E164.test(to)) throw new VoiceCallError("VC_NUMBER_INVALID", { field: "to" });
      if (exchange.closed) throw new VoiceCallError("VC_NOT_RUNNING");
      if (exchange.full)
        throw new VoiceCallError("VC_CARRIER_RATE", { provider: "mock", detail: "too many calls" });
      const attestation = exchange.scriptOf(from)?.attestation ?? null;
      const call = { callId: null, direction: "inbound", from, to, ringLimitMs: RING_LIMIT_MS } as const;
      const { line } = exchange.open(call, { direction: "inbound", from, to, attestation });
      line.ring();
      return { carrierCallId: line.id };
    },
    async answer(carrierCallId) {
      received(carrierCallId).answer();
    },
    async decline(carrierCallId) {
      const line = received(carrierCallId);
      if (line.state === "answered") throw invalid("the call is answered already; hang up instead");
      line.end("rejected", "them", "declined");
    },
    async say(carrierCallId, text) {
      const words = text.trim();
      if (words === "" || words.length > MAX_WORDS)
        throw invalid(`words must have 1 to ${MAX_WORDS} characters`);
      lineOf(carrierCallId).hear(words);
    },
    async press(carrierCallId, digits) {
      if (!DIGITS.test(digits)) throw invalid("digits must be 1 to 32 of 0-9 A-D * #");
      lineOf(carrierCallId).press(digits);
    },
    async play(carrierCallId, audio) {
      return { ms: lineOf(carrierCallId).play(audio) };
    },
    async listen(carrierCallId, after) {
      return lineOf(carrierCallId).heardAfter(after);
    },
    async hangUp(carrierCallId) {
      const line = lineOf(carrierCallId);
      if (line.state === "answered") return line.end("completed", "them", "completed");
      if (line.direction === "inbound") return line.end("canceled", "them", "canceled");
      line.end("rejected", "them", "declined");
    },
    async screen(after) {
      return exchange.screen.read(after);
    },
  };
}

function invalid(problem: string): VoiceCallError {
  return new VoiceCallError("VC_REQUEST_INVALID", { problem });
}
