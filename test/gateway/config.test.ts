import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModel, type Model } from "../../demo/model.mjs";
import {
  agentTurn,
  GatewayExit,
  modelConfig,
  openclaw,
  Person,
  prepareState,
  reconfigure,
  startGateway,
  useGateway,
} from "./rig/suite.ts";

const ADA = "+15550100711";

type Refusal = { code: string; message: string; details: { what: string; why: string; next: string } };
const refusal = (request: Promise<unknown>): Promise<Refusal> =>
  request.then(
    () => {
      throw new Error("the request was not refused");
    },
    (error: unknown) => error as Refusal,
  );

let model: Model;
beforeAll(async () => {
  model = await startModel();
});
afterAll(() => model.close());

describe("a configuration that the schema refuses", () => {
  it("keeps the gateway from starting, and names the key", async () => {
    const options = { pluginConfig: { provider: "mock", maxConcurentCalls: 2 } };
    const { stateDir } = await prepareState(options);
    const exit = await startGateway({ ...options, stateDir }).catch((error: unknown) => error);
    expect(exit).toBeInstanceOf(GatewayExit);
    expect(exit).toMatchObject({ code: 78 });
    const verdict = await openclaw(stateDir, ["config", "validate"]);
    expect(verdict.code).toBe(1);
    expect(verdict.stdout + verdict.stderr).toMatch(/voice-call\.config.*maxConcurentCalls/s);
  });
});

describe("a configuration of an older shape", () => {
  it("is brought up to date by `openclaw doctor --fix`", async () => {
    const { stateDir } = await prepareState({
      pluginConfig: { provider: "log", twilio: { from: "+15550100844" } },
    });
    const fixed = await openclaw(stateDir, ["doctor", "--fix", "--non-interactive"]);
    expect(fixed.stdout + fixed.stderr).toContain("fromNumber");
    const { stdout } = await openclaw(stateDir, [
      "config",
      "get",
      "plugins.entries.voice-call.config",
      "--json",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ provider: "mock", fromNumber: "+15550100844" });
    expect((await openclaw(stateDir, ["config", "validate"])).code).toBe(0);
  });
});

