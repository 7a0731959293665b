import { describe, expect, it } from "vitest";
import { frame } from "../fixtures/websocket.ts";
import { CALLER, SOUND, startFrame, streamRig, until } from "./rig.ts";

describe("a stream", () => {
  it("begins with a valid start, and is told with its call, its token and the carrier's id", async () => {
    const rig = await streamRig({ firstStream: 41 });
    const token = rig.expect("vc_1");
    const client = await rig.open(token);
    client.say(["connected"], startFrame());
    await until(() => rig.events.length > 0);
    expect(rig.events).toEqual([
      { type: "stream-started", stream: 41, callId: "vc_1", token, carrierCallId: CALLER },
    ]);
    await rig.start("vc_2");
    expect(rig.of("stream-started").map(({ stream }) => stream)).toEqual([41, 42]);
  });

  it("may begin in the same piece as its handshake", async () => {
    const rig = await streamRig();
    const head = Buffer.concat([frame('["connected"]'), frame(JSON.stringify(startFrame()))]);
    await rig.open(rig.expect("vc_1"), { head });
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
  });

  it("of a known call begins with that call's id alone, and the token stays good for it", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1", { carrierCallId: CALLER });
    const wrong = await rig.open(token);
    wrong.say(startFrame("CA-somebody-else"));
    expect(await wrong.next()).toEqual({ type: "close", code: 1008 });
    expect([rig.events, rig.refused]).toEqual([[], ["stream-call"]]);
    const right = await rig.open(token);
    right.say(startFrame(CALLER));
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
  });

  it("whose call became known while its socket was pending begins with that call's id alone", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1");
    const client = await rig.open(token);
    rig.expect("vc_1", { token, carrierCallId: CALLER });
    client.say(startFrame("CA-somebody-else"));
    expect(await client.next()).toEqual({ type: "close", code: 1008 });
  });

  it("begins though its token has expired since its socket was opened", async () => {
    const rig = await streamRig();
    const client = await rig.open(rig.expect("vc_1"));
    rig.time.ms += 60_000;
    client.say(startFrame());
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
  });

  it("in an encoding that nobody speaks is told to its call, and is over", async () => {
    const rig = await streamRig();
    const client = await rig.open(rig.expect("vc_1"));
    client.say(startFrame(CALLER, "opus"));
    expect(await client.next()).toEqual({ type: "close", code: 1003 });
    expect(rig.events).toMatchObject([
      { type: "stream-started", stream: 1, callId: "vc_1" },
      { type: "stream-lost", stream: 1, reason: "protocol" },
    ]);
    expect(rig.refused).toEqual(["stream-encoding"]);
  });

  it("that is started again goes on as it is, whatever the second start says", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    client.say(startFrame("CA-other"), startFrame(CALLER, "opus"), ["start"]);
    for (let n = 0; n < 5; n += 1) client.say(["media", SOUND]);
    await until(() => rig.of("stream-audio").length > 0);
    expect(rig.of("stream-started")).toHaveLength(1);
    expect(rig.of("stream-lost")).toEqual([]);
  });
});

