import { connect } from "node:net";
import { handshake } from "./fixtures/websocket.ts";

/** How a socket went. */
export interface SocketExchange {
  /** Of the answer to the upgrade; 0: none came. */
  readonly status: number;
  /** `left`: by us. `broken`: something came that is no frame of a server. `hang`: not over in time. */
  readonly end: "closed" | "left" | "hang" | "broken";
  /** With which code the listener closed; null: without one. */
  readonly code: number | null;
}

export interface SocketManner {
  readonly target: string;
  /** Sent right behind the handshake, each after the one before has gone. */
  readonly pieces: readonly Buffer[];
  /** Go without waiting for the end. */
  readonly leaves: boolean;
  /** So many seconds are counted; one in which this process does not get to run counts once. */
  readonly patience: number;
}

/** One socket: opens, sends everything, and reads until the listener ends it. */
export function exchangeFrames(port: number, manner: SocketManner): Promise<SocketExchange> {
  const { target, pieces, leaves, patience } = manner;
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    let end: SocketExchange["end"] = "closed";
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let left = patience;
    const timer = setInterval(() => {
      left -= 1;
      if (left > 0) return;
      end = "hang";
      socket.destroy();
    }, 1_000);
    socket.on("data", (chunk: Buffer) => void received.push(chunk));
    socket.on("error", () => {});
    socket.once("close", () => {
      clearInterval(timer);
      const answer = readAnswer(Buffer.concat(received));
      if (answer === null && end === "closed") end = "broken";
      resolve({ status: answer?.status ?? 0, code: answer?.code ?? null, end });
    });
    const send = (at: number): void => {
      const piece = pieces[at];
      if (piece === undefined) {
        if (!leaves) return;
        end = "left";
        socket.destroy();
        return;
      }
      if (!socket.destroyed) socket.write(piece, () => setImmediate(send, at + 1));
    };
    socket.write(handshake(target), "latin1", () => send(0));
  });
}

/** Status and close code; null when the bytes are anything but an answer and whole frames of a server behind it. */
export function readAnswer(bytes: Buffer): { readonly status: number; readonly code: number | null } | null {
  if (bytes.length === 0) return { status: 0, code: null };
  const end = bytes.indexOf("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 ([1-5][0-9]{2}) /.exec(bytes.subarray(0, 15).toString("latin1"))?.[1]);
  if (end === -1 || Number.isNaN(status)) return null;
  if (status !== 101) return end + 4 === bytes.length ? { status, code: null } : null;
  let code: number | null = null;
  for (let at = end + 4; at < bytes.length;) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    const opcode = first & 15;
    const start = at + (second === 126 ? 4 : 2);
    const length = second === 126 ? bytes.readUInt16BE(at + 2) : second;
    // Nothing of ours is masked, in fragments, or longer than 64 KB.
    if ((first & 0xf0) !== 0x80 || second > 126 || ![1, 8, 10].includes(opcode) || code !== null) return null;
    at = start + length;
    if (at > bytes.length) return null;
    const payload = bytes.subarray(start, at);
    if (opcode === 8) code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    if (opcode === 1 && !isJson(payload.toString())) return null;
  }
  return { status, code };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
