import { describe, expect, it } from "vitest";
import { createStream } from "../../../src/edge/streams/live.ts";
import { SOUND, startFrame, streamRig, until } from "./rig.ts";

/** Frames of one kind that a client has been sent, as they come. */
async function framesOf(
  client: { next(): Promise<unknown> },
  kind: string,
  count: number,
): Promise<unknown[][]> {
  const found: unknown[][] = [];
  while (found.length < count) {
    const heard = (await client.next()) as { type: string; text?: string };
    if (heard.type !== "text") throw new Error(`the socket is over: ${heard.type}`);
    const frame = JSON.parse(heard.text ?? "") as unknown[];
    if (frame[0] === kind) found.push(frame);
  }
  return found;
}

const pcmu = { encoding: "pcmu" } as const;

describe("a live stream", () => {
  it("is heard, all streams together at each tick, in buffers of their own", async () => {
    const rig = await streamRig();
    const [one, two] = [await rig.start("vc_1"), await rig.start("vc_2")];
    for (let n = 0; n < 10; n += 1) {
      one.say(["media", SOUND]);
      two.say(["media", SOUND]);
    }
    const bytesOf = (stream: number): number =>
      rig
        .of("stream-audio")
        .flatMap(({ heard }) => heard)
        .filter((part) => part.stream === stream)
        .reduce((sum, { bytes }) => sum + bytes.length, 0);
    await until(() => bytesOf(1) >= 1_600 && bytesOf(2) >= 1_600);
    expect(rig.of("stream-audio").some(({ heard }) => heard.length === 2)).toBe(true);
    for (const { heard } of rig.of("stream-audio")) {
      for (const { bytes } of heard) expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
    }
  });

  it("speaks what it is given, in frames of the carrier, and reports it once its mark is back", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    rig.obey({ type: "piece", stream: 1, piece: 7, yields: "never" });
    rig.obey({
      type: "piece-audio",
      stream: 1,
      piece: 7,
      format: pcmu,
      bytes: new Uint8Array(800).fill(0x21),
    });
    rig.obey({ type: "piece-end", stream: 1, piece: 7 });
    const loud = Buffer.alloc(160, 0x21).toString("base64");
    for (;;) {
      const [frame] = await framesOf(client, "media", 1);
      if (frame?.[1] === loud) break;
    }
    const answering = (async () => {
      for (;;) {
        const [mark] = await framesOf(client, "mark", 1);
        client.say(mark);
      }
    })();
    await until(() => rig.of("piece-played").length === 1);
    expect(rig.of("piece-played")[0]).toMatchObject({ stream: 1, piece: 7 });
    client.socket.destroy();
    await expect(answering).rejects.toThrow("the socket is over");
  });

  it("is over when the carrier stops, leaves, or half-closes its connection", async () => {
    const rig = await streamRig();
    const clients = [await rig.start("a"), await rig.start("b"), await rig.start("c")];
    clients[0]?.say(["stop"]);
    clients[1]?.socket.destroy();
    clients[2]?.socket.end();
    await until(() => rig.of("stream-lost").length === 3);
    const reasons = rig.of("stream-lost").toSorted((one, other) => one.stream - other.stream);
    expect(reasons.map(({ reason }) => reason)).toEqual(["stopped", "closed", "closed"]);
    expect(await clients[0]?.ending()).toEqual({ type: "close", code: 1000 });
    expect(rig.refused).toEqual([]);
  });

  it("is over when its call is, and what it is told then reaches nobody", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    rig.obey({ type: "stream-forget", callId: "vc_1" });
    expect(await client.ending()).toEqual({ type: "close", code: 1000 });
    expect(rig.of("stream-lost")).toEqual([{ type: "stream-lost", stream: 1, reason: "forgotten" }]);
    rig.obey({ type: "piece", stream: 1, piece: 1, yields: "never" });
    rig.obey({ type: "keys", stream: 99, digits: "1" });
    rig.obey({ type: "stream-forget", callId: "vc_1" });
    client.say(["dtmf", "1"]);
    client.socket.end();
    await client.closed;
    expect(rig.events.at(-1)).toMatchObject({ type: "stream-lost" });
  });

  it("is told once that it is over, with all that was heard of it before", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    for (let n = 0; n < 4; n += 1) client.say(["media", SOUND]);
    client.say(["stop"], ["stop"]);
    await until(() => rig.of("stream-lost").length > 0);
    await client.ending();
    client.socket.destroy();
    await client.closed;
    expect(rig.of("stream-lost")).toHaveLength(1);
    const last = rig.events.findLastIndex(({ type }) => type === "stream-audio");
    expect(last).toBeLessThan(rig.events.findIndex(({ type }) => type === "stream-lost"));
  });

  it("outlives the time-outs of requests", async () => {
    const rig = await streamRig({
      limits: { stuckMs: 30, headerTimeoutMs: 30, checkEveryMs: 10, keepAliveMs: 30 },
    });
    const client = await rig.start("vc_1");
    await new Promise((resolve) => setTimeout(resolve, 150));
    client.say(["dtmf", "1"]);
    await until(() => rig.of("key").length === 1);
    expect(rig.of("stream-lost")).toEqual([]);
  });

  it("that fails for a fault of ours is over, and no other is", async () => {
    const rig = await streamRig({
      create: (settings) => {
        if (settings.expected.callId === "cannot be made") throw new Error("boom");
        const stream = createStream(settings);
        return {
          command: (order) => stream.command(order),
          takeHeard: () => {
            if (settings.expected.callId === "cannot be heard") throw new Error("boom");
            return stream.takeHeard();
          },
          lost: (reason) => {
            stream.lost(reason);
            throw new Error("boom");
          },
          frame: (fact) => {
            if (fact.type === "dtmf" && fact.digit === "9") throw new Error("boom");
            stream.frame(fact);
          },
          tick: (now) => {
            if (settings.expected.callId === "cannot tick") throw new Error("boom");
            stream.tick(now);
          },
        };
      },
    });
    const [bad, good] = [await rig.start("a"), await rig.start("b")];
    bad.say(["dtmf", "9"]);
    expect(await bad.ending()).toEqual({ type: "close", code: 1011 });
    const timeless = await rig.start("cannot tick");
    expect(await timeless.ending()).toEqual({ type: "close", code: 1011 });
    await rig.start("cannot be heard");
    const unmade = await rig.open(rig.expect("cannot be made"));
    unmade.say(startFrame());
    expect(await unmade.ending()).toEqual({ type: "close", code: 1011 });
    expect(rig.of("stream-lost").map(({ stream, reason }) => [stream, reason])).toEqual([
      [1, "protocol"],
      [3, "protocol"],
      [5, "protocol"],
    ]);
    expect(new Set(rig.refused)).toEqual(new Set(["stream-fault"]));
    good.say(["dtmf", "1"]);
    await until(() => rig.of("key").length === 1);
  });
});

describe("closing the listener", () => {
  it("leaves live streams alone until the end of its grace", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    const closing = rig.listener.close(200);
    client.say(["dtmf", "1"]);
    await until(() => rig.of("key").length === 1);
    expect(await client.ending()).toEqual({ type: "close", code: 1001 });
    expect(rig.of("stream-lost")).toEqual([{ type: "stream-lost", stream: 1, reason: "closed" }]);
    client.socket.destroy();
    await closing;
  });

  it("ends at once when the last of them has", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    const closing = rig.listener.close(60_000);
    client.say(["stop"]);
    expect(await client.ending()).toEqual({ type: "close", code: 1000 });
    client.socket.destroy();
    await closing;
  });

  it("does not wait for a carrier that does not answer", async () => {
    const rig = await streamRig();
    const clients = [await rig.start("vc_1"), await rig.open(rig.expect("vc_2"))];
    await rig.listener.close(0);
    await Promise.all(clients.map(({ closed }) => closed));
    expect(rig.of("stream-lost")).toHaveLength(1);
  });
});
