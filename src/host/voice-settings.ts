import { createHash } from "node:crypto";
import { carrierTts, forNumber, type VoiceCallConfig } from "../config/index.ts";
import type { SpeechRoute } from "../conversation/live/speech.ts";
import { sdkConfig, type HostConfig, type SdkConfig } from "./api.ts";
import { Edition } from "./edition.ts";
import {
  loadSpeechCore,
  loadTtsRuntime,
  type Persona,
  type SpeechCore,
  type TtsRuntime,
} from "./speech-sdk.ts";

export type VoiceConfig = Parameters<typeof forNumber>[0] & Pick<VoiceCallConfig, "tts" | "streaming">;

/** Has no telephone audio, under either of its names. */
const MICROSOFT = new Set(["microsoft", "edge"]);

/** The persona by which one provider is pinned where the host has none active. */
const PIN = "phone";

/** The gateway's configuration as calls on this number see it, and who can speak. */
export interface VoiceSettings {
  readonly cfg: SdkConfig;
  /** Ids, best first. */
  readonly providers: readonly string[];
  /** The same, but only `provider` may speak: the host must not hand the words to another one. */
  pinned(provider: string): SdkConfig;
  readonly streaming: ReadonlySet<string>;
}

/**
 * Reads the settings of a route and keeps them while neither configuration changes: the host recognises a configuration by
 * its identity, and looks everything up anew for one that it has not seen.
 */
export class VoiceBook {
  readonly #edition = new Edition<VoiceConfig>(({ tts, numbers }) => [tts, numbers]);
  readonly #pages = new Map<string, Promise<VoiceSettings>>();
  readonly #digests = new Map<string, string>();

  of(host: HostConfig, config: VoiceConfig, route: SpeechRoute): Promise<VoiceSettings> {
    this.#turn(host, config);
    const key = pageOf(config, route);
    const known = this.#pages.get(key);
    if (known !== undefined) return known;
    const page = read(host, config, route);
    this.#pages.set(key, page);
    // What failed once may work the next time.
    page.catch(() => this.#pages.delete(key));
    return page;
  }

  /** Changes whenever the same words would sound different. */
  digest(host: HostConfig, config: VoiceConfig, route: SpeechRoute): string {
    this.#turn(host, config);
    const key = pageOf(config, route);
    const known = this.#digests.get(key);
    if (known !== undefined) return known;
    const text = JSON.stringify([ttsOf(host, config, route), route.language]);
    const digest = createHash("sha256").update(text).digest("base64url");
    this.#digests.set(key, digest);
    return digest;
  }

  #turn(host: HostConfig, config: VoiceConfig): void {
    if (!this.#edition.isNew(host, config)) return;
    this.#pages.clear();
    this.#digests.clear();
  }
}

/** Numbers without settings of their own share a page. */
const pageOf = ({ numbers }: VoiceConfig, { ownNumber, language }: SpeechRoute): string =>
  `${language} ${Object.hasOwn(numbers, ownNumber) ? ownNumber : ""}`;

const ttsOf = (host: HostConfig, config: VoiceConfig, { ownNumber }: SpeechRoute): FreeForm =>
  carrierTts({ tts: forNumber(config, ownNumber).tts }, host);

async function read(host: HostConfig, config: VoiceConfig, route: SpeechRoute): Promise<VoiceSettings> {
  const [runtime, core] = await Promise.all([loadTtsRuntime(), loadSpeechCore()]);
  const tts = ttsOf(host, config, route);
  const cfg = { ...sdkConfig(host), tts } as SdkConfig;
  const resolved = runtime.resolveTtsConfig(cfg);
  const prefsPath = runtime.resolveTtsPrefsPath(resolved);
  const persona = runtime.getTtsPersona(resolved, prefsPath);
  const asked = forNumber(config, route.ownNumber).tts["provider"];
  const first = typeof asked === "string" && !MICROSOFT.has(asked) ? [asked] : [];
  const order = runtime.resolveTtsProviderOrder(runtime.getTtsProvider(resolved, prefsPath), cfg);
  const speaks = (id: string): string | null => usable(runtime, core, { resolved, cfg, persona }, id);
  const providers = [...new Set([...first, ...order].flatMap((id) => speaks(id) ?? []))];
  const pins = new Map<string, SdkConfig>();
  return {
    cfg,
    providers,
    streaming: new Set(
      providers.filter((id) => core.getSpeechProvider(id, cfg)?.streamSynthesize !== undefined),
    ),
    pinned(provider) {
      const known = pins.get(provider);
      if (known !== undefined) return known;
      const lean = pin(cfg, tts, { provider, persona, language: route.language });
      // A provider that finds its key under another provider's name needs all of the configuration.
      const isEnough = runtime.isTtsProviderConfigured(runtime.resolveTtsConfig(lean), provider, lean);
      const pinned = isEnough ? lean : ({ ...cfg, tts: lean.tts } as SdkConfig);
      pins.set(provider, pinned);
      return pinned;
    },
  };
}

/** The id of a provider that can speak on a telephone; null when it cannot. */
function usable(
  runtime: TtsRuntime,
  core: SpeechCore,
  to: { readonly resolved: object; readonly cfg: SdkConfig; readonly persona: Persona | undefined },
  id: string,
): string | null {
  const provider = core.getSpeechProvider(id, to.cfg);
  if (provider?.synthesizeTelephony === undefined || MICROSOFT.has(provider.id)) return null;
  const bound = to.persona?.providers?.[provider.id] !== undefined;
  if (to.persona?.fallbackPolicy === "fail" && !bound) return null;
  return runtime.isTtsProviderConfigured(to.resolved, provider.id, to.cfg) ? provider.id : null;
}

/**
 * The host skips providers to which the active persona with the policy `fail` has no binding (its tools/tts/personas). So
 * the active persona, or one of ours, is bound to the one provider only. Other providers are left out, of models too: the
 * host looks for the plugins of all that are named, at every request, which takes it tens of milliseconds.
 */
function pin(cfg: SdkConfig, tts: FreeForm, to: Pinned): SdkConfig {
  const { provider, persona } = to;
  const id = persona?.id ?? PIN;
  const bound = {
    ...persona,
    provider,
    fallbackPolicy: "fail",
    providers: { [provider]: persona?.providers?.[provider] ?? {} },
  };
  const providers = ownSettings(to, tts["providers"]);
  const models = { ...cfg.models, providers: only(provider, cfg.models?.providers) };
  return {
    ...cfg,
    models,
    tts: { ...tts, provider, providers, persona: id, personas: { [id]: bound } },
  } as SdkConfig;
}

interface Pinned {
  readonly provider: string;
  readonly persona: Persona | undefined;
  readonly language: string;
}

type FreeForm = Readonly<Record<string, unknown>>;

/** Providers that want to be told the language, and their setting for it. They agree on its primary subtag. */
const TOLD_LANGUAGE: Readonly<Record<string, string>> = { xai: "language" };

/** The provider's own settings; the call's language in them where it takes one and has none. */
function ownSettings({ provider, language }: Pinned, providers: unknown): FreeForm {
  const own = only(provider, providers);
  const setting = TOLD_LANGUAGE[provider];
  if (setting === undefined) return own;
  const [primary] = language.toLowerCase().split("-");
  const settings = own[provider];
  return { [provider]: { [setting]: primary, ...(typeof settings === "object" ? settings : {}) } };
}

function only(key: string, record: unknown): FreeForm {
  const known = typeof record === "object" && record !== null ? (record as FreeForm) : {};
  return Object.hasOwn(known, key) ? { [key]: known[key] } : {};
}
