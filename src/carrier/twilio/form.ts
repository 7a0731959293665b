/**
 * A request's parameters, read once: the same list is checked against the signature and read for facts.
 */
export interface Form {
  /** In the shape that Twilio's own validator takes: one value, or all values of a repeated name. */
  readonly signed: Readonly<Record<string, string | readonly string[]>>;
  /** Every name is one that Twilio uses, and no name has two different values. */
  readonly wellFormed: boolean;
  /** The value of a name, or undefined. */
  get(name: string): string | undefined;
}

/** Twilio's parameter names: `CallSid`, `SipHeader_X-Note`, `Parameter1.Name`. */
const PARAMETER = /^[A-Za-z][A-Za-z0-9_.-]*$/;

export function readForm(encoded: string): Form {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(encoded)) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    // Equal values of one name are signed once.
    else if (!known.includes(value)) known.push(value);
  }
  const signed: Record<string, string | readonly string[]> = Object.create(null);
  let wellFormed = true;
  for (const [name, all] of values) {
    signed[name] = all.length === 1 ? (all[0] ?? "") : all;
    if (all.length > 1 || !PARAMETER.test(name)) wellFormed = false;
  }
  return { signed, wellFormed, get: (name) => values.get(name)?.[0] };
}
