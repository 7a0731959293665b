import type { CarrierEvent } from "../../src/call/event.ts";
import type { CarrierFact } from "../../src/call/ports.ts";

const OUTCOMES = "completed busy no-answer canceled failed rejected voicemail timeout lost".split(" ");
const PRINTABLE = /^[!-~]{1,256}$/;
const NAME = /^[A-Za-z0-9_-]{1,128}$/;
const PARTY = /^[^\p{C}]{0,256}$/u;

const isGen = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= 999_999_999;
const isToken = (value: unknown): boolean => typeof value === "string" && NAME.test(value);

/** Which field of a fact is none that the call core may be given; null when all are well shaped. */
export function flawOf(fact: CarrierFact): string | null {
  const { callId, carrierCallId, claim, events, offer, wants } = fact;
  if (!/^[0-9a-f]{64}$/.test(claim)) return "claim";
  if (callId !== null && !NAME.test(callId)) return "callId";
  if (carrierCallId !== null && !PRINTABLE.test(carrierCallId)) return "carrierCallId";
  if (wants !== "nothing" && wants !== "document") return "wants";
  if (offer !== null) {
    if (offer.direction !== "inbound" && offer.direction !== "outbound") return "offer.direction";
    if (!PARTY.test(offer.from) || !PARTY.test(offer.to) || offer.to === "") return "offer.from or offer.to";
    if (![null, "A", "B", "C"].includes(offer.attestation)) return "offer.attestation";
  }
  if (events.length > 4) return "events";
  return events.map(flawOfEvent).find((flaw) => flaw !== null) ?? null;
}

function flawOfEvent(event: CarrierEvent): string | null {
  switch (event.type) {
    case "initiated":
    case "ringing":
    case "answered":
    case "speaking":
      return null;
    case "detected":
      return ["human", "machine", "unknown"].includes(event.by) ? null : "detected.by";
    case "fetched":
      return event.gen === undefined || isGen(event.gen) ? null : "fetched.gen";
    case "played":
    case "transfer-ended":
      return isGen(event.gen) ? null : `${event.type}.gen`;
    case "stream-failed":
      return event.token === null || isToken(event.token) ? null : "stream-failed.token";
    case "silence":
      return isToken(event.token) ? null : "silence.token";
    case "digits":
      return isToken(event.token) && /^[0-9A-Da-d*#]{1,256}$/.test(event.digits) ? null : "digits";
    case "key":
      return /^[0-9A-D*#]$/.test(event.digit) ? null : "key.digit";
    case "speech": {
      const { token, text, confidence = 0, at = 0 } = event;
      if (token !== null && !isToken(token)) return "speech.token";
      if (typeof text !== "string" || text.trim() === "" || !text.isWellFormed()) return "speech.text";
      if (!(confidence >= 0 && confidence <= 1)) return "speech.confidence";
      return Number.isFinite(at) ? null : "speech.at";
    }
    case "ended": {
      const { outcome, evidence } = event;
      if (!OUTCOMES.includes(outcome)) return "ended.outcome";
      const { durationSec = null } = evidence as { durationSec?: number | null };
      if (durationSec !== null && !(durationSec >= 0 && durationSec <= 9_999_999)) return "ended.durationSec";
      return null;
    }
  }
}
