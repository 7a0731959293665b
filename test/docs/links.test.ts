import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/index.ts";
import { blocksOf, PAGES, resolved, textOf, type Json } from "./pages.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

const IMPORT = /^import \{ ([^}]+) \} from "@openclaw\/voice-call(\/\w+)";$/gmu;

/** What each entry of the package is made from. */
const SOURCES: Readonly<Record<string, string>> = {
  "/carrier": "../../src/carrier/carrier.ts",
  "/conformance": "../../src/conformance/index.ts",
};

/** Without code, where brackets are no links. */
const prose = (text: string): string =>
  text.replaceAll(/^```.*?^```$/gmsu, "").replaceAll(/`[^`\n]*`/gu, "`");

const linksOf = (text: string): readonly string[] =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)/gu)].map(([, target = ""]) => target);

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.replaceAll(/^```.*?^```$/gmsu, "").matchAll(/^#{1,6} (.+)$/gmu)].map(([, heading = ""]) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

const internal = PAGES.flatMap((page) =>
  linksOf(textOf(page))
    .filter((link) => !/^[a-z]+:/u.test(link))
    .map((link) => ({ page, link })),
);

describe("the pages", () => {
  it("link to files that exist", () => {
    expect(internal.length).toBeGreaterThan(20);
    const broken = internal.filter(({ page, link }) => {
      const [file = ""] = link.split("#");
      return file !== "" && !existsSync(path.join(ROOT, path.dirname(page), file));
    });
    expect(broken).toEqual([]);
  });

  it("link to headings that exist", () => {
    const broken = internal.filter(({ page, link }) => {
      const [file = "", anchor] = link.split("#");
      if (anchor === undefined) return false;
      const target = file === "" ? page : path.posix.join(path.posix.dirname(page), file);
      return !PAGES.includes(target) || !anchorsOf(textOf(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("are each linked from another one, or are read first", () => {
    const linked = new Set(
      internal.map(({ page, link }) => path.posix.join(path.posix.dirname(page), link.split("#")[0] ?? "")),
    );
    const folders = [...linked].filter((target) => target.endsWith("/"));
    const isLinked = (page: string): boolean =>
      linked.has(page) || folders.some((folder) => page === folder + path.basename(page));
    expect(PAGES.filter((page) => page !== "README.md" && !isLinked(page))).toEqual([]);
  });

  it("import what the package exports", async () => {
    const imports = PAGES.flatMap((page) => [...textOf(page).matchAll(IMPORT)]);
    expect(imports.length).toBeGreaterThan(0);
    for (const [, names = "", entry = ""] of imports) {
      const source = SOURCES[entry];
      if (source === undefined) throw new Error(`the package exports no ${entry}`);
      const values = Object.keys((await import(source)) as object);
      const types = textOf(source.replace("../../", "")).split(/\W+/u);
      const wrong = names
        .split(",")
        .map((name) => name.trim())
        .filter(
          (name) => !(name.startsWith("type ") ? types.includes(name.slice(5)) : values.includes(name)),
        );
      expect(wrong).toEqual([]);
    }
  });

  it.each(PAGES.filter((page) => blocksOf(textOf(page)).length > 0))(
    "show configurations that are accepted: %s",
    (page) => {
      for (const block of blocksOf(textOf(page))) {
        const config = resolved(ownPart(block), { TWILIO_AUTH_TOKEN: "t", TELNYX_API_KEY: "k" });
        expect(readConfig(config, {})).toMatchObject({ ok: true });
      }
    },
  );
});

/** Of a whole gateway configuration the plugin's part. */
function ownPart(block: Json): Json {
  const { plugins } = block as { plugins?: { entries: { "voice-call": { config: Json } } } };
  return plugins === undefined ? block : plugins.entries["voice-call"].config;
}
