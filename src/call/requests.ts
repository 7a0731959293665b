import type { Call } from "./call.ts";
import type { RequestEvent } from "./event.ts";
import { ask as live } from "./live.ts";
import { due, hangUp, instruct, listen, refused, step, unchanged, type Moment, type Step } from "./step.ts";
import { transfer, transferTarget } from "./transfer.ts";
import { closeWith, instructed, sayMeanwhile, speakAndListen } from "./turn.ts";

/** Grants or refuses what a surface asks of a running call. */
export function grant(call: Call, event: RequestEvent, moment: Moment): Step {
  if (event.type === "hang-up") return hangUp(call, "requested", moment.now);
  if (call.hangup !== null) return refused(call, "VC_CALL_NOT_ACTIVE");
  if (event.type === "close") return close(call, moment);
  if (call.answeredAt === null) return refused(call, "VC_CALL_NOT_ANSWERED");
  if (transferTarget(call) !== null || (call.live?.handOver ?? null) !== null)
    return refused(call, "VC_CALL_HANDED_OVER");
  switch (event.type) {
    case "speak":
      return speak(call, event.text, moment);
    case "ask":
      return ask(call, event.text, moment);
    case "press":
      return press(call, event.digits, moment);
    case "transfer":
      return transfer(call, event, moment);
  }
}

/** Words between turns. They replace what is being said; a reply being prepared follows them, and so does a goodbye's end. */
function speak(call: Call, text: string, moment: Moment): Step {
  const idle = due(call, { "follow-up": null, "notify-hangup": null });
  if (call.turn.phase === "thinking") return sayMeanwhile(idle, [text], moment);
  if (call.closing && call.mode === "conversation") return closeWith(idle, [text], moment);
  if (call.mode === "notify" && call.turn.phase !== "listening")
    return closeWith(idle, [text], moment, call.limits.notifyHangupMs);
  return speakAndListen(idle, [text], moment);
}

/** A question whose answer goes to the command; the agent's own reply in preparation is dropped. */
function ask(call: Call, text: string, moment: Moment): Step {
  if (call.turn.for === "command") return refused(call, "VC_TURN_BUSY");
  if (call.live !== null) {
    const asking: Call = { ...call, closing: false, turn: { ...call.turn, for: "command" } };
    return step(asking, [live({ type: "ask", text, timeoutMs: call.limits.transcriptMs })]);
  }
  const asking = due(
    { ...call, closing: false, turn: { ...call.turn, for: "command", misses: 0 } },
    { "follow-up": null, "notify-hangup": null, transcript: moment.now + call.limits.transcriptMs },
  );
  const next = speakAndListen(asking, text === "" ? [] : [text], moment);
  return { ...next, effects: [{ kind: "hush" }, ...next.effects] };
}

/** Digits, then whatever the line was doing, from after its words. */
function press(call: Call, digits: string, moment: Moment): Step {
  if (call.live !== null) return step(call, [live({ type: "keys", digits })]);
  const next = call.instruction?.next ?? { kind: "wait" };
  const pressing: Call =
    next.kind === "listen"
      ? listen(call, [], moment, digits)
      : { ...call, instruction: instruct(call, [], next, digits) };
  return step(pressing, instructed(pressing));
}

/** The agent on the phone wants to end: after its reply if one is coming, else now. */
function close(call: Call, moment: Moment): Step {
  if (call.closing) return unchanged(call);
  if (call.live !== null) return closeWith(call, [], moment);
  if (call.turn.phase === "thinking") return step({ ...call, closing: true });
  return hangUp(call, "goodbye", moment.now);
}
