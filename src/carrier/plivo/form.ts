/** A request's parameters, read once: the same list is checked against the signature and read for facts. */
export interface Form {
  /** In the order in which they came; a repeated name counts as often as it comes. */
  readonly pairs: readonly (readonly [string, string])[];
  /** Every name is one that Plivo uses, and none comes twice. */
  readonly wellFormed: boolean;
  /** The value of a name. Undefined when it is not there or empty: Plivo sends fields that do not apply empty. */
  get(name: string): string | undefined;
}

/** Plivo's parameter names: `CallUUID`, `X-PH-Note`. */
const PARAMETER = /^[A-Za-z][A-Za-z0-9_.-]*$/;

export function readForm(encoded: string): Form {
  const pairs = [...new URLSearchParams(encoded)];
  const values = new Map(pairs);
  return {
    pairs,
    wellFormed: values.size === pairs.length && pairs.every(([name]) => PARAMETER.test(name)),
    get: (name) => values.get(name) || undefined,
  };
}
