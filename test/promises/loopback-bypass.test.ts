/**
 * A switch meant for a free tunnel on the developer's own machine let forged webhooks in on public servers. Here it
 * works only where tunnel, bind address and peer all agree, is announced on every use, and opens nothing else.
 */
import { describe, expect, it } from "vitest";
import { systemClock, randomIds } from "../../src/service/tools.ts";
import { connectCarrier } from "../../src/carrier/index.ts";
import { readConfig, type VoiceCallConfig } from "../../src/config/index.ts";
import { startEdge } from "../../src/edge/supervisor.ts";
import { listening, SETTINGS } from "../edge/fixtures/listening.ts";
import { dial, whole } from "../edge/fixtures/wire.ts";
import { recordedLog } from "../support/recorded-log.ts";
import { everybodyComesFrom } from "./unknown-address.ts";

const NGROK = { provider: "ngrok", allowNgrokFreeTierLoopbackBypass: true };
const WEBHOOK = "https://voice.example.test/voice/webhook";
const ACCOUNT = `AC${"0a".repeat(16)}`;

function configOf(changes: object): VoiceCallConfig {
  const twilio = { accountSid: ACCOUNT, authToken: "secret" };
  const reading = readConfig({ provider: "twilio", publicUrl: WEBHOOK, twilio, ...changes }, {});
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  return reading.config;
}

async function statusOfForgery(port: number): Promise<number> {
  const wire = await dial(port);
  await wire.send(whole({ claim: "forged" }, { signature: "00" }));
  return (await wire.reply()).status;
}

describe("the loopback bypass", () => {
  it.each<[string, object, boolean]>([
    ["ngrok and a loopback address", { tunnel: NGROK }, true],
    ["ngrok and a public address", { tunnel: NGROK, serve: { bind: "0.0.0.0" } }, false],
    ["ngrok and an address of the network", { tunnel: NGROK, serve: { bind: "192.168.0.2" } }, false],
    ["another tunnel", { tunnel: { ...NGROK, provider: "tailscale-funnel" } }, false],
    ["no tunnel", { tunnel: { ...NGROK, provider: "none" } }, false],
    ["ngrok, but not switched on", { tunnel: { provider: "ngrok" } }, false],
  ])("with %s reaches the listener as it should", async (_, changes, inForce) => {
    const config = configOf(changes);
    const { carrier, webhook } = await connectCarrier(config, {
      webhookUrl: () => WEBHOOK,
      openStream: () => {
        throw new Error("no audio is wanted");
      },
      fetch: () => Promise.reject(new Error("nothing is to be sent")),
      clock: systemClock,
      ids: randomIds,
      log: recordedLog(),
      security: {
        skipSignatureVerification: config.skipSignatureVerification,
        loopbackBypass: config.tunnel.allowNgrokFreeTierLoopbackBypass,
      },
      deliver: () => Promise.reject(new Error("nothing is to be delivered")),
      missed: () => {},
    });
    expect(webhook).toMatchObject({ loopbackBypass: inForce, skipSignatureVerification: false });
    await carrier.close();
  });

  it.each<[string | undefined, number]>([
    ["127.0.0.1", 204],
    ["::1", 204],
    ["::ffff:127.0.0.1", 204],
    ["203.0.113.7", 403],
    ["10.0.0.1", 403],
    ["::ffff:10.0.0.1", 403],
    ["127.0.0.1.example.com", 403],
    [undefined, 403],
  ])("answers a forged webhook from %s with %i", async (peer, status) => {
    const running = await listening({ unverified: true });
    everybodyComesFrom(peer);
    expect(await statusOfForgery(running.port)).toBe(status);
    expect([running.facts.length, running.bypassed]).toEqual(status === 204 ? [1, 1] : [0, 0]);
  });

  it("is not had by claiming to be near", async () => {
    const running = await listening({ unverified: true });
    everybodyComesFrom("203.0.113.7");
    const wire = await dial(running.port);
    const headers = ["X-Forwarded-For: 127.0.0.1", "X-Real-IP: ::1", "Forwarded: for=127.0.0.1"];
    await wire.send(whole({ claim: "forged" }, { signature: "00", headers, host: "localhost" }));
    expect((await wire.reply()).status).toBe(403);
    expect(running.facts).toEqual([]);
  });

  it("lets no other account in, nothing unsigned, and says each use in the log", async () => {
    const log = recordedLog();
    const secrets = { accountSid: ACCOUNT, authToken: "secret" };
    const webhook = { carrier: "twilio", secrets, skipSignatureVerification: false, loopbackBypass: true };
    const edge = await startEdge({
      settings: { ...SETTINGS, publicUrl: WEBHOOK, webhook },
      log,
      onFact: () => Promise.resolve({ reply: { status: 204 }, remember: false }),
    });
    const offer = {
      CallSid: `CA${"8".repeat(32)}`,
      CallStatus: "ringing",
      Direction: "inbound",
      To: "+15550001111",
    };
    const statusOf = async (accountSid: string, headers: readonly string[]): Promise<number> => {
      const body = new URLSearchParams({ ...offer, AccountSid: accountSid }).toString();
      const wire = await dial(edge.port);
      await wire.send(whole({ claim: "" }, { body, signature: null, headers }));
      const { status } = await wire.reply();
      wire.socket.destroy();
      return status;
    };
    try {
      const forged = ["X-Twilio-Signature: forged"];
      expect(await statusOf(ACCOUNT, [])).toBe(401);
      expect(await statusOf(`AC${"f".repeat(32)}`, forged)).toBe(403);
      expect(log.lines.filter(({ message }) => message.includes("invalid signature"))).toEqual([]);
      expect(await statusOf(ACCOUNT, forged)).toBe(204);
      expect(await statusOf(ACCOUNT, forged)).toBe(204);
    } finally {
      await edge.close();
    }
    const warnings = log.lines.filter(({ message }) => message.includes("invalid signature"));
    expect(warnings.every(({ level }) => level === "warn")).toBe(true);
    expect(warnings.reduce((sum, { fields }) => sum + Number(fields["count"]), 0)).toBe(2);
  });
});
