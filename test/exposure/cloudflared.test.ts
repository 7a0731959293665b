import { describe, expect, it, test } from "vitest";
import { QuickTunnelReader } from "../../src/exposure/cloudflared.ts";
import type { ExposureSettings } from "../../src/exposure/index.ts";
import { virtualClock } from "../support/clock.ts";
import { machine } from "./machine.ts";
import { isAlive, outlast, rejection, until } from "./world.ts";

const CLOUDFLARED: ExposureSettings = { way: "cloudflared" };

describe("a cloudflared quick tunnel", () => {
  it("leads to the webhook and to the audio", async () => {
    const on = await machine();
    const exposure = await on.open(CLOUDFLARED);
    expect(exposure).toMatchObject({
      webhookUrl: "https://quick-brown-fox-jumps.trycloudflare.com/voice/webhook",
      streamUrl: "wss://quick-brown-fox-jumps.trycloudflare.com/voice/stream",
      reach: "public",
    });
    expect(await on.visit(exposure.webhookUrl, "cloudflared")).toMatchObject({ status: 200 });
    expect(await on.visit(exposure.streamUrl, "cloudflared")).toMatchObject({ status: 101 });
    await exposure.close();
    expect(isAlive(on.farEnd("cloudflared")?.pid ?? 0)).toBe(false);
  });

  it("runs exactly the command that is documented: a configuration file of its own would make it answer 404", async () => {
    const on = await machine();
    await on.open(CLOUDFLARED);
    expect(on.starts("cloudflared").map(({ args }) => args)).toEqual([
      ["tunnel", "--config", "/dev/null", "--no-autoupdate", "--url", on.target("")],
    ]);
  });

  test.each([1, 3, 1_000])("understands an address that comes out in pieces of %i bytes", async (pieces) => {
    const on = await machine();
    on.behave("cloudflared", { pieces });
    expect((await on.open(CLOUDFLARED)).webhookUrl).toContain("quick-brown-fox-jumps");
  });

  it("that is not installed is named", async () => {
    const on = await machine({ installed: [] });
    expect(await rejection(on.open(CLOUDFLARED))).toMatchObject({ code: "VC_TUNNEL_MISSING" });
  });

  it("that cannot be had says why", async () => {
    const on = await machine();
    on.behave("cloudflared", {
      failWith:
        'failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: no such host',
    });
    const error = await rejection(on.open(CLOUDFLARED));
    expect(error).toMatchObject({ code: "VC_TUNNEL_FAILED" });
    expect(String(error)).toContain("failed to request quick Tunnel");
  });

  it("that prints garbage for ever is given up, and its process ended", async () => {
    const clock = virtualClock();
    const on = await machine({ clock });
    on.behave("cloudflared", { garbage: true });
    const opening = on.open(CLOUDFLARED);
    void opening.catch(() => {});
    await until(() => on.starts("cloudflared").length === 1);
    expect(await outlast(clock, opening)).toMatchObject({ code: "VC_TUNNEL_TIMEOUT" });
    await until(() => !isAlive(on.starts("cloudflared")[0]?.pid ?? 0));
  });

  it("that dies is told once; opened again, it works", async () => {
    const on = await machine();
    await on.open(CLOUDFLARED);
    process.kill(on.farEnd("cloudflared")?.pid ?? 0, "SIGTERM");
    await until(() => on.lost.length > 0);
    expect(on.lost).toHaveLength(1);
    expect(on.lost[0]).toMatch(/^cloudflared ended: /u);
    const exposure = await on.open(CLOUDFLARED);
    expect(await on.visit(exposure.webhookUrl, "cloudflared")).toMatchObject({ status: 200 });
  });
});

/** What is known of the address after these lines. */
const read = (...lines: string[]) => {
  const reader = new QuickTunnelReader();
  return lines.map((line) => reader.read(line)).at(-1);
};

describe("the address of a quick tunnel", () => {
  it("counts once the first connection stands", () => {
    expect(read("INF |  https://a-b-c.trycloudflare.com  |")).toBeUndefined();
    expect(
      read("|  https://a-b-c.trycloudflare.com  |", "INF Registered tunnel connection connIndex=0"),
    ).toBe("https://a-b-c.trycloudflare.com");
    expect(read("https://a-b.trycloudflare.com", "INF Connection 1a2b-3c registered connIndex=0")).toBe(
      "https://a-b.trycloudflare.com",
    );
  });

  test.each([
    'Post "https://api.trycloudflare.com/tunnel": EOF',
    "https://www.cloudflare.com/website-terms/",
    "https://a-b.trycloudflare.com.evil.example",
    "http://a-b.trycloudflare.com",
  ])("is not found in %s", (line) => {
    expect(read(line, "Registered tunnel connection")).toBeUndefined();
  });
});
