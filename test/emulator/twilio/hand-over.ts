import { randomBytes } from "node:crypto";
import type { CalleeScript } from "./callee.ts";
import type { CallTime } from "../call-time.ts";
import type { Params } from "./delivery.ts";
import type { Verb } from "./twiml.ts";

/** How long somebody talks who has no time of their own. */
const TALK_MS = 5000;

export interface HandOver {
  readonly time: CallTime;
  readonly dial: Verb;
  readonly target: CalleeScript;
  /** Ends the leg: the caller has hung up, or is told something else. */
  readonly signal: AbortSignal;
}

/** A leg that `<Dial>` has called: fields of its action's request. */
export interface Leg {
  readonly fields: Params;
  /** The signal has ended it. */
  readonly cut: boolean;
}

/** Whom a `<Dial>` calls, E.164; null when nobody. */
export function dialled(dial: Verb): string | null {
  const number = dial.children.find(({ name }) => name === "Number")?.text ?? dial.text;
  return /^\+[1-9][0-9]{6,14}$/.test(number.trim()) ? number.trim() : null;
}

/** Calls the other number and lets the two talk until one of them hangs up. */
export async function handOver({ time, dial, target, signal }: HandOver): Promise<Leg> {
  const DialCallSid = `CA${randomBytes(16).toString("hex")}`;
  const over = (status: string, cut: boolean, talkedMs?: number): Leg => ({
    cut,
    fields: {
      DialCallSid,
      DialCallStatus: status,
      DialBridged: String(talkedMs !== undefined),
      ...(talkedMs === undefined
        ? {}
        : { DialCallDuration: String(Math.max(1, Math.round(talkedMs / 1000))) }),
    },
  });
  const patienceMs = Number(dial.attributes["timeout"] ?? 30) * 1000;
  const { onRing, ringMs, hangUpAfterMs } = target;
  if (onRing === "busy" || onRing === "declines") return over("busy", false);
  if (onRing === "fails") return over("failed", false);
  const answers = onRing === "answers" && ringMs <= patienceMs;
  if (!(await time.sleep(answers ? ringMs : patienceMs, signal))) return over("canceled", true);
  if (!answers) return over("no-answer", false);
  const talkMs = hangUpAfterMs ?? TALK_MS;
  const whole = await time.sleep(talkMs, signal);
  return over("completed", !whole, talkMs);
}
