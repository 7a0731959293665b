import { carrierTts, type VoiceCallConfig } from "../config/index.ts";
import { sdkConfig, type HostConfig, type SdkConfig } from "./api.ts";

/** Which providers of the host would speak and listen; null: none that is configured. */
export interface SpeechFacts {
  voice(): Promise<string | null>;
  ears(): Promise<string | null>;
}

/** The parts of subpaths that ship without type declarations. */
interface TtsRuntime {
  resolveTtsConfig(cfg: SdkConfig): object;
  resolveTtsPrefsPath(config: object): string;
  getTtsProvider(config: object, prefsPath: string): string;
  resolveTtsProviderOrder(primary: string, cfg: SdkConfig): readonly string[];
  isTtsProviderConfigured(config: object, provider: string, cfg: SdkConfig): boolean;
}
interface SpeechCore {
  getSpeechProvider(id: string, cfg: SdkConfig): { readonly synthesizeTelephony?: unknown } | undefined;
}
interface Transcription {
  listRealtimeTranscriptionProviders(cfg: SdkConfig): readonly TranscriptionProvider[];
  getRealtimeTranscriptionProvider(id: string, cfg: SdkConfig): TranscriptionProvider | undefined;
}
interface TranscriptionProvider {
  readonly id: string;
  readonly autoSelectOrder?: number;
  resolveConfig?(asked: { readonly cfg: SdkConfig; readonly rawConfig: object }): object;
  isConfigured(asked: { readonly cfg: SdkConfig; readonly providerConfig: object }): boolean;
}

/** Loads a subpath of the plugin SDK; these take over a second the first time. */
const load = <T>(subpath: string): Promise<T> => import(subpath) as Promise<T>;

/** What the host tells about speech on calls, without asking any provider. Both may reject. */
export function speechFacts(
  host: HostConfig,
  config: Pick<VoiceCallConfig, "tts" | "streaming">,
): SpeechFacts {
  return {
    async voice() {
      const [tts, core] = await Promise.all([
        load<TtsRuntime>("openclaw/plugin-sdk/tts-runtime"),
        load<SpeechCore>("openclaw/plugin-sdk/speech-core"),
      ]);
      const cfg = { ...sdkConfig(host), tts: carrierTts(config, host) } as SdkConfig;
      const resolved = tts.resolveTtsConfig(cfg);
      const first = tts.getTtsProvider(resolved, tts.resolveTtsPrefsPath(resolved));
      const usable = (id: string): boolean =>
        core.getSpeechProvider(id, cfg)?.synthesizeTelephony !== undefined &&
        tts.isTtsProviderConfigured(resolved, id, cfg);
      return tts.resolveTtsProviderOrder(first, cfg).find(usable) ?? null;
    },
    async ears() {
      const registry = await load<Transcription>("openclaw/plugin-sdk/realtime-transcription");
      const cfg = sdkConfig(host);
      const { provider, providers } = config.streaming;
      const wanted = provider === undefined ? Object.keys(providers) : [provider];
      const named = wanted.map((id) => registry.getRealtimeTranscriptionProvider(id, cfg));
      const others = provider === undefined ? registry.listRealtimeTranscriptionProviders(cfg) : [];
      const inOrder = others.toSorted(
        (a, b) => (a.autoSelectOrder ?? Infinity) - (b.autoSelectOrder ?? Infinity),
      );
      const found = [...named, ...inOrder].find(
        (one) => one !== undefined && isConfigured(one, cfg, providers),
      );
      return found?.id ?? null;
    },
  };
}

function isConfigured(
  provider: TranscriptionProvider,
  cfg: SdkConfig,
  settings: VoiceCallConfig["streaming"]["providers"],
): boolean {
  const rawConfig = settings[provider.id] ?? {};
  return provider.isConfigured({
    cfg,
    providerConfig: provider.resolveConfig?.({ cfg, rawConfig }) ?? rawConfig,
  });
}
