import { VoiceCallError } from "../call/errors.ts";

/** Reads one parameter. Throws `VC_REQUEST_INVALID` naming it; never repeats its value. */
export type Param<T> = (value: unknown, name: string) => T;
export type Params = Readonly<Record<string, Param<unknown>>>;
export type Values<P extends Params> = { readonly [K in keyof P]: ReturnType<P[K]> };

/** Longer texts are refused before they reach a call. */
const MAX_TEXT = 10_000;
const MAX_REF = 256;
const MAX_BASE64 = Math.ceil((2 * 1024 * 1024) / 3) * 4;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const words =
  (max: number): Param<string> =>
  (value, name) => {
    if (absent(value)) throw invalid(`The parameter "${name}" is missing.`);
    if (typeof value !== "string") throw invalid(`The parameter "${name}" must be a string.`);
    const trimmed = value.trim();
    if (trimmed === "") throw invalid(`The parameter "${name}" is empty.`);
    if (trimmed.length > max) throw invalid(`The parameter "${name}" is longer than ${max} characters.`);
    return trimmed;
  };

/** Words to speak: not empty, at most 10,000 characters. */
export const text: Param<string> = words(MAX_TEXT);

/** An id, a number, digits: not empty, at most 256 characters. */
export const ref: Param<string> = words(MAX_REF);

export const oneOf =
  <const T extends string>(values: readonly T[]): Param<T> =>
  (value, name) => {
    if (absent(value)) throw invalid(`The parameter "${name}" is missing.`);
    const found = values.find((known) => known === value);
    if (found === undefined) throw invalid(`The parameter "${name}" must be one of: ${values.join(", ")}.`);
    return found;
  };

/** Some of the words of `values`, as a list or as text with commas between them; each once, at least one. */
export const someOf =
  <const T extends string>(values: readonly T[]): Param<readonly T[]> =>
  (value, name) => {
    if (absent(value)) throw invalid(`The parameter "${name}" is missing.`);
    const given: unknown[] = typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];
    const found = given.map((word) =>
      values.find((known) => typeof word === "string" && known === word.trim()),
    );
    const words = found.filter((word) => word !== undefined);
    if (words.length === 0 || words.length < given.length)
      throw invalid(`The parameter "${name}" must name some of: ${values.join(", ")}.`);
    return [...new Set(words)];
  };

export const integer =
  (min: number, max: number): Param<number> =>
  (value, name) => {
    if (absent(value)) throw invalid(`The parameter "${name}" is missing.`);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min || value > max) {
      throw invalid(`The parameter "${name}" must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };

/** Bytes in Base64: not empty, at most 2 MiB of them. */
export const bytes: Param<Uint8Array> = (value, name) => {
  const given = words(MAX_BASE64)(value, name);
  if (!BASE64.test(given)) throw invalid(`The parameter "${name}" must be Base64.`);
  return Buffer.from(given, "base64");
};

/** `undefined` and `null` both mean that the parameter was left out. */
export const optional =
  <T>(param: Param<T>): Param<T | undefined> =>
  (value, name) =>
    absent(value) ? undefined : param(value, name);

/** Taken for the sake of clients that send it, and not used. */
export const ignored: Param<undefined> = () => undefined;

/** Reads all parameters of a request; one that is not listed is refused by name. */
export function readParams<P extends Params>(input: unknown, params: P): Values<P> {
  const given = input ?? {};
  if (typeof given !== "object" || Array.isArray(given)) throw invalid("The parameters must be an object.");
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(params, name)) {
      const known = Object.keys(params);
      const hint = known.length === 0 ? "it takes none" : `known are: ${known.join(", ")}`;
      throw invalid(`The parameter ${JSON.stringify(name.slice(0, 40))} is not known; ${hint}.`);
    }
  }
  const values = Object.entries(params).map(([name, read]) => [
    name,
    read(Object.hasOwn(given, name) ? Reflect.get(given, name) : undefined, name),
  ]);
  return Object.fromEntries(values) as Values<P>;
}

export function invalid(problem: string): VoiceCallError {
  return new VoiceCallError("VC_REQUEST_INVALID", { problem });
}

const absent = (value: unknown): value is undefined | null => value === undefined || value === null;
