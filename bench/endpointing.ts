/**
 * How often the caller is taken as finished too early, against waiting for silence alone that makes everybody wait as long
 * on the average. Synthetic turns: pauses are drawn, not recorded; each caller has a pace of its own, which is to be learnt.
 */
import { liveTurn, newLiveTurn, nextDeadline } from "../src/conversation/live/turn/machine.ts";
import type { LiveFact } from "../src/conversation/live/turn/facts.ts";
import { LIVE_TUNING, type LiveTuning } from "../src/conversation/live/turn/options.ts";
import { wordTools } from "../src/conversation/live/words.ts";
import { LANGUAGES, type Language, type PauseKind } from "./endpointing-set.ts";
import { round, table } from "./table.ts";

/** Callers per language, each with all its turns in an order of their own. */
const CALLERS = 5;
const WORD_MS = 300;
/** The provider's interim words come this long after they were spoken, its final ones after the voice has ended. */
const INTERIM_MS = 150;
const TAIL_MS = 250;
/** The gate reports silence this long after it has begun. */
const HANGOVER_MS = 200;

/** The agent's first word is heard this long after the turn is taken as over; until then the caller may go on unhindered. */
const ANSWER_MS = 520;

/** Median and spread (of the logarithm) of pauses inside turns. */
const PAUSES: Readonly<Record<PauseKind, { readonly medianMs: number; readonly spread: number }>> = {
  clause: { medianMs: 350, spread: 0.5 },
  hesitation: { medianMs: 700, spread: 0.5 },
  digits: { medianMs: 600, spread: 0.4 },
  spelling: { medianMs: 500, spread: 0.45 },
};
/** How much callers differ. */
const PACE_SPREAD = 0.25;

interface Turn {
  readonly kind: PauseKind | "plain";
  readonly segments: readonly string[];
  /** After each segment but the last. */
  readonly pausesMs: readonly number[];
}

export async function bench(): Promise<void> {
  const callers = LANGUAGES.flatMap((language, at) =>
    Array.from({ length: CALLERS }, (_, no) => ({
      language,
      turns: turnsOf(language, random(at * 100 + no)),
    })),
  );
  const turns = callers.flatMap(({ turns: own }) => own);
  const policies: readonly (readonly [string, Partial<LiveTuning>])[] = [
    ["as shipped", {}],
    ["no learning", { floorWeight: 0 }],
    ["no endings", { digitsMs: 0, spellingMs: 0, hesitationMs: 0 }],
    ...[250, 400, 500, 600].map((ms) => [`floor ${ms} ms`, { floorMs: ms, floorMinMs: ms }] as const),
    ...[1_000, 2_000].map((ms) => [`digits ${ms} ms`, { digitsMs: ms, spellingMs: ms }] as const),
    ...[1_200, 3_000].map((ms) => [`hesitations ${ms} ms`, { hesitationMs: ms }] as const),
  ];
  const rows = policies.map(([name, tuning]) => {
    const heard = callers.flatMap(({ language, turns: own }) => conversation(language, own, tuning));
    const waitMs = mean(heard.map(({ waitMs: ms }) => ms));
    const cut = share(heard.map(({ isCut }) => isCut));
    const overheard = share(heard.map(({ isSpokenOver }) => isSpokenOver));
    const silence = share(turns.map(({ pausesMs }) => pausesMs.some((ms) => ms >= waitMs)));
    const plainMs = mean(heard.filter((_, at) => turns[at]?.kind === "plain").map(({ waitMs: ms }) => ms));
    return [
      name,
      round(waitMs, 0),
      round(plainMs, 0),
      `${round(100 * cut)} %`,
      `${round(100 * silence)} %`,
      `${round(cut / silence, 2)} ×`,
      `${round(100 * overheard)} %`,
    ];
  });
  table(`false ends of turn, ${turns.length} synthetic turns in ${LANGUAGES.length} languages`, [
    ["policy", "mean wait, ms", "after plain turns", "cut off", "by silence alone", "of that", "spoken over"],
    ...rows,
  ]);
}

