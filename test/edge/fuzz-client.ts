import { connect } from "node:net";

/** How a connection went. */
export interface Exchange {
  readonly statuses: readonly number[];
  /** `hang`: not over in time. `broken`: something came that is no answer. */
  readonly end: "end" | "reset" | "left" | "hang" | "broken";
}

export interface Manner {
  /** The bytes in pieces, each sent after the one before has gone. */
  readonly pieces: readonly Buffer[];
  /** Go without waiting for answers. */
  readonly leaves: boolean;
  readonly patienceMs: number;
}

/** One connection: sends everything and reads until the listener ends it. */
export function exchange(port: number, { pieces, leaves, patienceMs }: Manner): Promise<Exchange> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    let end: Exchange["end"] = "end";
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const timer = setTimeout(() => {
      end = "hang";
      socket.destroy();
    }, patienceMs);
    socket.on("data", (chunk: Buffer) => void received.push(chunk));
    socket.on("error", () => {
      end = "reset";
    });
    socket.once("close", () => {
      clearTimeout(timer);
      const statuses = readAnswers(Buffer.concat(received));
      if (statuses === null && end === "end") end = "broken";
      resolve({ statuses: statuses ?? [], end });
    });
    const send = (at: number): void => {
      const piece = pieces[at];
      if (piece === undefined) {
        if (!leaves) return;
        end = "left";
        socket.destroy();
        return;
      }
      socket.write(piece, () => setImmediate(send, at + 1));
    };
    send(0);
  });
}

/** The final statuses in order; null when the bytes are anything but whole answers of HTTP/1.1. */
export function readAnswers(bytes: Buffer): readonly number[] | null {
  const statuses: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf("\r\n\r\n", at);
    if (end === -1) return null;
    const lines = bytes.subarray(at, end).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.1 ([1-5][0-9]{2}) [A-Za-z -]+$/.exec(lines[0] ?? "")?.[1]);
    if (Number.isNaN(status)) return null;
    const length = lines
      .map((line) => /^content-length: ([0-9]+)$/i.exec(line)?.[1])
      .find((one) => one !== undefined);
    if ((length === undefined) !== (status === 204 || status === 100)) return null;
    at = end + 4 + Number(length ?? 0);
    if (at > bytes.length) return null;
    if (status !== 100) statuses.push(status);
  }
  return statuses;
}
