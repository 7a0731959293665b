import { describe, expect, it, test } from "vitest";
import type { ExposureSettings } from "../../src/exposure/index.ts";
import { virtualClock } from "../support/clock.ts";
import { machine } from "./machine.ts";
import { tailscaleState, type TailscaleState } from "./stand-ins/serve-config.ts";
import { isAlive, outlast, rejection, until, type Machine } from "./world.ts";

const FUNNEL: ExposureSettings = { way: "tailscale", mode: "funnel", path: "/voice/webhook", port: 443 };
const LOGIN = "https://login.tailscale.com/f/funnel?node=n1234CNTRL";

const waitFor = (on: Machine, starts: number) => until(() => on.starts("tailscale").length === starts);
const noneIsAlive = (on: Machine) => until(() => on.starts("tailscale").every(({ pid }) => !isAlive(pid)));

describe("Tailscale that cannot be used", () => {
  it("because it is not installed is named", async () => {
    const on = await machine({ installed: ["ngrok"] });
    const error = await rejection(on.open(FUNNEL));
    expect(error).toMatchObject({ code: "VC_TUNNEL_MISSING" });
    expect(String(error)).toContain("tailscale is not installed");
  });

  test.each<[string, Partial<TailscaleState>, string, string]>([
    [
      "nobody is logged in",
      { backend: "NeedsLogin" },
      "VC_TUNNEL_NOT_ALLOWED",
      "run `tailscale up` and log in",
    ],
    [
      "a login is under way",
      { backend: "NeedsLogin", authUrl: "https://login.tailscale.com/a/abc123" },
      "VC_TUNNEL_LOGIN",
      "https://login.tailscale.com/a/abc123",
    ],
    ["it is stopped", { backend: "Stopped" }, "VC_TUNNEL_NOT_ALLOWED", "stopped on this machine"],
    ["the machine is not approved", { backend: "NeedsMachineAuth" }, "VC_TUNNEL_NOT_ALLOWED", "approve it"],
    ["it is only starting", { backend: "Starting" }, "VC_TUNNEL_NOT_ALLOWED", "not up (Starting)"],
    ["MagicDNS is off", { dnsName: "" }, "VC_TUNNEL_NOT_ALLOWED", "MagicDNS"],
    ["its daemon is down", { daemonDown: true }, "VC_TUNNEL_FAILED", "failed to connect to local tailscaled"],
    [
      "funnels are not permitted",
      { capabilities: ["https"] },
      "VC_TUNNEL_NOT_ALLOWED",
      "node attribute `funnel`",
    ],
    ["there are no certificates", { certDomains: [] }, "VC_TUNNEL_NOT_ALLOWED", "HTTPS certificates"],
    [
      "the gateway's user may not change it",
      {
        refuse: { "/voice/webhook": "Access denied: serve config denied\n\nUse 'sudo tailscale funnel …'." },
      },
      "VC_TUNNEL_NOT_ALLOWED",
      "sudo tailscale set --operator",
    ],
    ["it forgets what it is told", { forgetful: true }, "VC_TUNNEL_FAILED", "its status does not show them"],
  ])("because %s says so, and nothing of it is left", async (_, state, code, words) => {
    const on = await machine();
    on.tailscale = tailscaleState(state);
    const error = await rejection(on.open(FUNNEL));
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(words);
    expect(on.serving.Web ?? {}).toEqual({});
  });

  test.each(["localhost", "gateway.local", "127.0.0.1", "100.101.102.103"])(
    "because its name is %s is refused: no carrier gets there",
    async (name) => {
      const on = await machine();
      on.tailscale = tailscaleState({ dnsName: `${name}.` });
      expect(await rejection(on.open(FUNNEL))).toMatchObject({ code: "VC_TUNNEL_NOT_PUBLIC" });
      expect(on.changes).toEqual([]);
    },
  );

  test.each([
    ["garbage", "not JSON"],
    ["a list", "[]"],
    ["nothing", ""],
  ])("because it answers %s fails by name", async (_, answer) => {
    const on = await machine();
    const programs = {
      ...on.tools.programs,
      start: (...given: Parameters<typeof on.tools.programs.start>) => {
        given[2].stdout(answer);
        return { ended: Promise.resolve({ ok: true, how: "exit code 0" }), stop: async () => {} };
      },
    };
    const error = await rejection(on.open(FUNNEL, { programs }));
    expect(error).toMatchObject({ code: "VC_TUNNEL_FAILED" });
    expect(String(error)).toContain("`tailscale status --json`");
  });
});

