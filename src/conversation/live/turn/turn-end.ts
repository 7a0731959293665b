import { turnEnd } from "./endpoint/endpoint.ts";
import { interimsStand } from "./endpoint/interim.ts";
import { utteranceOf } from "./endpoint/utterance.ts";
import { confirm, think } from "./thinking.ts";
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
  const { caller, reply, options, followUpUntil, hushed, closing } = turn;
  if (!hasTurn(caller) || hushed || closing !== null || followUpUntil !== null || mustBeHeard(turn))
    return null;
  const utterance = utteranceOf(turn);
  if (isUndecided(turn)) {
    const at = interimsStand(utterance, options);
    return at === null ? null : { name: "turn-end", at };
  }
  if (reply?.sure === true) return null;
  const at = turnEnd(utterance, options);
  if (caller.keys !== "") return { name: "keys", at };
  return {
    name: utterance.markedAt === null || utterance.speakingSince !== null ? "turn-end" : "unfinished",
    at,
  };
}

/** Nothing but interim words over ours, which have not taken the floor. */
export const isUndecided = (turn: LiveTurn): boolean => {
  const { before, finals, keys } = turn.caller;
  return isBusy(turn) && before === "" && finals === "" && keys === "";
};

/** The caller's turn is over: the words go to the command that waits for them, else to the agent; never to both. */
export function endTurn(turn: LiveTurn, now: number): Move {
  const { caller, asking, options, reply } = turn;
  const firm = join(caller.before, caller.finals);
  const keys = caller.keys === "" ? "" : `[digits ${caller.keys}]`;
  const words = join(firm, caller.partial, keys);
  if (words === "") return move(turn);
  const taken = caller.partial === "" ? null : { words: caller.partial, before: firm };
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
  const { marked } = caller;
  const mustAnswer = marked !== null && options.words.sameWords(marked.words, words);
  const isThought = reply !== null && options.words.sameWords(reply.words, words);
  return andThen(move(listened, ...line), (present) =>
    isThought ? confirm(present, now) : think(present, words, { sure: true, mustAnswer }, now),
  );
}

/** A line of the caller's, if there are words. */
export const recorded = (text: string) =>
  text === "" ? [] : [{ kind: "said", role: "caller", text } as const];

/** What the caller has said of a turn that nobody answers stays on record. */
export function recordRest(turn: LiveTurn, now: number): Move {
  const { finals } = turn.caller;
  return move({ ...turn, caller: freshCaller(now) }, ...recorded(finals));
}
