import { paintFor, printable, type Paint } from "../src/carrier/mock/terminal-view.ts";
import type { CallDetail, LatencyRow } from "../src/call/service.ts";
import { callSheet, latencyTable } from "../src/surface/cli/words.ts";

export { plain, type Paint } from "../src/carrier/mock/terminal-view.ts";

const INDENT = "  ";
const NAME_WIDTH = 8;

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** How long somebody waited for an answer. */
export const latency = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;

export const heading = (text: string, paint: Paint): string[] => ["", paint("phone", text)];

/** One thing the demo sets up: `model   a small built-in stand-in answers`. */
export const fact = (name: string, text: string): string => `${INDENT}${name.padEnd(NAME_WIDTH)} ${text}`;

/** Something that happens on the line, `ms` after the call was placed. */
export const happening = (ms: number, text: string, paint: Paint): string =>
  paint("hint", `${INDENT}${seconds(ms).padStart(NAME_WIDTH)}  ${printable(text)}`);

export interface Saying {
  readonly who: string;
  readonly words: string;
  readonly shade: "agent" | "phone";
  /** From the other person's words to these; null when they were no answer. */
  readonly afterMs: number | null;
}

/** What somebody says on the line, and how long the other one waited for it. */
export function saying({ who, words, shade, afterMs }: Saying, paint: Paint): string {
  const said = `${INDENT}${paint("hint", who.padStart(NAME_WIDTH))}  ${paint(shade, printable(words))}`;
  return afterMs === null ? said : `${said}  ${waited(afterMs, paint)}`;
}

export const waited = (ms: number, paint: Paint): string => paint("hint", `(after ${latency(ms)})`);

/** The call as the commands `voicecall status` and `voicecall latency` show it. */
export function record(call: CallDetail, stages: readonly LatencyRow[], paint: Paint): string[] {
  const width = Math.max(...stages.map(({ stage }) => stage.length));
  return [
    ...heading("The record of the call", paint),
    ...callSheet(call).map(indented),
    ...heading("Latencies", paint),
    ...latencyTable(stages).map(indented),
    "",
    ...stages.map(({ stage }) => paint("hint", indented(`${stage.padEnd(width)}  ${LEGEND[stage]}`))),
  ];
}

const LEGEND: Readonly<Record<LatencyRow["stage"], string>> = {
  dial: "from the request to the carrier's acceptance",
  ring: "from the request to the answer",
  think: "from the person's words to the agent's first words",
  reply: "from the person's words to the reply at the carrier",
  endpointing: "from the person's silence to the end of their turn",
  transcript: "from the person's silence to their final words",
  agent: "from the end of the turn to the question to the model",
  model: "from there to the model's first token",
  sentence: "from there to its first sentence",
  voice: "from there to the first byte of its speech",
  silence: "silence cut from the beginning of that speech",
  pacing: "from its first byte to its first frame at the carrier",
  turn: "from the final words to the first audible frame",
  response: "from the person's silence to the first audible frame",
};

const indented = (line: string): string => (line === "" ? "" : `${INDENT}${line}`);

/** The end of the gateway's log, why the demo failed, and what to do. */
export function failure(message: string, log: string, hint: string, paint: Paint): string[] {
  const last = log.trimEnd().split("\n").slice(-LOG_LINES);
  const shown =
    log.trim() === "" ? [] : ["", "The gateway's last words:", ...last.map((line) => `  ${line}`)];
  return [
    ...shown.map((line) => paint("hint", line)),
    "",
    paint("error", `The demo failed: ${message}`),
    hint,
  ];
}

const LOG_LINES = 20;

/** Colours for this process's terminal. */
export const terminalPaint = (): Paint => paintFor(process.env, process.stdout.isTTY);
