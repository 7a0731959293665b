/**
 * From the caller's last sound to our first one: whole turns on live audio, over a plant with its edge worker, real sockets
 * and Twilio's emulator in a process of its own, in real time. Ears, agent and voices take exactly as long as they are told to.
 */
import { setTimeout as delay } from "node:timers/promises";
import { machineTime } from "../test/emulator/far/person.ts";
import { LocalAgent, type Written } from "../test/service/live-agent.ts";
import { openLiveOffice, type LiveOffice } from "../test/service/live-office.ts";
import {
  LocalEars,
  LocalVoices,
  type HearingManner,
  type SpeakingManner,
} from "../test/service/live-speech.ts";
import { quantile, round, table } from "./table.ts";

/** The bundled plugin that came before, with the first row's stand-ins: final transcript → first audible frame. */
const PEER_MS = 11_500;

interface Scene {
  readonly name: string;
  readonly ears: Partial<HearingManner>;
  readonly voices: Partial<SpeakingManner>;
  readonly reply: Written;
  readonly calls: number;
  readonly turns: number;
  /** What the stand-ins alone take, from the final transcript and from the caller's last sound; ms. */
  readonly sum: { readonly final: number; readonly silent: number };
}

/** 60 words in four sentences. */
const LONG = Array.from(
  { length: 4 },
  (_, at) => `Part ${at + 1} tells you that we open late and close very early on every single day.`,
).join(" ");
const SHORT = "We do.";
/** The transcript comes 250 ms after the last sound. */
const TAIL = { endpointMs: 200, tailMs: 50 };

const SCENES: readonly Scene[] = [
  {
    name: "model 300 ms + 20 ms a token, speech 150 ms, then 4×",
    ears: TAIL,
    voices: { firstByteMs: 150, speed: 4, msPerChar: 20 },
    reply: { text: LONG, firstMs: 300, everyMs: 20 },
    calls: 16,
    turns: 2,
    // The first sentence is sure with its fifteenth token.
    sum: { final: 300 + 15 * 20 + 150, silent: 250 + 300 + 15 * 20 + 150 },
  },
  {
    name: "transcript 250, model 400, speech 120 ms; final words only",
    ears: TAIL,
    voices: { firstByteMs: 120, speed: 4 },
    reply: { text: SHORT, firstMs: 400 },
    calls: 10,
    turns: 5,
    sum: { final: 400 + 120, silent: 250 + 400 + 120 },
  },
  {
    name: "the same, with interim words",
    ears: { ...TAIL, partialEveryMs: 60 },
    voices: { firstByteMs: 120, speed: 4 },
    reply: { text: SHORT, firstMs: 400 },
    calls: 10,
    turns: 5,
    // The agent is asked ahead of the final words.
    sum: { final: 400 + 120, silent: 250 + 400 + 120 },
  },
  {
    name: "stand-ins that take no time; the transcript comes after the turn's end",
    ears: { endpointMs: 400, tailMs: 0 },
    voices: { firstByteMs: 0, speed: Number.POSITIVE_INFINITY },
    reply: { text: SHORT },
    calls: 12,
    turns: 20,
    sum: { final: 0, silent: 400 },
  },
];

interface Turn {
  /** Final transcript → first audible frame that the carrier's process received. */
  readonly final: number;
  /** The caller's last sound → the same. */
  readonly silent: number;
}

export async function bench(): Promise<void> {
  const head = ["", "turns", "p50", "p95", "p99", "stand-ins alone", "p50 ÷ that", "peer's 11,500 ÷ p50"];
  const finals: string[][] = [];
  const silents: string[][] = [];
  for (const scene of SCENES) {
    const turns = await play(scene);
    finals.push(
      row(
        scene,
        turns.map(({ final }) => final),
        scene.sum.final,
        PEER_MS,
      ),
    );
    silents.push(
      row(
        scene,
        turns.map(({ silent }) => silent),
        scene.sum.silent,
        null,
      ),
    );
  }
  table("final transcript → first audible frame at the carrier (ms)", [head, ...finals]);
  table("the caller's last sound → first audible frame at the carrier (ms)", [head.slice(0, -1), ...silents]);
}

function row({ name }: Scene, took: readonly number[], sum: number, peer: number | null): string[] {
  const p50 = quantile(took, 0.5);
  return [
    name,
    String(took.length),
    ...[0.5, 0.95, 0.99].map((share) => round(quantile(took, share))),
    String(sum),
    sum === 0 ? "" : round(p50 / sum, 2),
    ...(peer === null ? [] : [round(peer / p50)]),
  ];
}

async function play(scene: Scene): Promise<Turn[]> {
  const ears = new LocalEars(scene.ears);
  const agent = new LocalAgent(() => scene.reply);
  const office = await openLiveOffice({ ears, voices: new LocalVoices(scene.voices), agent });
  try {
    const callers = Array.from({ length: scene.calls }, (_, at) => talk(office, ears, scene, at));
    const turns = (await Promise.all(callers)).flat();
    if (office.complaints.length > 0) throw new Error(office.complaints.join("\n"));
    return turns;
  } finally {
    await office.close();
  }
}

/** One caller's turns; the first one warms up. */
async function talk(office: LiveOffice, ears: LocalEars, { turns }: Scene, no: number): Promise<Turn[]> {
  const { person } = await office.converse(`+1555040${String(no).padStart(4, "0")}`, "Hello.");
  // Callers are not in step.
  await delay(no * 97);
  const seen: Turn[] = [];
  for (let turn = 0; turn <= turns; turn++) {
    const words = `Question ${turn} of caller ${no} please.`;
    const { silentAt, arrivedAt } = await person.asks(words, 20);
    const final = ears.finals.find(({ text }) => text === words);
    if (final === undefined) throw new Error(`lost: ${words}`);
    if (turn > 0) seen.push({ final: arrivedAt - machineTime(final.at), silent: arrivedAt - silentAt });
  }
  await person.hangUp();
  return seen;
}
