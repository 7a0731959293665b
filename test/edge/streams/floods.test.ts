/** Whatever anybody opens and holds, a genuine call gets its socket. */
import { describe, expect, it } from "vitest";
import { dial } from "../fixtures/wire.ts";
import { handshake, openSocket, type WebSocketClient } from "../fixtures/websocket.ts";
import { CALLER, startFrame, STREAM_PATH, streamRig, until, type StreamRig } from "./rig.ts";

/** A whole call: its socket is opened, starts and is heard. The number of its stream. */
async function talks(rig: StreamRig, callId: string): Promise<number | undefined> {
  const client = await rig.start(callId);
  const before = rig.of("key").length;
  client.say(["dtmf", "1"]);
  await until(() => rig.of("key").length === before + 1);
  return rig.of("key").at(-1)?.stream;
}

const many = <T>(count: number, one: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => one(at)));

describe("S16, S17: a genuine call connects", () => {
  it("beside 200 connections that say nothing", async () => {
    const rig = await streamRig();
    await many(200, () => dial(rig.port));
    expect(await talks(rig, "vc_1")).toBe(1);
  });

  it("beside more of them than there may be connections, and a live stream is none of those", async () => {
    const rig = await streamRig({ limits: { connections: 8 } });
    expect(await talks(rig, "vc_1")).toBe(1);
    await many(40, () => dial(rig.port));
    expect(await talks(rig, "vc_2")).toBe(2);
    expect(rig.of("stream-lost")).toEqual([]);
    expect(rig.refused.every((reason) => reason === "connection-evicted")).toBe(true);
  });

  it("beside 200 handshakes that never end", async () => {
    const rig = await streamRig();
    await many(200, async () => {
      const wire = await dial(rig.port);
      await wire.send(handshake(`${STREAM_PATH}/${"f".repeat(24)}`).slice(0, -4));
    });
    expect(await talks(rig, "vc_1")).toBe(1);
  });

  it("beside 200 sockets with forged tokens, of which none is opened", async () => {
    const rig = await streamRig();
    const statuses = await many(
      200,
      async (at) => (await openSocket(rig.port, `${STREAM_PATH}/forged-token-number-${at}`)).status,
    );
    expect(new Set(statuses)).toEqual(new Set([404]));
    expect(rig.refused).toHaveLength(200);
    expect(await talks(rig, "vc_1")).toBe(1);
  });

  it("beside 200 of them at the very moment it does so itself", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1");
    const forged = many(200, (at) => openSocket(rig.port, `${STREAM_PATH}/forged-token-number-${at}`));
    const genuine = rig.open(token);
    await forged;
    (await genuine).say(startFrame());
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
  });

  it("beside 200 sockets of another call whose token has leaked, of which only so many stay", async () => {
    const rig = await streamRig();
    const leaked = rig.expect("vc_leaked");
    const held: WebSocketClient[] = await many(200, () => rig.open(leaked));
    expect(new Set(held.map(({ status }) => status))).toEqual(new Set([101]));
    // Four surplus ones of one address, and the newest.
    expect(rig.refused).toEqual(Array.from({ length: 195 }, () => "stream-evicted"));
    const [first] = held;
    expect(await first?.next()).toEqual({ type: "close", code: 1013 });
    expect(await talks(rig, "vc_1")).toBe(1);
  });

  it("beside 200 idle sockets with its own token", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1");
    await many(200, () => rig.open(token));
    const genuine = await rig.open(token);
    genuine.say(startFrame(CALLER));
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
  });

  it("when 100 others do so at once, all from one proxy's address", async () => {
    const rig = await streamRig();
    const tokens = Array.from({ length: 100 }, (_, at) => rig.expect(`vc_${at}`));
    const clients = await many(100, (at) => rig.open(tokens[at] ?? ""));
    for (const client of clients) client.say(startFrame());
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(100);
    expect(rig.refused).toEqual([]);
  });

  it("when as many are open as may be, in place of its own old socket", async () => {
    const rig = await streamRig({ media: { maxConnections: 2 } });
    expect(await talks(rig, "vc_1")).toBe(1);
    expect(await talks(rig, "vc_2")).toBe(2);
    expect(await talks(rig, "vc_1")).toBe(3);
    expect(rig.of("stream-lost")).toMatchObject([{ stream: 1, reason: "replaced" }]);
  });
});

describe("one socket more than there may be", () => {
  it("is refused, whoever it is of, until one is gone", async () => {
    const rig = await streamRig({ media: { maxConnections: 2 } });
    const first = await rig.start("vc_1");
    await rig.open(rig.expect("vc_2"));
    expect((await rig.open(rig.expect("vc_3"))).status).toBe(503);
    expect(rig.refused).toEqual(["stream-full"]);
    first.socket.destroy();
    await until(() => rig.of("stream-lost").length === 1);
    expect((await rig.open(rig.expect("vc_3"))).status).toBe(101);
  });

  it("is any where there may be none", async () => {
    const rig = await streamRig({ media: { maxConnections: 0 } });
    expect((await rig.open(rig.expect("vc_1"))).status).toBe(503);
  });

  it("counts as one while 50 requests for it come at once", async () => {
    const rig = await streamRig({ media: { maxConnections: 3 } });
    const tokens = Array.from({ length: 50 }, (_, at) => rig.expect(`vc_${at}`));
    const statuses = await many(50, async (at) => (await rig.open(tokens[at] ?? "")).status);
    expect(statuses.filter((status) => status === 101)).toHaveLength(3);
    expect(statuses.filter((status) => status === 503)).toHaveLength(47);
  });
});

describe("sockets that share a call's token", () => {
  it("are told apart by the address that a trusted proxy has seen", async () => {
    const security = { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: ["127.0.0.1"] };
    const rig = await streamRig({ settings: { security }, media: { maxPendingConnectionsPerIp: 1 } });
    const token = rig.expect("vc_1");
    const from = (address: string) => rig.open(token, { headers: { "X-Forwarded-For": address } });
    const carrier = await from("198.51.100.7");
    for (let n = 0; n < 20; n += 1) await from("203.0.113.66");
    expect(rig.refused).toEqual(Array.from({ length: 18 }, () => "stream-evicted"));
    carrier.say(startFrame());
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
  });

  it("are not told apart by what a peer says that nobody trusts", async () => {
    const rig = await streamRig({ media: { maxPendingConnectionsPerIp: 1 } });
    const token = rig.expect("vc_1");
    for (let n = 0; n < 5; n += 1)
      await rig.open(token, { headers: { "X-Forwarded-For": `198.51.100.${n}` } });
    expect(rig.refused).toHaveLength(3);
  });

  it("are alone each where none may pend beside another", async () => {
    const rig = await streamRig({ media: { maxPendingConnections: 0 } });
    const token = rig.expect("vc_1");
    const [old, young] = [await rig.open(token), await rig.open(token)];
    expect(await old.next()).toEqual({ type: "close", code: 1013 });
    young.say(startFrame());
    await expect.poll(() => rig.of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
  });
});
