import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import JSON5 from "json5";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Every page for users, by path from the top. */
export const PAGES: readonly string[] = [
  ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
  ...readdirSync(path.join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => path.posix.join("docs", name.replaceAll(path.sep, "/"))),
].toSorted();

export const textOf = (page: string): string => readFileSync(path.join(ROOT, page), "utf8");

/** The configuration blocks of a page, in order. */
export const blocksOf = (text: string): readonly Json[] =>
  [...text.matchAll(/^```json5\n(.*?)^```$/gmsu)].map(([, block = ""]) => JSON5.parse<Json>(block));

export type Json = Record<string, unknown>;

export interface Section {
  /** Without the clicks: `Number` of `## Number (4 clicks)`. */
  readonly name: string;
  /** Clicks that the heading promises; null when it names none. */
  readonly clicks: number | null;
  readonly text: string;
}

/** The parts of a page under headings of the second order. */
export function sectionsOf(text: string): readonly Section[] {
  const [, ...parts] = text.split(/^## /mu);
  return parts.map((part) => {
    const heading = part.split("\n", 1)[0] ?? "";
    const [, name = "", clicks] = /^(.*?)(?: \((?:.*?)(\d+) clicks?\))?$/u.exec(heading) ?? [];
    return {
      name,
      clicks: clicks === undefined ? null : Number(clicks),
      text: part.slice(heading.length + 1),
    };
  });
}

/** Rows of a section's tables, cell by cell, without the line under the head. */
export const rowsOf = (text: string): readonly (readonly string[])[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("|") && !line.startsWith("|---"))
    .map((line) => line.slice(1, -1).split("|"))
    .map((cells) => cells.map((cell) => cell.trim()));

/** A configuration as the host hands it over: each SecretRef replaced by its secret. */
export function resolved(config: Json, secrets: Readonly<Record<string, string>>): Json {
  return JSON.parse(JSON.stringify(config), (_, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    const { source, id } = value as { source?: unknown; id?: unknown };
    return source === "env" && typeof id === "string" ? (secrets[id] ?? value) : value;
  }) as Json;
}
