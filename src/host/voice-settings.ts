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

  of(host: HostConfig, config: VoiceConfig, { ownNumber }: SpeechRoute): Promise<VoiceSettings> {
    this.#turn(host, config);
    const number = pageOf(config, ownNumber);
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const page = read(host, config, number);
    this.#pages.set(number, page);
    // What failed once may work the next time.
    page.catch(() => this.#pages.delete(number));
    return page;
  }

  /** Changes whenever the same words would sound different. */
  digest(host: HostConfig, config: VoiceConfig, { ownNumber }: SpeechRoute): string {
    this.#turn(host, config);
    const number = pageOf(config, ownNumber);
    const known = this.#digests.get(number);
    if (known !== undefined) return known;
    const text = JSON.stringify(ttsOf(host, config, number)) ?? "";
    const digest = createHash("sha256").update(text).digest("base64url");
    this.#digests.set(number, digest);
    return digest;
  }

  #turn(host: HostConfig, config: VoiceConfig): void {
    if (!this.#edition.isNew(host, config)) return;
    this.#pages.clear();
    this.#digests.clear();
  }
}

/** Numbers without settings of their own share a page. */
const pageOf = (config: VoiceConfig, ownNumber: string): string =>
  Object.hasOwn(config.numbers, ownNumber) ? ownNumber : "";

const ttsOf = (host: HostConfig, config: VoiceConfig, number: string): Record<string, unknown> =>
  carrierTts({ tts: forNumber(config, number).tts }, host);

async function read(host: HostConfig, config: VoiceConfig, number: string): Promise<VoiceSettings> {
  const [runtime, core] = await Promise.all([loadTtsRuntime(), loadSpeechCore()]);
  const tts = ttsOf(host, config, number);
  const cfg = { ...sdkConfig(host), tts } as SdkConfig;
  const resolved = runtime.resolveTtsConfig(cfg);
  const prefsPath = runtime.resolveTtsPrefsPath(resolved);
  const persona = runtime.getTtsPersona(resolved, prefsPath);
  const asked = forNumber(config, number).tts["provider"];
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
      const lean = pin(cfg, tts, provider, persona);
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
function pin(cfg: SdkConfig, tts: FreeForm, provider: string, active: Persona | undefined): SdkConfig {
  const id = active?.id ?? PIN;
  const bound = {
    ...active,
    provider,
    fallbackPolicy: "fail",
    providers: { [provider]: active?.providers?.[provider] ?? {} },
  };
  const own = { ...tts, provider, providers: only(provider, tts["providers"]) };
  const models = { ...cfg.models, providers: only(provider, cfg.models?.providers) };
  return { ...cfg, models, tts: { ...own, persona: id, personas: { [id]: bound } } } as SdkConfig;
}

type FreeForm = Readonly<Record<string, unknown>>;

function only(key: string, record: unknown): FreeForm {
  const known = typeof record === "object" && record !== null ? (record as FreeForm) : {};
  return Object.hasOwn(known, key) ? { [key]: known[key] } : {};
}
