import type { Call } from "./call.ts";
import type { Effect } from "./effect.ts";
import type { CarrierEvent, RequestEvent } from "./event.ts";
import { leaveFor, reopen } from "./live.ts";
import { phrasesFor } from "./phrases.ts";
import { deafen, due, hangUp, instruct, step, unchanged, type Moment, type Step } from "./step.ts";
import { instructed, speakAndListen, spoken } from "./turn.ts";

/**
 * Says `text` and has the carrier connect the caller with `to`. While the two talk nobody listens here; the longest
 * duration of the call holds on. A reply being prepared is dropped, a waiting question stays unanswered.
 */
export function transfer(
  call: Call,
  { to, text }: Extract<RequestEvent, { type: "transfer" }>,
  moment: Moment,
): Step {
  const asked: Effect[] = call.turn.for === "command" ? [{ kind: "heard", text: null }] : [];
  if (call.live !== null) {
    const left = leaveFor({ ...call, turn: { ...call.turn, for: "agent" } }, to, text, moment);
    return { ...left, effects: [...asked, ...left.effects] };
  }
  const say = text === "" ? [] : [text];
  const idle = deafen(due(call, { "follow-up": null, "notify-hangup": null, transcript: null }));
  const leaving: Call = {
    ...idle,
    closing: false,
    turn: { ...idle.turn, for: "agent" },
    instruction: instruct(call, say, { kind: "transfer", to }),
  };
  const effects: Effect[] = [...asked, { kind: "hush" }, ...instructed(leaving)];
  return step(leaving, effects, spoken(say, moment.now));
}

/** The hand-over is over. Who has talked is done; who could not be connected is told so and is listened to again. */
export function handedBack(
  call: Call,
  { gen, reached }: Extract<CarrierEvent, { type: "transfer-ended" }>,
  moment: Moment,
): Step {
  const { instruction } = call;
  const isCurrent = instruction?.gen === gen && instruction.next.kind === "transfer" && call.hangup === null;
  if (!isCurrent) return unchanged(call);
  if (reached) return hangUp(call, "transferred", moment.now);
  const regret = [phrasesFor(call.route.language).notReached];
  return call.live === null ? speakAndListen(call, regret, moment) : reopen(call, moment, regret);
}

/** Where the call is being handed over to; null when it is not. */
export const transferTarget = ({ instruction }: Call): string | null =>
  instruction?.next.kind === "transfer" ? instruction.next.to : null;
