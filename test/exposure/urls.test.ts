import { describe, expect, it, test } from "vitest";
import { readConfig } from "../../src/config/index.ts";
import { exposureSettings } from "../../src/exposure/index.ts";
import { localOrigin, publicOrigin } from "../../src/exposure/urls.ts";
import { machine } from "./machine.ts";
import { rejection } from "./world.ts";

function settings(raw: object, env = {}) {
  const reading = readConfig(raw, env);
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  return exposureSettings(reading.config);
}

describe("the way that is configured", () => {
  test.each([
    ["nothing", {}, null],
    [
      "a public URL",
      { publicUrl: "https://x.example/w" },
      { way: "static", publicUrl: "https://x.example/w" },
    ],
    ["ngrok", { tunnel: { provider: "ngrok" } }, { way: "ngrok", authToken: undefined, domain: undefined }],
    [
      "ngrok with token and domain",
      { tunnel: { provider: "ngrok", ngrokAuthToken: "t", ngrokDomain: "d.example" } },
      { way: "ngrok", authToken: "t", domain: "d.example" },
    ],
    ["cloudflared", { tunnel: { provider: "cloudflared" } }, { way: "cloudflared" }],
    [
      "a funnel as tunnel",
      { tunnel: { provider: "tailscale-funnel" } },
      { way: "tailscale", mode: "funnel", path: "/voice/webhook", port: 443 },
    ],
    [
      "Serve as tunnel",
      { tunnel: { provider: "tailscale-serve" }, tailscale: { path: "/p", port: 9443 } },
      { way: "tailscale", mode: "serve", path: "/p", port: 9443 },
    ],
    [
      "Tailscale itself",
      { tailscale: { mode: "funnel", port: 8443 }, serve: { path: "/hook" } },
      { way: "tailscale", mode: "funnel", path: "/hook", port: 8443 },
    ],
  ])("is %s", (_, raw, expected) => {
    expect(settings(raw)).toEqual(expected);
  });

  it("is the public URL before a tunnel, and a tunnel before Tailscale", () => {
    const tunnel = { provider: "cloudflared" };
    const tailscale = { mode: "funnel" };
    expect(settings({ publicUrl: "https://x.example/w", tunnel, tailscale })).toMatchObject({
      way: "static",
    });
    expect(settings({ publicUrl: "https://x.example/w", tailscale })).toMatchObject({ way: "static" });
    expect(settings({ tunnel, tailscale })).toEqual({ way: "cloudflared" });
  });

  it("takes the ngrok token and domain from the environment", () => {
    const env = { NGROK_AUTHTOKEN: "from-env", NGROK_DOMAIN: "env.example" };
    expect(settings({ tunnel: { provider: "ngrok" } }, env)).toMatchObject({
      authToken: "from-env",
      domain: "env.example",
    });
  });
});

describe("a public URL of one's own", () => {
  test.each([
    ["https://x.example/voice/webhook", "wss://x.example/voice/stream"],
    ["https://x.example:8443/voice/webhook", "wss://x.example:8443/voice/stream"],
    ["https://x.example/pbx/voice/webhook", "wss://x.example/pbx/voice/stream"],
    ["https://x.example/elsewhere", "wss://x.example/voice/stream"],
    ["https://x.example/voice/webhook?key=1", "wss://x.example/voice/stream"],
    ["https://x.example", "wss://x.example/voice/stream"],
    ["http://127.0.0.1:3334/voice/webhook", "ws://127.0.0.1:3334/voice/stream"],
  ])("%s is used as it is, and has its audio at %s", async (publicUrl, streamUrl) => {
    const on = await machine();
    const exposure = await on.open({ way: "static", publicUrl });
    expect(exposure).toMatchObject({ webhookUrl: publicUrl, streamUrl, reach: "public" });
    await exposure.close();
    expect(on.starts("tailscale")).toEqual([]);
  });
});

describe("an announced URL", () => {
  test.each([
    "https://a.ngrok.app",
    "https://a.ngrok.app/",
    "https://a.b.ts.net:8443",
    "https://203.0.114.9",
  ])("%s is one that a carrier can reach", (url) => {
    expect(publicOrigin("ngrok", url)).toBe(new URL(url).origin);
  });

  test.each([
    "http://a.ngrok.app",
    "tcp://1.tcp.ngrok.io:1234",
    "https://localhost",
    "https://127.8.8.8",
    "https://0.0.0.0",
    "https://10.0.0.1",
    "https://172.20.1.1",
    "https://192.168.0.1",
    "https://169.254.1.1",
    "https://100.127.0.1",
    "https://[::1]",
    "https://[fe80::1]",
    "https://[fdab::1]",
    "https://[::ffff:192.168.0.1]",
    "https://intranet",
    "not a URL",
    "",
  ])("%s is none, and refused", async (url) => {
    const error = await rejection(Promise.resolve().then(() => publicOrigin("ngrok", url)));
    expect(error).toMatchObject({ code: "VC_TUNNEL_NOT_PUBLIC" });
  });
});

describe("the listener, as a program on this machine reaches it", () => {
  test.each([
    ["127.0.0.1", "http://127.0.0.1:3334"],
    ["0.0.0.0", "http://127.0.0.1:3334"],
    ["::", "http://[::1]:3334"],
    ["::1", "http://[::1]:3334"],
    ["[::1]", "http://[::1]:3334"],
    ["localhost", "http://localhost:3334"],
    ["192.168.1.5", "http://192.168.1.5:3334"],
  ])("bound to %s is at %s", (host, origin) => {
    expect(localOrigin({ host, port: 3334 })).toBe(origin);
  });
});
