/** A process that opens a tunnel and is there to be killed. */

import { openExposure, systemPrograms } from "../../../src/exposure/index.ts";
import { realClock } from "../world.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
const exposure = await openExposure(
  { way: "cloudflared" },
  {
    local: { host: "127.0.0.1", port: Number(process.env["PORT"]) },
    webhookPath: "/voice/webhook",
    streamPath: "/voice/stream",
  },
  {
    log,
    clock: realClock,
    programs: systemPrograms(realClock),
    signal: new AbortController().signal,
    onLost() {},
  },
);
process.stdout.write(exposure.webhookUrl);
setInterval(() => {}, 60_000);
