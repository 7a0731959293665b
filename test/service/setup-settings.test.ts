import { describe, expect, it } from "vitest";
import { VoiceCallError } from "../../src/call/errors.ts";
import type { Pairing } from "../../src/call/ports.ts";
import type { SpeechFacts } from "../../src/host/speech.ts";
import { fakeHost } from "../host/fake-host.ts";
import { checkOf, HOST, ids, OURS, plantWith, report, twilioSettings } from "./setup-rig.ts";

const error = { ok: false, level: "error", next: expect.any(String) as string };
const warning = { ok: false, level: "warning", next: expect.any(String) as string };
const ok = { ok: true };
const says = (message: string) => ({ message: expect.stringContaining(message) as string });
const running = plantWith();

const agent = async (host: object, settings: object = {}) => {
  const seen = await report(twilioSettings(settings), {}, host);
  return [checkOf(seen, "agent"), seen.checks.find(({ id }) => id === "model")];
};

const fails = () => {
  throw new Error("no model");
};

const facts = (voice: string | null, ears: string | null): SpeechFacts => ({
  voice: () => Promise.resolve(voice),
  ears: () => Promise.resolve(ears),
});

const speech = async (settings: object, answer: SpeechFacts | Error) => {
  const ask = () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer));
  const seen = await report(twilioSettings(settings), { speech: ask });
  return seen.checks.filter(({ id }) => ["speech", "tts", "stt"].includes(id));
};

const way = async (settings: object, parts: Parameters<typeof report>[1]) => {
  const seen = await report(twilioSettings(settings), parts);
  return [checkOf(seen, "listener"), checkOf(seen, "publicUrl")];
};

const pairing = (approvedAt: number | null): Pairing => ({
  number: "+15550103333",
  code: "123456",
  createdAt: 0,
  expiresAt: 1,
  approvedAt,
});

const callers = async (settings: object, pairings: readonly Pairing[] = []) => {
  const seen = await report(twilioSettings(settings), {
    store: { pairings: () => Promise.resolve(pairings) },
  });
  return seen.checks.find(({ id }) => id === "callers");
};

describe("a setup report", () => {
  it("goes from the settings outwards, each check once", async () => {
    const seen = ids(await report(twilioSettings(), { plant: running }));
    expect(seen).toEqual([
      "config",
      "enabled",
      "credentials",
      "fromNumber",
      "toNumber",
      "agent",
      "model",
      "speech",
      "abilities",
      "service",
      "listener",
      "publicUrl",
      "outside.webhook",
      "outside.signature",
      "outside.audio",
      "account",
      "number",
      "clock",
      "callers",
    ]);
  });

  it("says of every check that is not as it should be what to do", async () => {
    const { checks } = await report({ provider: "twilio", inboundPolicy: "pairing" });
    const advice = checks.filter(({ ok: good }) => !good).map(({ next }) => next ?? "");
    expect(advice.length).toBeGreaterThan(5);
    expect(advice.filter((next) => !/^[A-Z].*[.)]$/u.test(next))).toEqual([]);
  });

  it("of a configuration that is not valid names each key and nothing else", async () => {
    const seen = await report(
      { provider: "twilio", maxDurationSeconds: "long", colour: 1 },
      { plant: running },
    );
    expect(seen.ok).toBe(false);
    expect(ids(seen)).toEqual(["config.maxDurationSeconds", "config.colour"]);
    expect(seen.checks).toMatchObject([error, error]);
  });

  it("never shows a credential", async () => {
    const seen = JSON.stringify(await report(twilioSettings(), { plant: running }));
    expect(seen).not.toContain("hush-hush");
  });
});

