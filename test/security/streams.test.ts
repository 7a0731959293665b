/** Audio sockets, with each carrier's own frames and signatures: who gets one, for what, and how long. */
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { describe, expect, it } from "vitest";
import { canonical, signature } from "../../src/carrier/plivo/signature.ts";
import { CARRIERS } from "../../src/carrier/list.ts";
import { buildMedia } from "../../src/edge/carrier-parts.ts";
import type { MediaSettings } from "../../src/edge/protocol.ts";
import { TALKING, type TalkingCarrier } from "../edge/fuzz-stream-frames.ts";
import { dial } from "../edge/fixtures/wire.ts";
import { frame, openSocket } from "../edge/fixtures/websocket.ts";
import { STREAM_PATH, streamRig, until } from "../edge/streams/rig.ts";
import { WEBHOOK } from "./carriers.ts";

const ORIGIN = "wss://voice.example.test";
const OURS = "call-of-ours";

type Headers = Readonly<Record<string, string>>;

/** What the carrier signs the opening of a socket with. */
const SIGNATURES: Readonly<Record<TalkingCarrier["name"], ((key: string, url: string) => Headers) | null>> = {
  mock: null,
  telnyx: null,
  twilio: (key, url) => ({ "X-Twilio-Signature": getExpectedTwilioSignature(key, url, {}) }),
  plivo: (key, url) => ({
    "X-Plivo-Signature-V3-Nonce": "nonce-1",
    "X-Plivo-Signature-V3": signature(key, canonical(url.replace("wss:", "http:"), []), "nonce-1"),
  }),
};

async function standing(carrier: TalkingCarrier, media: Partial<MediaSettings> = {}) {
  const { name, secrets } = carrier;
  const settings = { carrier: name, secrets, skipSignatureVerification: false, loopbackBypass: false };
  const rig = await streamRig({
    carrier: await buildMedia(settings),
    settings: { publicUrl: WEBHOOK },
    media,
  });
  const sign = SIGNATURES[name] ?? (() => ({}));
  const signed = (token: string, key = secrets["authToken"] ?? "") =>
    sign(key, `${ORIGIN}${STREAM_PATH}/${token}`);
  const open = (token: string, headers: Headers = signed(token)) =>
    openSocket(rig.port, `${STREAM_PATH}/${token}`, { headers });
  const expected = (callId: string) => rig.expect(callId, { carrierCallId: OURS });
  const start = carrier.start(OURS, "a-stream");
  /** A whole call, whose caller presses a key. */
  const talks = async (callId: string): Promise<void> => {
    const client = await open(expected(callId));
    const before = rig.of("key").length;
    client.say(start, carrier.key("5"));
    await until(() => rig.of("key").length > before);
    client.socket.destroy();
  };
  return { ...rig, open, signed, expected, start, talks };
}

const many = <T>(count: number, one: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => one(at)));

it("S14: every carrier's sockets are held to the same rules, those of whichever carrier comes next too", () => {
  const talking = Object.entries(CARRIERS).filter(([, { media }]) => media !== null);
  expect(talking.map(([name]) => name).toSorted()).toEqual(
    TALKING.map(({ name }) => name as string).toSorted(),
  );
});

