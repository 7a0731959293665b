import type { SetupCheck } from "../../call/service.ts";
import type { VoiceCallConfig } from "../../config/index.ts";
import type { SpeechFacts } from "../../host/speech.ts";
import { passed, warned } from "./check.ts";

/** Voice and ears. The host is asked only when live audio is switched on: loading what answers takes a second. */
export async function speechChecks(
  { streaming, realtime }: Pick<VoiceCallConfig, "streaming" | "realtime">,
  facts: () => Promise<SpeechFacts>,
): Promise<SetupCheck[]> {
  const wanted = streaming.enabled ? "streaming.enabled" : realtime.enabled ? "realtime.enabled" : null;
  if (wanted === null) return [passed("speech", "Calls use the carrier's own voice and ears.")];
  const speech = warned(
    "speech",
    `Calls use the carrier's own voice and ears for now: this version has no live audio, whatever ${wanted} says.`,
    `Nothing has to be done; set ${wanted} to false to be without this line.`,
  );
  if (!streaming.enabled) return [speech];
  const voice = told(
    "tts",
    async () => await (await facts()).voice(),
    (id) => `${id} speaks on calls with live audio.`,
    ["No speech provider of the gateway is configured for telephone audio.", "Configure one under tts."],
  );
  const ears = told(
    "stt",
    async () => await (await facts()).ears(),
    (id) => `${id} listens on calls with live audio.`,
    [
      "No realtime transcription provider of the gateway is configured.",
      "Set streaming.provider and its settings under streaming.providers.",
    ],
  );
  return [speech, ...(await Promise.all([voice, ears]))];
}

/** A warning only: calls get along without. */
async function told(
  id: string,
  ask: () => Promise<string | null>,
  found: (provider: string) => string,
  [missing, next]: readonly [string, string],
): Promise<SetupCheck> {
  try {
    const provider = await ask();
    return provider === null ? warned(id, missing, next) : passed(id, found(provider));
  } catch {
    return warned(id, `The gateway does not tell. ${missing.replace(/^No/u, "Perhaps no")}`, next);
  }
}
