import assert from "node:assert/strict";
import type { Bench } from "./bench.ts";
import type { FarEnd, LiveAudio } from "./world.ts";

/** Settings of calls with live audio. The world's time may run faster than audio does, so no call is to end by its own. */
export const LIVE_AUDIO = { streaming: { enabled: true, idlePromptMs: 0 }, maxDurationSeconds: 86_400 };

/** A call with live audio, and the person's telephone. */
export interface Talk {
  readonly id: string;
  readonly far: FarEnd;
  readonly audio: LiveAudio;
}

/** Runs what a carrier with live audio has to pass. Nothing may be left, and no socket open. */
export async function withLiveAudio(
  bench: Bench,
  run: () => Promise<void>,
  { complaints = false } = {},
): Promise<void> {
  if (!bench.capabilities.liveAudio) return;
  bench.configure(LIVE_AUDIO);
  await run();
  await bench.atRest({ complaints });
}

/** A conversation whose greeting was heard. */
export async function talk(bench: Bench, greeting = "Hello?"): Promise<Talk> {
  const { id, far } = await bench.place({ to: bench.somebody(), mode: "conversation", message: greeting });
  const one = { id, far, audio: audioOf(far) };
  await hears(bench, one, greeting);
  return one;
}

export function audioOf(far: FarEnd): LiveAudio {
  const audio = far.audio();
  assert.ok(audio, "the world of a carrier with live audio has no telephone for it");
  return audio;
}

/** The person says something, and hears the agent's answer to it. */
export async function tells(bench: Bench, one: Talk, words: string): Promise<void> {
  await says(bench, one, words);
  await hears(bench, one, `You said: ${words}`);
}

export async function says(bench: Bench, { audio }: Talk, words: string): Promise<void> {
  await bench.passing(`"${words}" is said`, audio.say(bench.tongue.say(words)));
}

/** The person hears the text to its end, and the carrier tells us so. */
export async function hears(bench: Bench, { id, audio }: Talk, text: string): Promise<void> {
  const { tongue } = bench;
  const whole = tongue.lengthMs(text) - INEXACT_MS;
  await bench.until(`the person hears "${text}"`, () => tongue.heardMs(audio.heard(), text) >= whole);
  const isSaid = async (): Promise<boolean> => (await bench.said(id)).includes(`agent: ${text}`);
  await bench.until(`it is on record that "${text}" was heard`, isSaid);
}

/** The person has heard the text once, and nothing of it twice. */
export function heardOnce(bench: Bench, { audio }: Talk, text: string): void {
  const most = bench.tongue.lengthMs(text) + INEXACT_MS;
  const heardMs = bench.tongue.heardMs(audio.heard(), text);
  assert.ok(heardMs <= most, `${heardMs} ms of "${text}" were heard, not ${most}`);
}

/** The call is over, and its last socket closed. */
export async function closed(bench: Bench, { id, audio }: Talk, sockets = 1) {
  const record = await bench.over(id);
  await bench.until("the socket is closed", () => !audio.isOpen);
  assert.equal(audio.sockets, sockets, "sockets of the call");
  return record;
}

/** We hang up. */
export async function hangsUp(bench: Bench, one: Talk, sockets = 1): Promise<void> {
  await bench.plant.switchboard.end(one.id);
  await bench.passing("the call ends", one.far.ended);
  const record = await closed(bench, one, sockets);
  assert.equal(record.outcome, "completed");
}

/** What is heard and what was said may differ by so much: a frame that was cut at either end, and the next one. */
const INEXACT_MS = 100;
