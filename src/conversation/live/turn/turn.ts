import type { LiveEffect } from "./facts.ts";
import { liveOptions, type LiveOptions, type LiveSettings, type LiveTuning } from "./options.ts";

/**
 * What one call is doing with its caller. Only `liveTurn` makes a new one out of an old one. Deadlines are no part of it:
 * `due.ts` reads them off the times that stand here, so none can be left over from something that is past.
 */
export interface LiveTurn {
  readonly options: LiveOptions;
  readonly line: Line;
  readonly caller: Caller;
  /** The speech gate's last word; null before the first. */
  readonly gate: { readonly on: boolean; readonly at: number } | null;
  readonly pace: Pace;
  /** The thought in preparation or being said; never more than one. */
  readonly reply: Reply | null;
  /** Number of the newest thought. */
  readonly thoughts: number;
  /** What is to be said and what is being said, in order. */
  readonly pieces: readonly Piece[];
  /** Number of the newest piece. */
  readonly lastPiece: number;
  /** When the newest report about a piece came. */
  readonly airAt: number;
  /** Since when the playing piece is paused. */
  readonly pausedAt: number | null;
  /** What the caller has begun to hear of late, newest last: our voice may come back over the line. */
  readonly spoken: readonly string[];
  /** Stops that were ordered and not reported yet, oldest first. */
  readonly cuts: readonly Cut[];
  /** A voice without words has stopped us. What it cut waits among the pieces. */
  readonly silenced: Silenced | null;
  /** How often that, or a long pause, was nothing. */
  readonly falseStops: number;
  /** Failed thoughts in a row. */
  readonly failures: number;
  /** How often the silent caller was asked for. */
  readonly prompts: number;
  /** A command waits for the caller's words. */
  readonly asking: Asking | null;
  /** Until when a command that got its answer keeps the caller. */
  readonly followUpUntil: number | null;
  readonly hushed: boolean;
  /** Hang up once everything has been said. */
  readonly closing: Closing | null;
  readonly over: boolean;
  /** When the line last had something on it. */
  readonly calmAt: number;
}

export interface Line {
  /** `awaited`: nobody has been heard yet. */
  readonly state: "awaited" | "up" | "lost";
  readonly since: number;
  /** What was heard of the reply's piece that was cut when it was lost. */
  readonly heard: string;
}

/** The caller's turn in progress. */
export interface Caller {
  /** Words of this turn that were thought about before it went on; recorded already. */
  readonly before: string;
  /** Final words that are not recorded yet. */
  readonly finals: string;
  /** The interim words of the present utterance. */
  readonly partial: string;
  /** When the words last changed. */
  readonly wordsAt: number;
  /** The last sign of a voice that may have said more words than we know: when it fell silent, or was noticed. */
  readonly soundAt: number;
  /** Keys that are not complete yet. */
  readonly keys: string;
  readonly keysAt: number;
  /** When the turn before ended. */
  readonly since: number;
  /** The present utterance began over our words. */
  readonly overlapped: boolean;
  /** Thoughts ahead of this turn's end. */
  readonly early: number;
  /** What the newest of them was about, or would have been. */
  readonly earlyWords: string;
  /** The newest thought about a part or a version of this turn's words; 0 = none. */
  readonly thought: number;
  /** Words that the model found unfinished. */
  readonly marked: { readonly words: string; readonly at: number } | null;
  /** A pause after which the caller went on though we had taken the turn as over. */
  readonly missedPauseMs: number | null;
  /** Interim words that were taken as final; their final form may still come. */
  readonly taken: string | null;
}

/** What was learnt of this caller and this transcription provider. Milliseconds. */
export interface Pace {
  /** Mean pause inside turns. */
  readonly pauseMs: number;
  /** Mean time from silence to final words. */
  readonly tailMs: number;
  /** The provider tells interim words. */
  readonly interims: boolean;
}

export interface Reply {
  readonly thought: number;
  /** The caller's words that it answers. */
  readonly words: string;
  /** False: thought ahead, about words that may still change. */
  readonly sure: boolean;
  /** The model is not asked any more whether the caller has finished. */
  readonly mustAnswer: boolean;
  /** Nothing more comes. */
  readonly done: boolean;
  /** It counts as done because all has been written; the run goes on, and may still have something to say. */
  readonly written: boolean;
  /** Sentences that are kept until it is sure. */
  readonly held: readonly string[];
  /** Sentences so far. */
  readonly sentences: number;
  /** The caller has begun to hear it. */
  readonly begun: boolean;
  /** What was heard of it, to the end of each piece. */
  readonly heard: readonly string[];
  /** When the caller's turn was over. */
  readonly since: number;
  /** When its last piece ended. */
  readonly repliedAt: number;
  /** When anything of ours ended since then. */
  readonly quietAt: number;
  /** Since when a tool runs. */
  readonly workingAt: number | null;
  /** Progress lines so far. */
  readonly lines: number;
}

