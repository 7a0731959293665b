/** What a stand-in and the test beside it tell each other: files in the folder `STAND_IN_STATE`. */

import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One start of a program. */
export interface Start {
  readonly program: string;
  readonly args: readonly string[];
  readonly pid: number;
  /** Of the environment, what concerns the program. */
  readonly authToken: string | undefined;
}

export const stateFolder = (): string => {
  const folder = process.env["STAND_IN_STATE"];
  if (folder === undefined) throw new Error("STAND_IN_STATE is not set");
  return folder;
};

export function recordStart(program: string): void {
  const { NGROK_AUTHTOKEN: authToken } = process.env;
  const start = { program, args: process.argv.slice(2), pid: process.pid, authToken };
  appendFileSync(join(stateFolder(), "starts"), `${JSON.stringify(start)}\n`);
}

export function startsIn(folder: string): Start[] {
  const file = join(folder, "starts");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Start);
}

/** Null when the file is not there. */
export function readState(folder: string, name: string): unknown {
  const file = join(folder, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

/** In one step: whoever reads meanwhile sees the old or the new one. */
export function writeState(folder: string, name: string, value: unknown): void {
  const file = join(folder, name);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(value));
  renameSync(`${file}.${process.pid}`, file);
}
