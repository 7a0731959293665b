/** Live audio through the worker thread and its supervisor. */
import { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Clock } from "../../../src/call/ports.ts";
import type { EdgeLimits } from "../../../src/edge/limits.ts";
import type { ListenerSettings } from "../../../src/edge/protocol.ts";
import { startEdge, type EdgeHandle } from "../../../src/edge/supervisor.ts";
import type { Expected, StreamEvent } from "../../../src/media/commands.ts";
import { recordedLog } from "../../support/recorded-log.ts";
import { sign } from "../fixtures/carrier.ts";
import { SETTINGS } from "../fixtures/listening.ts";
import { openSocket, type WebSocketClient } from "../fixtures/websocket.ts";
import { MEDIA, SOUND, startFrame, STREAM_PATH } from "./rig.ts";

interface Rig {
  readonly edge: EdgeHandle;
  readonly events: StreamEvent[];
  readonly workers: Worker[];
  readonly log: ReturnType<typeof recordedLog>;
  expect(callId: string, changes?: Partial<Expected>): string;
  open(token: string, origin?: string): Promise<WebSocketClient>;
  start(callId: string): Promise<WebSocketClient>;
  started(): readonly number[];
}

/** The edge with the test carrier's audio and no webhooks. */
async function rig(
  options: {
    readonly settings?: Partial<ListenerSettings>;
    readonly limits?: Partial<EdgeLimits>;
    readonly clock?: Clock;
    readonly graceMs?: number;
    readonly real?: boolean;
  } = {},
): Promise<Rig> {
  const workers: Worker[] = [];
  const events: StreamEvent[] = [];
  const log = recordedLog();
  const spawn = (): Worker => {
    const worker = new Worker(new URL("../fixtures/worker.ts", import.meta.url), {
      workerData: { lingerMs: 200, reportFirstMs: 5, ...options.limits },
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    workers.push(worker);
    return worker;
  };
  const edge = await startEdge({
    settings: { ...SETTINGS, webhook: null, media: MEDIA, ...options.settings },
    onFact: () => Promise.reject(new Error("there are no webhooks")),
    log,
    graceMs: options.graceMs ?? 0,
    ...(options.real === true ? {} : { spawn }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  onTestFinished(() => edge.close());
  edge.streams.onEvent((event) => void events.push(event));

  let tokens = 0;
  const result: Rig = {
    edge,
    events,
    workers,
    log,
    expect: (callId, changes = {}) => {
      tokens += 1;
      const expected = {
        token: `${"t".repeat(20)}-${tokens}`,
        callId,
        carrierCallId: null,
        expiresAt: Date.now() + 30_000,
        bargeIn: { pauseMs: 120, commitMs: 500, resumeMs: 2000 },
        ...changes,
      };
      edge.streams.send({ type: "stream-expect", expected });
      return expected.token;
    },
    open: (token, origin = "ws://127.0.0.1") => {
      const target = `${STREAM_PATH}/${token}`;
      return openSocket(edge.port, target, { headers: { "X-Test-Signature": sign(origin + target, "") } });
    },
    start: async (callId) => {
      const before = result.started().length;
      const client = await result.open(result.expect(callId));
      client.say(startFrame());
      await expect.poll(() => result.started().length, { timeout: 10_000 }).toBe(before + 1);
      return client;
    },
    started: () => events.flatMap((event) => (event.type === "stream-started" ? [event.stream] : [])),
  };
  return result;
}

const isBack = ({ log }: Rig) =>
  expect.poll(() => log.lines.at(-1)?.message, { timeout: 10_000 }).toContain("is back");

describe("live audio in the worker", () => {
  it("is heard in the main thread, and what that says is heard by the caller", async () => {
    const test = await rig();
    const client = await test.start("vc_1");
    for (let n = 0; n < 5; n += 1) client.say(["media", SOUND]);
    const heard = (): number =>
      test.events
        .flatMap((event) => (event.type === "stream-audio" ? event.heard : []))
        .reduce((sum, { bytes }) => sum + bytes.length, 0);
    await expect.poll(heard, { timeout: 10_000 }).toBe(800);
    const bytes = new Uint8Array(400).fill(0x21);
    const { streams } = test.edge;
    streams.send({ type: "piece", stream: 1, piece: 1, yields: "never" });
    streams.send({ type: "piece-audio", stream: 1, piece: 1, format: { encoding: "pcmu" }, bytes });
    streams.send({ type: "piece-end", stream: 1, piece: 1 });
    // It has gone along with its memory.
    expect(bytes.byteLength).toBe(0);
    const loud = Buffer.alloc(160, 0x21).toString("base64");
    for (;;) {
      const next = await client.next();
      if (next.type !== "text") throw new Error(next.type);
      if (next.text.includes(loud)) break;
    }
  });

  it("reports refusals by reason and nothing of what was sent", async () => {
    const test = await rig();
    const secret = "a-token-that-was-guessed";
    expect((await test.open(secret)).status).toBe(404);
    await expect
      .poll(() => test.log.lines, { timeout: 10_000 })
      .toMatchObject([{ fields: { "stream-token": 1 } }]);
    expect(JSON.stringify(test.log.lines)).not.toContain(secret);
  });

  it("is verified against the URL of a tunnel as soon as there is one", async () => {
    const test = await rig({ settings: { awaitsPublicUrl: true } });
    const token = test.expect("vc_1");
    expect((await test.open(token, "wss://a.example")).status).toBe(503);
    test.edge.setPublicUrl("https://a.example/voice/webhook");
    await expect
      .poll(async () => (await test.open(token, "wss://a.example")).status, { timeout: 10_000 })
      .toBe(101);
  });

  it("of a carrier that has none is no reason to start", async () => {
    const carrier = { ...MEDIA.carrier, carrier: "constructor" };
    await expect(rig({ settings: { media: { ...MEDIA, carrier } }, real: true })).rejects.toMatchObject({
      code: "VC_LISTENER_FAILED",
      details: { problem: expect.stringContaining("has no audio sockets") as string },
    });
  });

  it("with the real worker takes Telnyx's sockets", async () => {
    const carrier = { ...MEDIA.carrier, carrier: "telnyx" };
    const test = await rig({ settings: { media: { ...MEDIA, carrier } }, real: true });
    const client = await test.open(test.expect("vc_1"));
    client.say({
      event: "start",
      stream_id: "a-stream",
      start: {
        call_control_id: "v3:call",
        media_format: { encoding: "PCMU", sample_rate: 8000, channels: 1 },
      },
    });
    await expect
      .poll(() => test.events, { timeout: 10_000 })
      .toMatchObject([{ type: "stream-started", stream: 1, carrierCallId: "v3:call" }]);
  });
});

describe("a worker that dies", () => {
  it("has lost its streams, and the next one numbers its own anew", async () => {
    const test = await rig();
    await test.start("vc_1");
    await test.start("vc_2");
    await test.workers[0]?.terminate();
    await isBack(test);
    expect(test.events.filter(({ type }) => type === "stream-lost")).toEqual([
      { type: "stream-lost", stream: 1, reason: "closed" },
      { type: "stream-lost", stream: 2, reason: "closed" },
    ]);
    await test.start("vc_3");
    expect(test.started()).toEqual([1, 2, 3]);
  });

  it("leaves tokens good that were not used, and no others", async () => {
    const test = await rig();
    const [open, over, late] = [test.expect("a"), test.expect("b"), test.expect("c", { expiresAt: 1 })];
    const client = await test.start("d");
    const used = `${"t".repeat(20)}-4`;
    test.edge.streams.send({ type: "stream-forget", callId: "b" });
    await test.workers[0]?.terminate();
    await client.closed;
    await isBack(test);
    // Its instruction is written again.
    test.expect("d", { token: used });
    for (const token of [over, late, used]) expect((await test.open(token)).status).toBe(404);
    expect((await test.open(open)).status).toBe(101);
  });

  it("takes what it is told meanwhile along to the next", async () => {
    const test = await rig();
    await test.workers[0]?.terminate();
    await expect.poll(() => test.log.lines.at(-1)?.message, { timeout: 10_000 }).toContain("started again");
    test.edge.setPublicUrl("https://a.example/voice/webhook");
    const [token, void_] = [test.expect("vc_1"), test.expect("vc_2")];
    test.edge.streams.send({ type: "stream-forget", callId: "vc_2" });
    test.edge.streams.send({ type: "stop", stream: 1 });
    await isBack(test);
    expect((await test.open(void_, "wss://a.example")).status).toBe(404);
    expect((await test.open(token, "wss://a.example")).status).toBe(101);
  });
});

describe("closing", () => {
  it("loses the streams that are left after the grace", async () => {
    const test = await rig();
    const client = await test.start("vc_1");
    await test.edge.close();
    expect(test.events.at(-1)).toEqual({ type: "stream-lost", stream: 1, reason: "closed" });
    expect(test.workers[0]?.threadId).toBe(-1);
    expect(await client.ending()).toEqual({ type: "close", code: 1001 });
    await client.closed;
    // Nobody is there to hear it.
    test.edge.streams.send({ type: "stop", stream: 1 });
  });

  it("of a worker that does not listen to reason loses them too", async () => {
    const test = await rig();
    await test.start("vc_1");
    const [worker] = test.workers;
    // It is stopped for good in the middle of a frame.
    (await test.start("vc_2")).say(["hang"]);
    await test.edge.close();
    expect(worker?.threadId).toBe(-1);
    expect(test.events.filter(({ type }) => type === "stream-lost")).toHaveLength(2);
  });

  it("does not hurt the gateway when whoever listens throws", async () => {
    const test = await rig();
    const client = await test.start("vc_1");
    test.edge.streams.onEvent(() => {
      throw new Error("boom");
    });
    client.say(["stop"]);
    await expect.poll(() => test.log.lines.at(-1), { timeout: 10_000 }).toMatchObject({ level: "error" });
  });
});
