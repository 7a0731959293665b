import { describe, expect, it } from "vitest";
import { EDGE_LIMITS } from "../../../src/edge/limits.ts";
import { testMedia } from "../fixtures/media.ts";
import { frame, OPCODE, type WebSocketClient } from "../fixtures/websocket.ts";
import { MEDIA, SOUND, startFrame, streamRig, until, type StreamRig } from "./rig.ts";

const KEY = JSON.stringify(["dtmf", "7"]);

/** Waits until the listener has read everything that was sent before. */
async function settled(client: WebSocketClient): Promise<void> {
  client.raw(frame("sync", { opcode: OPCODE.ping }));
  expect(await client.ending()).toEqual({ type: "pong", text: "sync" });
}

const keysOf = (rig: StreamRig): readonly string[] => rig.of("key").map(({ digit }) => digit);

describe("a frame", () => {
  it.each([1, 2, 3, 5, 7])("may arrive in pieces of %i bytes", async (size) => {
    const rig = await streamRig();
    const client = await rig.open(rig.expect("vc_1"));
    const bytes = Buffer.concat([frame(JSON.stringify(startFrame())), frame(KEY), frame(KEY)]);
    for (let at = 0; at < bytes.length; at += size) {
      client.raw(bytes.subarray(at, at + size));
      await new Promise(setImmediate);
    }
    await settled(client);
    expect(keysOf(rig)).toEqual(["7", "7"]);
  });

  it("may be cut at any place of its head and body", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    const long = frame(JSON.stringify(["dtmf", "3", "x".repeat(300)]));
    for (let at = 1; at < 14; at += 1) {
      client.raw(long.subarray(0, at));
      await new Promise(setImmediate);
      client.raw(long.subarray(at));
    }
    await settled(client);
    expect(keysOf(rig)).toHaveLength(13);
  });

  it("may come in fragments, with a ping between them", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    client.raw(frame(KEY.slice(0, 3), { fin: false }));
    client.raw(frame("in between", { opcode: OPCODE.ping }));
    client.raw(frame(KEY.slice(3, 5), { opcode: OPCODE.more, fin: false }));
    client.raw(frame("", { opcode: OPCODE.more, fin: false }));
    client.raw(frame(KEY.slice(5), { opcode: OPCODE.more }));
    expect(await client.ending()).toEqual({ type: "pong", text: "in between" });
    await settled(client);
    expect(keysOf(rig)).toEqual(["7"]);
  });

  it("of exactly 64 KB is read", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    const shell = JSON.stringify(["dtmf", "9", ""]);
    const filled = JSON.stringify(["dtmf", "9", "x".repeat(EDGE_LIMITS.streamFrameBytes - shell.length)]);
    expect(filled).toHaveLength(65_536);
    client.raw(frame(filled));
    await settled(client);
    expect(keysOf(rig)).toEqual(["9"]);
  });

  it("that is no text of the carrier's is passed over and counted, and the stream lives on", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    for (const text of [
      "",
      "{",
      "null",
      "[]",
      '["nobody knows this"]',
      '["explode"]',
      "\u0000",
      "[".repeat(60_000),
    ]) {
      client.raw(frame(text));
    }
    client.raw(frame(KEY));
    await settled(client);
    expect(keysOf(rig)).toEqual(["7"]);
    expect(rig.refused).toEqual(Array.from({ length: 8 }, () => "stream-unread"));
  });

  it("that is an answer to a ping which nobody sent is passed over", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    client.raw(frame("x", { opcode: OPCODE.pong }));
    await settled(client);
    expect(rig.of("stream-lost")).toEqual([]);
  });
});

