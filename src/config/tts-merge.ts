/** Brings speech settings of the host and of the plugin into one, in the host's present shape. */

import type { FreeForm } from "./option.ts";
import { POLLUTING_KEYS } from "./option.ts";

/** Providers that once had their block directly under `tts`. */
const DIRECT_BLOCKS: ReadonlySet<string> = new Set(["openai", "elevenlabs", "microsoft", "edge"]);

/** Has no telephone audio, under either of its names. */
const MICROSOFT: readonly string[] = ["microsoft", "edge"];

/** Older name of a provider setting → present name (the host's tools/tts/field-reference). */
const VOICE_ALIASES: readonly (readonly [older: string, present: string])[] = [
  ["voice", "speakerVoice"],
  ["voiceName", "speakerVoice"],
  ["voiceId", "speakerVoiceId"],
];

/** Two names for one choice; providers differ in which they read. The later layer's choice replaces both. */
const RIVALS: readonly (readonly [string, string])[] = [
  ["speakerVoice", "speakerVoiceId"],
  ["model", "modelId"],
];

const isRecord = (value: unknown): value is FreeForm =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const entries = (record: FreeForm): [string, unknown][] =>
  Object.entries(record).filter(([key]) => !POLLUTING_KEYS.includes(key));

/** A deep copy that carries no prototype-polluting key. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (!isRecord(value)) return value;
  return Object.fromEntries(entries(value).map(([key, inner]) => [key, clean(inner)]));
}

/** Objects are merged key by key; everything else, lists included, is replaced. Neither side is changed. */
function deepMerge(under: unknown, over: unknown): unknown {
  if (!isRecord(under) || !isRecord(over)) return clean(over);
  const merged = clean(under) as FreeForm;
  for (const [key, value] of entries(over)) {
    merged[key] = Object.hasOwn(merged, key) ? deepMerge(merged[key], value) : clean(value);
  }
  return merged;
}

/** The present name wins where both are given. */
function normaliseBlock(block: unknown): unknown {
  if (!isRecord(block)) return block;
  const present = clean(block) as FreeForm;
  for (const [older, name] of VOICE_ALIASES) {
    if (!Object.hasOwn(present, older)) continue;
    present[name] ??= present[older];
    delete present[older];
  }
  return present;
}

/** Speech settings in the host's present shape: blocks under `providers`, present voice names, no Microsoft. */
function normaliseTts(settings: unknown): FreeForm {
  if (!isRecord(settings)) return {};
  const present: FreeForm = {};
  let providers: FreeForm = {};
  for (const [key, value] of entries(settings)) {
    if (DIRECT_BLOCKS.has(key) && isRecord(value)) providers[key] = normaliseBlock(value);
    else if (key !== "providers") present[key] = clean(value);
  }
  if (isRecord(settings.providers)) {
    const named = Object.fromEntries(
      entries(settings.providers).map(([id, block]) => [id, normaliseBlock(block)]),
    );
    providers = deepMerge(providers, named) as FreeForm;
  }
  for (const id of MICROSOFT) delete providers[id];
  if (typeof present.provider === "string" && MICROSOFT.includes(present.provider.trim().toLowerCase())) {
    delete present.provider;
  }
  return Object.keys(providers).length > 0 ? { ...present, providers } : present;
}

/** Removes from `under` what `over` chooses under another name. */
function dropReplaced(under: unknown, over: unknown): void {
  if (!isRecord(under) || !isRecord(over)) return;
  for (const [one, other] of RIVALS) {
    if (Object.hasOwn(over, one)) delete under[other];
    if (Object.hasOwn(over, other)) delete under[one];
  }
}

/** `over` laid deeply over `under`, both brought into the host's present shape first. */
export function mergeTts(under: unknown, over: unknown): FreeForm {
  const below = normaliseTts(under);
  const above = normaliseTts(over);
  if (isRecord(below.providers) && isRecord(above.providers)) {
    for (const id of Object.keys(above.providers)) dropReplaced(below.providers[id], above.providers[id]);
  }
  return deepMerge(below, above) as FreeForm;
}

/**
 * The speech settings of a call, for the host's `tts`: its own ones (top-level `tts`, or `messages.tts` of a host
 * that still has it) with the call's over them. The Microsoft provider is switched off, so that the host cannot
 * fall back to it either.
 */
export function carrierTts(config: { readonly tts: FreeForm }, coreConfig: unknown): FreeForm {
  const core = isRecord(coreConfig) ? coreConfig : {};
  const older = isRecord(core.messages) ? core.messages.tts : undefined;
  const merged = mergeTts(mergeTts(older, core.tts), config.tts);
  const providers = isRecord(merged.providers) ? merged.providers : {};
  return { ...merged, providers: { ...providers, microsoft: { enabled: false } } };
}
