import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../../src/call/ports.ts";
import { MOCK_PROTOCOL } from "../../../src/carrier/mock/media.ts";
import { PhoneSocket, type PhoneSocketOptions } from "../../../src/carrier/mock/phone-socket.ts";
import { settled, virtualClock } from "../../support/clock.ts";
import { AUDIO } from "../frames.ts";
import { FakeSocket } from "./fake-socket.ts";

const STREAM = { streamId: "mock-1.1", encoding: "pcmu" } as const;

/** The phone's end and ours, in virtual time. `speech`: what the person says, 20 ms a time. */
function rig(speech: Uint8Array[] = []) {
  const clock = virtualClock();
  const socket = new FakeSocket("ws://127.0.0.1/voice/stream/t");
  const heard: Buffer[] = [];
  const told: string[] = [];
  const phone = new PhoneSocket({
    url: socket.url,
    callId: "mock-1",
    streamId: "mock-1.1",
    clock,
    person: {
      heard: (payload) => void heard.push(Buffer.from(payload)),
      speaks: () => speech.shift() ?? null,
    },
    opened: () => void told.push("opened"),
    pressed: (digit) => void told.push(`pressed ${digit}`),
    lost: (wasOpen) => void told.push(wasOpen ? "lost" : "never opened"),
    connect: () => socket,
  });
  return {
    clock,
    socket,
    phone,
    told,
    heard: () => Buffer.concat(heard),
    play: (payload: Uint8Array) => socket.say(MOCK_PROTOCOL.media(STREAM, payload)),
    mark: (name: string) => socket.say(MOCK_PROTOCOL.mark(STREAM, name)),
    clear: () => socket.say(MOCK_PROTOCOL.clear(STREAM)),
    marks: () => socket.of("mark").map(({ name }) => name),
  };
}

const noop = (): void => {};

const connected = (url: string, more: Partial<PhoneSocketOptions> = {}): PhoneSocket =>
  new PhoneSocket({
    url,
    callId: "mock-1",
    streamId: "s",
    clock: virtualClock(),
    person: null,
    opened: () => {},
    pressed: () => {},
    lost: () => {},
    ...more,
  });

/** So many milliseconds of audio. */
const audio = (ms: number, value = 0x2a): Buffer => Buffer.alloc(ms * 8, value);

