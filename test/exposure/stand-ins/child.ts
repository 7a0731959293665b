/** What the stand-ins of `ngrok` and `cloudflared` have in common: a far end on a local port, and their bad manners. */

import { spawn } from "node:child_process";
import { listen, proxyServer } from "./proxy.ts";
import { readState, stateFolder, writeState } from "./state.ts";

/** How the program misbehaves. */
export interface Manners {
  /** Address it announces. */
  readonly url?: string;
  /** Address that it announces after `url` once `again` is in the state folder. */
  readonly nextUrl?: string;
  /** Output comes in pieces of this many bytes. */
  readonly pieces?: number;
  /** Never announces an address, and keeps quiet. */
  readonly mute?: boolean;
  /** ngrok: the log never names the address, only the local API does. */
  readonly quietLog?: boolean;
  /** Prints without end and without line ends, and announces nothing. */
  readonly garbage?: boolean;
  /** Says this and ends with exit code 1. */
  readonly failWith?: string;
  /** Does not end on SIGTERM. */
  readonly stubborn?: boolean;
  /** Starts a process of its own, which does not end on SIGTERM either. */
  readonly descendant?: boolean;
}

/** What the test learns of a running one. */
export interface FarEnd {
  readonly pid: number;
  /** Loopback port at which "the internet" arrives. */
  readonly port: number;
  readonly descendant: number | null;
}

export const manners = (program: string): Manners =>
  (readState(stateFolder(), `${program}-manners`) as Manners | null) ?? {};

/** Waits for ever. */
export function stay(): Promise<never> {
  return new Promise(() => setInterval(() => {}, 60_000));
}

export async function openFarEnd(program: string, target: string): Promise<FarEnd> {
  const { stubborn, descendant } = manners(program);
  if (stubborn === true) process.on("SIGTERM", () => {});
  const origin = target.replace(/\/$/u, "");
  const port = await listen(proxyServer((request) => origin + (request.url ?? "/")));
  const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 60_000)";
  const child = descendant === true ? spawn(process.execPath, ["-e", script], { stdio: "inherit" }) : null;
  const end = { pid: process.pid, port, descendant: child?.pid ?? null };
  writeState(stateFolder(), program, end);
  return end;
}

/** Writes output the way the manners ask for. */
export async function say(program: string, stream: NodeJS.WriteStream, words: string): Promise<void> {
  const bytes = Buffer.from(`${words}\n`);
  const size = manners(program).pieces ?? bytes.length;
  for (let at = 0; at < bytes.length; at += size) {
    stream.write(bytes.subarray(at, at + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Never ends. */
export async function sayGarbage(stream: NodeJS.WriteStream): Promise<void> {
  const noise = "\u{1F4DE}\u0000{".repeat(10_000);
  for (;;) {
    if (!stream.write(noise)) await new Promise((resolve) => stream.once("drain", resolve));
  }
}
