import { describe, expect, it } from "vitest";
import { streamUrlRule } from "../../../src/edge/streams/stream-url.ts";
import { staticUrls } from "../../../src/exposure/urls.ts";

const target = "/voice/stream/the-token";

function urlOf(
  changes: Partial<Parameters<typeof streamUrlRule>[0]>,
  headers: Readonly<Record<string, string>> = {},
): string {
  const rule = streamUrlRule({
    publicUrl: null,
    streamUrl: null,
    path: "/voice/webhook",
    streamPath: "/voice/stream",
    security: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
    ...changes,
  });
  return rule({ target, headers: { host: "127.0.0.1:3334", ...headers }, peer: "127.0.0.1" });
}

describe("the URL that a socket was opened at", () => {
  it("is what it was announced as", () => {
    const publicUrl = "https://a.example/elsewhere";
    expect(urlOf({ publicUrl, streamUrl: "wss://a.example/audio" })).toBe("wss://a.example/audio/the-token");
  });

  it.each([
    ["https://a.example/voice/webhook", "wss://a.example/voice/stream/the-token"],
    ["https://a.example:8443/voice/webhook?x=1", "wss://a.example:8443/voice/stream/the-token"],
    ["https://a.example/pbx/voice/webhook", "wss://a.example/pbx/voice/stream/the-token"],
    ["https://a.example/calls", "wss://a.example/voice/stream/the-token"],
    ["http://a.example/voice/webhook", "ws://a.example/voice/stream/the-token"],
  ])("follows from the webhook's %s, as it was told to the carrier", (publicUrl, expected) => {
    expect(urlOf({ publicUrl })).toBe(expected);
    const order = {
      local: { host: "127.0.0.1", port: 1 },
      webhookPath: "/voice/webhook",
      streamPath: "/voice/stream",
    };
    expect(urlOf({ publicUrl })).toBe(`${staticUrls(publicUrl, order).streamUrl}/the-token`);
  });

  it("is of the host that was asked when there is no public URL", () => {
    expect(urlOf({})).toBe("ws://127.0.0.1:3334/voice/stream/the-token");
  });

  it("is of the host that a trusted proxy was asked for, and of nobody else's", () => {
    const headers = { "x-forwarded-host": "a.example", "x-forwarded-proto": "https" };
    const security = { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: ["127.0.0.1"] };
    expect(urlOf({ security }, headers)).toBe("wss://a.example/voice/stream/the-token");
    expect(urlOf({}, headers)).toBe("ws://127.0.0.1:3334/voice/stream/the-token");
  });
});
