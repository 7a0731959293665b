import { describe, expect, it } from "vitest";
import { exposeListener } from "../../src/expose.ts";
import type { ExposeWish } from "../../src/surface/cli/deps.ts";
import { machine } from "../exposure/machine.ts";
import { rejection, type Machine } from "../exposure/world.ts";
import { fakeHost } from "../host/fake-host.ts";
import { recordedLog } from "../support/recorded-log.ts";

const HOST = "gateway.tail1234.ts.net";
const WEBHOOK = `https://${HOST}/voice/webhook`;

/** The command on this machine, with this configuration and no gateway. */
function ask(
  on: Machine,
  wish: Omit<ExposeWish, "signal">,
  config: object = {},
  signal = new AbortController().signal,
) {
  const serve = { port: on.order.local.port };
  const settings = { serve, ...config };
  return exposeListener(
    { ...wish, signal },
    {
      api: fakeHost({ plugins: { entries: { "voice-call": { config: settings } } } }),
      env: {},
      log: recordedLog(),
      programs: on.tools.programs,
    },
  );
}

describe("the expose command on a machine with Tailscale", () => {
  it("leads both paths to the configured listener and names what to configure", async () => {
    const on = await machine();
    const exposed = await ask(on, { mode: "funnel" });
    expect(exposed).toEqual({
      mode: "funnel",
      webhookUrl: WEBHOOK,
      streamUrl: `wss://${HOST}/voice/stream`,
      reach: "public",
      changed: true,
      publicUrl: { now: null, should: WEBHOOK },
      notes: [],
    });
    expect(await on.visit(exposed.webhookUrl, "tailscale")).toMatchObject({
      status: 200,
      seen: "/voice/webhook",
    });
    expect(await on.visit(exposed.streamUrl, "tailscale")).toMatchObject({
      status: 101,
      seen: "/voice/stream",
    });
  });

  it("changes nothing the second time, and takes all of it back", async () => {
    const on = await machine();
    const publicUrl = WEBHOOK;
    await ask(on, { mode: "funnel" });
    expect(await ask(on, { mode: "funnel" }, { publicUrl })).toMatchObject({
      changed: false,
      publicUrl: { now: WEBHOOK, should: WEBHOOK },
    });
    expect(await ask(on, { mode: "off" }, { publicUrl })).toMatchObject({
      changed: true,
      reach: null,
      publicUrl: { now: WEBHOOK, should: null },
    });
    expect(on.serving.Web).toEqual({});
    expect(await ask(on, { mode: "off" })).toMatchObject({
      changed: false,
      publicUrl: { now: null, should: null },
    });
  });

  it("takes paths and ports from the configuration, and the command's own over them", async () => {
    const on = await machine();
    const config = {
      serve: { port: on.order.local.port, path: "/in" },
      tailscale: { path: "/phone", port: 8443 },
      streaming: { streamPath: "/sound" },
    };
    expect(await ask(on, { mode: "funnel" }, config)).toMatchObject({
      webhookUrl: `https://${HOST}:8443/phone`,
      streamUrl: `wss://${HOST}:8443/sound`,
      notes: [],
    });
    const own = { mode: "serve", path: "/other", port: 10_000, servePath: "/in" } as const;
    const { webhookUrl } = await ask(on, own, config);
    expect(webhookUrl).toBe(`https://${HOST}:10000/other`);
    expect(await on.visit(webhookUrl, "tailscale", "tailnet")).toMatchObject({ seen: "/in" });
  });

  it("follows the listener's path where the public one has no setting of its own", async () => {
    const on = await machine();
    const { webhookUrl, notes } = await ask(on, { mode: "serve", servePath: "/voice/new" });
    expect(webhookUrl).toBe(`https://${HOST}/voice/new`);
    expect(notes).toEqual([expect.stringContaining("does not serve /voice/new")]);
  });

  it("says what would not fit", async () => {
    const on = await machine();
    expect((await ask(on, { mode: "funnel", path: "/pbx/voice/webhook" })).notes).toEqual([
      expect.stringContaining(`wss://${HOST}/pbx/voice/stream`),
    ]);
    expect((await ask(on, { mode: "funnel" }, { tailscale: { mode: "funnel" } })).notes).toEqual([
      expect.stringContaining("use one of the two"),
    ]);
  });

  it("keeps to itself a tailnet that carriers do not reach", async () => {
    expect(await ask(await machine(), { mode: "serve" })).toMatchObject({
      reach: "tailnet",
      publicUrl: { should: null },
    });
  });

  it.each([
    ["a configuration that is not valid", { colour: 1 }, "VC_CONFIG_INVALID"],
    ["a listener whose port nobody knows", { serve: { port: 0 } }, "VC_REQUEST_INVALID"],
  ])("refuses %s before it runs anything", async (_, config, code) => {
    const on = await machine();
    expect(await rejection(ask(on, { mode: "funnel" }, config))).toMatchObject({ code });
    expect(on.starts("tailscale")).toEqual([]);
  });

  it("refuses a port that a funnel cannot use", async () => {
    const on = await machine();
    expect(await rejection(ask(on, { mode: "funnel", port: 9_999 }))).toMatchObject({
      code: "VC_REQUEST_INVALID",
    });
  });

  it("says that the program is not installed", async () => {
    expect(await rejection(ask(await machine({ installed: [] }), { mode: "serve" }))).toMatchObject({
      code: "VC_TUNNEL_MISSING",
    });
  });
});
