import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  CATALOGUE,
  isVoiceCallError,
  toVoiceCallError,
  VoiceCallError,
  type CatalogueEntry,
  type ErrorCode,
} from "../../src/call/errors.ts";
import { errorsDoc } from "../../scripts/generate/errors-doc.ts";

const root = join(import.meta.dirname, "../..");
const CODES = Object.keys(CATALOGUE) as ErrorCode[];
const entryOf = (code: ErrorCode): CatalogueEntry => CATALOGUE[code];

function sources(): Map<string, string> {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  const own = files.filter((file) => file.endsWith(".ts") && file !== join("call", "errors.ts"));
  return new Map(own.map((file) => [file, readFileSync(join(root, "src", file), "utf8")]));
}

describe("the catalogue of errors", () => {
  test.each(CODES)("says of %s what happened, why, and what to do", (code) => {
    const { what, why, next } = entryOf(code);
    expect(what).toMatch(/^(?:[a-z]|\{)[^.]*$/u);
    expect(why).toMatch(/^(?:\{\w+\}|(?:[A-Z{]|fromNumber|plugins\.).*\.)$/u);
    expect(next).toMatch(/^[A-Z].*\.$/u);
  });

  it("says no two things alike", () => {
    const texts = CODES.map((code) => entryOf(code).what);
    expect(texts).toEqual([...new Set(texts)]);
  });

  it("holds no code that nothing can raise", () => {
    const text = [...sources().values()].join("\n");
    expect(CODES.filter((code) => !new RegExp(`\\b${code}\\b`, "u").test(text))).toEqual([]);
  });

  it("holds every code the sources speak of", () => {
    const unknown = [...sources()].flatMap(([file, text]) =>
      (text.match(/\bVC_[A-Z_]+\b/gu) ?? [])
        .filter((code) => !Object.hasOwn(CATALOGUE, code))
        .map((code) => `${file}: ${code}`),
    );
    expect(unknown).toEqual([]);
  });

  it("is what docs/errors.md shows, entry for entry", () => {
    const page = readFileSync(join(root, "docs/errors.md"), "utf8");
    expect(page).toBe(errorsDoc());
    expect(page.match(/^## .*$/gmu)).toEqual(CODES.map((code) => `## ${code}`));
  });
});

describe("an error", () => {
  test.each(CODES)("%s makes a message complete on its own", (code) => {
    const error = new VoiceCallError(code);
    expect(error.message).toContain(`[${code}]`);
    expect(error.message).not.toMatch(/[{}]|undefined/u);
    const { what, why, next, retryable } = error.toJSON();
    expect(error.message).toBe(`${what}: ${why} ${next} [${code}]`);
    expect(retryable).toBe(error.retryable);
  });

  it("never shows a number given as `to`, `from` or `number`, whatever the code", () => {
    fc.assert(
      fc.property(fc.constantFrom(...CODES), fc.constantFrom("to", "from", "number"), (code, name) => {
        const error = new VoiceCallError(code, { [name]: "+15557770001" });
        expect(JSON.stringify(error.toJSON())).not.toContain("5557770001");
        expect(error.message).not.toContain("5557770001");
      }),
    );
  });

  it("shows its details in place, as they are", () => {
    const error = new VoiceCallError("VC_TOO_MANY_CALLS", { active: 2, limit: 2 });
    expect(error.message).toContain("2 of 2 allowed calls are running.");
    const odd = new VoiceCallError("VC_CONFIG_INVALID", { problems: "a $& b {limit}" });
    expect(odd.toJSON().why).toBe("a $& b {limit}");
  });

  it("is known as one across copies of the module, and nothing else is", () => {
    const mark = Symbol.for("openclaw.voice-call.error");
    expect(isVoiceCallError(new VoiceCallError("VC_INTERNAL"))).toBe(true);
    expect(isVoiceCallError({ [mark]: true })).toBe(true);
    for (const value of [null, undefined, "VC_INTERNAL", new Error("x"), { code: "VC_INTERNAL" }])
      expect(isVoiceCallError(value)).toBe(false);
  });

  it("made of anything thrown keeps its cause and hides its text", () => {
    const cause = new TypeError("token abc123 of +15557770001");
    const error = toVoiceCallError(cause);
    expect([error.code, error.cause, error.details]).toEqual(["VC_INTERNAL", cause, { detail: "TypeError" }]);
    expect(error.message).not.toContain("abc123");
    expect(toVoiceCallError("boom").details).toEqual({ detail: "string" });
    const own = new VoiceCallError("VC_DISABLED");
    expect(toVoiceCallError(own)).toBe(own);
  });
});
