/** What is wrong with a configuration, in words, and where. */

import { closestMatch } from "leven";

export interface ConfigIssue {
  /** Dotted path below `plugins.entries.voice-call.config`; longer runs of digits are masked. "" is the whole. */
  readonly path: string;
  /** What is wrong. Never repeats a value, which may be a secret or a telephone number. */
  readonly problem: string;
  /** What to do. */
  readonly hint: string;
}

export type Path = readonly (string | number)[];

/** Five digits or more may be somebody's telephone number: only the last four stay. */
function maskDigits(value: string): string {
  return value.replaceAll(/\d{5,}/gu, (digits) => "*".repeat(digits.length - 4) + digits.slice(-4));
}

/** A path as text that may be shown and logged. */
export function dotted(path: Path): string {
  return maskDigits(path.join("."));
}

export function issue(path: Path, problem: string, hint: string): ConfigIssue {
  return { path: dotted(path), problem, hint };
}

/**
 * The candidate that contains `word`, or else the one with the fewest edits to it, case aside; undefined when there
 * are no candidates.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // Edit distance is quadratic, and no real key is longer than this.
  const meant = word.slice(0, 64).toLowerCase();
  const lower = candidates.map((candidate) => candidate.toLowerCase());
  const containing = meant.length < 4 ? undefined : lower.find((candidate) => candidate.includes(meant));
  const found = containing ?? closestMatch(meant, lower);
  return found === undefined ? candidates[0] : candidates[lower.indexOf(found)];
}
