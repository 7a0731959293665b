import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MessageReader, OPCODE, ProtocolError, type Message } from "./wire-frames.ts";
import { SocketDesk } from "./socket-desk.ts";
import { ConnectError, openSocket, type Closed, type Dial, type WireSocket } from "./wire-socket.ts";

let desk: SocketDesk;
const opened: WireSocket[] = [];

beforeEach(async () => {
  desk = await new SocketDesk("audio.test").open();
});

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.cut();
  await desk.close();
});

const dial = (more: Partial<Dial> = {}): Dial => ({
  target: `http://127.0.0.1:${desk.port}/stream/abc`,
  host: "voice.example.test",
  headers: { "x-test": "1" },
  timeoutMs: 2000,
  longest: 70_000,
  ...more,
});

interface End {
  readonly socket: WireSocket;
  readonly texts: string[];
  readonly closed: Promise<Closed>;
}

async function open(more: Partial<Dial> = {}): Promise<End> {
  const texts: string[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<Closed>();
  const socket = await openSocket(dial(more), {
    text: (text) => texts.push(text),
    binary: (bytes) => texts.push(`binary ${bytes.length}`),
    closed: resolve,
  });
  opened.push(socket);
  return { socket, texts, closed };
}

const refusal = async (more: Partial<Dial> = {}): Promise<unknown> => {
  const error: unknown = await open(more).catch((reason: unknown) => reason);
  return error instanceof ConnectError ? error.refused : error;
};

describe("a socket", () => {
  it("is opened under its public name, with its headers, and without extensions", async () => {
    await open();
    expect(desk.asked[0]).toMatchObject({ url: "/stream/abc" });
    expect(desk.asked[0]?.headers).toMatchObject({ host: "voice.example.test", "x-test": "1" });
    expect(desk.asked[0]?.headers["sec-websocket-extensions"]).toBeUndefined();
  });

  it("takes the subprotocol that was offered", async () => {
    await open({ subprotocol: "audio.test" });
    expect(desk.asked[0]?.headers["sec-websocket-protocol"]).toBe("audio.test");
  });

  it("carries messages of every length both ways", async () => {
    const { socket, texts, closed } = await open();
    const theirs = await desk.next();
    const lengths = [1, 125, 126, 200, 60_000];
    for (const length of lengths) {
      socket.send(JSON.stringify({ event: "x", text: "ü".repeat(length) }));
      theirs.sendRaw("ö".repeat(length / 2));
    }
    const frames = await theirs.sees("x", lengths.length);
    expect(frames.map((frame) => String(frame["text"]).length)).toEqual(lengths);
    theirs.sendRaw(Uint8Array.of(1, 2, 3));
    theirs.close(4000);
    expect(await closed).toMatchObject({ by: "server", code: 4000 });
    expect(texts.map((text) => text.length)).toEqual([0, 62, 63, 100, 30_000, "binary 3".length]);
  });

  it("is closed with a word from either side", async () => {
    const { socket, closed } = await open();
    const theirs = await desk.next();
    socket.close(1001, "going");
    expect(await theirs.closed).toBe(1001);
    expect(await closed).toEqual({ by: "client", code: 1001, reason: "going" });
  });

  it("is cut without one", async () => {
    const { socket, closed } = await open();
    const theirs = await desk.next();
    socket.cut();
    expect(await theirs.closed).toBe(1006);
    expect(await closed).toMatchObject({ by: "client", code: 1006 });
  });

  it("notices that the other side is gone", async () => {
    const { closed } = await open();
    (await desk.next()).terminate();
    expect(await closed).toMatchObject({ by: "server", code: 1006 });
  });

  it("closes on a message that is too long", async () => {
    const { closed } = await open();
    const theirs = await desk.next();
    theirs.sendRaw("x".repeat(70_001));
    expect(await closed).toMatchObject({ by: "client", code: 1009 });
    expect(await theirs.closed).toBe(1009);
  });
});

describe("an attempt", () => {
  it("tells the status of an answer that is no handshake", async () => {
    desk.answer = () => 403;
    expect(await refusal()).toEqual({ kind: "status", status: 403 });
  });

  it("tells that nobody is there, or nobody on this machine", async () => {
    const nobody = createServer();
    await new Promise<void>((resolve) => nobody.listen(0, "127.0.0.1", resolve));
    const { port } = nobody.address() as AddressInfo;
    await new Promise((resolve) => nobody.close(resolve));
    expect(await refusal({ target: `http://127.0.0.1:${port}/` })).toEqual({ kind: "refused" });
    expect(await refusal({ target: "http://voice.example.test/" })).toEqual({ kind: "refused" });
  });

  it("is given up when nothing is answered", async () => {
    desk.answer = () => 0;
    expect(await refusal({ timeoutMs: 20 })).toEqual({ kind: "timeout" });
  });

  it("is ended by its signal", async () => {
    desk.answer = () => 0;
    const events = { text: () => undefined, binary: () => undefined, closed: () => undefined };
    const ending = new AbortController();
    const attempt = openSocket(dial(), events, ending.signal);
    ending.abort();
    await expect(attempt).rejects.toBeInstanceOf(ConnectError);
  });
});

const read = (reader: MessageReader, bytes: readonly number[]): readonly Message[] => [
  ...reader.push(Buffer.from(bytes)),
];

describe("frames from the server", () => {
  it("are put together from fragments, with a ping between them, from single bytes", () => {
    const wire = [0x01, 2, 0x68, 0x65, 0x89, 1, 7, 0x80, 3, 0x6c, 0x6c, 0x6f];
    const reader = new MessageReader(100);
    const messages = wire.flatMap((byte) => read(reader, [byte]));
    expect(messages.map(({ opcode, payload }) => [opcode, payload.toString()])).toEqual([
      [OPCODE.ping, "\u0007"],
      [OPCODE.text, "hello"],
    ]);
  });

  it.each([
    ["masked", [0x81, 0x80, 0, 0, 0, 0], 1002],
    ["compressed", [0xc1, 0], 1002],
    ["of no known kind", [0x83, 0], 1002],
    ["a continuation of nothing", [0x80, 0], 1002],
    ["a beginning within another message", [0x01, 0, 0x01, 0], 1002],
    ["a fragmented ping", [0x09, 0], 1002],
    ["a long ping", [0x89, 126, 0, 126], 1002],
    ["longer than allowed", [0x81, 101], 1009],
    ["longer than allowed with its fragments", [0x01, 60, ...Array<number>(60).fill(65), 0x80, 41], 1009],
    ["no UTF-8", [0x81, 1, 0xff], 1007],
  ])("are refused when they are %s", (_, wire, code) => {
    const attempt = (): unknown => read(new MessageReader(100), [...wire, ...Array<number>(41).fill(65)]);
    expect(attempt).toThrow(ProtocolError);
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });
});
