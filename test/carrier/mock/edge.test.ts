import { describe, expect, it, onTestFinished } from "vitest";
import { createMockCarrier, INSTANT } from "../../../src/carrier/mock/carrier.ts";
import { startEdge } from "../../../src/edge/supervisor.ts";
import type { StreamEvent } from "../../../src/media/commands.ts";
import { systemClock } from "../../../src/service/tools.ts";
import { sequentialIds } from "../../support/clock.ts";
import { recordedLog } from "../../support/recorded-log.ts";
import { instruction, live, outbound, PERSON, stream } from "./rig.ts";

const PATIENCE = { timeout: 10_000 };
const HELLO = 0x21;
const ANSWER = 0x42;

/** A mock call whose audio runs over a real socket into a real edge worker. */
async function calling() {
  const events: StreamEvent[] = [];
  const heard: number[] = [];
  /** What the person says, 20 ms each. */
  const speech = Array.from({ length: 10 }, () => Buffer.alloc(160, HELLO));
  const edge = await startEdge({
    settings: {
      bind: "127.0.0.1",
      port: 0,
      path: "/voice/webhook",
      streamPath: "/voice/stream",
      publicUrl: null,
      streamUrl: null,
      awaitsPublicUrl: false,
      security: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
      webhook: null,
      media: {
        carrier: { carrier: "mock", secrets: {}, skipSignatureVerification: false, loopbackBypass: false },
        preStartTimeoutMs: 60_000,
        maxPendingConnections: 4,
        maxPendingConnectionsPerIp: 4,
        maxConnections: 4,
      },
    },
    onFact: () => Promise.reject(new Error("the mock has no webhooks")),
    log: recordedLog(),
    graceMs: 0,
  });
  onTestFinished(() => edge.close());
  edge.streams.onEvent((event) => void events.push(event));
  const audio = {
    heard: (payload: Uint8Array) => void heard.push(...payload),
    speaks: () => speech.shift() ?? null,
  };
  const carrier = createMockCarrier({
    clock: systemClock,
    ids: sequentialIds(),
    pace: INSTANT,
    deliver: async () => ({ status: 200 }),
    script: { [PERSON]: { audio } },
    openStream: ({ id, carrierCallId }, token) => {
      const expiresAt = Date.now() + 60_000;
      const bargeIn = { pauseMs: 0, commitMs: 500, resumeMs: 2000 };
      edge.streams.send({
        type: "stream-expect",
        expected: { token, callId: id, carrierCallId, expiresAt, bargeIn },
      });
      return `ws://127.0.0.1:${edge.port}/voice/stream/${token}`;
    },
  });
  onTestFinished(() => carrier.close());
  const token = "a-token-that-nobody-guesses";
  const { carrierCallId } = await carrier.dial(outbound(PERSON), instruction(1, [], stream(token)), live);
  const find = <T extends StreamEvent["type"]>(type: T) =>
    events.find((event): event is Extract<StreamEvent, { type: T }> => event.type === type);
  await expect.poll(() => find("stream-started")?.stream, PATIENCE).toBeDefined();
  const started = find("stream-started");
  if (started === undefined) throw new Error("no stream was started");
  return { carrier, carrierCallId, edge, events, find, heard, started, token };
}

describe("the mock's phone and the edge", () => {
  it("talk with each other, press keys and part", async () => {
    const { carrier, carrierCallId, edge, events, find, heard, started, token } = await calling();
    const { stream: no } = started;
    expect(started).toMatchObject({ callId: "vc_1", carrierCallId, token });

    const said = (): number =>
      events
        .flatMap((event) => (event.type === "stream-audio" ? event.heard : []))
        .reduce((sum, { bytes }) => sum + bytes.filter((byte) => byte === HELLO).length, 0);
    await expect.poll(said, PATIENCE).toBe(1600);

    const bytes = new Uint8Array(800).fill(ANSWER);
    edge.streams.send({ type: "piece", stream: no, piece: 1, yields: "never" });
    const format = { encoding: "pcmu" } as const;
    edge.streams.send({ type: "piece-audio", stream: no, piece: 1, format, bytes });
    edge.streams.send({ type: "piece-end", stream: no, piece: 1 });
    await expect.poll(() => find("piece-played")?.piece, PATIENCE).toBe(1);
    expect(heard.filter((byte) => byte === ANSWER)).toHaveLength(800);

    await carrier.phone.press(carrierCallId, "5");
    await expect.poll(() => find("key")?.digit, PATIENCE).toBe("5");
    edge.streams.send({ type: "keys", stream: no, digits: "9#" });
    await expect.poll(() => find("keys-sent")?.stream, PATIENCE).toBe(no);
    const { lines } = await carrier.phone.screen(0);
    expect(lines.filter(({ kind }) => kind === "digits").map(({ text }) => text)).toEqual(["9", "#"]);

    await carrier.phone.hangUp(carrierCallId);
    await expect.poll(() => find("stream-lost")?.reason, PATIENCE).toBe("stopped");
  });
});
