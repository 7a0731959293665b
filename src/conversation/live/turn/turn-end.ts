import { turnEnd } from "./endpoint/endpoint.ts";
import { interimsStand } from "./endpoint/interim.ts";
import { utteranceOf } from "./endpoint/utterance.ts";
import { recorded } from "./record.ts";
import { confirm, stopsKnownBy, think } from "./thinking.ts";
import {
  freshCaller,
  hasTurn,
  isBusy,
  join,
  move,
  mustBeHeard,
  andThen,
  type LiveTurn,
  type Move,
} from "./turn.ts";

type TurnEndName = "turn-end" | "keys" | "unfinished";

/** When the caller's turn is over unless more happens, and what it is that decides; null = there is none, or it is kept. */
export function turnEndDue(turn: LiveTurn): { readonly name: TurnEndName; readonly at: number } | null {
  const { caller, options, hushed, closing } = turn;
  if (!hasTurn(caller) || hushed || closing !== null) return null;
  const utterance = utteranceOf(turn);
  if (isOpen(turn)) {
    const at = interimsStand(utterance, options);
    return at === null ? null : { name: "turn-end", at };
  }
  const at = Math.max(turnEnd(utterance, options), stopsKnownBy(turn));
  if (caller.keys !== "") return { name: "keys", at };
  return {
    name: utterance.markedAt === null || utterance.speakingSince !== null ? "turn-end" : "unfinished",
    at,
  };
}

/** The turn cannot end yet: it is kept for later, or there are only interim words over ours, which have not taken the floor. */
export function isOpen(turn: LiveTurn): boolean {
  const { before, finals, keys } = turn.caller;
  return isKept(turn) || (isBusy(turn) && before === "" && finals === "" && keys === "");
}

/** What the caller says is for after: our words are heard out, a reply that was ahead too, or a command has the caller. */
export function isKept(turn: LiveTurn): boolean {
  const { caller, reply, followUpUntil } = turn;
  const { before, finals, keys } = caller;
  const isAhead = reply?.sure === true && (before !== "" || finals !== "" || keys !== "");
  return followUpUntil !== null || mustBeHeard(turn) || isAhead;
}

/** The caller's turn is over: the words go to the command that waits for them, else to the agent; never to both. */
export function endTurn(turn: LiveTurn, now: number): Move {
  const { caller, asking, options, reply } = turn;
  const firm = join(caller.before, caller.finals);
  const keys = caller.keys === "" ? "" : `[digits ${caller.keys}]`;
  const words = join(firm, caller.partial, keys);
  if (words === "") return move(turn);
  const taken = caller.partial === "" ? null : caller.partial;
  const listened: LiveTurn = {
    ...turn,
    caller: { ...freshCaller(now), taken },
    prompts: 0,
    calmAt: now,
  };
  const line = recorded(join(caller.finals, caller.partial, keys));
  if (asking !== null) {
    const answered: LiveTurn = { ...listened, asking: null, followUpUntil: now + options.followUpMs };
    return move(answered, ...line, { kind: "answer", text: words });
  }
  const { marked, thought: from } = caller;
  const mustAnswer = marked !== null && options.words.sameWords(marked.words, words);
  const isThought = reply !== null && options.words.sameWords(reply.words, words);
  return andThen(move(listened, ...line), (present) =>
    isThought ? confirm(present, now) : think(present, words, { sure: true, mustAnswer, from }, now),
  );
}
