import { final, partial, providerSpeech, speech, turnOver } from "./caller.ts";
import { dues } from "./due.ts";
import type { LiveDeadline, LiveFact } from "./facts.ts";
import { idle } from "./idle.ts";
import { recover, stopped } from "./interrupt.ts";
import { keyPressed } from "./keys.ts";
import { lineLost, ready } from "./line.ts";
import { ask, askOver, callOver, close, followUpOver, hangUp, hush, speak } from "./requests.ts";
import {
  endReply,
  paused,
  pieceFailed,
  piecePlayed,
  pieceStarted,
  resumed,
  speakWaiting,
} from "./speaking.ts";
import {
  giveUp,
  passOver,
  progress,
  sentence,
  thinkEarly,
  thoughtDone,
  thoughtFailed,
  unfinished,
  working,
  written,
} from "./thinking.ts";
import { move, andThen, type LiveTurn, type Move } from "./turn.ts";
import { watchdog } from "./watchdog.ts";

export { nextDeadline } from "./due.ts";
export { newLiveTurn, type LiveTurn } from "./turn.ts";

/**
 * Moves a live turn by one fact. Facts may come twice, late and in any order: what belongs to an older thought or piece, or
 * to a deadline that is not due (any more), changes nothing. After `hang-up` nothing has any effect.
 */
export function liveTurn(state: LiveTurn, fact: LiveFact, { now }: { readonly now: number }): Move {
  if (state.over) return move(state);
  const moved = andThen(react(state, fact, now), (turn) => endReply(turn, now));
  return andThen(moved, (turn) => speakWaiting(turn, now));
}

function react(turn: LiveTurn, fact: LiveFact, now: number): Move {
  switch (fact.type) {
    case "ready":
      return ready(turn, now);
    case "line-lost":
      return lineLost(turn, fact.cut, now);
    case "call-over":
      return callOver(turn, now);
    case "speech":
      return speech(turn, fact.on, fact.at, now);
    case "provider-speech":
      return providerSpeech(turn, now);
    case "partial":
      return partial(turn, fact.text, now);
    case "final":
      return final(turn, fact.text, now);
    case "key":
      return keyPressed(turn, fact.digit, now);
    case "sentence":
      return sentence(turn, fact.thought, fact.text);
    case "unfinished":
      return unfinished(turn, fact.thought, now);
    case "working":
      return working(turn, fact.thought, now);
    case "written":
      return written(turn, fact.thought);
    case "thought":
      return thoughtDone(turn, fact.thought);
    case "thought-failed":
      return thoughtFailed(turn, fact.thought, now);
    case "piece-started":
      return pieceStarted(turn, fact.piece, now);
    case "piece-played":
      return piecePlayed(turn, fact.piece, now);
    case "piece-failed":
      return pieceFailed(turn, fact.piece, now);
    case "paused":
      return paused(turn, fact.piece, now);
    case "resumed":
      return resumed(turn, fact.piece, now);
    case "stopped":
      return stopped(turn, fact, now);
    case "speak":
      return speak(turn, fact.text, now);
    case "ask":
      return ask(turn, fact.text, fact.timeoutMs, now);
    case "close":
      return close(turn, now);
    case "hush":
      return hush(turn, now);
    case "no-capacity":
      return passOver(turn, now);
    case "deadline":
      return dues(turn).some(({ name, at }) => name === fact.name && at <= now)
        ? pass(turn, fact.name, now)
        : move(turn);
  }
}

function pass(turn: LiveTurn, name: LiveDeadline, now: number): Move {
  switch (name) {
    case "turn-end":
    case "keys":
    case "unfinished":
      return turnOver(turn, now);
    case "stable":
      return thinkEarly(turn, now);
    case "idle":
      return idle(turn, now);
    case "progress":
      return progress(turn);
    case "give-up":
      return giveUp(turn, now);
    case "ask":
      return askOver(turn, now);
    case "follow-up":
      return followUpOver(turn, now);
    case "recover":
      return recover(turn);
    case "hang-up":
      return hangUp(turn);
    case "watchdog":
      return watchdog(turn, now);
  }
}
