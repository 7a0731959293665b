/** A stand-in of the ngrok agent (version 3): its JSON log on standard output, its local API, its tunnel. */

import { createServer } from "node:http";
import { listen } from "./proxy.ts";
import { manners, openFarEnd, say, sayGarbage, stay } from "./child.ts";
import { readState, recordStart, stateFolder, writeState } from "./state.ts";

const NAME = "ngrok";
recordStart(NAME);
const { url, nextUrl, mute, quietLog, garbage, failWith } = manners(NAME);
const args = process.argv.slice(2);
const [command, address = ""] = args;
if (command !== "http" || !args.includes("json")) {
  process.stderr.write("ERROR:  unknown command\n");
  process.exit(1);
}
const wanted = args.includes("--url") ? args[args.indexOf("--url") + 1] : undefined;
const public_url = url ?? wanted ?? "https://1a2b-203-0-113-7.ngrok-free.app";

const log = (entry: object) => say(NAME, process.stdout, JSON.stringify(entry));
const tunnel = (at: string) =>
  log({ addr: address, lvl: "info", msg: "started tunnel", name: "command_line", obj: "tunnels", url: at });

await log({ lvl: "info", msg: "no configuration paths supplied", t: "2026-11-25T10:00:00+0000" });
if (garbage === true) await sayGarbage(process.stdout);
if (failWith !== undefined) {
  await log({ err: failWith, lvl: "eror", msg: "failed to reconnect session", obj: "csess" });
  process.stderr.write(`ERROR:  ${failWith}\n`);
  process.exit(1);
}
await openFarEnd(NAME, address);
if (mute === true) await stay();
const tunnels = [
  { name: "other", public_url: "https://other.ngrok-free.app", config: { addr: "http://localhost:9" } },
  { name: "command_line", public_url, config: { addr: address, inspect: true } },
];
const api = await listen(
  createServer((_, reply) => reply.end(JSON.stringify({ tunnels, uri: "/api/tunnels" }))),
);
await log({ addr: `127.0.0.1:${api}`, lvl: "info", msg: "starting web service", obj: "web" });
await log({ lvl: "info", msg: "client session established", obj: "csess" });
writeState(stateFolder(), "established", true);
if (quietLog !== true) await tunnel(public_url);
if (nextUrl !== undefined) {
  while (readState(stateFolder(), "again") === null) await new Promise((resolve) => setTimeout(resolve, 5));
  await tunnel(nextUrl);
}
await stay();
