import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Yields } from "../../src/media/commands.ts";
import { MOST_AHEAD_MS } from "../../src/media/pace.ts";
import type { Playing } from "../../src/media/playback.ts";
import { BARGE_IN, labelOf, Line } from "./line.ts";
import type { Heard, Way } from "./virtual-carrier.ts";

const way = (mark: fc.Arbitrary<Way["mark"]>): fc.Arbitrary<Way> =>
  fc.record({
    outMs: fc.integer({ min: 0, max: 150 }),
    backMs: fc.integer({ min: 0, max: 150 }),
    bufferMs: fc.constantFrom(0, 0, 20, 60, 120),
    mark,
  });

/** Marks that come back once, without delay. */
const faithful = fc.constant<Way["mark"]>(() => [0]);
/** Marks that are lost, late and doubled. */
const wild = fc
  .array(fc.array(fc.constantFrom(0, 0, 5, 300, 2_500), { maxLength: 2 }), { minLength: 1, maxLength: 8 })
  .map<Way["mark"]>((fates) => (nth) => fates[nth % fates.length] ?? []);

/** Of ticks. */
const trembling = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 20 });
const stalling = fc.array(fc.constantFrom(0, 0, 3, 15, 19, 60, 400), { maxLength: 20 });

const deed = fc.record({
  at: fc.integer({ min: 1_500, max: 9_000 }),
  what: fc.constantFrom(
    "say" as const,
    "say" as const,
    "say" as const,
    "drip" as const,
    "speak" as const,
    "hush" as const,
    "cough" as const,
    "cough" as const,
    "stop" as const,
    "resume" as const,
    "keys" as const,
    "stale" as const,
  ),
  frames: fc.integer({ min: 0, max: 120 }),
  yields: fc.constantFrom<Yields>("to-speech", "to-words", "to-words", "never"),
});

interface Play {
  readonly way: Way;
  readonly late: readonly number[];
  readonly deeds: readonly { at: number; what: string; frames: number; yields: Yields }[];
}

const play = (mark: fc.Arbitrary<Way["mark"]>, late: fc.Arbitrary<number[]>): fc.Arbitrary<Play> =>
  fc.record({ way: way(mark), late, deeds: fc.array(deed, { minLength: 1, maxLength: 12 }) });

interface Played {
  readonly line: Line;
  /** The pieces that were begun: their frames, and how many events there had been. */
  readonly said: ReadonlyMap<number, { readonly frames: number; readonly after: number }>;
  readonly keys: number;
  /** What plays, every 20 ms. */
  readonly positions: readonly Playing[];
}

/** `endsAt`: when the carrier stops the stream. */
function act({ way, late, deeds }: Play, endsAt: number | null = null): Played {
  const line = new Line({ way, late, bargeIn: BARGE_IN });
  const said = new Map<number, { frames: number; after: number }>();
  let keys = 0;
  for (const { at, what, frames, yields } of deeds.toSorted((a, b) => a.at - b.at)) {
    line.at(at, () => {
      const piece = said.size + 1;
      if (what === "say") {
        said.set(piece, { frames, after: line.events.length });
        line.say(piece, frames, yields);
      } else if (what === "drip") {
        said.set(piece, { frames, after: line.events.length });
        line.order({ type: "piece", piece, yields });
        for (let from = 0; from < frames; from += 7)
          line.at(at + from * 25, () => line.audio(piece, from, Math.min(frames, from + 7)));
        line.at(at + frames * 25, () => line.order({ type: "piece-end", piece }));
      } else if (what === "speak" || what === "hush") line.speaking = what === "speak";
      else if (what === "cough") {
        line.speaking = true;
        line.at(at + 60 + frames, () => (line.speaking = false));
      } else if (what === "stop" || what === "resume") line.order({ type: what });
      else if (what === "keys") {
        keys += 1;
        line.order({ type: "keys", digits: "1" });
      } else {
        const over = line.of("piece-played").at(-1)?.piece ?? line.of("stopped").at(-1)?.cut?.piece ?? 0;
        line.audio(over, 0, 5);
        line.order({ type: "piece-end", piece: over });
      }
    });
  }
  line.at(12_000, () => (line.speaking = false));
  if (endsAt !== null) line.at(endsAt, () => line.frame({ type: "stop" }));
  const positions: Playing[] = [];
  // Until nothing has been playing for longer than anything may wait.
  for (let now = 1_500, lastAt = 15_000; now < lastAt + 8_000; now += 20) {
    line.run(now - line.now);
    if (line.stream.playing === null) continue;
    positions.push(line.stream.playing);
    lastAt = Math.max(lastAt, now);
  }
  return { line, said, keys, positions };
}

/** How far each step of a piece lies from where the one before it ended, ms: > 0 was lost, < 0 was repeated. */
function steps(
  heard: readonly Heard[],
): { readonly piece: number; readonly from: number; readonly off: number }[] {
  const found: { piece: number; from: number; off: number }[] = [];
  const ended = new Map<number, number>();
  for (const { payload, at, until } of heard) {
    const [piece, frame] = labelOf(payload)?.split("/").map(Number) ?? [];
    if (piece === undefined || frame === undefined) continue;
    const before = ended.get(piece) ?? 0;
    found.push({ piece, from: before, off: frame * 20 - before });
    ended.set(piece, frame * 20 + (until - at));
  }
  return found;
}

type Law = (played: Played) => void;

