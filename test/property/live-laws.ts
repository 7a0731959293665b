import { expect } from "vitest";
import type { LiveEffect, LiveFact } from "../../src/conversation/live/turn/facts.ts";
import { dues } from "../../src/conversation/live/turn/due.ts";
import type { LiveTurn } from "../../src/conversation/live/turn/machine.ts";

/** One fact of a live turn: what it found and what it did. */
export interface Moved {
  readonly before: LiveTurn;
  readonly fact: LiveFact;
  readonly now: number;
  readonly effects: readonly LiveEffect[];
  readonly after: LiveTurn;
}

type Of<K extends LiveEffect["kind"]> = Extract<LiveEffect, { kind: K }>;

function only<K extends LiveEffect["kind"]>(moves: readonly Moved[], kind: K): Of<K>[] {
  return moves.flatMap(({ effects }) => effects.filter((effect): effect is Of<K> => effect.kind === kind));
}

/** The numbers in a text: every sentence and every final of the tests has one of its own. */
const marks = (text: string): string[] => text.match(/\bw\d+\b/g) ?? [];

const endsThought = ({ type }: LiveFact): boolean =>
  type === "thought" || type === "thought-failed" || type === "unfinished";

/** What holds for every live turn, whatever happens in whatever order, late, doubled or never. */
export const LAWS: Readonly<Record<string, (moves: readonly Moved[]) => void>> = {
  "thoughts are numbered upwards, and one lives at a time": (moves) => {
    let living: number | null = null;
    let newest = 0;
    for (const { fact, effects } of moves) {
      if (endsThought(fact) && "thought" in fact && fact.thought === living) living = null;
      for (const effect of effects) {
        if (effect.kind === "drop" && effect.thought === living) living = null;
        if (effect.kind !== "think") continue;
        expect(living).toBeNull();
        expect(effect.thought).toBe(newest + 1);
        newest = living = effect.thought;
      }
    }
  },

  "a thought is confirmed or dropped at most once, and not confirmed after it was dropped": (moves) => {
    const fate = new Map<number, string[]>();
    for (const effect of moves.flatMap(({ effects }) => effects)) {
      if (effect.kind !== "confirmed" && effect.kind !== "drop") continue;
      fate.set(effect.thought, [...(fate.get(effect.thought) ?? []), effect.kind]);
    }
    for (const kinds of fate.values())
      expect([["confirmed"], ["drop"], ["confirmed", "drop"]]).toContainEqual(kinds);
  },

  "pieces are numbered upwards, and none is said twice": (moves) => {
    const numbers = only(moves, "say").map(({ piece }) => piece);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  },

  "sentences are said only of a thought that counts, and never after it was dropped": (moves) => {
    const counted = new Set<number>();
    const owner = new Map<string, number>();
    for (const { fact, effects } of moves) {
      if (fact.type === "sentence") for (const mark of marks(fact.text)) owner.set(mark, fact.thought);
      for (const effect of effects) {
        if (effect.kind === "confirmed" || (effect.kind === "think" && effect.sure))
          counted.add(effect.thought);
        if (effect.kind === "drop") counted.delete(effect.thought);
        if (effect.kind !== "say") continue;
        for (const mark of marks(effect.text)) {
          const thought = owner.get(mark);
          if (thought !== undefined) expect(counted).toContain(thought);
        }
      }
    }
  },

  "nothing is said while it is hushed, or while nobody is there": (moves) => {
    for (const { after, effects } of moves) {
      const isSaid = effects.some(({ kind }) => kind === "say");
      if (isSaid) expect([after.hushed, after.line.state]).toEqual([false, "up"]);
    }
  },

  "there is one hang-up at most, and nothing after it": (moves) => {
    const end = moves.findIndex(({ effects }) => effects.some(({ kind }) => kind === "hang-up"));
    if (end < 0) return;
    expect(moves[end]?.effects.at(-1)?.kind).toBe("hang-up");
    expect(moves.slice(end + 1).flatMap(({ effects }) => effects)).toEqual([]);
    expect(dues(moves.at(-1)?.after as LiveTurn)).toEqual([]);
  },

  "a hang-up was asked for, or comes of silence or failures, and nothing of ours is cut by it": (moves) => {
    for (const { before, effects } of moves) {
      const isEnd = effects.some(({ kind }) => kind === "hang-up");
      if (!isEnd) continue;
      expect(before.closing).not.toBeNull();
      if (before.line.state === "up") expect([before.pieces, before.reply]).toEqual([[], null]);
    }
  },

  "final words are on record once each, unless they are an echo, a sign of listening or nothing": (moves) => {
    const lines = only(moves, "said").filter(({ role }) => role === "caller");
    const written = lines.flatMap(({ text }) => marks(text));
    expect(written).toEqual([...new Set(written)]);
    for (const { before, fact } of moves) {
      if (fact.type !== "final" || before.over) continue;
      for (const mark of marks(fact.text)) if (isOwn(before, fact.text)) expect(written).toContain(mark);
    }
  },

  "the caller's words go to the agent or to a command, never to both, and never twice but in a turn that went on":
    (moves) => {
      const answered = only(moves, "answer").flatMap(({ text }) => marks(text ?? ""));
      expect(answered).toEqual([...new Set(answered)]);
      const words = new Map(only(moves, "think").map(({ thought, words: about }) => [thought, about]));
      const asked = new Map<string, number>();
      for (const move of moves) {
        for (const effect of move.effects) {
          const counts = effect.kind === "confirmed" || (effect.kind === "think" && effect.sure);
          if (!counts) continue;
          for (const mark of marks(words.get(effect.thought) ?? "")) {
            expect(answered).not.toContain(mark);
            const earlier = asked.get(mark);
            asked.set(mark, effect.thought);
            if (earlier === undefined) continue;
            // A piece that had begun may turn out to have been heard by nobody.
            const last = moves.findLast(({ after: { reply } }) => reply?.thought === earlier);
            expect(last?.after.reply?.begun).toBe(false);
          }
        }
      }
    },

  "a command gets one answer, words or none": (moves) => {
    let waiting = false;
    for (const { before, fact, effects } of moves) {
      if (fact.type === "ask" && before.asking === null && !before.over) waiting = true;
      for (const effect of effects) {
        if (effect.kind !== "answer") continue;
        expect(waiting).toBe(true);
        waiting = false;
      }
    }
    expect(waiting).toBe(false);
  },

  "what is on record of ours was said, to its end or a beginning of it": (moves) => {
    const texts = only(moves, "say").map(({ text }) => text);
    for (const { role, text } of only(moves, "said"))
      if (role === "agent") expect(texts.some((whole) => whole.startsWith(text))).toBe(true);
  },

  "a reply is interrupted once at most, and only one of which something was handed over": (moves) => {
    const owner = new Map<string, number>();
    const spoken = new Set<number>();
    let interrupted = 0;
    for (const { fact, effects } of moves) {
      if (fact.type === "sentence") for (const mark of marks(fact.text)) owner.set(mark, fact.thought);
      for (const effect of effects) {
        if (effect.kind === "say") for (const mark of marks(effect.text)) spoken.add(owner.get(mark) ?? 0);
        if (effect.kind === "interrupted") interrupted += 1;
      }
      spoken.delete(0);
      expect(interrupted).toBeLessThanOrEqual(spoken.size);
    }
  },

  "a word to go on is given only while paused": (moves) => {
    for (const { before, effects } of moves)
      if (effects.some(({ kind }) => kind === "resume")) expect(before.pausedAt).not.toBeNull();
  },

  "what was due and is done is not due again at once": (moves) => {
    let row = 0;
    let at = 0;
    for (const { fact, now } of moves) {
      row = fact.type === "deadline" && now === at ? row + 1 : 0;
      at = now;
      expect(row).toBeLessThan(20);
    }
  },

  "it comes to rest: over, hushed or without a line, and nowhere else": (moves) => {
    const last = moves.at(-1)?.after;
    if (last === undefined) return;
    expect(last.over || last.hushed || last.line.state !== "up").toBe(true);
    const { pieces, reply, asking, cuts } = last;
    if (!last.over && last.line.state === "up")
      expect([pieces, reply, asking, cuts]).toEqual([[], null, null, []]);
    expect(dues(last)).toEqual([]);
  },

  "whatever grows is bounded": (moves) => {
    for (const { after } of moves) {
      expect(after.pieces.length).toBeLessThanOrEqual(201);
      expect(after.spoken.length).toBeLessThanOrEqual(8);
      expect(after.caller.keys.length).toBeLessThanOrEqual(64);
    }
  },
};

/** Words that no rule takes for anything but the caller's own. */
function isOwn({ options, caller, spoken, pieces }: LiveTurn, text: string): boolean {
  const { words, language } = options;
  if (words.isBackchannel(text, language) || words.isEchoOf(text, spoken)) return false;
  if (caller.taken !== null && words.sameWords(caller.taken, text)) return false;
  const opening = pieces.some(({ of }) => of === "opening");
  return words.countWords(text, language) >= (opening ? 2 : 1);
}
