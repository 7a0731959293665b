import type { VoiceCallConfig } from "../config/index.ts";
import type { EarEvents, Ears, EarSession, SpeechRoute } from "../conversation/live/speech.ts";
import { sdkConfig, type HostApi, type HostConfig, type SdkConfig } from "./api.ts";
import { Edition } from "./edition.ts";
import { loadTranscription, type Transcription, type TranscriptionProvider } from "./speech-sdk.ts";
import { Standing } from "./standing.ts";

type Settings = Pick<VoiceCallConfig, "streaming">;
type EarsApi = { readonly runtime: Pick<HostApi["runtime"], "config"> };

/** The host's realtime transcription providers. */
export function createEars(api: EarsApi, config: () => Settings, now = Date.now): Ears {
  const standing = new Standing();
  const edition = new Edition<Settings>(({ streaming }) => streaming);
  // The host looks through all plugins for this, so it is asked once per configuration.
  let known: Promise<readonly string[]> | null = null;
  return {
    async providers() {
      const [host, settings] = [api.runtime.config.current(), config()];
      if (edition.isNew(host, settings)) known = null;
      const ids = (known ??= listening(host, settings));
      try {
        return settings.streaming.fallback ? standing.order(await ids, now()) : await ids;
      } catch (error) {
        if (known === ids) known = null;
        throw error;
      }
    },

    async open(provider, route, on) {
      const registry = await loadTranscription();
      const cfg = sdkConfig(api.runtime.config.current());
      const found = registry.getRealtimeTranscriptionProvider(provider, cfg);
      if (found === undefined) throw coded("not_registered");
      const providerConfig = resolved(found, cfg, {
        ...languageOf(route),
        ...settingsOf(found, config()),
      });
      return session(found, { cfg, providerConfig }, on, {
        failed: () => standing.failed(found.id, now()),
        worked: () => standing.worked(found.id),
      });
    },
  };
}

/**
 * Ids of the providers that could listen. A named one comes first and has to be usable; without one they come in the host's
 * order, those with settings of ours before those that the host knows otherwise.
 */
export async function listening(host: HostConfig, config: Settings): Promise<readonly string[]> {
  const registry = await loadTranscription();
  const cfg = sdkConfig(host);
  const { provider, providers } = config.streaming;
  const usable = (found: TranscriptionProvider | undefined): found is TranscriptionProvider =>
    found !== undefined &&
    found.isConfigured({ cfg, providerConfig: resolved(found, cfg, settingsOf(found, config)) });

  const named = provider === undefined ? undefined : registry.getRealtimeTranscriptionProvider(provider, cfg);
  if (provider !== undefined && !usable(named)) return [];
  const ours = inHostOrder(
    Object.keys(providers).flatMap((id) => registry.getRealtimeTranscriptionProvider(id, cfg) ?? []),
  );
  const others = provider === undefined ? inHostOrder(loaded(registry, cfg)) : [];
  const ids = [named, ...ours, ...others].filter(usable).map(({ id }) => id);
  return [...new Set(ids)];
}

const loaded = (registry: Transcription, cfg: SdkConfig): readonly TranscriptionProvider[] =>
  registry.listRealtimeTranscriptionProviders(cfg);

const inHostOrder = (providers: readonly TranscriptionProvider[]): readonly TranscriptionProvider[] =>
  providers.toSorted((a, b) => (a.autoSelectOrder ?? Infinity) - (b.autoSelectOrder ?? Infinity));

/** The settings of a provider, under its id or one of its aliases. */
function settingsOf({ id, aliases = [] }: TranscriptionProvider, { streaming }: Settings): object {
  const key = [id, ...aliases].find((name) => Object.hasOwn(streaming.providers, name));
  return key === undefined ? {} : (streaming.providers[key] ?? {});
}

/** Providers agree on the primary subtag only; those that take no language do not look at it. */
function languageOf({ language }: SpeechRoute): object {
  const [primary] = language.toLowerCase().split("-");
  return primary === undefined || primary === "" ? {} : { language: primary };
}

const resolved = (provider: TranscriptionProvider, cfg: SdkConfig, rawConfig: object): object =>
  provider.resolveConfig?.({ cfg, rawConfig }) ?? rawConfig;

interface Told {
  failed(): void;
  worked(): void;
}

/**
 * One session. The host's own sessions connect anew by themselves, a second later and without the words that were under way,
 * and tell nobody. So a session that is no longer connected counts as failed.
 */
function session(
  provider: TranscriptionProvider,
  made: { readonly cfg: SdkConfig; readonly providerConfig: object },
  on: EarEvents,
  told: Told,
): EarSession {
  let state: "new" | "connected" | "over" = "new";
  const fail = (error: Error): void => {
    if (state === "over") return;
    state = "over";
    told.failed();
    inner.close();
    on.failed(error);
  };
  const inner = provider.createSession({
    ...made,
    onPartial: (text) => {
      if (state === "connected") on.partial(text);
    },
    onTranscript: (text) => {
      if (state !== "connected") return;
      told.worked();
      on.final(text);
    },
    onSpeechStart: () => {
      if (state === "connected") on.speechStart();
    },
    // Before it is connected, `connect` rejects.
    onError: (error) => {
      if (state === "connected") fail(error);
    },
  });
  return {
    async connect() {
      try {
        await inner.connect();
        if (state === "new" && !inner.isConnected()) throw coded("not_connected");
      } catch (error) {
        if (state !== "over") told.failed();
        throw error;
      }
      if (state === "new") state = "connected";
    },
    send(audio) {
      if (state !== "connected") return;
      if (!inner.isConnected()) return fail(coded("connection_lost"));
      inner.sendAudio(Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength));
    },
    close() {
      // Given up before it was connected: it took too long.
      if (state === "new") told.failed();
      const was = state;
      state = "over";
      if (was !== "over") inner.close();
    },
  };
}

const coded = (code: string): Error => Object.assign(new Error(`transcription provider: ${code}`), { code });