const LAWS: Readonly<Record<string, Law>> = {
  "every piece is played, stopped or failed, once, and in its order": ({ line, said }) => {
    const { events } = line;
    for (const [piece, { after }] of said) {
      const own = events.flatMap((event, at) =>
        "piece" in event && event.piece === piece ? [{ ...event, at }] : [],
      );
      const playedAt = own.find(({ type }) => type === "piece-played" || type === "piece-failed")?.at;
      const stoppedAt = events.findIndex(({ type }, at) => at >= after && type === "stopped");
      const endedAt = playedAt ?? (stoppedAt < 0 ? undefined : stoppedAt);
      expect(endedAt).toBeDefined();
      expect(
        own.filter(({ type }) => type === "piece-started" || type === "piece-played").map(({ type }) => type),
      ).toEqual([
        ...new Set(
          own.map(({ type }) => type).filter((type) => type === "piece-started" || type === "piece-played"),
        ),
      ]);
      for (const { at } of own) {
        expect(at).toBeGreaterThanOrEqual(after);
        expect(at).toBeLessThanOrEqual(endedAt ?? -1);
      }
      if (playedAt !== undefined && stoppedAt >= 0) expect(playedAt).toBeLessThan(stoppedAt);
    }
    for (const type of ["piece-started", "piece-played"] as const) {
      const pieces = line.of(type).map(({ piece }) => piece);
      expect(pieces).toEqual([...new Set(pieces)].toSorted((a, b) => a - b));
    }
    const heard = line.heard.map((label) => Number(label.split("/")[0]));
    expect(heard).toEqual(heard.toSorted((a, b) => a - b));
    expect(line.stream.playing).toBeNull();
  },

  "no piece stays paused, and each pause is of one that plays": ({ line }) => {
    let playing = 0;
    let paused = 0;
    for (const event of line.events) {
      if (event.type === "piece-started") playing = event.piece;
      else if (event.type === "paused") {
        expect(paused).toBe(0);
        expect(event.piece).toBeLessThanOrEqual(playing);
        paused = event.piece;
      } else if (event.type === "resumed") {
        expect(event.piece).toBe(paused);
        paused = 0;
      } else if (event.type === "piece-played") expect(event.piece).not.toBe(paused);
      else if (event.type === "stopped") paused = 0;
    }
    expect(paused).toBe(0);
  },

  "what is played is never further ahead than it may, and the stream never falls silent for long": ({
    line,
  }) => {
    expect(line.carrier.mostQueuedMs).toBeLessThanOrEqual(MOST_AHEAD_MS);
    const times = line.carrier.arrived.filter(({ frame }) => frame.startsWith("M")).map(({ at }) => at);
    const longest = Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? 0)));
    expect(longest).toBeLessThanOrEqual(MOST_AHEAD_MS + 400 + 20);
  },

  "the position in a piece never goes back, nor beyond what there is": ({ positions, said }) => {
    for (const [index, { piece, playedMs }] of positions.entries()) {
      const before = positions[index - 1];
      if (before?.piece === piece) expect(playedMs).toBeGreaterThanOrEqual(before.playedMs);
      else expect(piece).toBeGreaterThan(before?.piece ?? 0);
      expect(playedMs).toBeLessThanOrEqual((said.get(piece)?.frames ?? 0) * 20);
    }
  },

  "keys are sent once each, unless they are stopped": ({ line, keys }) => {
    const sent = line.of("keys-sent").length;
    expect(sent).toBeLessThanOrEqual(keys);
    if (line.of("stopped").length === 0) expect(sent).toBe(keys);
  },
};

describe("a stream on any line, with any caller and any orders", () => {
  it.each(Object.entries(LAWS))("%s", (_, law) => {
    const any = play(fc.oneof(faithful, wild), fc.oneof(trembling, stalling));
    const property = fc.property(any, (one) => law(act(one)));
    expect(() => fc.assert(property, { numRuns: 30 })).not.toThrow();
  });

  it("tells with its end what was heard of the piece that was playing, where marks come back", () => {
    const ends = fc.integer({ min: 1_500, max: 9_000 });
    fc.assert(
      fc.property(play(faithful, trembling), ends, (one, endsAt) => {
        const { line } = act(one, endsAt);
        expect(line.events.at(-1)).toMatchObject({ type: "stream-lost", reason: "stopped" });
        const { cut } = line.of("stream-lost")[0] ?? {};
        if (cut === undefined) return;
        expect(line.of("piece-started").map(({ piece }) => piece)).toContain(cut.piece);
        expect(line.of("piece-played").map(({ piece }) => piece)).not.toContain(cut.piece);
        // Of what has been sent the caller hears on; what counts is what was heard by then.
        const heard = line.carrier.heard.filter(({ at }) => at < endsAt);
        const last = steps(heard).findLast(({ piece }) => piece === cut.piece);
        const heardMs = last === undefined ? 0 : last.from + last.off + 20;
        const slack = 20 + (one.way.bufferMs > 0 ? 20 : 0) + one.way.outMs;
        expect(Math.abs(heardMs - cut.playedMs)).toBeLessThanOrEqual(slack);
      }),
      { numRuns: 60 },
    );
  });

  it("repeats or loses no more than a frame of a piece, where marks come back", () => {
    fc.assert(
      fc.property(play(faithful, trembling), (one) => {
        const { line } = act(one);
        // A carrier that waits before it plays hides up to a late tick of what we see of it.
        const slack = one.way.bufferMs > 0 ? 20 : 0;
        for (const { off } of steps(line.carrier.heard))
          expect(Math.abs(off)).toBeLessThanOrEqual(20 + slack);
        for (const { cut } of line.of("stopped")) {
          if (cut === null) continue;
          const own = steps(line.carrier.heard).filter(({ piece }) => piece === cut.piece);
          const last = own.at(-1);
          const heardMs = last === undefined ? 0 : last.from + last.off + 20;
          expect(Math.abs(heardMs - cut.playedMs)).toBeLessThanOrEqual(20 + slack);
        }
      }),
      { numRuns: 60 },
    );
  });
});
