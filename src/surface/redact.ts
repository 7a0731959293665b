import type { CallView, EventLine, EventPage, SetupReport } from "../call/service.ts";
import type { Evidence } from "../call/call.ts";

/**
 * What a client without write scope may see of a call: how it went, and nothing about who, what was said, or
 * what the carrier calls it. Fields are listed one by one, so a new field stays hidden until it is named here.
 */
export interface PublicCall extends Pick<
  CallView,
  "callId" | "provider" | "direction" | "mode" | "state" | "createdAt" | "answeredAt" | "endedAt" | "outcome"
> {
  readonly evidence: PublicEvidence | null;
  /** Says that fields were left out. */
  readonly redacted: true;
}

type PublicEvidence = Pick<Evidence, "source" | "hungUpBy" | "error" | "durationSec">;

export function publicCall(call: CallView): PublicCall {
  return {
    callId: call.callId,
    provider: call.provider,
    direction: call.direction,
    mode: call.mode,
    state: call.state,
    createdAt: call.createdAt,
    answeredAt: call.answeredAt,
    endedAt: call.endedAt,
    outcome: call.outcome,
    evidence: call.evidence === null ? null : publicEvidence(call.evidence),
    redacted: true,
  };
}

/** Event lines hold no words and numbers by contract; the listing keeps it so. */
export function publicEvents(page: EventPage): EventPage {
  return { cursor: page.cursor, events: page.events.map(publicEvent) };
}

/** Checks are written for people and may quote a setting: URLs and long runs of digits are taken out. */
export function publicSetup(report: SetupReport): SetupReport {
  return {
    ok: report.ok,
    checks: report.checks.map(({ id, ok, level, message, next }) => ({
      id,
      ok,
      level,
      message: withoutPlaces(message),
      ...(next === undefined ? {} : { next: withoutPlaces(next) }),
    })),
  };
}

function publicEvidence(evidence: Evidence): PublicEvidence {
  return {
    source: evidence.source,
    hungUpBy: evidence.hungUpBy,
    ...(evidence.error !== undefined && /^VC_[A-Z_]+$/.test(evidence.error) ? { error: evidence.error } : {}),
    ...(evidence.durationSec === undefined ? {} : { durationSec: evidence.durationSec }),
  };
}

function publicEvent({ cursor, at, callId, state, type }: EventLine): EventLine {
  return { cursor, at, callId, state, type: /^[a-z-]{1,32}$/.test(type) ? type : "other" };
}

const withoutPlaces = (words: string): string =>
  words.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s()"'`]+/giu, "[URL]").replace(/\+?\d{7,}/gu, "[number]");
