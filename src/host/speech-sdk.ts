import type { SdkConfig } from "./api.ts";

/** The parts of the plugin SDK for speech that ship without type declarations. */

/** `openclaw/plugin-sdk/tts-runtime`. `resolved`: what `resolveTtsConfig` gave. */
export interface TtsRuntime {
  resolveTtsConfig(cfg: SdkConfig): object;
  resolveTtsPrefsPath(resolved: object): string;
  getTtsProvider(resolved: object, prefsPath: string): string;
  getTtsPersona(resolved: object, prefsPath: string): Persona | undefined;
  resolveTtsProviderOrder(primary: string, cfg: SdkConfig): readonly string[];
  isTtsProviderConfigured(resolved: object, provider: string, cfg: SdkConfig): boolean;
}

/** A spoken identity of the host (its tools/tts/personas). */
export interface Persona {
  readonly id: string;
  readonly fallbackPolicy?: string;
  readonly providers?: Readonly<Record<string, object>>;
}

/** `openclaw/plugin-sdk/speech-core`. */
export interface SpeechCore {
  getSpeechProvider(id: string, cfg: SdkConfig): SpeechProvider | undefined;
}

export interface SpeechProvider {
  readonly id: string;
  readonly synthesizeTelephony?: unknown;
  readonly streamSynthesize?: unknown;
}

/** `openclaw/plugin-sdk/realtime-transcription`. */
export interface Transcription {
  /** Of plugins that are loaded. */
  listRealtimeTranscriptionProviders(cfg: SdkConfig): readonly TranscriptionProvider[];
  /** Loads the plugin when it is not. By id or alias. */
  getRealtimeTranscriptionProvider(id: string, cfg: SdkConfig): TranscriptionProvider | undefined;
}

export interface TranscriptionProvider {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly autoSelectOrder?: number;
  resolveConfig?(asked: { readonly cfg: SdkConfig; readonly rawConfig: object }): object;
  isConfigured(asked: { readonly cfg: SdkConfig; readonly providerConfig: object }): boolean;
  /** Throws when a key is missing. G.711 µ-law at 8 kHz unless the configuration says otherwise. */
  createSession(request: TranscriptionRequest): TranscriptionSession;
}

export interface TranscriptionRequest {
  readonly cfg: SdkConfig;
  readonly providerConfig: object;
  onPartial(text: string): void;
  onTranscript(text: string): void;
  onSpeechStart(): void;
  onError(error: Error): void;
}

export interface TranscriptionSession {
  connect(): Promise<void>;
  sendAudio(audio: Buffer): void;
  close(): void;
  isConnected(): boolean;
}

/** Loads a subpath of the plugin SDK; these take over a second the first time. */
const load = <T>(subpath: string): Promise<T> => import(subpath) as Promise<T>;

export const loadTtsRuntime = (): Promise<TtsRuntime> => load("openclaw/plugin-sdk/tts-runtime");
export const loadSpeechCore = (): Promise<SpeechCore> => load("openclaw/plugin-sdk/speech-core");
export const loadTranscription = (): Promise<Transcription> =>
  load("openclaw/plugin-sdk/realtime-transcription");
