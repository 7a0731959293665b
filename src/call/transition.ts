import { isOver, mayLinger, type Call } from "./call.ts";
import type { CallEvent } from "./event.ts";
import {
  answered,
  awaitStream,
  deaf,
  handOver,
  mute,
  noStream,
  reopenLost,
  said,
  streamFailed,
  streamFetched,
  streamLost,
  streamUp,
  talkedOut,
} from "./live.ts";
import { grant } from "./requests.ts";
import {
  advance,
  due,
  finish,
  FIRST_GEN,
  hangUp,
  step,
  unchanged,
  UNCERTAIN_MS,
  refused,
  type Moment,
  type Step,
} from "./step.ts";
import { messageHeard, screened, unscreened } from "./screening.ts";
import {
  caught,
  handedOver,
  instructed,
  keyPressed,
  keysDone,
  nothingSaid,
  playedOut,
  replied,
  replyFailed,
  resumeListening,
  speaking,
} from "./turn.ts";
import { handedBack } from "./transfer.ts";

/**
 * Moves a call by one event. Pure: the same call, event and moment give the same step. States only move forward;
 * what comes late or from an older generation is recorded by the caller of this function and changes nothing here.
 */
export function transition(before: Call, event: CallEvent, moment: Moment): Step {
  const known = event.type === "dialed" ? event.carrierCallId : undefined;
  const call = named(before, moment.carrierCallId ?? known);
  if (isOver(call)) return afterEnd(call, event, moment);
  const after = begun(call, awaited(call, timed(call, moved(call, event, moment)), moment));
  return before.carrierCallId === null && before.hangup !== null ? owed(after) : after;
}

/** A call whose first instruction did not travel with the request gets it once it is answered. */
function begun(before: Call, after: Step): Step {
  const { call, effects } = after;
  const starts = before.answeredAt === null && call.answeredAt !== null && call.traits.ownStart;
  if (!starts || call.hangup !== null || isOver(call)) return after;
  const given = effects.some(({ kind }) => kind === "instruct");
  return given ? after : { ...after, effects: [...effects, ...instructed(call)] };
}

/** The step in which the other party picks up has how long that took measured. */
function timed(before: Call, after: Step): Step {
  const pickedUp = before.answeredAt === null && after.call.answeredAt !== null;
  if (!pickedUp || before.direction === "inbound") return after;
  return { ...after, effects: [{ kind: "picked-up" }, ...after.effects] };
}

function awaited(before: Call, after: Step, { now }: Moment): Step {
  return isOver(after.call) ? after : { ...after, call: awaitStream(before, after.call, now) };
}

function moved(call: Call, event: CallEvent, moment: Moment): Step {
  switch (event.type) {
    case "initiated":
      return step(call);
    case "fetched":
      return fetched(call, event.gen, moment);
    case "stream-failed":
      return streamFailed(call, event.token, moment);
    case "ringing":
      return step(advance(call, "ringing", moment.now));
    case "answered":
      return step(advance(call, "answered", moment.now));
    case "detected":
      return screened(call, event, moment);
    case "speech":
      return caught(call, event, event.text, moment);
    case "digits":
      return caught(call, event, event.digits === "" ? "" : `[digits ${event.digits}]`, moment);
    case "key":
      return keyPressed(call, event.digit, moment);
    case "speaking":
      return speaking(call, moment);
    case "silence":
      return nothingSaid(call, event, moment);
    case "played":
      return played(call, event.gen, moment);
    case "transfer-ended":
      return handedBack(call, event, moment);
    case "ended":
      return finish(call, event.outcome, event.evidence, moment.now);

    case "dialed":
      return dialed(call);
    case "dial-refused":
      return finish(
        call,
        call.hangup === "requested" ? "canceled" : "failed",
        { source: "carrier", hungUpBy: "carrier", carrierCode: event.detail, error: event.error },
        moment.now,
      );
    case "dial-uncertain":
      if (call.carrierCallId !== null) return unchanged(call);
      return step(
        due(call, { uncertain: moment.now + UNCERTAIN_MS }),
        call.deadlines.uncertain === undefined ? [{ kind: "look-up" }] : [],
      );
    case "delivered":
      return delivered(call, event.gen, moment);
    case "stuck":
      return hangUp(call, "failed", moment.now);
    case "hung-up":
      return finish(call, "completed", hungUpEvidence(event.carrierCode), moment.now);
    case "reply":
      return replied(call, event, moment);
    case "reply-failed":
      return replyFailed(call, event.turn, moment);
    case "stream-up":
      return streamUp(call, event.token, moment);
    case "stream-lost":
      return streamLost(call, event.token, moment);
    case "said":
      return said(call, event, moment);
    case "answer":
      return answered(call, event.text);
    case "voice-lost":
      return mute(call, moment);
    case "listening-lost":
      return deaf(call);
    case "talked-out":
      return talkedOut(call, event.reason, moment);
    case "deadline":
      return deadline(call, event.name, moment);

    case "speak":
    case "ask":
    case "press":
    case "transfer":
    case "hang-up":
    case "close":
      return grant(call, event, moment);
  }
}

