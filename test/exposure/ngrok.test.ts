import { describe, expect, it, test } from "vitest";
import type { ExposureSettings } from "../../src/exposure/index.ts";
import { virtualClock } from "../support/clock.ts";
import { machine } from "./machine.ts";
import { readState, writeState } from "./stand-ins/state.ts";
import { isAlive, outlast, passing, rejection, until, type Machine } from "./world.ts";

const TOKEN = "2aBcDeFgHiJkLmNoPqRsTuVwXyZ_4f6h8j0kNotARealToken";
const NGROK: ExposureSettings = { way: "ngrok", authToken: TOKEN, domain: undefined };

const agent = (on: Machine) => on.starts("ngrok")[0];

/** The package, as far as it is used. */
function packaged(url: string | null | Error = "https://package.ngrok.app") {
  const asked: Record<string, unknown>[] = [];
  const closed: string[] = [];
  const forward = async (config: Record<string, unknown>) => {
    asked.push(config);
    if (url instanceof Error) throw url;
    return { url: () => url, close: async () => void closed.push("closed") };
  };
  return { asked, closed, load: async () => ({ default: { forward } }) };
}

describe("an ngrok tunnel", () => {
  it("leads to the webhook and to the audio, by the address that the agent announced", async () => {
    const on = await machine();
    const exposure = await on.open(NGROK);
    expect(exposure).toMatchObject({
      webhookUrl: "https://1a2b-203-0-113-7.ngrok-free.app/voice/webhook",
      streamUrl: "wss://1a2b-203-0-113-7.ngrok-free.app/voice/stream",
      reach: "public",
    });
    expect(await on.visit(exposure.webhookUrl, "ngrok")).toMatchObject({
      status: 200,
      seen: "/voice/webhook",
    });
    expect(await on.visit(exposure.streamUrl, "ngrok")).toMatchObject({ status: 101, seen: "/voice/stream" });
  });

  it("runs exactly the command that is documented", async () => {
    const on = await machine();
    await on.open(NGROK);
    expect(agent(on)?.args).toEqual(["http", on.target(""), "--log", "stdout", "--log-format", "json"]);
  });

  it("gives the token to the agent's environment only, never to its arguments, a log or an error", async () => {
    const on = await machine();
    await on.open(NGROK);
    expect(agent(on)?.authToken).toBe(TOKEN);
    expect(agent(on)?.args.join(" ")).not.toContain(TOKEN);
    expect(on.said()).not.toContain(TOKEN);
    expect(process.env["NGROK_AUTHTOKEN"]).toBeUndefined();
  });

  it("whose agent quotes the token in its complaint tells the code and its meaning, not the token", async () => {
    const on = await machine();
    on.behave("ngrok", {
      failWith: `authentication failed: The authtoken you specified is invalid.\nYour authtoken: ${TOKEN}\r\n\r\nERR_NGROK_107\r\n`,
    });
    const error = await rejection(on.open(NGROK));
    expect(error).toMatchObject({ code: "VC_TUNNEL_FAILED" });
    expect(String(error)).toContain("ERR_NGROK_107: the auth token is not valid any more");
    expect(on.said(error)).not.toContain(TOKEN);
  });

  test.each([
    ["ERR_NGROK_334", "online in another agent"],
    ["ERR_NGROK_9999", "https://ngrok.com/docs/errors/err_ngrok_9999"],
  ])("that ends with %s says what it means", async (code, words) => {
    const on = await machine();
    on.behave("ngrok", { failWith: `something\n${code}` });
    expect(String(await rejection(on.open(NGROK)))).toContain(words);
  });

  it("that ends without a code says how it ended", async () => {
    const on = await machine();
    on.behave("ngrok", { failWith: "no idea" });
    expect(String(await rejection(on.open(NGROK)))).toContain("It said: exit code 1.");
  });

  it("without a token leaves the agent to its own configuration", async () => {
    const on = await machine();
    await on.open({ way: "ngrok", authToken: undefined, domain: undefined });
    expect(agent(on)?.authToken).toBeUndefined();
  });

  test.each(["calls.example.com", "https://calls.example.com", "https://calls.example.com/"])(
    "asks for the domain written as %s",
    async (domain) => {
      const on = await machine();
      const exposure = await on.open({ ...NGROK, domain });
      expect(agent(on)?.args.slice(-2)).toEqual(["--url", "https://calls.example.com"]);
      expect(exposure.webhookUrl).toBe("https://calls.example.com/voice/webhook");
    },
  );

  test.each(["two words", "https://user@calls.example.com", "calls.example.com/path", ""])(
    "is not started for the domain %j",
    async (domain) => {
      const on = await machine();
      expect(await rejection(on.open({ ...NGROK, domain }))).toMatchObject({ code: "VC_TUNNEL_FAILED" });
      expect(on.starts("ngrok")).toEqual([]);
    },
  );

  it("understands an address that comes out byte by byte", async () => {
    const on = await machine();
    on.behave("ngrok", { pieces: 1 });
    expect((await on.open(NGROK)).webhookUrl).toContain("1a2b-203-0-113-7.ngrok-free.app");
  });

  it("is found by the agent's local API when the log does not name it, and never taken for another", async () => {
    const clock = virtualClock();
    const on = await machine({ clock });
    on.behave("ngrok", { quietLog: true });
    const opening = on.open(NGROK);
    await until(() => readState(on.state, "established") !== null);
    expect((await passing(clock, opening)).webhookUrl).toBe(
      "https://1a2b-203-0-113-7.ngrok-free.app/voice/webhook",
    );
  });

  test.each([
    ["this machine", "https://127.0.0.1"],
    ["this machine by name", "https://localhost"],
    ["a private network", "https://192.168.1.20"],
    ["a carrier's NAT", "https://100.64.12.1"],
    ["a local IPv6 address", "https://[fd12:3456::1]"],
    ["a mapped IPv6 address", "https://[::ffff:10.0.0.1]"],
    ["a local network's name", "https://tunnel.local"],
    ["a URL with a user", "https://user:word@x.ngrok.app"],
  ])("that announces %s is refused and closed", async (_, url) => {
    const on = await machine();
    on.behave("ngrok", { url });
    const error = await rejection(on.open(NGROK));
    expect(error).toMatchObject({ code: "VC_TUNNEL_NOT_PUBLIC" });
    expect(String(error)).not.toContain("word@");
    await until(() => !isAlive(on.farEnd("ngrok")?.pid ?? 0));
  });

  it("that dies is told once, with the way it went", async () => {
    const on = await machine();
    await on.open(NGROK);
    process.kill(on.farEnd("ngrok")?.pid ?? 0, "SIGKILL");
    await until(() => on.lost.length > 0);
    expect(on.lost).toEqual(["ngrok ended: exit code 137"]);
  });

  it("that gets another address when it connects again is told as lost: carriers call the old one", async () => {
    const on = await machine();
    on.behave("ngrok", { nextUrl: "https://another.ngrok-free.app" });
    await on.open(NGROK);
    on.behave("ngrok", {});
    writeState(on.state, "again", true);
    await until(() => on.lost.length > 0);
    expect(on.lost).toEqual(["ngrok changed its public URL"]);
  });

  it("that connects again with its address is not lost", async () => {
    const on = await machine();
    on.behave("ngrok", { nextUrl: "https://1a2b-203-0-113-7.ngrok-free.app" });
    const exposure = await on.open(NGROK);
    writeState(on.state, "again", true);
    await exposure.close();
    expect(on.lost).toEqual([]);
  });

  it("is gone after close, and that is no loss", async () => {
    const on = await machine();
    const exposure = await on.open(NGROK);
    await Promise.all([exposure.close(), exposure.close()]);
    expect(isAlive(on.farEnd("ngrok")?.pid ?? 0)).toBe(false);
    expect(on.lost).toEqual([]);
  });

  it("that never gets ready ends after a time limit, with nothing left", async () => {
    const clock = virtualClock();
    const on = await machine({ clock });
    on.behave("ngrok", { mute: true });
    const opening = on.open(NGROK);
    void opening.catch(() => {});
    await until(() => on.farEnd("ngrok") !== null);
    expect(await outlast(clock, opening)).toMatchObject({ code: "VC_TUNNEL_TIMEOUT", retryable: true });
    await until(() => !isAlive(on.farEnd("ngrok")?.pid ?? 0));
    expect(clock.pending).toBe(0);
  });

  it("is not waited for once the start is called off", async () => {
    const on = await machine();
    on.behave("ngrok", { mute: true });
    const opening = rejection(on.open(NGROK));
    await until(() => on.farEnd("ngrok") !== null);
    on.giveUp.abort(new Error("stopped"));
    expect(await opening).toMatchObject({ message: "stopped" });
    expect(isAlive(on.farEnd("ngrok")?.pid ?? 0)).toBe(false);
  });
});

