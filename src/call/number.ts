/**
 * E.164 (ITU-T): a plus sign and up to 15 digits, the first not zero. Fewer than 8 digits is no subscriber number.
 */
const E164 = /^\+[1-9]\d{7,14}$/;

/**
 * Numbers that carriers send in place of a withheld caller: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE
 * spelled on a keypad. They look like E.164 and belong to nobody (no page of a carrier lists them; independent
 * public code bases agree on these).
 */
const WITHHELD = new Set(["+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"]);

export function isE164(value: unknown): value is string {
  return typeof value === "string" && E164.test(value);
}

/** The caller's number if it identifies somebody, else "". */
export function callerNumber(raw: string): string {
  return isE164(raw) && !WITHHELD.has(raw) ? raw : "";
}

/** What was written without the punctuation people put between digits: `+1 (555) 000-1234`. */
export function barePhoneNumber(written: string): string {
  return written.trim().replace(/[\s().\-/]/g, "");
}
