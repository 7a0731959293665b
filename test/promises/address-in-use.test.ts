/**
 * A second webhook server was started, by a tool call, a command or a restart: "address already in use", and not even
 * a status could be had. Here one plugin owns the port, everybody else shares it, and it is free again after a stop.
 */
import { describe, expect, it } from "vitest";
import { findService } from "../../src/host/slot.ts";
import { freePort, isListening, pluginIn, twilioConfig, twilioFor } from "./gateway.ts";

const hello = { message: "Hello?", mode: "notify", requester: { surface: "tool" } } as const;

describe("the port of the webhook", () => {
  it("is opened once by starts and calls at the same moment, which all succeed", async () => {
    const port = await freePort();
    const twilio = await twilioFor(() => port);
    const { plugin, ports, complaints } = pluginIn(twilioConfig(twilio, port));
    const calls = ["+15550002221", "+15550002222"].map((to) => plugin.service.initiate({ ...hello, to }));
    const [, ...placed] = await Promise.all([plugin.start(), ...calls]);
    expect(placed).toMatchObject([{ provider: "twilio" }, { provider: "twilio" }]);
    expect([ports(), complaints()]).toEqual([[port], []]);
    await Promise.all(twilio.calls.map(({ ended }) => ended));
  });

  it("held by another gateway leaves this one up with one warning, and is taken over once it is free", async () => {
    const port = await freePort();
    const twilio = await twilioFor(() => port);
    const first = pluginIn(twilioConfig(twilio, port));
    const second = pluginIn(twilioConfig(twilio, port));
    await first.plugin.start();
    await second.plugin.start();
    const taken = { code: "VC_LISTENER_PORT_TAKEN" };
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(second.plugin.service.initiate({ ...hello, to: "+15550002223" })).rejects.toMatchObject(
        taken,
      );
    expect(second.plugin.service.problem()).toMatchObject(taken);
    expect(second.complaints()).toHaveLength(1);
    expect(await second.plugin.service.setup()).toMatchObject({ ok: false });

    await first.plugin.stop();
    await expect(second.plugin.service.initiate({ ...hello, to: "+15550002223" })).resolves.toBeDefined();
    expect(second.ports()).toEqual([port]);
    expect(twilio.calls).toHaveLength(1);
    await twilio.calls[0]?.ended;
  });

  it("is free after a stop, and what was stopped neither takes it again nor places a call", async () => {
    const port = await freePort();
    const twilio = await twilioFor(() => port);
    const { plugin, ports } = pluginIn(twilioConfig(twilio, port));
    await plugin.start();
    expect(await isListening(port)).toBe(true);
    await plugin.stop();
    expect(await isListening(port)).toBe(false);
    const late = plugin.service.initiate({ ...hello, to: "+15550002224" });
    await expect(late).rejects.toMatchObject({ code: "VC_NOT_RUNNING" });
    expect([ports(), await isListening(port), twilio.requests]).toEqual([[port], false, []]);
  });
});

describe("a restart inside one process", () => {
  it("leaves the new instance working, whatever the old one still does", async () => {
    const older = pluginIn({ provider: "mock" });
    const newer = pluginIn({ provider: "mock" });
    await older.plugin.start();
    await newer.plugin.start();
    await older.plugin.stop();
    await older.plugin.stop();
    expect(findService()).toBe(newer.plugin.service);
    const call = await findService().initiate({ ...hello, to: "+15550002225" });
    expect(await newer.plugin.service.status(call.callId)).toMatchObject({ to: "+15550002225" });
    await newer.plugin.service.end(call.callId);
    await expect(older.plugin.service.status(call.callId)).rejects.toMatchObject({ code: "VC_NOT_RUNNING" });
  });
});
