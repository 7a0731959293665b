import { describe, expect, it, test } from "vitest";
import type { ExposureSettings } from "../../src/exposure/index.ts";
import { machine } from "./machine.ts";
import { tailscaleState, type ServeConfig } from "./stand-ins/serve-config.ts";
import { rejection, type Machine } from "./world.ts";

const FUNNEL: ExposureSettings = { way: "tailscale", mode: "funnel", path: "/voice/webhook", port: 443 };
const SERVE: ExposureSettings = { ...FUNNEL, mode: "serve" };
const ADDRESS = "gateway.tail1234.ts.net:443";

/** A port at which somebody else serves these paths. */
const foreign = (paths: Record<string, string>, funnel = false): ServeConfig => ({
  TCP: { "443": { HTTPS: true } },
  Web: {
    [ADDRESS]: { Handlers: Object.fromEntries(Object.entries(paths).map(([p, Proxy]) => [p, { Proxy }])) },
  },
  ...(funnel ? { AllowFunnel: { [ADDRESS]: true } } : {}),
});

function serves(on: Machine, config: ServeConfig): void {
  on.tailscale = tailscaleState({ config });
}

describe("a Tailscale funnel", () => {
  it("exposes the webhook and the audio path together, and withdraws both together", async () => {
    const on = await machine();
    const exposure = await on.open(FUNNEL);
    expect(exposure).toMatchObject({
      webhookUrl: "https://gateway.tail1234.ts.net/voice/webhook",
      streamUrl: "wss://gateway.tail1234.ts.net/voice/stream",
      reach: "public",
    });
    expect(await on.visit(exposure.webhookUrl, "tailscale")).toMatchObject({
      status: 200,
      seen: "/voice/webhook",
    });
    expect(await on.visit(exposure.streamUrl, "tailscale")).toMatchObject({
      status: 101,
      seen: "/voice/stream",
    });
    await exposure.close();
    expect(await on.visit(exposure.webhookUrl, "tailscale")).toMatchObject({ status: 404 });
    expect(await on.visit(exposure.streamUrl, "tailscale")).toMatchObject({ status: 404 });
    expect(on.serving).toEqual({ TCP: {}, Web: {}, AllowFunnel: {} });
  });

  it("keeps queries and what follows the audio path", async () => {
    const on = await machine();
    const { webhookUrl, streamUrl } = await on.open(FUNNEL);
    expect((await on.visit(`${webhookUrl}?a=1&b=%20`, "tailscale")).seen).toBe("/voice/webhook?a=1&b=%20");
    expect((await on.visit(`${streamUrl}/token`, "tailscale")).seen).toBe("/voice/stream/token");
  });

  it("leads to nothing but the two paths", async () => {
    const on = await machine();
    await on.open(FUNNEL);
    for (const path of ["/", "/voice", "/voice/webhook-x", "/admin"]) {
      const visit = await on.visit(`https://gateway.tail1234.ts.net${path}`, "tailscale");
      expect([path, visit.status]).toEqual([path, 404]);
    }
  });

  it("may have another public path than the listener has, and another port", async () => {
    const on = await machine();
    const exposure = await on.open({ ...FUNNEL, path: "/phone", port: 8443 });
    expect(exposure.webhookUrl).toBe("https://gateway.tail1234.ts.net:8443/phone");
    expect(exposure.streamUrl).toBe("wss://gateway.tail1234.ts.net:8443/voice/stream");
    expect((await on.visit(exposure.webhookUrl, "tailscale")).seen).toBe("/voice/webhook");
  });

  it("runs exactly the commands that are documented", async () => {
    const on = await machine();
    await (await on.open(FUNNEL)).close();
    expect(on.changes).toEqual([
      `funnel --bg --https=443 --set-path=/voice/webhook ${on.target("/voice/webhook")}`,
      `funnel --bg --https=443 --set-path=/voice/stream ${on.target("/voice/stream")}`,
      "serve --https=443 --set-path=/voice/webhook off",
      "serve --https=443 --set-path=/voice/stream off",
    ]);
  });

  it("is withdrawn once, however often it is closed", async () => {
    const on = await machine();
    const exposure = await on.open(FUNNEL);
    await Promise.all([exposure.close(), exposure.close()]);
    await exposure.close();
    expect(on.changes.filter((line) => line.endsWith(" off"))).toHaveLength(2);
  });

  it("takes over the paths that a gateway which died has left, and removes them on close", async () => {
    const on = await machine();
    await on.open(FUNNEL);
    const before = on.changes.length;
    const exposure = await on.open(FUNNEL);
    expect(on.changes).toHaveLength(before);
    expect(await on.visit(exposure.webhookUrl, "tailscale")).toMatchObject({ status: 200 });
    await exposure.close();
    expect(on.serving.Web).toEqual({});
  });

  it("completes what a gateway which died has left half done", async () => {
    const on = await machine();
    serves(on, foreign({ "/voice/stream": on.target("/voice/stream") }, true));
    const exposure = await on.open(FUNNEL);
    expect(on.changes).toHaveLength(1);
    await exposure.close();
    expect(on.serving.Web).toEqual({});
  });

  it("opens what was served to the tailnet before, if it is all ours", async () => {
    const on = await machine();
    await on.open(SERVE);
    const exposure = await on.open(FUNNEL);
    expect(await on.visit(exposure.streamUrl, "tailscale")).toMatchObject({ status: 101 });
  });
});