describe("a start with Tailscale that fails", () => {
  it("at the audio path withdraws the webhook, and the next start can succeed", async () => {
    const on = await machine();
    on.tailscale = tailscaleState({ refuse: { "/voice/stream": "error: failed apply web serve: no room" } });
    const error = await rejection(on.open(FUNNEL));
    expect(error).toMatchObject({ code: "VC_TUNNEL_FAILED" });
    expect(String(error)).toContain("no room");
    expect(on.serving.Web).toEqual({});
    on.tailscale = tailscaleState({ config: on.serving });
    expect(await on.open(FUNNEL)).toMatchObject({ reach: "public" });
  });

  it("and cannot be undone says which commands take it back", async () => {
    const on = await machine();
    on.tailscale = tailscaleState({
      refuse: { "/voice/stream": "no room" },
      offFails: "error: etag mismatch",
    });
    expect(await rejection(on.open(FUNNEL))).toMatchObject({ code: "VC_TUNNEL_FAILED" });
    expect(on.log.lines.at(-1)).toMatchObject({
      level: "warn",
      fields: { commands: "tailscale serve --https=443 --set-path=/voice/webhook off" },
    });
  });

  it("because it was called off leaves nothing", async () => {
    const on = await machine();
    on.tailscale = tailscaleState({ enableUrl: LOGIN });
    const opening = rejection(on.open(FUNNEL));
    await waitFor(on, 3);
    on.giveUp.abort(new Error("stopped"));
    expect(await opening).toMatchObject({ message: "stopped" });
    expect(on.serving).toEqual({});
    await noneIsAlive(on);
  });

  it("before it began, because it was called off, runs nothing", async () => {
    const on = await machine();
    on.giveUp.abort(new Error("stopped"));
    expect(await rejection(on.open(FUNNEL))).toMatchObject({ message: "stopped" });
    expect(on.starts("tailscale")).toEqual([]);
  });
});

describe("closing Tailscale", () => {
  it("never rejects, and says what is left", async () => {
    const on = await machine();
    const exposure = await on.open(FUNNEL);
    on.tailscale = { ...on.tailscale, offFails: "error: etag mismatch" };
    await exposure.close();
    expect(on.log.lines.at(-1)?.fields["commands"]).toBe(
      "tailscale serve --https=443 --set-path=/voice/webhook off; tailscale serve --https=443 --set-path=/voice/stream off",
    );
  });

  it("still takes everything back once the start was called off", async () => {
    const on = await machine();
    const exposure = await on.open(FUNNEL);
    on.giveUp.abort();
    await exposure.close();
    expect(on.serving.Web).toEqual({});
  });
});

describe("the first use of Tailscale", () => {
  test.each([
    ["at once", {}],
    ["in pieces", { pieces: 7 }],
  ])(
    "shows the page to open, printed %s, in the log and in the error, and does not wait for ever",
    async (_, how) => {
      const clock = virtualClock();
      const on = await machine({ clock });
      on.tailscale = tailscaleState({ enableUrl: LOGIN, capabilities: ["https"], ...how });
      const opening = on.open(FUNNEL);
      const failed = rejection(opening);
      await until(() => on.log.lines.length > 0);
      expect(on.log.lines[0]).toMatchObject({ level: "warn", fields: { url: LOGIN } });
      const error = await outlast(clock, opening);
      expect(await failed).toBe(error);
      expect(error).toMatchObject({ code: "VC_TUNNEL_LOGIN", details: { url: LOGIN } });
      await noneIsAlive(on);
      expect(clock.pending).toBe(0);
    },
  );

  it("that hangs without a word ends too", async () => {
    const clock = virtualClock();
    const on = await machine({ clock });
    on.tailscale = tailscaleState({ hang: true });
    const opening = on.open(FUNNEL);
    const error = await outlast(clock, opening);
    expect(error).toMatchObject({
      code: "VC_TUNNEL_TIMEOUT",
      details: { detail: expect.stringMatching("status") },
    });
    await noneIsAlive(on);
  });
});
