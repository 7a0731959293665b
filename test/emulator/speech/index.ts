import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Identity } from "./vendor.ts";

export { DeepgramEar } from "./deepgram-ear.ts";
export type { EarFault, EarManner } from "./ear-vendor.ts";
export { ElevenLabsVoice } from "./elevenlabs-voice.ts";
export { OpenAiEar } from "./openai-ear.ts";
export { OpenAiVoice } from "./openai-voice.ts";
export type { Delivery, VoiceFault } from "./voice-vendor.ts";
export { selfMade } from "./certificate.ts";

/** Where OpenAI's realtime transcription is; the host lets nobody change it. */
export const OPENAI_HOST = "api.openai.com";

/**
 * What a gateway's environment needs to find stand-ins under the vendors' own names. `folder`: where the certificate may
 * be left for it. An existing `NODE_OPTIONS` has to be joined with this one by the caller.
 */
export function standInEnvironment(
  folder: string,
  identity: Identity,
  vendors: Readonly<Record<string, { readonly port: number }>>,
): Record<string, string> {
  const file = path.join(folder, "stand-in-vendors.pem");
  writeFileSync(file, identity.cert);
  const pairs = Object.entries(vendors).map(([host, { port }]) => `${host}=${port}`);
  return {
    NODE_EXTRA_CA_CERTS: file,
    STAND_IN_VENDORS: pairs.join(","),
    NODE_OPTIONS: `--import=${path.join(import.meta.dirname, "gateway-tls.ts")}`,
  };
}
