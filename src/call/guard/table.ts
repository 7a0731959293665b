/** What a numbering table is read with: one calling code per line, then patterns of digits in which `?` is any digit. */

/** The patterns by calling code. */
type NumberTable = ReadonlyMap<string, readonly string[]>;

export function readTable(text: string): NumberTable {
  const lines = text.trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [code = "", ...patterns] = line.trim().split(" ");
      return [code, patterns];
    }),
  );
}

/** Calling codes have 1 to 3 digits and none begins with another (ITU-T E.164). */
const LONGEST_CODE = 3;

/** The calling code among `codes` that `digits` begins with. */
export function callingCodeOf(digits: string, codes: { has(code: string): boolean }): string | null {
  for (let length = 1; length <= LONGEST_CODE; length++) {
    const code = digits.slice(0, length);
    if (codes.has(code)) return code;
  }
  return null;
}

/** Whether `digits` are exactly the pattern. */
export function matches(pattern: string, digits: string): boolean {
  return pattern.length === digits.length && startsLike(pattern, digits);
}

/** Whether `digits` begin with the pattern. */
export function startsLike(pattern: string, digits: string): boolean {
  if (pattern.length > digits.length) return false;
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] !== "?" && pattern[at] !== digits[at]) return false;
  }
  return true;
}