describe("without the ngrok agent", () => {
  it("nor its package, the program is named as missing", async () => {
    const on = await machine({ installed: [] });
    expect(await rejection(on.open(NGROK))).toMatchObject({ code: "VC_TUNNEL_MISSING" });
  });

  it("its package opens the tunnel and closes it", async () => {
    const on = await machine({ installed: [] });
    const { asked, closed, load } = packaged();
    const exposure = await on.open({ ...NGROK, domain: "package.ngrok.app" }, { load });
    expect(exposure.webhookUrl).toBe("https://package.ngrok.app/voice/webhook");
    expect(exposure.streamUrl).toBe("wss://package.ngrok.app/voice/stream");
    expect(asked).toEqual([
      expect.objectContaining({ addr: on.target(""), authtoken: TOKEN, domain: "package.ngrok.app" }),
    ]);
    await exposure.close();
    expect(closed).toEqual(["closed"]);
  });

  it("its package finds the token itself when none is configured", async () => {
    const on = await machine({ installed: [] });
    const { asked, load } = packaged();
    await on.open({ way: "ngrok", authToken: undefined, domain: undefined }, { load });
    expect(asked[0]).toMatchObject({ authtoken_from_env: true });
    expect(asked[0]).not.toHaveProperty("authtoken");
  });

  it("what its package says of the token is not repeated", async () => {
    const on = await machine({ installed: [] });
    const fault = Object.assign(new Error(`bad token ${TOKEN}`), { errorCode: "ERR_NGROK_105" });
    const error = await rejection(on.open(NGROK, { load: packaged(fault).load }));
    expect(error).toMatchObject({ code: "VC_TUNNEL_FAILED" });
    expect(String(error)).toContain("ERR_NGROK_105");
    expect(on.said(error)).not.toContain(TOKEN);
  });

  test.each([["https://10.1.2.3"], [null]])("its package is closed when it announces %s", async (url) => {
    const on = await machine({ installed: [] });
    const { closed, load } = packaged(url);
    expect(await rejection(on.open(NGROK, { load }))).toMatchObject({ code: "VC_TUNNEL_NOT_PUBLIC" });
    await until(() => closed.length === 1);
  });

  it("its package is not waited for without end, and a late tunnel is closed", async () => {
    const clock = virtualClock();
    const on = await machine({ clock, installed: [] });
    const late = Promise.withResolvers<{ url(): string; close(): Promise<void> }>();
    const closed: string[] = [];
    const opening = on.open(NGROK, { load: async () => ({ forward: () => late.promise }) });
    expect(await outlast(clock, opening)).toMatchObject({ code: "VC_TUNNEL_TIMEOUT" });
    late.resolve({ url: () => "https://late.ngrok.app", close: async () => void closed.push("closed") });
    await until(() => closed.length === 1);
  });
});
