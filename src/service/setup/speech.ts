import type { SetupCheck } from "../../call/service.ts";
import type { VoiceCallConfig } from "../../config/index.ts";
import type { SpeechFacts } from "../../host/speech.ts";
import { failed, passed, warned } from "./check.ts";

/** Voice and ears. The host is asked only when live audio is switched on: loading what answers takes a second. */
export async function speechChecks(
  { streaming, realtime }: Pick<VoiceCallConfig, "streaming" | "realtime">,
  facts: () => Promise<SpeechFacts>,
): Promise<SetupCheck[]> {
  if (streaming.enabled) return liveAudio(facts);
  const carriers = "Calls use the carrier's own voice and ears";
  if (!realtime.enabled) return [passed("speech", `${carriers}.`)];
  const problem = `${carriers} for now: this version has no realtime voice, whatever realtime.enabled says.`;
  return [
    warned(
      "speech",
      problem,
      "Nothing has to be done; set realtime.enabled to false to be without this line.",
    ),
  ];
}

async function liveAudio(facts: () => Promise<SpeechFacts>): Promise<SetupCheck[]> {
  const speech = passed(
    "speech",
    "Conversations have live audio: the gateway's own providers listen and speak.",
  );
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

/** Without either, conversations are refused, or have no live audio. */
async function told(
  id: string,
  ask: () => Promise<string | null>,
  found: (provider: string) => string,
  [missing, next]: readonly [string, string],
): Promise<SetupCheck> {
  try {
    const provider = await ask();
    return provider === null ? failed(id, missing, next) : passed(id, found(provider));
  } catch {
    return warned(id, `The gateway does not tell. ${missing.replace(/^No/u, "Perhaps no")}`, next);
  }
}
