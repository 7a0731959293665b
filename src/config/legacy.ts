/** Older shapes of the configuration and where their values belong now. */

import type { Path } from "./issues.ts";

type Json = Record<string, unknown>;

interface Move {
  /** Dotted path below the plugin's configuration. */
  readonly from: string;
  /** Where the value belongs; undefined = the setting has no successor. */
  readonly to: string | undefined;
}

const MOVES: readonly Move[] = [
  { from: "twilio.from", to: "fromNumber" },
  { from: "streaming.sttProvider", to: "streaming.provider" },
  { from: "streaming.openaiApiKey", to: "streaming.providers.openai.apiKey" },
  { from: "streaming.sttModel", to: "streaming.providers.openai.model" },
  { from: "streaming.silenceDurationMs", to: "streaming.providers.openai.silenceDurationMs" },
  { from: "streaming.vadThreshold", to: "streaming.providers.openai.vadThreshold" },
  { from: "realtime.agentContext.includeSystemPrompt", to: undefined },
];

/** `provider: "log"` was the name of the carrier that only pretends. */
const LEGACY_PROVIDER = "log";

/** Every path that once held a setting which has moved since. */
export const legacyPaths: readonly Path[] = MOVES.map((move) => move.from.split("."));

export const isLegacyProvider = (value: unknown): boolean => value === LEGACY_PROVIDER;

/** What to say about a key or value that a migration knows; undefined for any other. */
export function legacyHint(path: Path, value?: string): string | undefined {
  const fix = "`openclaw doctor --fix`";
  if (path.join(".") === "provider" && isLegacyProvider(value)) return `${fix} turns it into "mock".`;
  const move = MOVES.find(({ from }) => from === path.join("."));
  if (move === undefined) return undefined;
  return move.to === undefined
    ? `${fix} removes it: it has no effect any more.`
    : `${fix} moves it to ${move.to}.`;
}

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parentOf(root: Json, keys: readonly string[], create: boolean): Json | undefined {
  let parent = root;
  for (const key of keys.slice(0, -1)) {
    if (!Object.hasOwn(parent, key) && create) parent[key] = {};
    const next = Object.hasOwn(parent, key) ? parent[key] : undefined;
    if (!isRecord(next)) return undefined;
    parent = next;
  }
  return parent;
}

/** Carries one setting over, in place. A value already in the new place stays. Returns the report, if it did anything. */
function carryOver(root: Json, { from, to }: Move): string | undefined {
  const keys = from.split(".");
  const name = keys.at(-1) ?? from;
  const parent = parentOf(root, keys, false);
  if (parent === undefined || !Object.hasOwn(parent, name)) return undefined;
  if (to === undefined) {
    delete parent[name];
    return `Removed ${from}: it has no effect any more.`;
  }
  const target = to.split(".");
  const last = target.at(-1) ?? to;
  const home = parentOf(root, target, true);
  if (home === undefined) return undefined;
  const value = parent[name];
  delete parent[name];
  if (Object.hasOwn(home, last)) return `Removed ${from}: ${to} is set and was kept.`;
  home[last] = value;
  return `Moved ${from} to ${to}.`;
}

/**
 * Brings a plugin configuration into the present shape. Returns a new object and one sentence per change; running it
 * again changes nothing. The input is left alone, and no value appears in a sentence.
 */
export function migrateLegacyConfig(config: unknown): { config: unknown; changes: string[] } {
  if (!isRecord(config)) return { config, changes: [] };
  const root = structuredClone(config);
  const changes: string[] = [];
  if (isLegacyProvider(root.provider)) {
    root.provider = "mock";
    changes.push(`Changed provider from "${LEGACY_PROVIDER}" to "mock".`);
  }
  for (const move of MOVES) {
    const change = carryOver(root, move);
    if (change !== undefined) changes.push(change);
  }
  return { config: changes.length > 0 ? root : config, changes };
}