describe("what no carrier sends", () => {
  const cases: readonly (readonly [name: string, bytes: Buffer, code: number, reason: string])[] = [
    ["binary", frame(KEY, { opcode: OPCODE.binary }), 1003, "stream-binary"],
    ["a byte more than 64 KB", frame("x".repeat(65_537)), 1009, "stream-frame-size"],
    ["two megabytes announced", frame("", { length: 2 * 1024 * 1024 }), 1009, "stream-frame-size"],
    ["more than a number holds announced", frame("", { length: 2 ** 53 }), 1009, "stream-frame"],
    [
      "64 KB and a byte in fragments",
      Buffer.concat([frame("x".repeat(65_536), { fin: false }), frame("x", { opcode: OPCODE.more })]),
      1009,
      "stream-frame-size",
    ],
    [
      "a frame in too many fragments",
      Buffer.concat([
        frame("", { fin: false }),
        ...Array.from({ length: 64 }, () => frame("", { opcode: OPCODE.more, fin: false })),
      ]),
      1008,
      "stream-fragments",
    ],
    ["text that is no UTF-8", frame(Buffer.from([0x22, 0xc3, 0x28, 0x22])), 1007, "stream-frame"],
    ["a frame without a mask", frame(KEY, { masked: false }), 1002, "stream-frame"],
    ["reserved bits", frame(KEY, { rsv: 4 }), 1002, "stream-frame"],
    ["an unknown kind of frame", frame(KEY, { opcode: 3 }), 1002, "stream-frame"],
    ["a fragment of nothing", frame(KEY, { opcode: OPCODE.more }), 1002, "stream-frame"],
    ["a frame inside another", Buffer.concat([frame("[", { fin: false }), frame(KEY)]), 1002, "stream-frame"],
    ["a long ping", frame("x".repeat(126), { opcode: OPCODE.ping }), 1002, "stream-frame"],
    ["a ping in fragments", frame("x", { opcode: OPCODE.ping, fin: false }), 1002, "stream-frame"],
    ["a close with half a code", frame("x", { opcode: OPCODE.close }), 1002, "stream-frame"],
    ["a close with no code", frame(Buffer.from([0, 1]), { opcode: OPCODE.close }), 1002, "stream-frame"],
  ];

  it.each(cases)("%s ends a stream and no other", async (_, bytes, code, reason) => {
    const rig = await streamRig();
    const [client, other] = [await rig.start("vc_1"), await rig.start("vc_2")];
    client.raw(bytes);
    client.raw(frame(KEY));
    expect(await client.ending()).toEqual({ type: "close", code });
    await until(() => rig.of("stream-lost").length === 1);
    expect(rig.of("stream-lost")).toEqual([{ type: "stream-lost", stream: 1, reason: "protocol" }]);
    expect(rig.refused).toEqual([reason]);
    other.raw(frame(KEY));
    await settled(other);
    expect(rig.of("key").map(({ stream }) => stream)).toEqual([2]);
  });

  it.each(cases)(
    "S18: %s ends a socket that has not started, and its token stays good",
    async (_, bytes, code, reason) => {
      const rig = await streamRig();
      const token = rig.expect("vc_1");
      const client = await rig.open(token);
      client.raw(bytes);
      client.raw(frame(JSON.stringify(startFrame())));
      expect(await client.ending()).toEqual({ type: "close", code });
      await until(() => rig.refused.length > 0);
      expect([rig.events, rig.refused]).toEqual([[], [reason]]);
      expect((await rig.open(token)).status).toBe(101);
    },
  );
});

describe("a socket that sends more than a call can", () => {
  const limits = { streamBytesPerSecond: 200, streamFrameCost: 100 };

  it.each<[string, (client: WebSocketClient) => void]>([
    ["frames", (client) => client.raw(frame(JSON.stringify(["media", SOUND])))],
    ["empty frames", (client) => client.raw(frame(""))],
    ["pings", (client) => client.raw(frame("", { opcode: OPCODE.ping }))],
  ])("in %s is closed", async (_, send) => {
    const rig = await streamRig({ limits });
    const client = await rig.start("vc_1");
    for (let sent = 0; sent < 200; sent += 1) send(client);
    let heard = await client.ending();
    while (heard.type === "pong") heard = await client.ending();
    expect(heard).toEqual({ type: "close", code: 1008 });
    expect(rig.refused.at(-1)).toBe("stream-flood");
    expect(rig.of("stream-lost")).toMatchObject([{ reason: "protocol" }]);
  });

  it("may send what a network held up for half a minute all at once", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    for (let sent = 0; sent < 1_500; sent += 1) client.say(["media", SOUND]);
    await settled(client);
    expect(rig.of("stream-lost")).toEqual([]);
  });
});

describe("a socket that takes nothing", () => {
  it("of what is sent to it is cut before that fills the memory, and its stream is lost", async () => {
    // What the system takes for a client that does not read is soon full of this.
    const heavy = "x".repeat(500_000);
    const carrier = await testMedia(MEDIA.carrier);
    const protocol = { ...carrier.protocol, media: () => heavy };
    const rig = await streamRig({ carrier: { ...carrier, protocol } });
    const client = await rig.start("vc_1");
    client.socket.pause();
    await expect
      .poll(() => rig.of("stream-lost"), { timeout: 15_000 })
      .toEqual([{ type: "stream-lost", stream: 1, reason: "congested" }]);
    expect(rig.refused).toEqual(["stream-congested"]);
    client.socket.resume();
    await client.closed;
  });
});
