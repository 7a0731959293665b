/** Walks the configuration schema and lists its options, for whatever is generated from it. */

import type { JsonSchema } from "../../src/config/check.ts";
import type { OptionNotes } from "../../src/config/option.ts";
import { configSchema } from "../../src/config/schema.ts";

export interface ListedOption {
  /** Dotted path; `*` stands for any key. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly notes: OptionNotes;
}

export const schema = configSchema as unknown as JsonSchema;

/** Every option and every section below `node`, a section before what it holds. */
export function listOptions(node: JsonSchema = schema, prefix = ""): ListedOption[] {
  const members = [
    ...Object.entries(node.properties ?? {}),
    ...Object.values(node.patternProperties ?? {}).map((member): [string, JsonSchema] => ["*", member]),
  ];
  const listed: ListedOption[] = [];
  for (const [key, member] of members) {
    const path = `${prefix}${key}`;
    listed.push(
      { path, schema: member, notes: member["x-option"] ?? {} },
      ...listOptions(member, `${path}.`),
    );
  }
  return listed;
}

/** The schema without our own annotations: what a JSON Schema validator may see. */
export function withoutNotes(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutNotes);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => key !== "x-option");
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutNotes(value)]));
}

/** Paths in speech and voice settings that hold a credential, in both shapes that are taken. */
const PROVIDER_SECRETS = [
  "tts.providers.*.apiKey",
  "tts.*.apiKey",
  "numbers.*.tts.providers.*.apiKey",
  "numbers.*.tts.*.apiKey",
  "streaming.providers.*.apiKey",
  "realtime.providers.*.apiKey",
];

/** Every path at which a SecretRef may stand. */
export function secretPaths(): string[] {
  const own = listOptions().filter(({ notes }) => notes.secret === true);
  return [...own.map(({ path }) => path), ...PROVIDER_SECRETS];
}