describe("the settings", () => {
  it("of the mock need nothing", async () => {
    const seen = await report({ provider: "mock" }, { plant: plantWith({ id: "mock", port: null }) });
    expect(seen.ok).toBe(true);
    expect(ids(seen)).not.toContain("account");
    expect(checkOf(seen, "webhook")).toMatchObject(ok);
    expect(checkOf(seen, "fromNumber")).toMatchObject(ok);
    expect(checkOf(seen, "toNumber")).toMatchObject(warning);
  });

  it("may be switched off, which is said", async () => {
    const seen = await report(twilioSettings({ enabled: false }));
    expect(checkOf(seen, "enabled")).toMatchObject({ ...error, ...says("switched off") });
    expect(checkOf(await report(twilioSettings()), "enabled")).toMatchObject(ok);
  });

  it("without credentials name the keys, and the number apart", async () => {
    const seen = await report({ provider: "twilio", twilio: { accountSid: "AC1" } });
    expect(checkOf(seen, "credentials")).toMatchObject({
      ...error,
      ...says("twilio.authToken (or TWILIO_AUTH_TOKEN)"),
    });
    expect(checkOf(seen, "credentials").message).not.toContain("fromNumber");
    expect(checkOf(seen, "fromNumber")).toMatchObject({ ...error, ...says("missing") });
    expect(checkOf(await report(twilioSettings()), "credentials")).toMatchObject(ok);
  });

  it("name the number that calls go out from, if it is one", async () => {
    expect(checkOf(await report(twilioSettings()), "fromNumber")).toMatchObject({ ...ok, ...says(OURS) });
    const short = await report(twilioSettings({ fromNumber: "+1555" }));
    expect(checkOf(short, "fromNumber")).toMatchObject({ ...error, ...says("no telephone number") });
  });

  it.each([
    ["a reaper below the longest call", { staleCallReaperSeconds: 60 }, "config.staleCallReaperSeconds"],
    [
      "the loopback bypass",
      {
        publicUrl: undefined,
        tunnel: { provider: "ngrok", allowNgrokFreeTierLoopbackBypass: true },
      },
      "config.tunnel.allowNgrokFreeTierLoopbackBypass",
    ],
    [
      "unverified signatures",
      { publicUrl: undefined, skipSignatureVerification: true },
      "config.skipSignatureVerification",
    ],
    ["an empty allowlist", { inboundPolicy: "allowlist" }, "config.allowFrom"],
  ])("with %s are warned about", async (_, changes, id) => {
    expect(checkOf(await report(twilioSettings(changes)), id)).toMatchObject(warning);
    expect(ids(await report(twilioSettings()))).not.toContain(id);
  });
});

describe("the agent", () => {
  it("and its model are named", async () => {
    const [owner, model] = await agent(HOST);
    expect(owner).toMatchObject({ ...ok, ...says("main") });
    expect(model).toMatchObject({ ...ok, ...says("own/model-of-main") });
  });

  it("may be missing, and then there is no model to look at", async () => {
    expect(await agent(HOST, { agentId: "nobody" })).toMatchObject([
      { ...error, ...says("nobody") },
      undefined,
    ]);
  });

  it("without a chosen model is answered for by the host's own, which is a warning", async () => {
    const [, model] = await agent({ agents: { list: [{ id: "main" }] } });
    expect(model).toMatchObject({ ...warning, ...says("host's own choice") });
  });

  it.each([
    ["its own entry", { list: [{ id: "main", model: "test/large" }] }, {}],
    ["responseModel", { list: [{ id: "main" }] }, { responseModel: "test/quick" }],
  ])("may have its model from %s", async (_, agents, settings) => {
    expect((await agent({ agents }, settings))[1]).toMatchObject(ok);
  });

  it("whose model the host does not name is an error", async () => {
    const host = fakeHost(HOST);
    const api = { runtime: { ...host.runtime, modelConfig: { resolveDefaultModelForAgent: fails } } };
    expect(checkOf(await report(twilioSettings(), { api }), "model")).toMatchObject(error);
  });
});

