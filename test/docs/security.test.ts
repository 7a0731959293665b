import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { conformanceScripts } from "../../src/conformance/index.ts";
import { titlesOf } from "./titles.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGE = readFileSync(new URL("docs/security.md", ROOT), "utf8");
const FRONT = readFileSync(new URL("SECURITY.md", ROOT), "utf8");

/** The threat table: id, attack, defence, proofs. */
const ROWS = PAGE.slice(PAGE.indexOf("## Threats"))
  .split("\n")
  .filter((line) => /^\| (S\d|–)/.test(line))
  .map((line) => line.slice(2, -2).split(" | "));

/** `conformance` or `test/….ts`, then the whole title. */
const CITATION = /^`(conformance|test\/[\w./-]+\.ts)` › (.+)$/;

const citations = ROWS.flatMap(([, , , proof = ""]) => proof.split("<br>"));

const known = new Map<string, readonly string[]>([["conformance", conformanceScripts.map(({ name }) => name)]]);
function titles(file: string): readonly string[] {
  const found = known.get(file) ?? titlesOf(new URL(file, ROOT));
  known.set(file, found);
  return found;
}

describe("the page on security", () => {
  it("has a row for every known attack, each with its defence and a test", () => {
    const ids = ROWS.flatMap(([id = ""]) => {
      const [first, last = first] = id.split("–").map((one) => Number(one.slice(1)));
      if (first === undefined || Number.isNaN(first) || first === 0) return [];
      return Array.from({ length: (last ?? first) - first + 1 }, (_, at) => first + at);
    });
    expect(ids).toEqual(Array.from({ length: 32 }, (_, at) => at + 1));
    for (const row of ROWS) expect(row).toHaveLength(4);
  });

  it("names tests that exist, by their whole titles", () => {
    const wrong = citations.filter((citation) => {
      const [, file = "", title = ""] = CITATION.exec(citation) ?? [];
      return file === "" || !titles(file).includes(title);
    });
    expect(wrong).toEqual([]);
  });

  it("leaves no test of an attack out", () => {
    const cited = new Set(citations);
    const missing = readdirSync(new URL("test/security/", ROOT))
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `test/security/${name}`)
      .flatMap((file) => titles(file).map((title) => `\`${file}\` › ${title}`))
      .filter((citation) => / S\d+/.test(citation) && !cited.has(citation) && !citation.includes("S19"));
    expect(missing).toEqual([]);
  });

  it("is what the short page of the repository leads to, and tells how the long run of hostile input went", () => {
    expect(FRONT).toContain("(docs/security.md)");
    expect(PAGE).toMatch(/1,000,\d{3} inputs/);
  });
});