describe("Tailscale Serve", () => {
  it("reaches the owner's devices, and says that a carrier cannot follow", async () => {
    const on = await machine();
    const exposure = await on.open(SERVE);
    expect(exposure.reach).toBe("tailnet");
    expect(await on.visit(exposure.webhookUrl, "tailscale", "tailnet")).toMatchObject({ status: 200 });
    expect(await on.visit(exposure.webhookUrl, "tailscale", "internet")).toMatchObject({ status: 404 });
  });

  it("may use any port", async () => {
    const on = await machine();
    const { webhookUrl } = await on.open({ ...SERVE, port: 9443 });
    expect(webhookUrl).toBe("https://gateway.tail1234.ts.net:9443/voice/webhook");
  });
});

describe("handlers of somebody else", () => {
  it("are never clobbered: a taken path is refused, named with what takes it and how to free it", async () => {
    const on = await machine();
    const config = foreign({ "/voice/webhook": "http://127.0.0.1:9999/other" });
    serves(on, config);
    const error = await rejection(on.open(FUNNEL));
    expect(error).toMatchObject({ code: "VC_TUNNEL_CONFLICT" });
    expect(String(error)).toContain("/voice/webhook on HTTPS port 443 leads to http://127.0.0.1:9999/other.");
    expect(String(error)).toContain("`tailscale serve --https=443 --set-path=/voice/webhook off`");
    expect(on.serving).toEqual(config);
    expect(on.changes).toEqual([]);
  });

  test.each([
    ["the audio path", { "/voice/stream": "http://127.0.0.1:9999" }],
    [
      "a path that differs by its last slash, which would win",
      { "/voice/webhook/": "http://127.0.0.1:9999" },
    ],
    ["the same path of a listener on another port", { "/voice/webhook": "http://127.0.0.1:1/voice/webhook" }],
    ["the same port without the path in the target", { "/voice/stream": "http://127.0.0.1:9/" }],
  ])("are never clobbered at %s", async (_, paths) => {
    const on = await machine();
    const config = foreign(paths, true);
    serves(on, config);
    expect(await rejection(on.open(FUNNEL))).toMatchObject({ code: "VC_TUNNEL_CONFLICT" });
    expect(on.serving).toEqual(config);
  });

  it("are not made public by a funnel on their port", async () => {
    const on = await machine();
    const config = foreign({ "/": "http://127.0.0.1:8080", "/wiki": "http://127.0.0.1:8081" });
    serves(on, config);
    const error = await rejection(on.open(FUNNEL));
    expect(error).toMatchObject({ code: "VC_TUNNEL_CONFLICT" });
    expect(String(error)).toMatch(/serves \/, \/wiki to your tailnet, which would become public/u);
    expect(String(error)).toContain("use one of 443, 8443 and 10000 that serves nothing else");
    expect(on.serving).toEqual(config);
  });

  it("are not taken off the internet by Serve on their port", async () => {
    const on = await machine();
    const config = foreign({ "/shop": "http://127.0.0.1:8080" }, true);
    serves(on, config);
    expect(await rejection(on.open(SERVE))).toMatchObject({ code: "VC_TUNNEL_CONFLICT" });
    expect(on.serving).toEqual(config);
  });

  it("that are public already share their port, stay as they are, and are still there afterwards", async () => {
    const on = await machine();
    const config = foreign({ "/shop": "http://127.0.0.1:8080", "/": "http://127.0.0.1:8081" }, true);
    serves(on, config);
    const exposure = await on.open(FUNNEL);
    expect(Object.keys(on.serving.Web?.[ADDRESS]?.Handlers ?? {}).toSorted()).toEqual([
      "/",
      "/shop",
      "/voice/stream",
      "/voice/webhook",
    ]);
    await exposure.close();
    expect(on.serving).toEqual(config);
  });

  it("on other ports are not looked at", async () => {
    const on = await machine();
    const config = foreign({ "/voice/webhook": "http://127.0.0.1:9999" });
    serves(on, config);
    await (await on.open({ ...FUNNEL, port: 8443 })).close();
    expect(on.serving).toMatchObject(config);
  });

  it("that took our path meanwhile are left alone on close", async () => {
    const on = await machine();
    const exposure = await on.open(FUNNEL);
    const theirs = foreign({
      "/voice/webhook": "http://127.0.0.1:9999",
      "/voice/stream": on.target("/voice/stream"),
    });
    serves(on, theirs);
    await exposure.close();
    expect(on.serving.Web?.[ADDRESS]?.Handlers).toEqual({
      "/voice/webhook": { Proxy: "http://127.0.0.1:9999" },
    });
  });

  it("that joined our funnel stay public, and that is said", async () => {
    const on = await machine();
    const exposure = await on.open(FUNNEL);
    const state = on.tailscale;
    Object.assign(state.config.Web?.[ADDRESS]?.Handlers ?? {}, { "/late": { Text: "hello" } });
    on.tailscale = state;
    await exposure.close();
    expect(on.log.lines).toContainEqual({
      level: "warn",
      message: "Other paths share the port of the funnel, and stay public.",
      fields: { port: 443, paths: "/late" },
    });
    expect(Object.keys(on.serving.Web?.[ADDRESS]?.Handlers ?? {})).toEqual(["/late"]);
  });

  test.each([
    ["a forwarder that is not HTTPS", { TCP: { "443": { TCPForward: "127.0.0.1:22" } } }],
    [
      "a `tailscale serve` or `tailscale funnel` in the foreground",
      { Foreground: { session1: { TCP: { "443": { HTTPS: true } } } } },
    ],
  ])("of another kind, %s, keep the port", async (kind, config) => {
    const on = await machine();
    serves(on, config);
    const error = await rejection(on.open(FUNNEL));
    expect(error).toMatchObject({ code: "VC_TUNNEL_CONFLICT" });
    expect(String(error)).toContain(`HTTPS port 443 is taken by ${kind}.`);
    expect(on.changes).toEqual([]);
  });
});
