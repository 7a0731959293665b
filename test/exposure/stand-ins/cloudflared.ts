/** A stand-in of `cloudflared tunnel --url`: the table with the address on standard error, the tunnel itself. */

import { manners, openFarEnd, say, sayGarbage, stay } from "./child.ts";
import { recordStart } from "./state.ts";

const NAME = "cloudflared";
recordStart(NAME);
const { url, mute, garbage, failWith } = manners(NAME);
const args = process.argv.slice(2);
const target = args[args.indexOf("--url") + 1] ?? "";
const log = (words: string) => say(NAME, process.stderr, `2026-11-25T10:00:00Z ${words}`);

await log("INF Thank you for trying Cloudflare Tunnel. (https://www.cloudflare.com/website-terms/)");
await log("INF Requesting new quick Tunnel on trycloudflare.com...");
if (garbage === true) await sayGarbage(process.stderr);
if (failWith !== undefined) {
  await say(NAME, process.stderr, failWith);
  process.exit(1);
}
await openFarEnd(NAME, target);
if (mute === true) await stay();
const address = url ?? "https://quick-brown-fox-jumps.trycloudflare.com";
await log("INF +-----------------------------------------------------------------------+");
await log("INF |  Your quick Tunnel has been created! Visit it at (it may take some    |");
await log("INF |  time to be reachable):                                               |");
await log(`INF |  ${address}                      |`);
await log("INF +-----------------------------------------------------------------------+");
await log(
  "INF Registered tunnel connection connIndex=0 connection=af3c ip=198.41.200.1 location=fra protocol=quic",
);
await stay();