describe("a gateway whose configuration is edited while it runs", () => {
  const keys = [
    "fromNumber (or TWILIO_FROM_NUMBER)",
    "twilio.accountSid (or TWILIO_ACCOUNT_SID)",
    "twilio.authToken (or TWILIO_AUTH_TOKEN)",
  ];
  const gateway = useGateway(() => ({
    pluginConfig: { provider: "twilio", toNumber: ADA },
    hostConfig: modelConfig(model.url),
  }));
  const initiate = (params: object = {}): Promise<{ callId: string }> =>
    gateway().rpc("voicecall.initiate", { message: "Hello from the workshop.", ...params });
  const outcome = async (callId: string): Promise<string | null> =>
    (await gateway().rpc<{ call: { outcome: string | null } }>("voicecall.status", { callId })).call.outcome;

  it("starts without credentials, with one warning that names all of them", async () => {
    const warnings = gateway()
      .output()
      .split("\n")
      .filter((line) => line.includes("VC_CREDENTIALS_MISSING"));
    expect(warnings).toHaveLength(1);
    for (const key of keys) expect(warnings[0]).toContain(key);
  });

  it("answers the same from gateway methods, command line and agent tool", async () => {
    const { code, message, details } = await refusal(initiate());
    expect(code).toBe("VC_CREDENTIALS_MISSING");
    for (const key of keys) expect(message).toContain(key);
    const text = message.slice(message.indexOf("voice-call is not set up"));

    for (const method of ["continue", "speak", "dtmf", "end", "status"]) {
      const params = { callId: "vc_0", message: "Hello.", digits: "1" };
      const wanted = {
        continue: ["callId", "message"],
        speak: ["callId", "message"],
        dtmf: ["callId", "digits"],
      };
      const names = wanted[method as keyof typeof wanted] ?? ["callId"];
      const given = Object.fromEntries(Object.entries(params).filter(([name]) => names.includes(name)));
      expect((await refusal(gateway().rpc(`voicecall.${method}`, given))).message).toContain(text);
    }

    const command = await gateway().cli(["voicecall", "call", "--message", "Hello."]);
    expect(command).toMatchObject({ code: 1, stdout: "" });
    expect(command.stderr).toContain(text);

    const results: string[] = [];
    model.use(({ toolResult }) => {
      if (toolResult === undefined)
        return {
          toolCalls: [{ name: "voice_call", arguments: { action: "initiate_call", message: "Hello." } }],
        };
      results.push(toolResult);
      return { text: "It does not work." };
    });
    await agentTurn(gateway(), "Please call me.");
    for (const sentence of [code, details.what, details.why, details.next])
      expect(results[0]).toContain(sentence);
  });

  it("takes over another provider at once while no call is up", async () => {
    await reconfigure(gateway(), {
      provider: "mock",
      outbound: { defaultMode: "conversation" },
      maxDurationSeconds: 120,
    });
    expect(await gateway().rpc("voicecall.setup")).toMatchObject({ ok: true });
    expect(gateway().output()).toContain("voice-call is ready provider=mock");
  });

  it("keeps a live call as it is through an edit, and makes the next one by the new values", async () => {
    const { pid } = gateway();
    const person = await Person.at(gateway());
    const answering = person.answers();
    const { callId } = await initiate();
    const line = await answering;
    await person.sees("listening", { call: line });

    await reconfigure(gateway(), { outbound: { defaultMode: "notify" }, maxConcurrentCalls: 2 });
    await gateway().rpc("voicecall.speak", { callId, message: "I am still here." });
    await person.sees("spoken", { call: line, text: "I am still here." });
    expect(await outcome(callId)).toBeNull();

    const next = person.answers();
    const second = await initiate({ message: "This is only a notice." });
    const other = await next;
    await person.sees("ended", { call: other });
    await expect.poll(() => outcome(second.callId), { timeout: 20_000 }).toBe("completed");
    await person.hangsUp(line);
    await expect.poll(() => outcome(callId), { timeout: 20_000 }).toBe("completed");
    expect(gateway().pid).toBe(pid);
  });

  it("keeps the provider of a live call until the call is over", async () => {
    const person = await Person.at(gateway());
    const answering = person.answers();
    const { callId } = await initiate({ mode: "conversation" });
    const line = await answering;
    await reconfigure(gateway(), { provider: "twilio" });
    await gateway().rpc("voicecall.speak", { callId, message: "We can still talk." });
    await person.sees("spoken", { call: line, text: "We can still talk." });
    await gateway().rpc("voicecall.end", { callId });
    await expect.poll(() => outcome(callId), { timeout: 20_000 }).toBe("completed");
    expect((await refusal(initiate())).code).toBe("VC_CREDENTIALS_MISSING");
    expect(await outcome(callId)).toBe("completed");
  });

  it("says what is wrong with values that only the plugin can judge, and keeps running", async () => {
    await reconfigure(gateway(), {
      provider: "mock",
      skipSignatureVerification: true,
      publicUrl: "https://voice.example.com/voice/webhook",
    });
    const { code, message } = await refusal(initiate());
    expect(code).toBe("VC_CONFIG_INVALID");
    expect(message).toContain("skipSignatureVerification");
    await reconfigure(gateway(), { skipSignatureVerification: false });
  });

  it("places and takes nothing when it is switched off, and says so", async () => {
    await reconfigure(gateway(), { enabled: false });
    expect((await refusal(initiate())).code).toBe("VC_DISABLED");
    expect(await gateway().rpc("voicecall.setup")).toMatchObject({ ok: false });
    await reconfigure(gateway(), { enabled: true });
    const person = await Person.at(gateway());
    const answering = person.answers();
    await initiate();
    await person.hangsUp(await answering);
  });
});
