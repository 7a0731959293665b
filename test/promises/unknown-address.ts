import { channel } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Node tells about every connection that a server of this thread accepts. */
const accepted = channel("net.server.socket");

/** Until the test ends, every client seems to come from `address`; undefined: from nobody knows where. */
export function everybodyComesFrom(address: string | undefined): void {
  const disguise = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    Object.defineProperty(socket, "remoteAddress", { value: address });
  };
  accepted.subscribe(disguise);
  onTestFinished(() => {
    accepted.unsubscribe(disguise);
  });
}
