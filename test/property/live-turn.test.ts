import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveFact } from "../../src/conversation/live/turn/facts.ts";
import {
  liveTurn,
  newLiveTurn,
  nextDeadline,
  type LiveTurn,
} from "../../src/conversation/live/turn/machine.ts";
import { SETTINGS } from "../conversation/live/turn/talk.ts";
import { LAWS, type Moved } from "./live-laws.ts";

/** What happens next, told in terms of whatever the turn is by then. `no`: a number that no other happening has. */
type Happening = (turn: LiveTurn, now: number, no: number) => LiveFact;

/** 0 = the newest, above = an older one, below = one that never was. */
const back = fc.integer({ min: -1, max: 3 });
const ago = fc.constantFrom(0, 0, 30, 400, -50);
const plain = fc.constantFrom<LiveFact>(
  { type: "ready" },
  { type: "line-lost" },
  { type: "provider-speech" },
  { type: "partial", text: "" },
  { type: "partial", text: "mhm" },
  { type: "partial", text: "Stop" },
  { type: "final", text: "" },
  { type: "final", text: "okay" },
  { type: "key", digit: "1" },
  { type: "key", digit: "#" },
  { type: "ask", text: "", timeoutMs: 4_000 },
  { type: "close" },
  { type: "hush" },
  { type: "call-over" },
  { type: "no-capacity" },
);

const caller = fc.oneof(
  fc.tuple(fc.boolean(), ago).map<Happening>(([on, ms]) => (_, now) => ({
    type: "speech",
    on,
    at: now - ms,
  })),
  // The words of one utterance, growing, then final.
  fc
    .constantFrom("I mean", "I mean the", "My number is 5", "Well um")
    .map<Happening>((text) => () => ({ type: "partial", text })),
  fc
    .constantFrom("I mean", "My number is 5", "Well um", "Stop")
    .map<Happening>((text) => (_, __, no) => ({ type: "final", text: `${text} w${no}` })),
  // What the line brings back of our own voice.
  fc.boolean().map<Happening>((isFinal) => ({ spoken }) => ({
    type: isFinal ? "final" : "partial",
    text: spoken.at(-1)?.split(" w")[0] ?? "",
  })),
);

const agent = fc.oneof(
  back.map<Happening>((n) => ({ thoughts }, _, no) => ({
    type: "sentence",
    thought: thoughts - n,
    text: `This is number w${no} of them.`,
  })),
  fc
    .tuple(fc.constantFrom("unfinished", "working", "written", "thought", "thought", "thought-failed"), back)
    .map<Happening>(([type, n]) => ({ thoughts }) => ({ type, thought: thoughts - n })),
);

const headOf = ({ pieces }: LiveTurn): number => pieces[0]?.no ?? 0;

const voice = fc.oneof(
  fc
    .tuple(fc.constantFrom("piece-started", "piece-played", "piece-failed", "paused", "resumed"), back)
    .map<Happening>(([type, n]) => ({ lastPiece }) => ({ type, piece: lastPiece - n })),
  fc
    .constantFrom("piece-started", "piece-played", "paused")
    .map<Happening>((type) => (turn) => ({ type, piece: headOf(turn) })),
  fc.boolean().map<Happening>((nothing) => (turn) => {
    const cut = turn.pieces[0] ?? turn.cuts[0]?.pieces[0];
    if (nothing || cut === undefined || cut.no === null) return { type: "stopped", piece: null, heard: null };
    return { type: "stopped", piece: cut.no, heard: cut.text.slice(0, 7) };
  }),
  // The line goes in the middle of a piece; `end`: with the call, or of one that is over by then.
  fc.tuple(fc.constantFrom(0, 7, 200), back).map<Happening>(([end, n]) => (turn) => {
    const of = turn.pieces.find(({ startedAt }) => startedAt !== null) ?? turn.pieces[n];
    const cut = { piece: of?.no ?? turn.lastPiece - n, heard: (of?.text ?? "").slice(0, end) };
    return { type: "line-lost", cut };
  }),
);

const requests = fc.oneof(
  fc.constant<Happening>((_, __, no) => ({ type: "speak", text: `News, that is w${no}.` })),
  fc.constant<Happening>((_, __, no) => ({ type: "ask", text: `Well, that is w${no}?`, timeoutMs: 4_000 })),
);

const happening = fc.record({
  make: fc.oneof(
    { weight: 3, arbitrary: plain.map<Happening>((fact) => () => fact) },
    { weight: 6, arbitrary: caller },
    { weight: 5, arbitrary: agent },
    { weight: 6, arbitrary: voice },
    { weight: 1, arbitrary: requests },
  ),
  afterMs: fc.constantFrom(0, 0, 1, 40, 200, 300, 900, 2_000, 12_000),
  /** Timers fire on time. If not, time passes in one stall. */
  onTime: fc.constantFrom(true, true, true, false),
  twice: fc.constantFrom(false, false, false, true),
});
type Happened = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const settings = fc.record({
  opening: fc.constantFrom("", "Hello, this is the clinic."),
  interruption: fc.constantFrom(true, true, false),
  silenceMs: fc.constantFrom(800, 0, 3_000),
});

function live(how: typeof settings extends fc.Arbitrary<infer T> ? T : never, happened: readonly Happened[]) {
  const moves: Moved[] = [];
  let turn = newLiveTurn({ ...SETTINGS, ...how });
  let now = 1_000_000;
  const apply = (fact: LiveFact): void => {
    const before = turn;
    const { turn: after, effects } = liveTurn(before, fact, { now });
    moves.push({ before, fact, now, effects, after });
    turn = after;
  };
  const pass = (ms: number): void => {
    const until = now + ms;
    for (let next = nextDeadline(turn); next !== null && next.at <= until; next = nextDeadline(turn)) {
      if (moves.length > 5_000) throw new Error(`no end of ${next.name}`);
      now = Math.max(now, next.at);
      apply({ type: "deadline", name: next.name });
    }
    now = until;
  };
  apply({ type: "ready" });
  for (const [no, { make, afterMs, onTime, twice }] of happened.entries()) {
    if (onTime) pass(afterMs);
    else now += afterMs;
    const fact = make(turn, now, no);
    apply(fact);
    // A final that comes twice is said twice, for all we know.
    if (twice && fact.type !== "final") apply(fact);
  }
  // Nobody says or reports anything any more.
  pass(3_600_000);
  return moves;
}

/** For whoever reads a counterexample. */
const told = ({ now, fact, effects }: Moved): string =>
  [now, JSON.stringify(fact), ...effects.map((effect) => JSON.stringify(effect))].join(" ");

const lives = (check: (moves: readonly Moved[]) => void, numRuns: number) => {
  const happenings = fc.array(happening, { maxLength: 60, size: "max" });
  fc.assert(
    fc.property(settings, happenings, (how, happened) => {
      const moves = live(how, happened);
      try {
        check(moves);
      } catch (cause) {
        throw new Error(`${String(cause)}\n${moves.map(told).join("\n")}`, { cause });
      }
    }),
    { numRuns, includeErrorInReport: true },
  );
};

describe("whatever happens on a live line", () => {
  it.each(Object.entries(LAWS))("%s", (_, law) => {
    expect(() => lives(law, 300)).not.toThrow();
  });

  it("the same facts at the same moments do the same", () => {
    expect(() =>
      lives((moves) => {
        for (const { before, fact, now, after, effects } of moves.slice(-20)) {
          expect(liveTurn(before, fact, { now })).toEqual({ turn: after, effects });
        }
      }, 50),
    ).not.toThrow();
  });
});