/** Whose words a piece says. */
export type Origin = "opening" | "reply" | "phrase" | "request";

export interface Piece {
  /** Null: not said yet. */
  readonly no: number | null;
  readonly text: string;
  readonly of: Origin;
  /** When it was said. */
  readonly at: number;
  /** When the caller began to hear it. */
  readonly startedAt: number | null;
  /** It was said before and cut by mistake. */
  readonly again: boolean;
  /** The caller's words do not cut it either. */
  readonly firm: boolean;
}

/** A stop on its way to the audio. */
export interface Cut {
  readonly at: number;
  /** The pieces that were in the air. */
  readonly pieces: readonly Piece[];
  /** What had been heard of their reply. */
  readonly heard: readonly string[];
  /** The caller had begun to hear a reply that ends here. */
  readonly begun: boolean;
  /** Not a stop of something unwanted, but of pieces that are said again. */
  readonly again: boolean;
}

interface Silenced {
  readonly at: number;
  /** What was heard of the reply's cut piece. */
  readonly heard: string;
}

export interface Asking {
  readonly until: number;
  /** The question has begun to be heard; words from before it are no answer. */
  readonly asked: boolean;
}

export interface Closing {
  readonly reason: "goodbye" | "failed";
  readonly since: number;
}

/** What one fact does. */
export interface Move {
  readonly turn: LiveTurn;
  readonly effects: readonly LiveEffect[];
}

export const move = (turn: LiveTurn, ...effects: readonly LiveEffect[]): Move => ({ turn, effects });

/** One thing after the other. */
export function andThen(first: Move, next: (turn: LiveTurn) => Move): Move {
  const second = next(first.turn);
  return { turn: second.turn, effects: [...first.effects, ...second.effects] };
}

const NOBODY: Caller = {
  before: "",
  finals: "",
  partial: "",
  wordsAt: 0,
  soundAt: 0,
  keys: "",
  keysAt: 0,
  since: 0,
  overlapped: false,
  early: 0,
  earlyWords: "",
  thought: 0,
  marked: null,
  missedPauseMs: null,
  taken: null,
};

export const freshCaller = (now: number): Caller => ({ ...NOBODY, since: now, wordsAt: now });

export function newLiveTurn(settings: LiveSettings & Partial<LiveTuning>): LiveTurn {
  const options = liveOptions(settings);
  const opening = options.opening.trim();
  return {
    options,
    line: { state: "awaited", since: 0, heard: "" },
    caller: NOBODY,
    gate: null,
    pace: { pauseMs: options.floorMs, tailMs: options.tailMs, interims: false },
    reply: null,
    thoughts: 0,
    pieces: opening === "" ? [] : [newPiece(opening, "opening")],
    lastPiece: 0,
    airAt: 0,
    pausedAt: null,
    spoken: [],
    cuts: [],
    silenced: null,
    falseStops: 0,
    failures: 0,
    prompts: 0,
    asking: null,
    followUpUntil: null,
    hushed: false,
    closing: null,
    over: false,
    calmAt: 0,
  };
}

export const newPiece = (text: string, of: Origin): Piece => ({
  no: null,
  text,
  of,
  at: 0,
  startedAt: null,
  again: false,
  firm: false,
});

export const withCaller = (turn: LiveTurn, change: Partial<Caller>): LiveTurn => ({
  ...turn,
  caller: { ...turn.caller, ...change },
});

export const withReply = (turn: LiveTurn, change: Partial<Reply>): LiveTurn =>
  turn.reply === null ? turn : { ...turn, reply: { ...turn.reply, ...change } };

/** More than anybody says in a turn; what goes on beyond is left out. */
const MAX_WORDS_LENGTH = 8_000;

/** Stretches of speech, one after the other. */
export const join = (...parts: readonly string[]): string =>
  parts
    .filter((part) => part !== "")
    .join(" ")
    .slice(0, MAX_WORDS_LENGTH);

/** Something of ours is being said, or will be without another word of the caller's. */
export const isBusy = ({ pieces, reply }: LiveTurn): boolean => pieces.length > 0 || reply?.sure === true;

/** Handed over and not reported yet. */
export const inAir = ({ no }: Piece): boolean => no !== null;

/** Our words are not to be cut: the caller's are kept until they were heard. */
export const mustBeHeard = ({ pieces, reply }: LiveTurn): boolean =>
  pieces.some(
    ({ no, of, firm, startedAt }) =>
      no !== null && firm && (startedAt !== null || of !== "reply" || reply?.begun === true),
  );

/** All words of the caller's turn, keys left out. */
export const wordsOf = ({ before, finals, partial }: Caller): string => join(before, finals, partial);

/** There is something to answer once the turn is over. */
export const hasTurn = (caller: Caller): boolean => wordsOf(caller) !== "" || caller.keys !== "";
