import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildPackage } from "../../demo/build.ts";

const GOOD = `
import { mkdirSync, writeFileSync } from "node:fs";
mkdirSync(process.argv[2]);
writeFileSync(process.argv[2] + "/index.js", process.argv.slice(3).join(" "));
`;

let room = "";
let repo = "";
let folder = "";
/** A checkout whose build script is this. */
function checkout(script: string): void {
  for (const name of ["scripts", "skills", "node_modules"])
    mkdirSync(path.join(repo, name), { recursive: true });
  writeFileSync(path.join(repo, "package.json"), `{ "name": "demo" }`);
  writeFileSync(path.join(repo, "skills/SKILL.md"), "a skill");
  writeFileSync(path.join(repo, "scripts/build.mjs"), script);
}
const never = new AbortController().signal;

beforeEach(() => {
  room = mkdtempSync(path.join(tmpdir(), "voice-call-demo-build-"));
  repo = path.join(room, "repo");
  folder = path.join(room, "package");
});
afterEach(() => rmSync(room, { recursive: true }));

describe("the package that the demo's gateway loads", () => {
  it("is compiled quickly into a folder of its own, with the checkout's dependencies", async () => {
    checkout(GOOD);
    await buildPackage(repo, folder, never);
    expect(readFileSync(path.join(folder, "dist/index.js"), "utf8")).toBe("--quick");
    expect(readdirSync(folder).toSorted()).toEqual(["dist", "node_modules", "package.json", "skills"]);
    expect(readFileSync(path.join(folder, "skills/SKILL.md"), "utf8")).toBe("a skill");
    expect(existsSync(path.join(repo, "dist"))).toBe(false);
  });

  it("fails with the compiler's words", async () => {
    checkout(`console.log("src/index.ts: 1 + is not an expression"); process.exit(1);`);
    await expect(buildPackage(repo, folder, never)).rejects.toThrow("1 + is not an expression");
  });

  it("is given up when the demo is", async () => {
    checkout("setInterval(() => {}, 1000);");
    const stop = new AbortController();
    const building = buildPackage(repo, folder, stop.signal);
    stop.abort();
    await expect(building).rejects.toThrow("aborted");
  });
});
