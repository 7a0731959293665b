import type { SpeakOrder, SpeechRoute, SpokenAudio, Voices } from "../conversation/live/speech.ts";
import type { HostApi, HostRuntime, SdkConfig } from "./api.ts";
import { parseFormat } from "./audio-format.ts";
import { spokenChunks } from "./spoken-chunks.ts";
import { Standing } from "./standing.ts";
import { VoiceBook, type VoiceConfig, type VoiceSettings } from "./voice-settings.ts";

/** The part of the plugin API that speaks. */
export interface SpeechApi {
  readonly runtime: Pick<HostApi["runtime"], "config"> & {
    readonly tts: Pick<HostRuntime["tts"], "textToSpeechStream" | "textToSpeechTelephony">;
  };
}

export interface HostVoices extends Voices {
  /** Changes whenever the same words would sound different on this route. Holds nothing secret. */
  digest(route: SpeechRoute): string;
}

/** The host ends a request that takes longer; it has no other way to give one up. */
const REQUEST_MS = 20_000;

/** How providers that stream are asked for telephone audio. */
const STREAMS: Readonly<Record<string, StreamWay>> = {
  // https://elevenlabs.io/docs/api-reference/text-to-speech/stream: `output_format`.
  elevenlabs: { overrides: { outputFormat: "ulaw_8000" } },
  // The host takes xAI's codec from the settings only, and streams from its own endpoint only.
  xai: { settings: { responseFormat: "mulaw" }, only: (settings) => settings["baseUrl"] === undefined },
};

interface StreamWay {
  /** For this request. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Laid over the provider's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly only?: (settings: Readonly<Record<string, unknown>>) => boolean;
}

/** The host's speech providers that can speak on a telephone. */
export function createVoices(api: SpeechApi, config: () => VoiceConfig, now = Date.now): HostVoices {
  const book = new VoiceBook();
  const standing = new Standing();
  const streamConfigs = new WeakMap<SdkConfig, SdkConfig>();
  const settingsOf = (route: SpeechRoute): Promise<VoiceSettings> =>
    book.of(api.runtime.config.current(), config(), route);

  async function speak(order: SpeakOrder, signal: AbortSignal): Promise<SpokenAudio> {
    const settings = await settingsOf(order.route);
    signal.throwIfAborted();
    const cfg = settings.pinned(order.provider);
    const way = settings.streaming.has(order.provider) ? streamWay(order.provider, cfg) : null;
    return way === null
      ? await buffered(order, cfg, signal)
      : await streamed(order, withSettings(order.provider, cfg, way), way, signal);
  }

  async function streamed(
    { text, provider }: SpeakOrder,
    cfg: SdkConfig,
    way: StreamWay,
    signal: AbortSignal,
  ): Promise<SpokenAudio> {
    const overrides = { provider, providerOverrides: { [provider]: { ...way.overrides } } };
    const { textToSpeechStream } = api.runtime.tts;
    const result = await textToSpeechStream({
      text,
      cfg,
      overrides,
      disableFallback: true,
      timeoutMs: REQUEST_MS,
    });
    const release = async (): Promise<void> => result.release?.();
    const { audioStream } = result;
    if (!result.success || audioStream === undefined || result.provider !== provider) {
      await release();
      throw failure(result, provider);
    }
    const declared = parseFormat(result.outputFormat ?? "");
    return await spokenChunks({ declared, audio: audioStream, release }, signal);
  }

  async function buffered(
    { text, provider }: SpeakOrder,
    cfg: SdkConfig,
    signal: AbortSignal,
  ): Promise<SpokenAudio> {
    const { textToSpeechTelephony } = api.runtime.tts;
    const result = await textToSpeechTelephony({ text, cfg, overrides: { provider }, timeoutMs: REQUEST_MS });
    const { audioBuffer } = result;
    if (!result.success || audioBuffer === undefined || result.provider !== provider)
      throw failure(result, provider);
    const declared = parseFormat(result.outputFormat ?? "", result.sampleRate);
    return await spokenChunks({ declared, audio: [audioBuffer], release: () => Promise.resolve() }, signal);
  }

  /** The provider's settings with those of the way; one object per configuration. */
  function withSettings(provider: string, cfg: SdkConfig, way: StreamWay): SdkConfig {
    if (way.settings === undefined) return cfg;
    const known = streamConfigs.get(cfg);
    if (known !== undefined) return known;
    const { tts } = cfg;
    const own = { ...tts?.providers?.[provider], ...way.settings };
    const made = { ...cfg, tts: { ...tts, providers: { ...tts?.providers, [provider]: own } } };
    streamConfigs.set(cfg, made);
    return made;
  }

  return {
    digest: (route) => book.digest(api.runtime.config.current(), config(), route),

    async providers(route) {
      const { providers } = await settingsOf(route);
      return config().streaming.fallback ? standing.order(providers, now()) : providers;
    },

    async speak(order, signal) {
      try {
        const spoken = await speak(order, signal);
        standing.worked(order.provider);
        return spoken;
      } catch (error) {
        // Words that nobody wants any more say nothing about the provider; words that came too late do.
        const late = signal.aborted && signal.reason instanceof Error && signal.reason.message === "timeout";
        if (!signal.aborted || late) standing.failed(order.provider, now());
        throw error;
      }
    },
  };
}

function streamWay(provider: string, cfg: SdkConfig): StreamWay | null {
  const way = Object.hasOwn(STREAMS, provider) ? STREAMS[provider] : undefined;
  if (way === undefined) return null;
  const settings: Readonly<Record<string, unknown>> = { ...cfg.tts?.providers?.[provider] };
  return way.only === undefined || way.only(settings) ? way : null;
}

interface HostResult {
  readonly success: boolean;
  readonly error?: string;
  readonly provider?: string;
  readonly attempts?: readonly {
    readonly provider: string;
    readonly outcome: string;
    readonly reasonCode: string;
  }[];
}

/** Why the host's speech failed. The message is the host's own, which it has cleared of secrets. */
function failure(result: HostResult, provider: string): Error {
  const attempt = result.attempts?.find((one) => one.provider === provider);
  if (result.success && result.provider !== provider) {
    return Object.assign(new Error("another provider spoke"), { code: "another_provider" });
  }
  const code = attempt?.reasonCode;
  const error = new Error(result.error ?? "the provider gave no audio");
  return code === undefined || code === "provider_error" || code === "success"
    ? error
    : Object.assign(error, { code });
}
