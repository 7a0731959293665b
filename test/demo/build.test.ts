import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildIsStale } from "../../demo/build.ts";

let repo = "";
/** `age`: seconds since the epoch. */
function put(name: string, age: number): void {
  const file = path.join(repo, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "");
  utimesSync(file, age, age);
}

beforeEach(() => {
  repo = mkdtempSync(path.join(tmpdir(), "voice-call-demo-build-"));
  for (const name of ["src/index.ts", "src/call/call.ts", "tsconfig.json", "tsconfig.build.json"])
    put(name, 100);
});
afterEach(() => rmSync(repo, { recursive: true }));

describe("the build the demo runs", () => {
  it("is needed when there is none", () => {
    expect(buildIsStale(repo)).toBe(true);
  });

  it("is not needed when it is newer than everything it is made from", () => {
    put("dist/index.js", 200);
    expect(buildIsStale(repo)).toBe(false);
  });

  it("is needed when a file of the source or the compiler's settings is newer", () => {
    put("dist/index.js", 200);
    put("src/call/call.ts", 300);
    expect(buildIsStale(repo)).toBe(true);
    put("src/call/call.ts", 100);
    put("tsconfig.build.json", 300);
    expect(buildIsStale(repo)).toBe(true);
  });
});
