import { describe, expect, it } from "vitest";
import { expose, type ExposeMode, type ExposeResult } from "../../src/exposure/index.ts";
import { machine } from "./machine.ts";
import { setHandler, tailscaleState, type ServeConfig } from "./stand-ins/serve-config.ts";
import { rejection, type Machine } from "./world.ts";

const ADDRESS = "gateway.tail1234.ts.net:443";

function ask(
  on: Machine,
  mode: ExposeMode,
  changes: { path?: string; port?: number } = {},
): Promise<ExposeResult> {
  const { local, webhookPath: servePath, streamPath } = on.order;
  return expose(mode, { local, path: servePath, port: 443, servePath, streamPath, ...changes }, on.tools);
}

describe("the command that exposes", () => {
  it("puts both paths up and leaves them there", async () => {
    const on = await machine();
    const result = await ask(on, "funnel");
    expect(result).toEqual({
      mode: "funnel",
      reach: "public",
      webhookUrl: "https://gateway.tail1234.ts.net/voice/webhook",
      streamUrl: "wss://gateway.tail1234.ts.net/voice/stream",
      changed: true,
    });
    expect(await on.visit(result.webhookUrl, "tailscale")).toMatchObject({ status: 200 });
    expect(await on.visit(result.streamUrl, "tailscale")).toMatchObject({ status: 101 });
  });

  it("changes nothing when it is asked twice", async () => {
    const on = await machine();
    await ask(on, "serve");
    const before = on.changes.length;
    expect(await ask(on, "serve")).toMatchObject({ mode: "serve", reach: "tailnet", changed: false });
    expect(on.changes).toHaveLength(before);
  });

  it("goes from tailnet to internet and back", async () => {
    const on = await machine();
    const { webhookUrl } = await ask(on, "serve");
    const isPublic = async () => (await on.visit(webhookUrl, "tailscale", "internet")).status === 200;
    expect(await isPublic()).toBe(false);
    await ask(on, "funnel");
    expect(await isPublic()).toBe(true);
    expect(await ask(on, "serve")).toMatchObject({ changed: true });
    expect(await isPublic()).toBe(false);
  });

  it("takes exactly ours off, both together, and says when there was nothing", async () => {
    const on = await machine();
    const config: ServeConfig = {};
    setHandler(config, ADDRESS, { path: "/shop", proxy: "http://127.0.0.1:8080", funnel: true });
    on.tailscale = tailscaleState({ config });
    await ask(on, "funnel");
    expect(await ask(on, "off")).toMatchObject({ mode: "off", reach: null, changed: true });
    expect(on.serving).toEqual(config);
    expect(await ask(on, "off")).toMatchObject({ changed: false });
    expect(on.serving).toEqual(config);
  });

  it("leaves somebody else's handler at our path alone when it takes off", async () => {
    const on = await machine();
    const config: ServeConfig = {};
    setHandler(config, ADDRESS, { path: "/voice/webhook", proxy: "http://127.0.0.1:8080", funnel: true });
    on.tailscale = tailscaleState({ config });
    expect(await ask(on, "off")).toMatchObject({ changed: false });
    expect(on.serving).toEqual(config);
  });

  it("takes off what it put up at another path and port", async () => {
    const on = await machine();
    const where = { path: "/phone", port: 8443 };
    const { webhookUrl, streamUrl } = await ask(on, "funnel", where);
    expect(webhookUrl).toBe("https://gateway.tail1234.ts.net:8443/phone");
    const off = await ask(on, "off", where);
    expect(off).toMatchObject({ webhookUrl, streamUrl, changed: true });
    expect(on.serving.Web).toEqual({});
  });

  it("takes off also while Tailscale is stopped, since the paths are still in its settings", async () => {
    const on = await machine();
    await ask(on, "serve");
    on.tailscale = { ...on.tailscale, backend: "Stopped" };
    expect(await ask(on, "off")).toMatchObject({ changed: true });
    expect(on.serving.Web).toEqual({});
  });

  it("does not claim to have taken off what is still there", async () => {
    const on = await machine();
    await ask(on, "serve");
    on.tailscale = { ...on.tailscale, offFails: "error: etag mismatch" };
    expect(await rejection(ask(on, "off"))).toMatchObject({ code: "VC_TUNNEL_FAILED" });
  });

  it("refuses a port that no funnel can use, before it runs anything", async () => {
    const on = await machine();
    const error = await rejection(ask(on, "funnel", { port: 9443 }));
    expect(error).toMatchObject({ code: "VC_REQUEST_INVALID" });
    expect(String(error)).toContain("443, 8443, 10000");
    expect(on.starts("tailscale")).toEqual([]);
  });

  it("withdraws the webhook when the audio path fails", async () => {
    const on = await machine();
    on.tailscale = tailscaleState({ refuse: { "/voice/stream": "no room" } });
    expect(await rejection(ask(on, "serve"))).toMatchObject({ code: "VC_TUNNEL_FAILED" });
    expect(on.serving.Web).toEqual({});
  });
});
