import type { IncomingMessage } from "node:http";
import { VoiceVendor, type Wanted } from "./voice-vendor.ts";

const PATH = /^\/v1\/text-to-speech\/(\w+)(\/stream)?$/u;

/** ElevenLabs' `POST /v1/text-to-speech/{voice}[/stream]`. For `tts.providers.elevenlabs.baseUrl`: `url`. */
export class ElevenLabsVoice extends VoiceVendor {
  protected override understand(
    url: URL,
    headers: IncomingMessage["headers"],
    body: unknown,
  ): Wanted | number {
    const [, voice] = PATH.exec(url.pathname) ?? [];
    if (voice === undefined) return 404;
    if (typeof headers["xi-api-key"] !== "string" || headers["xi-api-key"] === "") return 401;
    const { text, model_id: model } = (body ?? {}) as Record<string, unknown>;
    if (typeof text !== "string" || text === "") return 422;
    const format = url.searchParams.get("output_format") ?? "mp3_44100_128";
    const asked = { text, voice, model: String(model), format };
    if (format === "ulaw_8000") return { ...asked, audio: { encoding: "pcmu" }, contentType: "audio/basic" };
    const rate = Number(/^pcm_(\d+)$/u.exec(format)?.[1] ?? 0);
    if (rate === 0) return 400;
    return { ...asked, audio: { encoding: "pcm16", rate }, contentType: "audio/pcm" };
  }
}