describe.each(TALKING)("an audio socket of $name", (carrier) => {
  it("S13: is opened for no one who knows the call and every id of it, but not its token", async () => {
    const { port, expected, signed, events } = await standing(carrier);
    const token = expected("vc_1");
    const guesses = [
      "vc_1",
      OURS,
      `${token.slice(0, -1)}2`,
      token.toUpperCase(),
      "0".repeat(24),
      "__proto__".repeat(3),
    ];
    for (const guess of guesses) {
      const client = await openSocket(port, `${STREAM_PATH}/${guess}`, { headers: signed(guess) });
      expect(client).toMatchObject({ status: 404, headers: { connection: "close" } });
    }
    for (const target of [
      STREAM_PATH,
      `${STREAM_PATH}?token=${token}`,
      `/voice/webhook/${token}`,
      `/${token}`,
    ]) {
      expect((await openSocket(port, target, { headers: signed(token) })).status).toBe(404);
    }
    expect(events).toEqual([]);
  });

  it("S13, S32: makes no stream for another call than the token's, however genuine everything else is", async () => {
    const { open, expected, start, events, of } = await standing(carrier);
    const token = expected("vc_1");
    for (const claimed of ["call-of-theirs", `${OURS}x`, OURS.toUpperCase()]) {
      const client = await open(token);
      client.say(carrier.start(claimed, "a-stream"), carrier.media("", 1));
      expect(await client.ending()).toEqual({ type: "close", code: 1008 });
    }
    expect(events).toEqual([]);
    (await open(token)).say(start);
    await expect.poll(() => of("stream-started"), { timeout: 10_000 }).toHaveLength(1);
  });

  it("S14, S32: is opened under the carrier's own signature alone where it signs, which does not use up the token", async () => {
    const { open, expected, signed, events, talks, of } = await standing(carrier);
    const token = expected("vc_1");
    const forged = [{}, signed(token, "another-key"), signed(`${token}x`), signed(token, "")];
    const statuses = [];
    for (const headers of forged) {
      const client = await open(token, headers);
      statuses.push(client.status);
      client.socket.destroy();
    }
    const signs = SIGNATURES[carrier.name] !== null;
    expect(new Set(statuses)).toEqual(new Set([signs ? 403 : 101]));
    expect(events).toEqual([]);
    await talks("vc_1");
    expect(of("stream-started")).toHaveLength(1);
  });

  it("S15: is opened by a token once, for thirty seconds and no longer, and not after its call", async () => {
    const { open, expected, start, of, time, obey } = await standing(carrier);
    const [used, late, over] = [expected("a"), expected("b"), expected("c")];
    const client = await open(used);
    client.say(start);
    await until(() => of("stream-started").length === 1);
    expect((await open(used)).status).toBe(404);
    client.socket.destroy();
    await until(() => of("stream-lost").length === 1);
    expect((await open(used)).status).toBe(404);
    obey({ type: "stream-forget", callId: "c" });
    expect((await open(over)).status).toBe(404);
    time.ms += 30_000;
    expect((await open(late)).status).toBe(404);
    expect(of("stream-started")).toHaveLength(1);
  });

  it("S16: that begins nothing is closed in time, and no number of idle or forged ones keeps a call out", async () => {
    const { open, expected, talks, of, port, refused } = await standing(carrier, { preStartTimeoutMs: 300 });
    const idle = await open(expected("vc_idle"));
    const forged = many(100, (at) => open(`forged-token-number-${at}`));
    const silent = many(100, () => dial(port));
    await talks("vc_1");
    expect(of("stream-started")).toHaveLength(1);
    expect(new Set((await forged).map(({ status }) => status))).toEqual(new Set([404]));
    await silent;
    expect(await idle.next()).toEqual({ type: "close", code: 1008 });
    expect(refused).toContain("stream-start-timeout");
  });

  it("S17: has its place from the upgrade on, so that one too many is refused however many ask at once", async () => {
    const { open, expected, refused, talks, of } = await standing(carrier, { maxConnections: 4 });
    const tokens = Array.from({ length: 40 }, (_, at) => expected(`vc_${at}`));
    const clients = await many(40, (at) => open(tokens[at] ?? ""));
    expect(clients.filter(({ status }) => status === 101)).toHaveLength(4);
    expect(clients.filter(({ status }) => status === 503)).toHaveLength(36);
    expect(refused).toEqual(Array.from({ length: 36 }, () => "stream-full"));
    for (const { socket } of clients) socket.destroy();
    await until(() => refused.filter((reason) => reason === "stream-left").length === 4);
    await talks("vc_100");
    expect(of("stream-started")).toHaveLength(1);
  });

  it("S18: takes no frame of two megabytes, neither before its start nor after, and reads none of it", async () => {
    const { open, expected, start, of, refused } = await standing(carrier);
    const huge = frame(`{"event":"${"x".repeat(2 * 1024 * 1024)}"}`);
    const [early, live] = [await open(expected("a")), await open(expected("b"))];
    early.raw(huge);
    live.say(start);
    await until(() => of("stream-started").length === 1);
    live.raw(huge);
    expect(await early.ending()).toEqual({ type: "close", code: 1009 });
    expect(await live.ending()).toEqual({ type: "close", code: 1009 });
    await until(() => of("stream-lost").length === 1);
    expect(of("stream-lost")).toMatchObject([{ reason: "protocol" }]);
    expect(refused).toEqual(["stream-frame-size", "stream-frame-size"]);
  });
});