describe("a phone's audio socket", () => {
  it("tells whose call it is, then sends 20 ms of audio every 20 ms, silence where nothing is said", async () => {
    const { clock, socket, told } = rig([AUDIO]);
    expect(socket.sent).toEqual([]);
    socket.open();
    expect(told).toEqual(["opened"]);
    expect(MOCK_PROTOCOL.read(JSON.stringify(socket.sent[0]))).toEqual({
      type: "start",
      streamId: "mock-1.1",
      carrierCallId: "mock-1",
      encoding: "pcmu",
    });
    await clock.advance(1000);
    const media = socket.of("media").map((frame) => MOCK_PROTOCOL.read(JSON.stringify(frame)));
    expect(media).toHaveLength(51);
    expect(media[0]).toMatchObject({ type: "media", chunk: 1, payload: AUDIO });
    expect(media[50]).toMatchObject({ chunk: 51, payload: Buffer.alloc(160, 0xff) });
  });

  it("keeps its pace however late the process is, and passes over a long pause", () => {
    let now = 0;
    let due = noop;
    const late: Clock = {
      now: () => now,
      at: (_, fn) => {
        due = fn;
        return noop;
      },
    };
    const socket = new FakeSocket("ws://127.0.0.1/");
    const phone = connected(socket.url, { clock: late, connect: () => socket });
    socket.open();
    const sentUntil = (at: number): number => {
      now = at;
      due();
      return socket.of("media").length;
    };
    expect([0, 27, 50, 550].map(sentUntil)).toEqual([1, 2, 3, 28]);
    expect(sentUntil(60_550)).toBe(29);
    expect(sentUntil(60_570)).toBe(30);
    phone.close();
  });

  it("plays what it is given in real time, and answers a mark when everything before it was played", async () => {
    const { clock, socket, heard, marks, play, mark } = rig();
    socket.open();
    play(audio(90));
    mark("a");
    play(audio(50, 0x33));
    mark("b");
    await clock.advance(80);
    expect(heard()).toEqual(audio(80));
    expect(marks()).toEqual([]);
    await clock.advance(20);
    expect(marks()).toEqual(["a"]);
    await clock.advance(40);
    expect(marks()).toEqual(["a", "b"]);
    expect(heard()).toEqual(Buffer.concat([audio(90), audio(50, 0x33)]));
  });

  it("answers a mark at once when nothing is left to play", async () => {
    const { socket, mark, marks } = rig();
    socket.open();
    mark("now");
    expect(marks()).toEqual(["now"]);
  });

  it("forgets what it has not played when it is told to, and the marks come back", async () => {
    const { clock, socket, heard, marks, play, mark, clear } = rig();
    socket.open();
    play(audio(1000));
    mark("a");
    mark("b");
    await clock.advance(40);
    clear();
    expect(socket.of("cleared")).toHaveLength(1);
    expect(marks()).toEqual(["a", "b"]);
    await clock.advance(1000);
    expect(heard()).toEqual(audio(40));
    play(audio(20, 0x33));
    await clock.advance(20);
    expect(heard()).toEqual(Buffer.concat([audio(40), audio(20, 0x33)]));
  });

  it("hears keys and presses them", async () => {
    const { socket, phone, told } = rig();
    socket.open();
    socket.say(MOCK_PROTOCOL.key?.(STREAM, "#") ?? "");
    expect(told).toEqual(["opened", "pressed #"]);
    phone.press("1*");
    expect(socket.of("key")).toEqual([
      { event: "key", digit: "1" },
      { event: "key", digit: "*" },
    ]);
  });

  it("says that it stops, once, and leaves no timer", async () => {
    const { clock, socket, phone, told } = rig();
    socket.open();
    phone.close();
    phone.close();
    expect(socket.sent.at(-1)).toEqual({ event: "stop" });
    expect(socket.of("stop")).toHaveLength(1);
    expect(socket.closed).toBe(true);
    expect(clock.pending).toBe(0);
    expect(told).toEqual(["opened"]);
    socket.say({ event: "mark", name: "late" });
    expect(socket.of("mark")).toEqual([]);
  });

  it("tells that it was lost, once, and whether it had been open", async () => {
    const one = rig();
    one.socket.drop();
    expect(one.told).toEqual(["never opened"]);
    const other = rig();
    other.socket.open();
    other.socket.drop();
    expect(other.told).toEqual(["opened", "lost"]);
    expect(other.clock.pending).toBe(0);
  });

  it("is not opened any more once it was closed", async () => {
    const { socket, phone, told, clock } = rig();
    phone.close();
    expect(socket.sent).toEqual([]);
    socket.open();
    expect(told).toEqual([]);
    expect([socket.sent, clock.pending]).toEqual([[], 0]);
  });

  it("holds a minute of audio and a thousand marks, and drops what is more", async () => {
    const { clock, socket, heard, play, mark, marks } = rig();
    socket.open();
    for (let second = 0; second < 70; second++) play(audio(1000));
    for (let at = 0; at < 1200; at++) mark(`m${at}`);
    await clock.advance(70_000);
    expect(heard().length).toBe(480_000);
    expect(marks()).toHaveLength(1000);
    mark("again");
    expect(marks().at(-1)).toBe("again");
  });

  it("is not moved by frames that mean nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .record({ event: fc.constantFrom("media", "mark", "clear", "key"), payload: fc.jsonValue() })
            .map((frame) => JSON.stringify(frame)),
        ),
        async (text) => {
          const { clock, socket, phone } = rig();
          socket.open();
          socket.say(text);
          await clock.advance(40);
          phone.close();
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** A WebSocket server that keeps the text it is sent; frames as RFC 6455 writes them, none longer than 64 KiB. */
async function listener() {
  const server = createServer();
  const first = Promise.withResolvers<string>();
  server.on("upgrade", (request, socket) => {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
    socket.on("data", (data: Buffer) => {
      const length = (data[1] ?? 0) & 0x7f;
      const mask = data.subarray(2, 6);
      const text = data.subarray(6, 6 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
      first.resolve(Buffer.from(text).toString("utf8"));
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/voice/stream/tok`,
    first: first.promise,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe("over a real network", () => {
  it("is Node's own WebSocket", async () => {
    const server = await listener();
    const phone = connected(server.url);
    expect(JSON.parse(await server.first)).toEqual({
      event: "start",
      call: "mock-1",
      stream: "s",
      encoding: "pcmu",
    });
    phone.close();
    server.close();
  });

  it("says so when nobody is there", async () => {
    const server = await listener();
    server.close();
    const lost = Promise.withResolvers<boolean>();
    connected(server.url, { lost: lost.resolve });
    expect(await lost.promise).toBe(false);
    await settled();
  });
});
