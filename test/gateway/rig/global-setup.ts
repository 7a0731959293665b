import { existsSync, rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isAlive, livingPids, openRoom } from "./room.ts";

/** Opens the directory of a run of gateway tests; afterwards nothing of the run may be left, or the run fails. */
export default function setup(): () => Promise<void> {
  const room = openRoom();
  const clear = (): number[] => {
    const left = existsSync(room) ? livingPids(room) : [];
    for (const pid of left) process.kill(pid, "SIGKILL");
    rmSync(room, { recursive: true, force: true, maxRetries: 3 });
    return left;
  };
  // A run that is interrupted ends without its teardown.
  const interrupted = (signal: NodeJS.Signals): void => {
    clear();
    process.kill(process.pid, signal);
  };
  process.once("exit", clear);
  process.once("SIGTERM", interrupted);
  process.once("SIGHUP", interrupted);

  return async () => {
    process.removeListener("exit", clear);
    process.removeListener("SIGTERM", interrupted);
    process.removeListener("SIGHUP", interrupted);
    const left = clear();
    for (const pid of left) while (isAlive(pid)) await setTimeout(20);
    if (left.length > 0)
      throw new Error(`gateways were left running and had to be killed: ${left.join(", ")}`);
  };
}
