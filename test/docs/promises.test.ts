import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { titlesOf } from "./titles.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGE = readFileSync(new URL("docs/promises.md", ROOT), "utf8");

interface Row {
  readonly promise: string;
  readonly proof: string;
}

const ROWS: readonly Row[] = PAGE.split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| Promise"))
  .map((line) => {
    const [promise = "", proof = ""] = line.slice(2, -2).split(" | ");
    return { promise, proof };
  });

/** `test/….ts` › title */
const CITATION = /^`(test\/[\w./-]+\.ts)` › (.+)$/;
const LATER = /^Arrives with [^.]+\.$/;

/** Each file is read once, however often it is cited. */
const known = new Map<string, readonly string[]>();
function titles(file: string): readonly string[] {
  const found = known.get(file) ?? titlesOf(new URL(file, ROOT));
  known.set(file, found);
  return found;
}

const citations = ROWS.flatMap(({ proof }) => proof.split("<br>")).filter((one) => !LATER.test(one));

describe("the page of promises", () => {
  it("has rows of one sentence, each of which is proven by something or says with what it arrives", () => {
    expect(ROWS.length).toBeGreaterThan(30);
    for (const { promise, proof } of ROWS) {
      expect(promise).toMatch(/\.$/);
      expect(proof).not.toBe("");
    }
    expect(new Set(ROWS.map(({ promise }) => promise)).size).toBe(ROWS.length);
  });

  it("names tests that exist, by their whole titles", () => {
    const wrong = citations.filter((citation) => {
      const [, file = "", title = ""] = CITATION.exec(citation) ?? [];
      return file === "" || !titles(file).includes(title);
    });
    expect(wrong).toEqual([]);
  });

  it("leaves no promise out that has a test of its own", () => {
    const folder = new URL("test/promises/", ROOT);
    const own = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
    expect(own.length).toBeGreaterThan(0);
    const cited = new Set(citations);
    const missing = own
      .map((name) => `test/promises/${name}`)
      .flatMap((file) => titles(file).map((title) => `\`${file}\` › ${title}`))
      .filter((citation) => !cited.has(citation));
    expect(missing).toEqual([]);
  });
});