/** The turns of one caller. */
function turnsOf(language: Language, next: () => number): readonly Turn[] {
  const pace = Math.exp(PACE_SPREAD * normal(next));
  const kinds = ["plain", "clause", "hesitation", "digits", "spelling"] as const;
  const all = kinds.flatMap((kind) => language[kind].map((line) => ({ kind, line })));
  const order = all.map((one) => ({ one, at: next() })).toSorted((a, b) => a.at - b.at);
  return order.map(({ one: { kind, line } }) => {
    const segments = line.split("|").map((part) => filled(part.trim(), next));
    const pausesMs = segments.slice(1).map(() => {
      const { medianMs, spread } = PAUSES[kind === "plain" ? "clause" : kind];
      return Math.max(100, medianMs * pace * Math.exp(spread * normal(next)));
    });
    return { kind, segments, pausesMs };
  });
}

function filled(part: string, next: () => number): string {
  const digits = (): string => Array.from({ length: 3 }, () => Math.floor(next() * 10)).join(" ");
  const letters = (): string =>
    Array.from({ length: 2 }, () => String.fromCodePoint(65 + Math.floor(next() * 26))).join(" ");
  return part.replaceAll("#", digits).replaceAll("@", letters);
}

/** One caller's turns through the machine, one after the other; the agent answers each without a word. */
function conversation(language: Language, turns: readonly Turn[], tuning: Partial<LiveTuning>) {
  let turn = newLiveTurn({
    ...LIVE_TUNING,
    ...tuning,
    opening: "",
    language: language.tag,
    silenceMs: 800,
    giveUpMs: 60_000,
    idleMs: 0,
    interruption: true,
    phrases: { stillThere: "", goodbye: "", sorry: "", giveUp: "", progress: [] },
    words: wordTools,
  });
  let now = 1_000_000;
  let ends: number[] = [];
  const tell = (fact: LiveFact): void => {
    const moved = liveTurn(turn, fact, { now });
    ({ turn } = moved);
    for (const effect of moved.effects)
      if (effect.kind === "confirmed" || (effect.kind === "think" && effect.sure)) ends.push(now);
  };
  const pass = (until: number): void => {
    for (let due = nextDeadline(turn); due !== null && due.at <= until; due = nextDeadline(turn)) {
      now = Math.max(now, due.at);
      tell({ type: "deadline", name: due.name });
    }
    now = Math.max(now, until);
  };
  tell({ type: "ready" });
  return turns.map(({ segments, pausesMs }) => {
    ends = [];
    const facts: { readonly at: number; readonly fact: LiveFact }[] = [];
    let at = now + 1_000;
    let told = "";
    const resumes: number[] = [];
    for (const [index, segment] of segments.entries()) {
      const words = segment.split(" ");
      const from = at;
      resumes.push(from);
      facts.push({ at: from + HANGOVER_MS / 2, fact: { type: "speech", on: true, at: from } });
      for (const [no] of words.entries()) {
        const text = `${told} ${words.slice(0, no + 1).join(" ")}`.trim();
        facts.push({ at: from + (no + 1) * WORD_MS + INTERIM_MS, fact: { type: "partial", text } });
      }
      at = from + words.length * WORD_MS;
      const pauseMs = pausesMs[index] ?? Number.POSITIVE_INFINITY;
      if (pauseMs > HANGOVER_MS)
        facts.push({ at: at + HANGOVER_MS, fact: { type: "speech", on: false, at } });
      told = `${told} ${segment}`.trim();
      if (pauseMs > TAIL_MS) {
        facts.push({ at: at + TAIL_MS, fact: { type: "final", text: told } });
        told = "";
      }
      if (index < segments.length - 1) at += pauseMs;
    }
    for (const { at: when, fact } of facts.toSorted((a, b) => a.at - b.at)) {
      pass(when);
      tell(fact);
    }
    pass(at + 10_000);
    tell({ type: "thought", thought: turn.thoughts });
    const isSpokenOver = ends.some(
      (end) => end < at && (resumes.find((from) => from > end) ?? end) - end > ANSWER_MS,
    );
    return { isCut: ends.some((end) => end < at), isSpokenOver, waitMs: (ends.at(-1) ?? Number.NaN) - at };
  });
}

/** Numbers between 0 and 1 that are the same in every run. */
function random(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const normal = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);

const share = (values: readonly boolean[]): number =>
  values.filter(Boolean).length / Math.max(values.length, 1);
