/** Builders for the options of the schema. What they return is plain JSON Schema (draft 2020-12 subset) with types. */

import { Type } from "./shape.ts";

/** Remarks on one option that JSON Schema has no word for. Kept under `x-option`, left out of the manifest. */
export interface OptionNotes {
  /** Environment variable that fills the option when it is absent or empty. */
  readonly env?: string;
  /** The default in words, where it is not a constant. */
  readonly otherwise?: string;
  /** What a valid value looks like, in words; used where a pattern would tell nobody anything. */
  readonly form?: string;
  /** Shown only when somebody asks for the advanced options. */
  readonly advanced?: boolean;
  /** A credential: concealed in forms, may be a SecretRef. */
  readonly secret?: boolean;
  /** A telephone number, shown in local form. */
  readonly phone?: boolean;
  readonly placeholder?: string;
  /** The literal value, when set, is dangerous outside a development machine. */
  readonly dangerous?: boolean;
}

/** Telephone number in E.164 form: plus sign, no leading zero, 2 to 15 digits. */
export const E164 = "^\\+[1-9][0-9]{1,14}$";
const E164_FORM = "a telephone number in E.164 form, such as +15550001234";

/** Keys that reach an object's prototype. Refused at every depth. */
export const POLLUTING_KEYS: readonly string[] = ["__proto__", "constructor", "prototype"];

/** Any JSON object. The shape below it belongs to somebody else (a speech provider, for one). */
export type FreeForm = Record<string, unknown>;

interface Described {
  readonly title: string;
  readonly description: string;
}

const annotate = (about: Described, notes: OptionNotes) => ({
  title: about.title,
  description: about.description,
  ...(Object.keys(notes).length > 0 ? { "x-option": notes } : {}),
});

/** Optional text. `pattern` is a JSON Schema pattern; give `form` with it. */
export function text(
  title: string,
  description: string,
  { pattern, fallback, ...notes }: OptionNotes & { pattern?: string; fallback?: string } = {},
) {
  return Type.Optional(
    Type.String({
      ...annotate({ title, description }, notes),
      ...(pattern === undefined ? {} : { pattern }),
      ...(fallback === undefined ? {} : { default: fallback }),
    }),
  );
}

/** Optional telephone number in E.164 form. */
export function phoneNumber(title: string, description: string, notes: OptionNotes = {}) {
  const placeholder = "+15550001234";
  return text(title, description, { pattern: E164, form: E164_FORM, phone: true, placeholder, ...notes });
}

/** Optional list of telephone numbers in E.164 form; empty by default. */
export function phoneNumbers(title: string, description: string) {
  return Type.Optional(
    Type.Array(Type.String({ pattern: E164, "x-option": { form: E164_FORM, phone: true } }), {
      ...annotate({ title, description }, {}),
      default: [],
    }),
  );
}

/** Optional list of words. */
export function words(
  title: string,
  description: string,
  options: OptionNotes & { pattern: string; fallback: readonly string[] },
) {
  const { pattern, fallback, form, ...notes } = options;
  return Type.Optional(
    Type.Array(Type.String({ pattern, ...(form === undefined ? {} : { "x-option": { form } }) }), {
      ...annotate({ title, description }, notes),
      default: [...fallback],
    }),
  );
}

/** Optional whole number within bounds, both included. The unit belongs into the description. */
export function integer(
  title: string,
  description: string,
  options: OptionNotes & { minimum: number; maximum: number; fallback?: number },
) {
  const { minimum, maximum, fallback, ...notes } = options;
  return Type.Optional(
    Type.Integer({
      ...annotate({ title, description }, notes),
      minimum,
      maximum,
      ...(fallback === undefined ? {} : { default: fallback }),
    }),
  );
}

/** Optional switch. */
export function flag(
  title: string,
  description: string,
  { fallback, ...notes }: OptionNotes & { fallback?: boolean },
) {
  return Type.Optional(
    Type.Boolean({
      ...annotate({ title, description }, notes),
      ...(fallback === undefined ? {} : { default: fallback }),
    }),
  );
}

/** Optional choice between fixed words. */
export function choice<const Words extends readonly string[]>(
  title: string,
  description: string,
  values: Words,
  { fallback, ...notes }: OptionNotes & { fallback?: Words[number] },
) {
  return Type.Optional(
    Type.Unsafe<Words[number]>({
      ...annotate({ title, description }, notes),
      type: "string",
      enum: [...values],
      ...(fallback === undefined ? {} : { default: fallback }),
    }),
  );
}

/** Optional map from a provider's id to the settings that this provider understands. */
export function providerSettings(title: string, description: string, notes: OptionNotes = {}) {
  return Type.Optional(
    Type.Unsafe<Record<string, FreeForm>>({
      ...annotate({ title, description }, notes),
      type: "object",
      propertyNames: { not: { enum: [...POLLUTING_KEYS] } },
      additionalProperties: { type: "object", additionalProperties: true },
    }),
  );
}

/** Resolves an option from the environment: trimmed, and an empty variable is an absent one. */
export function fromEnvironment(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === "" ? undefined : value;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Text or, when it is absent or blank, nothing. */
export function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value;
}
