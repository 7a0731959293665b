import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Carrier } from "../../../src/call/ports.ts";
import { createTwilioCarrier } from "../../../src/carrier/twilio/index.ts";
import { startTwilioEmulator, type Fault, type TwilioEmulator } from "../../emulator/twilio/index.ts";
import { noStream } from "../samples.ts";
import { ACCOUNT, OUTBOUND, TOKEN, WEBHOOK } from "./fixtures.ts";

const { signal } = new AbortController();

let emulator: TwilioEmulator;
let carrier: Carrier;

beforeEach(async () => {
  emulator = await startTwilioEmulator({ accountSid: ACCOUNT, authToken: TOKEN });
  carrier = connect();
});

afterEach(async () => {
  await carrier.close();
  await emulator.close();
});

const connect = ({ authToken = TOKEN } = {}): Carrier =>
  createTwilioCarrier(
    { accountSid: ACCOUNT, authToken, region: "us1", apiBaseUrl: emulator.url },
    { webhookUrl: () => WEBHOOK, openStream: noStream, fetch, missed: () => {} },
  );

describe("asking about the account", () => {
  const own = {
    voiceUrl: "https://voice.example.test/voice/webhook",
    voiceMethod: "POST",
    statusCallback: "",
  } as const;

  it("tells that it is active, whose the number is and where its calls go, and changes nothing", async () => {
    emulator.numbers.set(OUTBOUND.from, own);
    expect(await carrier.inspect(OUTBOUND.from, signal)).toEqual({
      credentials: "accepted",
      ownsNumber: true,
      inboundUrl: own.voiceUrl,
      inboundMethod: "POST",
      clockSkewMs: expect.any(Number),
    });
    expect(emulator.requests.map(({ method, operation }) => [method, operation])).toEqual([
      ["GET", "account"],
      ["GET", "numbers"],
    ]);
  });

  it("tells that nothing is set for the number, or that it is somebody else's", async () => {
    emulator.numbers.set(OUTBOUND.from, { ...own, voiceUrl: "" });
    expect(await carrier.inspect(OUTBOUND.from, signal)).toMatchObject({
      ownsNumber: true,
      inboundUrl: null,
    });
    const other = await carrier.inspect(OUTBOUND.to, signal);
    expect(other).toMatchObject({ credentials: "accepted", ownsNumber: false });
    expect(other.inboundUrl).toBeUndefined();
    expect(await carrier.inspect(null, signal)).toMatchObject({ credentials: "accepted", ownsNumber: null });
  });

  it("tells how far the clocks are apart", async () => {
    emulator.account.clockSkewMs = -3_600_000;
    const { clockSkewMs } = await carrier.inspect(null, signal);
    expect(Math.round((clockSkewMs ?? 0) / 60_000)).toBe(-60);
  });

  it("tells that the credentials are wrong, or the account is suspended", async () => {
    const stranger = connect({ authToken: "wrong-token" });
    expect(await stranger.inspect(OUTBOUND.from, signal)).toMatchObject({
      credentials: "refused",
      detail: "HTTP 401",
    });
    emulator.account.status = "suspended";
    expect(await carrier.inspect(OUTBOUND.from, signal)).toMatchObject({
      credentials: "refused",
      detail: "the account is suspended",
    });
  });

  it.each<[string, Fault]>([
    ["a server error", { kind: "error", status: 503 }],
    ["a broken connection", { kind: "reset" }],
  ])("never throws: %s is nobody reached", async (_, fault) => {
    emulator.fail("account", fault);
    expect(await carrier.inspect(OUTBOUND.from, signal)).toMatchObject({
      credentials: "unreachable",
      ownsNumber: null,
    });
  });

  it("whose numbers cannot be listed still tells of the credentials", async () => {
    emulator.fail("numbers", { kind: "error", status: 503 });
    expect(await carrier.inspect(OUTBOUND.from, signal)).toMatchObject({
      credentials: "accepted",
      ownsNumber: null,
    });
  });
});
