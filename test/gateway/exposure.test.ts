import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModel, type Model } from "../../demo/model.mjs";
import type { FarEnd, World } from "../../src/conformance/world.ts";
import { startPlivoEmulator } from "../emulator/plivo/index.ts";
import { startTelnyxEmulator } from "../emulator/telnyx/index.ts";
import { startTwilioEmulator } from "../emulator/twilio/index.ts";
import { twilioWorld } from "../emulator/twilio/world.ts";
import { setHandler, tailscaleState } from "../exposure/stand-ins/serve-config.ts";
import { Outside } from "./rig/outside.ts";
import { freePort } from "./rig/process.ts";
import {
  isAlive,
  modelConfig,
  openclaw,
  prepareState,
  reconfigure,
  startGateway,
  type JsonObject,
  type TestGateway,
} from "./rig/suite.ts";

const DESK = "+15550100844";
const ADA = "+15550100711";
const BEN = "+15550100722";
const SECRET = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
const AUTH_TOKEN = "2abcNgrokAuthTokenThatNobodyMaySee";
const TAILNET = "gateway.tail1234.ts.net";
const LOGIN = "https://login.tailscale.com/a/0123456789ab";

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { readonly id: string; readonly ok: boolean; readonly message: string }[];
}

let model: Model;
beforeAll(async () => {
  model = await startModel();
});
afterAll(() => model.close());

/** What every gateway here has in common. */
const settings = (provider: string, account: object, port: number, more: object): JsonObject => ({
  provider,
  fromNumber: DESK,
  serve: { port },
  inboundPolicy: "disabled",
  maxConcurrentCalls: 5,
  // Time passes quickly at the emulators, and an agent's first reply takes seconds.
  maxDurationSeconds: 3_600,
  [provider]: account,
  ...more,
});

const said = (text: string) => ({ ok: true, message: expect.stringContaining(text) });

/** The lines of the setup report that tell about the way from outside, once they are right. */
async function leadsHere(gateway: TestGateway, url: string): Promise<void> {
  const { checks } = await gateway.rpc<Report>("voicecall.setup");
  const told = new Map(checks.map(({ id, ok, message }) => [id, { ok, message }]));
  expect(told.get("publicUrl")).toEqual(said(url));
  expect(told.get("outside.webhook")).toEqual(said(`The public URL leads to this gateway: ${url}`));
  expect(told.get("outside.signature")).toMatchObject({ ok: true });
  expect(told.get("outside.audio")).toEqual(said("Audio sockets come through to this gateway"));
}

async function setupSays(gateway: TestGateway, id: string): Promise<string> {
  const { checks } = await gateway.rpc<Report>("voicecall.setup");
  return checks.find((check) => check.id === id)?.message ?? "nothing";
}

const ended = (gateway: TestGateway, callId: string) =>
  expect
    .poll(() => gateway.rpc("voicecall.status", { callId }), { timeout: 30_000 })
    .toMatchObject({ call: { state: "ended" } });

/** Places a call; both ends once somebody is listening. */
async function place(gateway: TestGateway, world: World): Promise<{ callId: string; far: FarEnd }> {
  world.callee(ADA).answers();
  const call = { to: ADA, mode: "conversation", message: "Hello, who is there?" };
  const { callId } = await gateway.rpc<{ callId: string }>("voicecall.initiate", call);
  const far = await world.nextCall();
  await far.listening();
  return { callId, far };
}

/** A whole conversation, and where the carrier sent its webhooks meanwhile. */
async function talks(gateway: TestGateway, world: World): Promise<readonly string[]> {
  const before = world.webhooks.all.length;
  const { callId, far } = await place(gateway, world);
  await far.speak("My name is Ada.");
  await far.hears("Nice to meet you, Ada.");
  await far.hangUp();
  await ended(gateway, callId);
  await world.webhooks.settled();
  return [
    ...new Set(
      world.webhooks.all.slice(before).map(({ url }) => new URL(url).origin + new URL(url).pathname),
    ),
  ];
}

