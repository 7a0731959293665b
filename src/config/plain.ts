/** Copies unknown input into plain JSON that is safe to read, merge and keep. */

import { issue, type ConfigIssue, type Path } from "./issues.ts";
import { POLLUTING_KEYS } from "./option.ts";

/** Deeper than any real configuration, shallow enough to recurse over. */
const MAX_DEPTH = 32;

export interface PlainCopy {
  readonly value: unknown;
  readonly issues: readonly ConfigIssue[];
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** A deep copy without undefined members. Reports keys that reach a prototype and values that JSON has no form for. */
export function plainCopy(input: unknown): PlainCopy {
  const issues: ConfigIssue[] = [];

  const copy = (value: unknown, path: Path): unknown => {
    if (path.length > MAX_DEPTH) {
      issues.push(issue(path.slice(0, 4), "is nested too deeply", `Keep it within ${MAX_DEPTH} levels.`));
      return null;
    }
    if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, index]));
    if (typeof value === "object" && value !== null && isPlainObject(value)) return copyObject(value, path);
    const json = value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
    if (!json)
      issues.push(
        issue(path, "is not a JSON value", "Use text, a number, true, false, a list or an object."),
      );
    return json ? value : null;
  };

  const copyObject = (value: object, path: Path): Record<string, unknown> => {
    const plain: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(value)) {
      if (POLLUTING_KEYS.includes(key)) {
        issues.push(
          issue(
            [...path, key],
            "is not allowed as a key",
            "Remove it: it would reach an object's prototype.",
          ),
        );
      } else if (inner !== undefined) {
        plain[key] = copy(inner, [...path, key]);
      }
    }
    return plain;
  };

  return { value: copy(input, []), issues };
}
