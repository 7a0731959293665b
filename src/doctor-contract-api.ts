/** What `openclaw doctor` loads to find and repair older shapes of this plugin's configuration. */

import { isLegacyProvider, legacyPaths, migrateLegacyConfig } from "./config/legacy.ts";

const PLUGIN_CONFIG = ["plugins", "entries", "voice-call", "config"];

/** The host's rule for a key or value it should report. */
interface LegacyConfigRule {
  readonly path: string[];
  readonly message: string;
  readonly match?: (value: unknown) => boolean;
}

export const legacyConfigRules: LegacyConfigRule[] = [
  {
    path: [...PLUGIN_CONFIG, "provider"],
    message: 'voice-call: provider "log" is now "mock". Run `openclaw doctor --fix`.',
    match: isLegacyProvider,
  },
  ...legacyPaths.map((path) => ({
    path: [...PLUGIN_CONFIG, ...path.map(String)],
    message: `voice-call: ${path.join(".")} has moved. Run \`openclaw doctor --fix\`.`,
  })),
];

type Json = Record<string, unknown>;

const member = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as Json)[key] : undefined;

/** Rebuilds the chain of objects down to `keys` around a new value. The chain exists. */
function replaceAt(root: Json, [key, ...rest]: readonly string[], value: unknown): Json {
  if (key === undefined) return root;
  return { ...root, [key]: rest.length === 0 ? value : replaceAt(root[key] as Json, rest, value) };
}

/** Migrates the plugin's part of a gateway configuration and leaves the rest, and the input, alone. Idempotent. */
export function normalizeCompatibilityConfig<Config>({ cfg }: { cfg: Config }): {
  config: Config;
  changes: string[];
} {
  const found = PLUGIN_CONFIG.reduce<unknown>(member, cfg);
  const { config, changes } = migrateLegacyConfig(found);
  if (changes.length === 0) return { config: cfg, changes: [] };
  const repaired = replaceAt(cfg as Json, PLUGIN_CONFIG, config) as Config;
  return { config: repaired, changes: changes.map((change) => `voice-call: ${change}`) };
}