describe("a gateway with a number at Twilio behind programs that run beside it", () => {
  const account = { accountSid: `AC${"0a".repeat(16)}`, authToken: SECRET };
  const NGROK = "https://voice.example.ngrok.app/voice/webhook";
  const RANDOM = "https://1a2b-203-0-113-7.ngrok-free.app/voice/webhook";
  const SECOND = "https://9z8y-203-0-113-8.ngrok-free.app/voice/webhook";
  const QUICK = "https://quick-brown-fox-jumps.trycloudflare.com/voice/webhook";
  let outside: Outside;
  let world: World;
  let gateway: TestGateway;

  const forge = () => {
    const sent = world.webhooks.all.findLast(({ status }) => status < 300);
    if (sent === undefined) throw new Error("Twilio has sent nothing yet");
    return world.webhooks.forge(sent, "bm90IHJlYWxseSBhIHNpZ25hdHVyZQ==");
  };
  const bypasses = () =>
    [...gateway.output().matchAll(/invalid signature were accepted[^\n]*count[=":\s]+(\d+)/gu)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );

  beforeAll(async () => {
    outside = await Outside.open();
    outside.names.ngrok = new URL(NGROK).host;
    // A caller who waits for a second while the tunnel is away is still there.
    const emulator = await startTwilioEmulator({ ...account, pace: 0.5, reach: outside.reach });
    emulator.numbers.set(DESK, { voiceUrl: NGROK, voiceMethod: "POST", statusCallback: NGROK });
    world = { ...twilioWorld(emulator, NGROK), ours: DESK };
    const tunnel = {
      provider: "ngrok",
      ngrokAuthToken: AUTH_TOKEN,
      ngrokDomain: new URL(NGROK).host,
    };
    gateway = await startGateway({
      pluginConfig: settings("twilio", { ...account, apiBaseUrl: emulator.url }, await freePort(), {
        tunnel,
      }),
      hostConfig: modelConfig(model.url),
      env: outside.env,
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await world.close();
    outside.close();
  });

  it("is reached through ngrok at a domain of its own, and talks", async () => {
    await leadsHere(gateway, NGROK);
    expect(await talks(gateway, world)).toEqual([NGROK]);
    expect(world.problems).toEqual([]);
  });

  it("says so on the command line", async () => {
    const { code, stdout } = await gateway.cli(["voicecall", "setup", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ gateway: true });
    expect(stdout).toContain(`The public URL leads to this gateway: ${NGROK}`);
    expect(code).toBe(0);
  });

  it("gives ngrok's token to ngrok alone", () => {
    const [start, ...more] = outside.starts("ngrok");
    expect(more).toEqual([]);
    expect(start).toMatchObject({ authToken: AUTH_TOKEN });
    const lines = outside.processes();
    expect(lines.some((line) => line.includes("--url https://voice.example.ngrok.app"))).toBe(true);
    expect(`${lines.join("\n")}\n${gateway.logs()}`).not.toContain(AUTH_TOKEN);
  });

  it("refuses a wrong signature also when it comes from ngrok on loopback", async () => {
    expect(await forge()).toMatchObject({ status: 403 });
    expect(bypasses()).toBe(0);
  });

  it("accepts it with tunnel.allowNgrokFreeTierLoopbackBypass, and warns of every use", async () => {
    const from = gateway.output().length;
    await reconfigure(gateway, { tunnel: { allowNgrokFreeTierLoopbackBypass: true } });
    expect(gateway.output().slice(from)).toContain("tunnel.allowNgrokFreeTierLoopbackBypass");
    expect(bypasses()).toBe(0);
    const { status } = await forge();
    expect(status).toBeLessThan(300);
    expect((await forge()).status).toBe(status);
    await expect.poll(bypasses, { timeout: 15_000 }).toBe(2);
  });

  it("takes up the address that ngrok draws", async () => {
    outside.names.ngrok = new URL(RANDOM).host;
    await reconfigure(gateway, { tunnel: { ngrokDomain: "", allowNgrokFreeTierLoopbackBypass: false } });
    await leadsHere(gateway, RANDOM);
    expect(await talks(gateway, world)).toEqual([RANDOM]);
  });

  it("survives a tunnel that dies during a call: the next call uses the new address", async () => {
    const { callId, far } = await place(gateway, world);
    const from = gateway.output().length;
    outside.names.ngrok = new URL(SECOND).host;
    outside.behave("ngrok", { url: new URL(SECOND).origin });
    process.kill(outside.farEnd("ngrok")?.pid ?? 0, "SIGKILL");
    await gateway.waitForOutput("The tunnel to the webhook is lost", { from });
    await expect(gateway.rpc("voicecall.initiate", { to: BEN, message: "Hello?" })).rejects.toThrow(
      "VC_TUNNEL_DOWN",
    );
    await gateway.waitForOutput("The tunnel to the webhook is open again", { from });
    await gateway.rpc("voicecall.speak", { callId, message: "There I am again." });
    await far.hears("There I am again.");
    await far.listening();
    await far.speak("My name is Ada.");
    await far.hears("Nice to meet you, Ada.");
    await far.hangUp();
    await ended(gateway, callId);
    expect(await talks(gateway, world)).toEqual([SECOND]);
    await leadsHere(gateway, SECOND);
  });

  it("is reached through cloudflared", async () => {
    const before = outside.farEnd("ngrok")?.pid ?? 0;
    outside.names.cloudflared = new URL(QUICK).host;
    await reconfigure(gateway, { tunnel: { provider: "cloudflared" } });
    expect(isAlive(before)).toBe(false);
    await leadsHere(gateway, QUICK);
    expect(await talks(gateway, world)).toEqual([QUICK]);
  });

  it("leaves nothing running when it is told to end", async () => {
    expect(outside.processes().some((line) => line.includes("cloudflared.ts"))).toBe(true);
    expect(await gateway.stop({ keepState: true })).toBe(0);
    await outside.deserted();
  });
});

describe("a gateway on a machine in a tailnet", () => {
  const FUNNEL = `https://${TAILNET}:8443/phone`;
  const FOREIGN = { Text: "somebody else's" };
  let outside: Outside;
  let telnyx: World;
  let plivo: World;
  let gateway: TestGateway;
  let port: number;
  let accounts: Readonly<Record<"telnyx" | "plivo", object>>;

  /** Ours are the paths on 8443. */
  const paths = (address = `${TAILNET}:8443`) =>
    Object.keys(outside.tailscale.config.Web?.[address]?.Handlers ?? {}).toSorted();
  /** Asks for a call, so that a start that failed is tried again now. */
  const tryNow = () => gateway.rpc("voicecall.initiate", { to: "nobody", message: "Never said." });
  const retried = () =>
    tryNow().then(
      () => "placed",
      (error: unknown) => String(error),
    );

  beforeAll(async () => {
    outside = await Outside.open();
    outside.tailscale = tailscaleState({ backend: "NeedsLogin", authUrl: LOGIN });
    port = await freePort();
    const app = { apiKey: SECRET, connectionId: "1494404757140276705" };
    const reach = { reach: outside.reach };
    const one = await startTelnyxEmulator({ ...app, ours: DESK, webhookUrl: FUNNEL, ...reach });
    const auth = { authId: "MAXXXXXXXXXXXXXXXXXX", authToken: SECRET };
    const other = await startPlivoEmulator({ ...auth, ownNumbers: [DESK], ...reach });
    [telnyx, plivo] = [one, other];
    accounts = {
      telnyx: { ...app, publicKey: one.publicKey, apiBaseUrl: one.url },
      plivo: { ...auth, apiBaseUrl: other.url },
    };
    const tailscale = { mode: "funnel", path: "/phone", port: 8443 };
    gateway = await startGateway({
      pluginConfig: settings("telnyx", accounts.telnyx, port, { tailscale }),
      hostConfig: modelConfig(model.url),
      env: outside.env,
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await telnyx.close();
    await plivo.close();
    outside.close();
  });

  it("is up although Tailscale wants a login, and shows where", async () => {
    expect(await setupSays(gateway, "publicUrl")).toContain(LOGIN);
    expect(gateway.output()).toContain(LOGIN);
    await expect(tryNow()).rejects.toThrow("VC_TUNNEL_LOGIN");
    expect(gateway.output().split("VC_TUNNEL_LOGIN")).toHaveLength(2);
  });

  it("does not take a path from somebody else", async () => {
    const state = tailscaleState();
    setHandler(state.config, `${TAILNET}:8443`, {
      path: "/phone",
      proxy: "http://127.0.0.1:9",
      funnel: true,
    });
    outside.tailscale = state;
    expect(await retried()).toContain("VC_TUNNEL_CONFLICT");
    expect(await setupSays(gateway, "publicUrl")).toContain(
      "/phone on HTTPS port 8443 leads to http://127.0.0.1:9",
    );
    expect(outside.changes()).toEqual([]);
  });

  it("tries again by itself, and is reached by its funnel at a path and port of its own", async () => {
    const from = gateway.output().length;
    const state = tailscaleState();
    state.config = {
      TCP: { "443": { HTTPS: true }, "8443": { HTTPS: true } },
      Web: {
        [`${TAILNET}:443`]: { Handlers: { "/": FOREIGN } },
        [`${TAILNET}:8443`]: { Handlers: { "/shop": FOREIGN } },
      },
      AllowFunnel: { [`${TAILNET}:8443`]: true },
    };
    outside.tailscale = state;
    await gateway.waitForOutput("voice-call is ready", { from, timeoutMs: 40_000 });
    await leadsHere(gateway, FUNNEL);
    expect(await talks(gateway, telnyx)).toEqual([FUNNEL]);
    expect(telnyx.problems).toEqual([]);
    expect(paths()).toEqual(["/phone", "/shop", "/voice/stream"]);
  });

  it("that is killed leaves its paths, which the next start takes over", async () => {
    await gateway.kill("SIGKILL");
    await outside.deserted();
    expect(paths()).toEqual(["/phone", "/shop", "/voice/stream"]);
    const before = outside.changes().length;
    // The same way by its other name, for another carrier.
    gateway = await startGateway({
      stateDir: gateway.stateDir,
      pluginConfig: settings("plivo", accounts.plivo, port, {
        tunnel: { provider: "tailscale-funnel" },
        tailscale: { mode: "off", path: "/phone", port: 8443 },
      }),
      env: outside.env,
    });
    await gateway.waitForOutput("voice-call is ready");
    await leadsHere(gateway, FUNNEL);
    expect(await talks(gateway, plivo)).toEqual([FUNNEL]);
    expect(outside.changes()).toHaveLength(before);
  });

  it("removes them when it is told to end, and nothing of anybody else", async () => {
    expect(await gateway.stop({ keepState: true })).toBe(0);
    expect(paths()).toEqual(["/shop"]);
    expect(paths(`${TAILNET}:443`)).toEqual(["/"]);
    await outside.deserted();
  });
});

describe("a gateway whose tunnel program is not there, or never gets ready", () => {
  const QUICK = "https://quick-brown-fox-jumps.trycloudflare.com/voice/webhook";
  let outside: Outside;
  let gateway: TestGateway;

  beforeAll(async () => {
    outside = await Outside.open([]);
    outside.names.cloudflared = new URL(QUICK).host;
    const account = { accountSid: `AC${"0a".repeat(16)}`, authToken: SECRET };
    gateway = await startGateway({
      pluginConfig: settings("twilio", { ...account, apiBaseUrl: "http://127.0.0.1:9" }, await freePort(), {
        tunnel: { provider: "cloudflared" },
      }),
      hostConfig: modelConfig(model.url),
      env: outside.env,
    });
  });
  afterAll(async () => {
    await gateway.stop();
    outside.close();
  });

  it("is up and says what is missing, once", async () => {
    expect(await setupSays(gateway, "publicUrl")).toContain("cloudflared is not installed");
    await expect(gateway.rpc("voicecall.initiate", { to: ADA, message: "Hello?" })).rejects.toThrow(
      "VC_TUNNEL_MISSING",
    );
    expect(gateway.output().split("VC_TUNNEL_MISSING")).toHaveLength(2);
  });

  it("is reached as soon as it was installed, and takes it along when it is killed", async () => {
    const from = gateway.output().length;
    outside.install("cloudflared");
    // Whoever asks for a call has it tried at once.
    await gateway.rpc("voicecall.initiate", { to: "nobody", message: "Never said." }).catch(() => undefined);
    await gateway.waitForOutput("voice-call is ready", { from, timeoutMs: 40_000 });
    await leadsHere(gateway, QUICK);
    const pid = outside.farEnd("cloudflared")?.pid ?? 0;
    expect(isAlive(pid)).toBe(true);
    await gateway.kill("SIGKILL");
    await outside.deserted();
  });

  it("is ready without waiting for a tunnel, and ends at once while one is being opened", async () => {
    outside.behave("cloudflared", { mute: true });
    const started = outside.starts("cloudflared").length;
    gateway = await startGateway({ stateDir: gateway.stateDir, env: outside.env });
    expect(outside.starts("cloudflared")).toHaveLength(started + 1);
    expect(await setupSays(gateway, "service")).toContain("voice-call is not running");
    expect(await gateway.stop({ keepState: true })).toBe(0);
    await outside.deserted();
    expect(gateway.output()).not.toContain("VC_TUNNEL_TIMEOUT");
  });
});

describe("`voicecall expose` on a machine in a tailnet", () => {
  it("leads there, leads only the tailnet there, and takes exactly that back", async () => {
    const outside = await Outside.open();
    const state = tailscaleState();
    state.config = {
      TCP: { "443": { HTTPS: true } },
      Web: { [`${TAILNET}:443`]: { Handlers: { "/shop": { Text: "hello" } } } },
      AllowFunnel: { [`${TAILNET}:443`]: true },
    };
    outside.tailscale = state;
    const { stateDir } = await prepareState({ pluginConfig: { provider: "mock" } });
    const expose = async (...args: string[]) => {
      const command = ["voicecall", "expose", ...args, "--json"];
      const { code, stdout } = await openclaw(stateDir, command, { env: outside.env });
      return { code, ...(JSON.parse(stdout) as JsonObject) };
    };
    const webhookUrl = `https://${TAILNET}:8443/voice/webhook`;
    const open = await expose("--mode", "funnel", "--port", "8443");
    expect(open).toMatchObject({ code: 0, reach: "public", changed: true, webhookUrl });
    const serve = await expose("--mode", "serve", "--port", "8443");
    expect(serve).toMatchObject({ code: 0, reach: "tailnet", changed: true, webhookUrl });
    expect(outside.tailscale.config.AllowFunnel).toEqual({ [`${TAILNET}:443`]: true });
    expect(await expose("--mode", "off", "--port", "8443")).toMatchObject({ code: 0, changed: true });
    expect(outside.tailscale.config).toEqual(state.config);
    outside.close();
  });
});