describe("speech", () => {
  const live = { streaming: { enabled: true } };

  it("is the carrier's own, and nobody is asked, while live audio is off", async () => {
    expect(await speech({}, new Error("was asked"))).toMatchObject([{ id: "speech", ...ok }]);
  });

  it("is the host's with live audio on, and its providers are named", async () => {
    expect(await speech(live, facts("elevenlabs", "deepgram"))).toMatchObject([
      { id: "speech", ...ok, ...says("live audio") },
      { id: "tts", ...ok, ...says("elevenlabs") },
      { id: "stt", ...ok, ...says("deepgram") },
    ]);
  });

  it("providers that are missing are errors: such calls are refused", async () => {
    expect(await speech(live, facts(null, null))).toMatchObject([
      { id: "speech" },
      { id: "tts", ...error, ...says("No speech provider") },
      { id: "stt", ...error, ...says("No realtime transcription provider") },
    ]);
  });

  it("providers may be unknown to a host that does not tell", async () => {
    expect(await speech(live, new Error("no such module"))).toMatchObject([
      { id: "speech" },
      { id: "tts", ...warning, ...says("does not tell") },
      { id: "stt", ...warning, ...says("does not tell") },
    ]);
  });

  it("of a realtime model is not there yet either", async () => {
    expect(await speech({ realtime: { enabled: true } }, new Error("was asked"))).toMatchObject([
      { id: "speech", ...warning, ...says("realtime.enabled") },
    ]);
  });
});

describe("what the carrier can do", () => {
  const leave = twilioSettings({ outbound: { answeringMachine: "leave-message" } });

  it("is held against the settings", async () => {
    const able = await report(leave, { plant: running });
    expect(checkOf(able, "abilities")).toMatchObject(ok);
    const unable = await report(leave, {
      plant: plantWith({ capabilities: { answeringMachine: "verdict" } }),
    });
    const check = checkOf(unable, "abilities.outbound.answeringMachine");
    expect(check).toMatchObject({ ...error, ...says("more than twilio can do") });
    expect(check.next).toContain("hangup");
    expect(unable.ok).toBe(false);
  });
});

describe("the phone", () => {
  it("is ready, or says why not", async () => {
    expect(checkOf(await report(twilioSettings(), { plant: running }), "service")).toMatchObject(ok);
    const problem = new VoiceCallError("VC_STORE_FAILED", { problem: "The disk is full." });
    const seen = await report(twilioSettings(), { problem });
    expect(checkOf(seen, "service")).toMatchObject({ ...error, ...says("The disk is full.") });
    expect(seen.ok).toBe(false);
  });

  it("that still serves the calls of another carrier says so", async () => {
    const plant = plantWith({ id: "plivo" });
    expect(checkOf(await report(twilioSettings(), { plant }), "service")).toMatchObject({
      ...warning,
      ...says("keep plivo in use"),
    });
  });

  it("that does not run leaves open what only a running one can find out, and asks nobody", async () => {
    const problem = new VoiceCallError("VC_NOT_RUNNING");
    const seen = await report(twilioSettings(), { problem });
    const open = seen.checks.filter(({ message }) => message.includes("needs a running gateway"));
    expect(open.map(({ id }) => id)).toEqual([
      "abilities",
      "listener",
      "outside.webhook",
      "outside.signature",
      "outside.audio",
      "account",
    ]);
    for (const check of open) expect(check).toMatchObject(warning);
    expect(checkOf(seen, "service")).toMatchObject(error);
  });
});

