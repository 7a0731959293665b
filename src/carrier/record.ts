/** Reads JSON of unknown shape. Only what an object itself has counts: a key such as `constructor` is no value. */
export type Json = Readonly<Record<string, unknown>>;

/** The value as an object, or null when it is anything else. */
export const asRecord = (value: unknown): Json | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;

export const field = (record: Json, name: string): unknown =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** A field that is text matching `shape`; null when it is missing or null, undefined when it is anything else. */
export function textField(record: Json, name: string, shape: RegExp): string | null | undefined {
  const value = field(record, name) ?? null;
  if (value === null) return null;
  return typeof value === "string" && shape.test(value) ? value : undefined;
}
