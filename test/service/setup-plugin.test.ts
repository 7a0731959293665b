import { describe, expect, it, onTestFinished } from "vitest";
import { openRecords } from "../../src/records.ts";
import { fakeHost } from "../host/fake-host.ts";
import { freePort, isListening, pluginIn, twilioConfig, twilioFor } from "../promises/gateway.ts";
import { publicSide } from "./public-side.ts";
import { checkOf, HOST } from "./setup-rig.ts";

/** A whole configuration at Twilio's emulator whose public URL leads to the listener. */
async function configured(changes: object = {}) {
  const port = await freePort();
  const { origin, seen } = await publicSide(() => port);
  const twilio = await twilioFor(() => port);
  const publicUrl = `${origin}/voice/webhook`;
  const config = { ...twilioConfig(twilio, port), publicUrl, ...changes };
  const own = { voiceUrl: publicUrl, voiceMethod: "POST", statusCallback: "" } as const;
  twilio.numbers.set("+15550001111", own);
  return { config, twilio, seen, port };
}

describe("the setup of the plugin", () => {
  it("is asked of the carrier, the public URL and the call records", async () => {
    const { config, seen } = await configured({ inboundPolicy: "pairing" });
    const { plugin } = pluginIn(config);
    await plugin.start();
    const report = await plugin.service.setup();
    expect(report.ok).toBe(true);
    for (const id of [
      "service",
      "listener",
      "outside.webhook",
      "outside.signature",
      "outside.audio",
      "inbound",
    ])
      expect(checkOf(report, id)).toMatchObject({ ok: true });
    expect(checkOf(report, "callers")).toMatchObject({ ok: false, level: "warning" });
    expect(seen).toHaveLength(3);
  });

  it("says why the phone does not run, and then asks nobody", async () => {
    const { config, twilio, seen } = await configured({ enabled: false });
    const { plugin } = pluginIn(config);
    await plugin.start();
    const report = await plugin.service.setup();
    expect(checkOf(report, "service").message).toContain("switched off");
    expect(checkOf(report, "account").message).toContain("Not checked");
    expect([report.ok, seen, twilio.requests]).toEqual([false, [], []]);
  });

  it("says that the port is another's", async () => {
    const { config } = await configured();
    const [first, second] = [pluginIn(config), pluginIn(config)];
    await first.plugin.start();
    await second.plugin.start();
    const report = await second.plugin.service.setup();
    expect(checkOf(report, "listener").message).toContain("the webhook port is in use");
    expect(report.ok).toBe(false);
  });

  it("from the disk starts no server, asks nobody and says what a running gateway would tell", async () => {
    const { config, twilio, seen, port } = await configured({ inboundPolicy: "pairing" });
    const host = fakeHost({ ...HOST, plugins: { entries: { "voice-call": { config } } } });
    const { service, stop } = await openRecords(host, {});
    onTestFinished(stop);
    const report = await service.setup();
    expect(await isListening(port)).toBe(false);
    expect([report.ok, seen, twilio.requests]).toEqual([false, [], []]);
    expect(checkOf(report, "credentials")).toMatchObject({ ok: true });
    expect(checkOf(report, "callers")).toMatchObject({ ok: false, level: "warning" });
    expect([await service.list(9), await service.latency(9), await service.status("vc_1")]).toEqual([
      [],
      [],
      null,
    ]);
    expect(await service.events({ after: null, limit: 9 })).toEqual({ cursor: 0, events: [] });
    const open = report.checks.filter(({ message }) => message.includes("needs a running gateway"));
    expect(open.map(({ id }) => id)).toContain("outside.webhook");
  });

  it("cannot be read from a file that is named and not there", async () => {
    const host = fakeHost({ ...HOST, plugins: { entries: { "voice-call": { config: {} } } } });
    await expect(openRecords(host, {}, "/nowhere/calls.sqlite")).rejects.toMatchObject({
      code: "VC_STORE_FAILED",
    });
  });
});
