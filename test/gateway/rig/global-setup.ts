import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isAlive, livingPids, openRoom } from "./room.ts";

/** Opens the directory of a run of gateway tests; afterwards nothing of the run may be left, or the run fails. */
export default function setup(): () => Promise<void> {
  const room = openRoom();
  return async () => {
    const left = livingPids(room);
    for (const pid of left) {
      process.kill(pid, "SIGKILL");
      while (isAlive(pid)) await setTimeout(20);
    }
    rmSync(room, { recursive: true, force: true, maxRetries: 3 });
    if (left.length > 0)
      throw new Error(`gateways were left running and had to be killed: ${left.join(", ")}`);
  };
}
