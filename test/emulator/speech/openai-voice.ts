import type { IncomingMessage } from "node:http";
import { VoiceVendor, type Wanted } from "./voice-vendor.ts";

/** OpenAI's `POST /v1/audio/speech`. For `tts.providers.openai.baseUrl`: `baseUrl`. */
export class OpenAiVoice extends VoiceVendor {
  get baseUrl(): string {
    return `${this.url}/v1`;
  }

  protected override understand(
    url: URL,
    headers: IncomingMessage["headers"],
    body: unknown,
  ): Wanted | number {
    if (url.pathname !== "/v1/audio/speech") return 404;
    if (!/^Bearer \S+$/.test(headers.authorization ?? "")) return 401;
    const { input, voice, model, response_format: format } = (body ?? {}) as Record<string, unknown>;
    if (typeof input !== "string" || input === "" || typeof voice !== "string") return 400;
    // `pcm`: 24 kHz, 16-bit, little-endian, no header.
    if (format !== "pcm") return 400;
    const audio = { encoding: "pcm16", rate: 24_000 } as const;
    return { text: input, voice, model: String(model), format, audio, contentType: "audio/pcm" };
  }
}
