import type { HostConfig } from "./api.ts";
import { listening } from "./ears.ts";
import { VoiceBook, type VoiceConfig } from "./voice-settings.ts";

/** Which providers of the host would speak and listen; null: none that is configured. */
export interface SpeechFacts {
  voice(): Promise<string | null>;
  ears(): Promise<string | null>;
}

/** What the host tells about speech on calls, without asking any provider. Both may reject. */
export function speechFacts(host: HostConfig, config: VoiceConfig): SpeechFacts {
  return {
    async voice() {
      const anyNumber = { language: config.language, ownNumber: "" };
      const { providers } = await new VoiceBook().of(host, { ...config, numbers: {} }, anyNumber);
      return providers[0] ?? null;
    },
    async ears() {
      const [first] = await listening(host, config);
      return first ?? null;
    },
  };
}
