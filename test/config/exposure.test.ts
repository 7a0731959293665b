import { describe, expect, it, test } from "vitest";
import { readConfig } from "../../src/config/index.ts";

const MOCK = { provider: "mock" };

describe("a way to be reached that the plugin opens", () => {
  test.each([
    ["ngrok", { tunnel: { provider: "ngrok" } }],
    ["cloudflared", { tunnel: { provider: "cloudflared" } }],
    ["Tailscale as tunnel", { tunnel: { provider: "tailscale-funnel" } }],
    ["Tailscale", { tailscale: { mode: "serve" } }],
  ])("%s needs a fixed port of the listener", (_, way) => {
    const free = readConfig({ ...MOCK, ...way, serve: { port: 0 } }, {});
    expect(free).toMatchObject({ ok: false, issues: [{ path: "serve.port" }] });
    expect(readConfig({ ...MOCK, ...way, serve: { port: 4000 } }, {})).toMatchObject({ ok: true });
    expect(readConfig({ ...MOCK, ...way }, {})).toMatchObject({ ok: true });
  });

  test.each([
    [{ publicUrl: "https://x.example/w", tunnel: { provider: "cloudflared" } }, "publicUrl", "neither"],
    [{ publicUrl: "https://x.example/w", tailscale: { mode: "funnel" } }, "publicUrl", "neither"],
    [{ tunnel: { provider: "ngrok" }, tailscale: { mode: "serve" } }, "tailscale.mode", "used instead"],
  ])("beside another one is said to be too many: %j", (raw, path, words) => {
    const reading = readConfig({ ...MOCK, ...raw }, {});
    if (!reading.ok) throw new Error("refused");
    expect(reading.warnings.filter((warning) => warning.path === path)).toMatchObject([
      { problem: expect.stringContaining(words) },
    ]);
  });

  it("is refused where signatures are not checked", () => {
    const raw = { ...MOCK, tunnel: { provider: "cloudflared" }, skipSignatureVerification: true };
    expect(readConfig(raw, {})).toMatchObject({ ok: false, issues: [{ path: "skipSignatureVerification" }] });
  });

  it("is the only one for which a free port is refused", () => {
    expect(readConfig({ ...MOCK, serve: { port: 0 } }, {})).toMatchObject({ ok: true });
  });
});
