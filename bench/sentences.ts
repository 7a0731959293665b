/**
 * Cutting a reply into speakable sentences while it is written: cost per token against `Intl.Segmenter` on the same
 * text, and how many of the hard lines come out right.
 */
import { SentenceStream } from "../src/conversation/sentence-stream.ts";
import { sentences } from "../src/conversation/sentences.ts";
import { Cutter } from "../src/conversation/text/cutter.ts";
import { linesOf, wrongly, type Corpus } from "../test/conversation/corpus/corpus.ts";
import { HELD_OUT } from "../test/conversation/corpus/held-out.ts";
import { KNOWN } from "../test/conversation/corpus/known.ts";
import { TUNING } from "../test/conversation/corpus/tuning.ts";
import { median, quantile, round, table } from "./table.ts";

const ROUNDS = 9;
const REPLIES = 60;

const REPLY =
  "Thanks for calling Bright Dental, I have found your file. You have an appointment on Tuesday, May 5th at 2:30 p.m. " +
  "with Dr. Lee. It costs $12.50, and takes about twenty minutes, i.e. not long. Would you like to keep it, or should I " +
  "look for another day? Our new address is 12 Main St., right beside the station. If you come by car, you can park in " +
  "the yard behind the house. You can also write to info@example.com. Is there anything else that I can do for you?";

/** A model's tokens: a word, or some four characters of a long one. */
const TOKENS = REPLY.match(/\s?[^\s]{1,5}/g) ?? [];

type Subject = (language: string) => (soFar: string) => void;

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** Each is given all of the reply so far, once for each token. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  "Intl.Segmenter, the whole text": () => (soFar) => {
    for (const _ of segmenter.segment(soFar));
  },
  "Intl.Segmenter, what is not cut yet": () => {
    let from = 0;
    return (soFar) => {
      const open = [...segmenter.segment(soFar.slice(from))];
      if (open.length > 1) from += open.at(-1)?.index ?? 0;
    };
  },
  "/[.!?]\\s/, what is not cut yet": () => {
    let from = 0;
    return (soFar) => {
      const end = soFar.slice(from).search(/[.!?]\s/);
      if (end >= 0) from += end + 2;
    };
  },
  "ours, cutting alone": (language) => {
    const cutter = new Cutter(language, { structured: true, longest: 250 });
    return (soFar) => {
      while (cutter.next(soFar, false, false));
    };
  },
  "ours, ready to speak": (language) => {
    const stream = new SentenceStream(language);
    return (soFar) => {
      stream.push(soFar);
    };
  },
};

/** Microseconds a token. */
function costOf(subject: Subject): number {
  let spent = 0;
  for (let reply = 0; reply < REPLIES; reply += 1) {
    const take = subject("en");
    let soFar = "";
    const startedAt = performance.now();
    for (const token of TOKENS) {
      soFar += token;
      take(soFar);
    }
    spent += performance.now() - startedAt;
  }
  return (spent / REPLIES / TOKENS.length) * 1000;
}

function costs(): void {
  const took = new Map<string, number[]>();
  for (let turn = 0; turn <= ROUNDS; turn += 1) {
    for (const [name, subject] of Object.entries(SUBJECTS)) {
      const micros = costOf(subject);
      // The first round warms everything up.
      if (turn > 0) took.set(name, [...(took.get(name) ?? []), micros]);
    }
  }
  const [baseline = Number.NaN] = [...took.values()].map(median);
  table(`a token of a reply of ${TOKENS.length} tokens (of ${ROUNDS} rounds)`, [
    ["cut by", "µs, median", "µs, best", "of Intl.Segmenter's"],
    ...[...took].map(([name, all]) => [
      name,
      round(median(all), 2),
      round(quantile(all, 0), 2),
      `${round(median(all) / baseline, 2)} ×`,
    ]),
  ]);
}

const CUTTERS: Readonly<Record<string, (text: string, language: string) => readonly string[]>> = {
  ours: sentences,
  "Intl.Segmenter": (text, language) =>
    [...new Intl.Segmenter(language, { granularity: "sentence" }).segment(text)].map(
      ({ segment }) => segment,
    ),
  "/[.!?]\\s/": (text) => text.split(/(?<=[.!?])\s/),
};

function rowOf(name: string, corpus: Corpus): string[] {
  const lines = linesOf(corpus);
  const scores = Object.values(CUTTERS).map((cut) => {
    const right = lines.length - wrongly(lines, cut).length;
    return `${right} (${round((right / lines.length) * 100)} %)`;
  });
  return [`${name} (${lines.length})`, String(Object.keys(corpus).length), ...scores];
}

function accuracy(): void {
  const corpora: Readonly<Record<string, Corpus>> = {
    "well-known traps": KNOWN,
    "lines the rules were made with": TUNING,
    "lines held out": HELD_OUT,
  };
  table("lines cut exactly right", [
    ["lines", "languages", ...Object.keys(CUTTERS)],
    ...Object.entries(corpora).map(([name, corpus]) => rowOf(name, corpus)),
  ]);
}

export function bench(): Promise<void> {
  costs();
  accuracy();
  return Promise.resolve();
}
