/**
 * Checks a value against the schema and says in words what is wrong. Understands the keywords that the builders of
 * option.ts and the sections use; a test holds it against a full JSON Schema validator.
 */

import { dotted, issue, nearest, type ConfigIssue, type Path } from "./issues.ts";
import { legacyHint } from "./legacy.ts";
import type { OptionNotes } from "./option.ts";

/** The part of JSON Schema in use. */
export interface JsonSchema {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: "object" | "array" | "string" | "integer" | "boolean";
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: unknown;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly "x-option"?: OptionNotes;
}

/** Every deviation of `value` from `schema`; empty when it conforms. */
export function check(schema: JsonSchema, value: unknown): ConfigIssue[] {
  const leaves = leafPaths(schema);
  const issues: ConfigIssue[] = [];
  walk(schema, value, [], (path, problem, hint) => issues.push(issue(path, problem, hint)), leaves);
  return issues;
}

type Report = (path: Path, problem: string, hint: string) => void;
type Leaves = ReadonlyMap<string, string>;

function walk(schema: JsonSchema, value: unknown, path: Path, report: Report, leaves: Leaves): void {
  if (schema.anyOf !== undefined) {
    const fits = schema.anyOf.some((option) => check(option, value).length === 0);
    if (!fits) report(path, "has the wrong form", `Expected ${expectation(schema)}.`);
  } else if (schema.type !== undefined && !hasType(schema.type, value)) {
    report(path, `is ${typeName(value)}`, `Expected ${expectation(schema)}.`);
  } else if (typeof value === "string") {
    walkString(schema, value, path, report);
  } else if (typeof value === "number") {
    const low = schema.minimum !== undefined && value < schema.minimum;
    const high = schema.maximum !== undefined && value > schema.maximum;
    if (low || high) report(path, `is too ${low ? "small" : "large"}`, `Expected ${expectation(schema)}.`);
  } else if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined) value.forEach((item, i) => walk(items, item, [...path, i], report, leaves));
  } else if (typeof value === "object" && value !== null) {
    walkObject(schema, value as Record<string, unknown>, path, report, leaves);
  }
}

function walkString(schema: JsonSchema, value: string, path: Path, report: Report): void {
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const near = legacyHint(path, value) ?? `The nearest is "${nearest(value, schema.enum)}".`;
    report(path, "is not one of the known values", `Expected ${expectation(schema)}. ${near}`);
  } else if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) {
    report(path, "has the wrong form", `Expected ${expectation(schema)}.`);
  } else if (schema.minLength !== undefined && value.length < schema.minLength) {
    report(path, "is empty", `Expected ${expectation(schema)}.`);
  }
}

function walkObject(
  schema: JsonSchema,
  value: Record<string, unknown>,
  path: Path,
  report: Report,
  leaves: Leaves,
): void {
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) report([...path, name], "is missing", "Add it.");
  }
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, key];
    const member = memberSchema(schema, key);
    if (member !== undefined) walk(member, inner, here, report, leaves);
    else if (schema.patternProperties !== undefined) {
      report(here, "is not a valid key", `Expected ${schema["x-option"]?.form ?? "another form of key"}.`);
    } else report(here, "is not a known key", legacyHint(here) ?? nearestKey(schema, key, path, leaves));
  }
}

/** The schema of a member; undefined when the object does not admit the key. */
function memberSchema(schema: JsonSchema, key: string): JsonSchema | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  for (const [pattern, member] of Object.entries(schema.patternProperties ?? {})) {
    if (new RegExp(pattern, "u").test(key)) return member;
  }
  if (schema.additionalProperties === false) return undefined;
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
}

/** The same key elsewhere is a misplaced one; otherwise the nearest sibling is meant. */
function nearestKey(schema: JsonSchema, key: string, path: Path, leaves: Leaves): string {
  const elsewhere = leaves.get(key.toLowerCase());
  const sibling = nearest(key, Object.keys(schema.properties ?? {}));
  const isTypo = sibling?.toLowerCase() === key.toLowerCase();
  const known = !isTypo && elsewhere !== undefined ? elsewhere : dotted([...path, sibling ?? ""]);
  return `The nearest known key is "${known}".`;
}

/** Lower-case name of every key in a fixed place → its path; the shallowest wins. */
function leafPaths(schema: JsonSchema): Leaves {
  const leaves = new Map<string, string>();
  let level: [string, JsonSchema][] = Object.entries(schema.properties ?? {});
  while (level.length > 0) {
    for (const [path] of level) {
      const name = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
      if (!leaves.has(name)) leaves.set(name, path);
    }
    level = level.flatMap(([path, member]) =>
      Object.entries(member.properties ?? {}).map(([key, s]): [string, JsonSchema] => [`${path}.${key}`, s]),
    );
  }
  return leaves;
}

function hasType(type: NonNullable<JsonSchema["type"]>, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "text" : `a ${typeof value}`;
}

/** What a valid value looks like, in words. */
export function expectation(schema: JsonSchema): string {
  const form = schema["x-option"]?.form;
  if (form !== undefined) return form;
  if (schema.enum !== undefined) return schema.enum.map((word) => `"${word}"`).join(", ");
  if (schema.type === "integer") return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "array") return "a list";
  return schema.type === "object" ? "an object" : "text";
}