describe("a socket before its start", () => {
  it("that says nothing is closed in time", async () => {
    const rig = await streamRig({ media: { preStartTimeoutMs: 30 } });
    const client = await rig.open(rig.expect("vc_1"));
    expect(await client.next()).toEqual({ type: "close", code: 1008 });
    expect([rig.events, rig.refused]).toEqual([[], ["stream-start-timeout"]]);
  });

  it("that keeps talking without one is closed in time all the same", async () => {
    const rig = await streamRig({ media: { preStartTimeoutMs: 60 } });
    const client = await rig.open(rig.expect("vc_1"));
    const talking = setInterval(() => client.say(["connected"]), 10);
    expect(await client.ending()).toEqual({ type: "close", code: 1008 });
    clearInterval(talking);
  });

  it("is given no more time than that by a valid start, which ends it", async () => {
    const rig = await streamRig({ media: { preStartTimeoutMs: 30 } });
    const client = await rig.start("vc_1");
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(rig.refused).toEqual([]);
    client.socket.destroy();
  });

  it("may send audio and what nobody knows a few times, and nothing of it is heard", async () => {
    const rig = await streamRig({ limits: { streamEarlyFrames: 4 } });
    const client = await rig.open(rig.expect("vc_1"));
    client.say(["media", SOUND], ["whatever"], ["explode"], ["mark", "m"], startFrame());
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
    const other = await rig.open(rig.expect("vc_2"));
    other.say(...Array.from({ length: 5 }, () => ["media", SOUND]), startFrame());
    expect(await other.next()).toEqual({ type: "close", code: 1008 });
    expect(rig.refused).toEqual(["stream-no-start"]);
    expect(rig.of("stream-started")).toHaveLength(1);
    expect(rig.of("stream-audio")).toEqual([]);
  });

  it("that stops is closed, and the token stays good", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1");
    const client = await rig.open(token);
    client.say(["stop"]);
    expect(await client.next()).toEqual({ type: "close", code: 1000 });
    expect((await rig.open(token)).status).toBe(101);
  });

  it("that breaks off does not use up the token of a genuine call", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1");
    for (let n = 0; n < 3; n += 1) {
      const client = await rig.open(token);
      client.socket.destroy();
      await client.closed;
    }
    const client = await rig.open(token);
    client.say(startFrame());
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
  });

  it("is closed when its call is over or has another token", async () => {
    const rig = await streamRig();
    const [one, two] = [await rig.open(rig.expect("a")), await rig.open(rig.expect("b"))];
    rig.obey({ type: "stream-forget", callId: "a" });
    rig.expect("b");
    expect(await one.next()).toEqual({ type: "close", code: 1008 });
    expect(await two.next()).toEqual({ type: "close", code: 1008 });
  });
});

describe("a token", () => {
  it("is used by the first valid start; the others that came with it are closed", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1");
    const [one, two, three] = [await rig.open(token), await rig.open(token), await rig.open(token)];
    two.say(startFrame());
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
    expect(await one.next()).toEqual({ type: "close", code: 1008 });
    expect(await three.next()).toEqual({ type: "close", code: 1008 });
    expect(rig.of("stream-lost")).toEqual([]);
    expect((await rig.open(token)).status).toBe(404);
  });

  it("whose two sockets start at the same moment makes one stream", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1");
    const both = [await rig.open(token), await rig.open(token)];
    for (const client of both) client.say(startFrame());
    await until(() => rig.refused.length === 1);
    expect(rig.of("stream-started")).toHaveLength(1);
    expect(rig.refused).toEqual(["stream-token"]);
  });

  it("S15: is not good again after its stream has left, not even when its instruction is written again", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1");
    const client = await rig.open(token);
    client.say(startFrame());
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
    client.socket.destroy();
    await until(() => rig.of("stream-lost").length === 1);
    expect((await rig.open(token)).status).toBe(404);
    rig.expect("vc_1", { token });
    expect((await rig.open(token)).status).toBe(404);
    // Another one is.
    await rig.start("vc_1");
  });
});

describe("a call", () => {
  it("that comes back with a new socket has its stream there, under a new number", async () => {
    const rig = await streamRig();
    const old = await rig.start("vc_1");
    const next = await rig.start("vc_1");
    expect(await old.ending()).toEqual({ type: "close", code: 1000 });
    expect(rig.events.filter(({ type }) => type.startsWith("stream-"))).toMatchObject([
      { type: "stream-started", stream: 1 },
      { type: "stream-lost", stream: 1, reason: "replaced" },
      { type: "stream-started", stream: 2 },
    ]);
    next.say(["dtmf", "5"]);
    await until(() => rig.of("key").length === 1);
    expect(rig.of("key")[0]).toMatchObject({ stream: 2, digit: "5" });
  });

  it("keeps its stream while a new socket has not started", async () => {
    const rig = await streamRig();
    await rig.start("vc_1");
    const next = await rig.open(rig.expect("vc_1"));
    expect(next.status).toBe(101);
    expect(rig.of("stream-lost")).toEqual([]);
    next.socket.destroy();
    await until(() => rig.refused.length === 1);
    expect(rig.of("stream-lost")).toEqual([]);
  });
});
