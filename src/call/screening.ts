import type { Call, Screening } from "./call.ts";
import type { CarrierEvent } from "./event.ts";
import { ask } from "./live.ts";
import {
  advance,
  deafen,
  due,
  hangUp,
  instruct,
  SCREENING_MS,
  speakingMs,
  step,
  unchanged,
  type Moment,
  type Step,
} from "./step.ts";
import { transferTarget } from "./transfer.ts";
import { closeWith, instructed } from "./turn.ts";

type Detected = Extract<CarrierEvent, { type: "detected" }>;

/** How much longer than its words a message to a person is waited for when no report of its end comes. */
const LOST_REPORT_MS = 10_000;

/**
 * What the answering machine detection found. Without a policy, and for whatever is not surely a machine, it is only
 * noted: `unknown` is a person. A machine is hung up on, or hears the first words once its greeting is over. Whoever
 * is detected has picked up. Who has been handed over is left in peace.
 */
export function screened(before: Call, event: Detected, moment: Moment): Step {
  const call: Call = { ...advance(before, "answered", moment.now), answeredBy: event.by };
  const { screening } = call;
  if (screening === null || call.hangup !== null || transferTarget(call) !== null) return step(call);
  if (event.by !== "machine" || screening.policy === "continue")
    return screening.verdict === "pending" ? person(call, screening, moment) : step(call);
  if (screening.policy === "hangup")
    return hangUp(decided(call, screening, "machine"), "machine", moment.now);
  return event.over === true ? leaveMessage(call, screening, moment) : waitForBeep(call, screening, moment);
}

/** Nothing was found out, or nothing more was reported, in time: the end of a greeting neither. */
export function unscreened(call: Call, moment: Moment): Step {
  const { screening } = call;
  if (screening === null || transferTarget(call) !== null) return step(call);
  if (screening.verdict === "machine") return leaveMessage(call, screening, moment);
  return screening.verdict === "pending" ? person(call, screening, moment) : complete(call, moment);
}

/** The first words of a message were heard to the end: to a person that completes it, else the verdict decides. */
export function messageHeard(call: Call, moment: Moment): Step {
  const { screening } = call;
  if (screening === null || !isHeld(call)) return unchanged(call);
  if (screening.verdict === "person") return complete(call, moment);
  return step({ ...call, screening: { ...screening, said: true } });
}

/** Somebody is there. A message that has been heard out is complete; one under way is closed after its words. */
function person(call: Call, screening: Screening, moment: Moment): Step {
  const known = decided(call, screening, "person");
  if (!isHeld(known)) return step(known);
  if (screening.said) return complete(known, moment);
  return step(due(known, { screening: moment.now + speakingMs(screening.words) + LOST_REPORT_MS }));
}

function complete(call: Call, moment: Moment): Step {
  const done = due(call, { screening: null });
  return isHeld(call) ? closeWith(done, [], moment, call.limits.notifyHangupMs) : step(done);
}

/** The first words from their beginning, then the end. */
function leaveMessage(call: Call, screening: Screening, moment: Moment): Step {
  const known = decided(call, screening, "machine");
  if (call.closing) return step(known);
  const left = closeWith(known, screening.words, moment, call.limits.notifyHangupMs);
  return { ...left, effects: [{ kind: "hush" }, ...left.effects] };
}

/** Silence while the greeting runs: nothing said now would be on the recording. */
function waitForBeep(call: Call, screening: Screening, moment: Moment): Step {
  if (screening.verdict === "machine") return step(call);
  const known = decided(call, screening, "machine");
  if (call.closing) return step(known);
  if (call.live !== null)
    return step(due(known, { screening: moment.now + SCREENING_MS }), [ask({ type: "hush" })]);
  const waiting = due(deafen(known), { screening: moment.now + SCREENING_MS });
  const silent: Call = { ...waiting, instruction: instruct(call, [], { kind: "wait" }) };
  return step(silent, [{ kind: "hush" }, ...instructed(silent)]);
}

/** A message whose end waits for the verdict. */
const isHeld = (call: Call): boolean =>
  call.mode === "notify" && call.instruction?.next.kind === "wait" && !call.closing;

function decided(call: Call, screening: Screening, verdict: "person" | "machine"): Call {
  return due({ ...call, screening: { ...screening, verdict } }, { screening: null });
}