/** Being asked for more, the carrier has run what it was given: a message that waits for a verdict has been said. */
function fetched(call: Call, gen: number | undefined, moment: Moment): Step {
  const present = advance(call, "answered", moment.now);
  if (call.live !== null) return streamFetched(present, gen, moment);
  const isDone =
    gen === undefined && present.instruction !== null && present.instruction.gen <= present.delivered;
  return isDone ? messageHeard(present, moment) : step(present);
}

function played(call: Call, gen: number, moment: Moment): Step {
  const after = playedOut(call, gen, moment);
  return call.instruction?.gen === gen ? messageHeard(after.call, moment) : after;
}

/**
 * Fills in the carrier's id; a known one is never overwritten by a late reply. Whoever tells the id of a call that we
 * placed tells that the create was carried out, and with it the first instruction, if that travelled along.
 */
function named(call: Call, carrierCallId: string | undefined): Call {
  if (carrierCallId === undefined || call.carrierCallId !== null) return call;
  const travelled = call.direction === "outbound" && !call.traits.ownStart;
  const delivered = travelled ? Math.max(call.delivered, FIRST_GEN) : call.delivered;
  return { ...call, carrierCallId, delivered };
}

/** A hang-up asked for before the carrier's id was known is sent as soon as anything tells the id. */
function owed(after: Step): Step {
  const { call, effects } = after;
  if (call.carrierCallId === null || call.hangup === null || isOver(call)) return after;
  return { ...after, effects: [...effects, { kind: "hangup", reason: call.hangup }] };
}

/** The search for a call whose create reply was lost is over. */
const dialed = (call: Call): Step => step(due(call, { uncertain: null }));

/** An inbound call is answered by its first instruction. */
function delivered(call: Call, gen: number, moment: Moment): Step {
  const given = { ...call, delivered: Math.max(call.delivered, gen) };
  const present = call.direction === "inbound" ? advance(given, "answered", moment.now) : given;
  return step(call.instruction?.gen === gen ? handedOver(present, moment.now) : present);
}

/** The carrier has taken our hang-up; whether that is what ended the call, `finish` knows. */
function hungUpEvidence(carrierCode: string | undefined) {
  return {
    source: "us",
    hungUpBy: "unknown",
    ...(carrierCode === undefined ? {} : { carrierCode }),
  } as const;
}

function deadline(call: Call, name: keyof Call["deadlines"], moment: Moment): Step {
  const at = call.deadlines[name];
  if (at === undefined || at > moment.now) return unchanged(call);
  const passed = due(call, { [name]: null });
  switch (name) {
    case "ring":
      return call.answeredAt === null ? hangUp(passed, "ring-timeout", moment.now) : step(passed);
    case "max-duration":
      return hangUp(passed, "max-duration", moment.now);
    case "stale":
      return call.turn.no === 0 ? hangUp(passed, "stale", moment.now) : step(passed);
    case "listen":
      return nothingSaid(passed, { token: call.turn.token }, moment);
    case "keys":
      return keysDone(passed, moment);
    case "screening":
      return unscreened(passed, moment);
    case "notify-hangup":
      return hangUp(passed, "message-delivered", moment.now);
    case "stream":
      return noStream(passed, moment);
    case "reopen":
      return reopenLost(passed, moment);
    case "hand-over":
      return handOver(passed);
    case "transcript":
      return resumeListening(passed, moment, [{ kind: "heard", text: null }]);
    case "follow-up":
      return call.mode === "notify"
        ? hangUp(passed, "message-delivered", moment.now)
        : resumeListening(passed, moment, []);
    case "uncertain":
      return neverHeardOf(passed, moment);
    case "hangup":
      if (call.carrierCallId === null) return neverHeardOf(passed, moment);
      return finish(
        passed,
        "completed",
        { source: "us", hungUpBy: "us", error: "VC_CARRIER_UNREACHABLE" },
        moment.now,
      );
  }
}

/** Nobody at the carrier has ever confirmed the call: whether it was placed stays unknown. */
function neverHeardOf(call: Call, moment: Moment): Step {
  const evidence = { source: "us", hungUpBy: "unknown", error: "VC_CARRIER_UNCERTAIN" } as const;
  return finish(call, "lost", evidence, moment.now);
}

/**
 * Nothing moves a call that is over. Two things are still done: last words go on record, and a call that we closed
 * without the carrier's word and that turns out to live is ended at the carrier, once.
 */
function afterEnd(call: Call, event: CallEvent, moment: Moment): Step {
  switch (event.type) {
    case "said":
      return said(call, event, moment);
    case "speak":
    case "ask":
    case "press":
    case "transfer":
    case "close":
    case "hang-up":
      return refused(call, "VC_CALL_NOT_ACTIVE");
    case "dialed":
    case "initiated":
    case "ringing":
    case "answered":
    case "detected":
    case "fetched":
    case "speech":
    case "digits":
    case "key":
    case "speaking":
    case "silence":
    case "played":
    case "stream-up":
      return mayLinger(call) ? endLingering(call) : step(call);
    default:
      return step(call);
  }
}

function endLingering(call: Call): Step {
  if (call.carrierCallId === null || call.hangup === "lingering") return step(call);
  return step({ ...call, hangup: "lingering" }, [{ kind: "hangup", reason: "lingering" }]);
}
