/**
 * The load generator, in a process of its own: `connections` keep-alive sockets, each sending its next request when
 * the last is answered. Every request is signed and written out before the clock starts.
 */
import { connect, type Socket } from "node:net";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";

export interface LoadOrder {
  readonly port: number;
  readonly connections: number;
  readonly requests: number;
  /** The public URL that is signed; its path and query are what is asked for. */
  readonly url: string;
  /** Fields of every request; each gets a `SequenceNumber` of its own. */
  readonly fields: Readonly<Record<string, string>>;
  /** Null: a signature that is wrong. */
  readonly token: string | null;
  readonly firstSequence: number;
  /** The status that every answer must have. */
  readonly expected: number;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly wrong: number;
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");

function write(order: LoadOrder, sequence: number): Buffer {
  const { url, fields, token } = order;
  const params = { ...fields, SequenceNumber: String(sequence) };
  const body = new URLSearchParams(params).toString();
  const signature =
    token === null
      ? Buffer.alloc(20, sequence).toString("base64")
      : getExpectedTwilioSignature(token, url, params);
  const { pathname, search, host } = new URL(url);
  return Buffer.from(
    [
      `POST ${pathname}${search} HTTP/1.1`,
      `Host: ${host}`,
      "User-Agent: TwilioProxy/1.1",
      "Accept: */*",
      "Content-Type: application/x-www-form-urlencoded; charset=UTF-8",
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Twilio-Signature: ${signature}`,
      "",
      body,
    ].join("\r\n"),
  );
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const written = Array.from({ length: order.requests }, (_, at) => write(order, order.firstSequence + at));
  const took = new Float64Array(order.requests);
  const sockets = await Promise.all(Array.from({ length: order.connections }, () => open(order.port)));
  let next = 0;
  let wrong = 0;
  const drive = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      let current = 0;
      let sentAt = 0;
      const send = (): void => {
        if (next >= written.length) return resolve();
        current = next++;
        sentAt = performance.now();
        socket.write(written[current] ?? "");
      };
      socket.on("data", (chunk: Buffer) => {
        // Answers without a body come in one piece.
        if (!chunk.subarray(-4).equals(END_OF_HEAD)) return reject(new Error(`answer: ${chunk.toString()}`));
        took[current] = performance.now() - sentAt;
        if (Number(chunk.toString("latin1", 9, 12)) !== order.expected) wrong += 1;
        return send();
      });
      socket.once("error", reject).once("close", () => reject(new Error("the connection was closed")));
      send();
    });
  const startedAt = performance.now();
  await Promise.all(sockets.map(drive));
  const elapsed = performance.now() - startedAt;
  for (const socket of sockets) socket.removeAllListeners("close").destroy();
  took.sort();
  const at = (share: number): number => took[Math.floor((took.length - 1) * share)] ?? Number.NaN;
  return {
    perSecond: (order.requests / elapsed) * 1_000,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    wrong,
  };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

process.on("message", (order: LoadOrder) => {
  run(order).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.("ready");
