import type { LiveDeadline } from "./facts.ts";
import { idleDue } from "./idle.ts";
import { recoverDue } from "./interrupt.ts";
import { hangUpDue } from "./requests.ts";
import { earlyDue, giveUpDue, progressDue } from "./thinking.ts";
import { turnEndDue } from "./turn-end.ts";
import type { LiveTurn } from "./turn.ts";
import { watchdogDue } from "./watchdog.ts";

/** One thing that time brings about. Epoch milliseconds; may be past. */
export interface Due {
  readonly name: LiveDeadline;
  readonly at: number;
}

/** Everything that time will bring about unless something else happens. */
export function dues(turn: LiveTurn): readonly Due[] {
  if (turn.over) return [];
  const plain = {
    stable: earlyDue(turn),
    idle: idleDue(turn),
    progress: progressDue(turn),
    "give-up": giveUpDue(turn),
    ask: turn.asking?.until ?? null,
    "follow-up": turn.followUpUntil,
    recover: recoverDue(turn),
    "hang-up": hangUpDue(turn),
    watchdog: watchdogDue(turn),
  } satisfies Partial<Record<LiveDeadline, number | null>>;
  const end = turnEndDue(turn);
  const named = Object.entries(plain) as readonly [LiveDeadline, number | null][];
  const others = named.flatMap(([name, at]) => (at === null ? [] : [{ name, at }]));
  return end === null ? others : [end, ...others];
}

/** The next of them: the session arms one timer for it after every fact, and reports it as `deadline`. */
export function nextDeadline(turn: LiveTurn): Due | null {
  return dues(turn).reduce<Due | null>((next, due) => (next === null || due.at < next.at ? due : next), null);
}