describe("the listener and the way in", () => {
  const none = { publicUrl: undefined };
  const tunnel = { ...none, tunnel: { provider: "ngrok" } };

  it("are named when they are open", async () => {
    expect(await way({}, { plant: running })).toMatchObject([
      { ...ok, ...says("127.0.0.1:3334/voice/webhook") },
      { ...ok, ...says("The public URL is https://voice.example.test/voice/webhook") },
    ]);
    expect(await way(tunnel, { plant: plantWith({ reach: { isTunnel: true } }) })).toMatchObject([
      ok,
      { ...ok, ...says("The way through ngrok is open: https://") },
    ]);
  });

  it("are told apart when the port is taken", async () => {
    const problem = new VoiceCallError("VC_LISTENER_PORT_TAKEN", { bind: "127.0.0.1", port: 3334 });
    const [listener] = await way({}, { problem });
    expect(listener).toMatchObject({ ...error, ...says("the webhook port is in use") });
    expect(listener?.next).toContain("serve.port");
  });

  it("are told apart when no way is configured", async () => {
    const [, url] = await way(none, {});
    expect(url).toMatchObject({ ...error, ...says("No public URL is configured") });
    expect(ids(await report(twilioSettings(none)))).not.toContain("config.publicUrl");
  });

  it("are told apart when the tunnel could not be opened", async () => {
    const problem = new VoiceCallError("VC_TUNNEL_MISSING", { program: "ngrok" });
    const [, url] = await way(tunnel, { problem });
    expect(url).toMatchObject({ ...error, ...says("ngrok is not installed") });
  });

  it("are told apart when the tunnel is down for a moment", async () => {
    const plant = plantWith({ reach: { webhookUrl: null, streamUrl: null, audience: null, isTunnel: true } });
    const seen = await report(twilioSettings(tunnel), { plant });
    expect(checkOf(seen, "publicUrl")).toMatchObject({ ...error, ...says("closed at the moment.") });
    expect(checkOf(seen, "outside.webhook")).toMatchObject({ ...warning, ...says("Not checked") });
  });

  it("say why a lost tunnel stays closed", async () => {
    const problem = new VoiceCallError("VC_TUNNEL_FAILED", { program: "ngrok", detail: "no network" });
    const [, url] = await way(tunnel, {
      plant: plantWith({ reach: { webhookUrl: null, isTunnel: true, problem } }),
    });
    expect(url).toMatchObject({
      ...error,
      ...says("closed at the moment: ngrok failed. It said: no network."),
    });
    expect(url?.next).toContain("tried again by itself");
  });

  it("are told apart when only the tailnet gets there", async () => {
    const plant = plantWith({ reach: { audience: "tailnet", isTunnel: true } });
    const [, url] = await way({ ...none, tailscale: { mode: "serve" } }, { plant });
    expect(url).toMatchObject({ ...error, ...says("Only devices of your tailnet") });
    expect(url?.next).toContain("funnel");
  });

  it("cannot be told apart without a running phone", async () => {
    expect(await way(tunnel, {})).toMatchObject([warning, { ...warning, ...says("ngrok opens a way in") }]);
  });
});

describe("who may call in", () => {
  it.each([
    [{}, "Nobody may call in"],
    [{ inboundPolicy: "open" }, "Everybody may call in"],
    [{ inboundPolicy: "allowlist", allowFrom: ["+15550103333"] }, "Numbers that may call in: 1."],
  ])("is said for %j", async (settings, message) => {
    expect(await callers(settings)).toMatchObject({ ...ok, ...says(message) });
  });

  it("by pairing is nobody until somebody is approved or listed", async () => {
    const policy = { inboundPolicy: "pairing" };
    expect(await callers(policy)).toMatchObject({ ...warning, ...says("Nobody may call in yet") });
    expect(await callers(policy, [pairing(null)])).toMatchObject(warning);
    expect(await callers(policy, [pairing(5)])).toMatchObject({ ...ok, ...says("0 listed, 1 approved") });
    expect(await callers({ ...policy, allowFrom: [OURS] })).toMatchObject({
      ...ok,
      ...says("1 listed, 0 approved"),
    });
  });

  it("by pairing cannot be told when the records cannot be read", async () => {
    const store = { pairings: () => Promise.reject(new VoiceCallError("VC_STORE_FAILED", { problem: "?" })) };
    const seen = await report(twilioSettings({ inboundPolicy: "pairing" }), { store });
    expect(checkOf(seen, "callers")).toMatchObject({ ...warning, ...says("cannot be read") });
  });
});
