import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModel, type Model } from "../../demo/model.mjs";
import { freePort, listens, sleep, type RunOptions, type RunResult } from "./rig/process.ts";
import { modelConfig, openclaw, Person, prepareState, useGateway, type JsonObject } from "./rig/suite.ts";

const ADA = "+15550100711";
const BEN = "+15550100722";
/** Answers by itself as long as no terminal phone is attached. */
const NOBODY_IN_PARTICULAR = "+15550100733";
const MESSAGE = "Hello from the command line.";

let model: Model;
beforeAll(async () => {
  model = await startModel();
});
afterAll(() => model.close());

const json = ({ stdout }: RunResult): JsonObject => JSON.parse(stdout) as JsonObject;
/** Every line of a command that prints one object per line. */
const rows = ({ stdout }: RunResult): JsonObject[] =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as JsonObject);

const gateway = useGateway(() => ({
  pluginConfig: {
    provider: "mock",
    toNumber: ADA,
    inboundPolicy: "pairing",
    outbound: { defaultMode: "conversation", notifyHangupDelaySec: 0 },
    maxDurationSeconds: 900,
  },
  hostConfig: modelConfig(model.url),
}));
const command = (...args: string[]): Promise<RunResult> => gateway().cli(["voicecall", ...args]);
const commandWith = (options: RunOptions, ...args: string[]): Promise<RunResult> =>
  gateway().cli(["voicecall", ...args], options);
const calls = async (): Promise<unknown[]> =>
  (await gateway().rpc<{ calls: unknown[] }>("voicecall.list")).calls;

describe("looking at the setup", () => {
  it("prints what was checked, for people and for programs", async () => {
    const [human, machine] = await Promise.all([command("setup"), command("setup", "--json")]);
    expect(human).toMatchObject({ code: 0, stdout: expect.stringContaining("voice-call is ready.") });
    expect(machine.code).toBe(0);
    expect(json(machine)).toMatchObject({ ok: true, gateway: true });
  });

  it("rehearses a test call without dialling", async () => {
    const [human, machine] = await Promise.all([command("smoke"), command("smoke", "--to", BEN, "--json")]);
    expect(human).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing was dialled.") });
    expect(machine.code).toBe(0);
    expect(json(machine)).toMatchObject({ dryRun: true, ok: true, would: { to: BEN } });
    expect(await calls()).toEqual([]);
  });
});

describe("a conversation led from the command line", () => {
  let callId = "";
  let line = "";
  let person: Person;
  const over = new AbortController();

  // A command takes seconds to start, and a line on which nobody speaks is hung up.
  async function speakUp(to: string): Promise<void> {
    const other = await Person.at(gateway());
    while (!over.signal.aborted) {
      await other.look();
      if (other.lines.splice(0).some(({ text }) => text.includes("still there")))
        await gateway()
          .rpc("voicecall.phone.say", { carrierCallId: to, text: "I am here." })
          .catch(() => undefined);
      await sleep(250);
    }
  }
  afterAll(() => over.abort());

  it("begins with `call`, which prints the id", async () => {
    person = await Person.at(gateway());
    const answering = person.answers();
    const placed = await command("call", "--message", MESSAGE, "--json");
    expect(placed.code).toBe(0);
    callId = String(json(placed)["callId"]);
    line = await answering;
    await person.sees("spoken", { call: line, text: MESSAGE });
    void speakUp(line);
  });

  it("asks with `continue`, which prints the answer and nothing else", async () => {
    const asked = command("continue", "--call-id", callId, "--message", "When may we come?");
    await person.sees("spoken", { call: line, text: "When may we come?", timeoutMs: 90_000 });
    await person.says(line, "On Tuesday.");
    expect(await asked).toMatchObject({ code: 0, stdout: "On Tuesday.\n" });
  });

  it("speaks, presses keys and follows the events until Ctrl-C", async () => {
    const followed = commandWith(
      { interruptAt: /"type":"press"/ },
      "tail",
      "--since",
      "0",
      "--poll",
      "100",
      "--json",
    );
    const spoke = await command("speak", "--call-id", callId, "--message", "Thank you.");
    expect(spoke).toMatchObject({ code: 0, stdout: "The message is being spoken.\n" });
    const pressed = await command("dtmf", "--call-id", callId, "--digits", "42#", "--json");
    expect(pressed.code).toBe(0);
    expect(json(pressed)).toEqual({ success: true, callId });
    await person.sees("digits", { call: line, text: "42#" });

    const followedTo = await followed;
    expect(followedTo.code).toBe(0);
    const types = rows(followedTo).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(["answered", "ask", "speech", "speak", "press"]));
    expect(followedTo.stdout).not.toMatch(/Tuesday|42#/);
  });

  it("shows the call and the latencies", async () => {
    const [status, latency] = await Promise.all([
      command("status", "--call-id", callId, "--json"),
      command("latency"),
    ]);
    expect(status.code).toBe(0);
    expect(json(status)).toMatchObject({ found: true, call: { callId, to: ADA, state: "live" } });
    expect(latency).toMatchObject({ code: 0, stdout: expect.stringContaining("P95") });
  });

  it("hangs up with `end`, and shows the call afterwards", async () => {
    expect(await command("end", "--call-id", callId)).toMatchObject({
      code: 0,
      stdout: "The call is being ended.\n",
    });
    over.abort();
    await person.sees("ended", { call: line });
    const [one, all] = await Promise.all([command("status", "--call-id", line), command("status", "--json")]);
    expect(one).toMatchObject({ code: 0, stdout: expect.stringMatching(/ended: completed[^]*On Tuesday\./) });
    expect(json(all)).toMatchObject({ calls: [{ callId, to: ADA, outcome: "completed" }], problem: null });
  });
});

describe("calls that need nobody to watch them", () => {
  it("are placed by `start` and tested by `smoke --yes`, which waits for the end", async () => {
    const started = await command(
      "start",
      "--to",
      NOBODY_IN_PARTICULAR,
      "--message",
      MESSAGE,
      "--mode",
      "notify",
    );
    expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/^vc_\w+\n$/) });
    await expect
      .poll(() => gateway().rpc("voicecall.status", { callId: started.stdout.trim() }), { timeout: 30_000 })
      .toMatchObject({ call: { outcome: "completed" } });

    const args = ["--to", NOBODY_IN_PARTICULAR, "--mode", "notify", "--yes", "--json"];
    const smoked = await command("smoke", ...args);
    expect(smoked.code).toBe(0);
    expect(json(smoked)).toMatchObject({ dryRun: false, ok: true, call: { outcome: "completed" } });
  });

  it("exit with 1 when the test call does not come through", async () => {
    const busy = await command("smoke", "--to", "+15005550001", "--mode", "notify", "--yes");
    expect(busy).toMatchObject({ code: 1, stdout: expect.stringContaining("not completed: busy") });
  });
});

describe("commands that cannot be carried out", () => {
  it("exit with 1 and say why, on stderr for people and as JSON for programs", async () => {
    const [human, machine] = await Promise.all([
      command("end", "--call-id", "vc_0"),
      command("pairing", "approve", "000000", "--json"),
    ]);
    expect(human).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("VC_CALL_NOT_FOUND"),
    });
    expect(machine.code).toBe(1);
    expect(json(machine)).toMatchObject({ error: { code: "VC_PAIRING_UNKNOWN" } });
  });

  it("exit with 1 when they are not understood", async () => {
    const [missing, unknown] = await Promise.all([command("call"), command("dial")]);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("--message") });
    expect(unknown.code).toBe(1);
  });
});

describe("pairing from the command line", () => {
  it("lists, approves and revokes", async () => {
    const person = await Person.at(gateway());
    const rung = await person.calls(BEN, ADA);
    await person.sees("ended", { call: rung });
    const listed = await command("pairing", "list", "--json");
    expect(json(listed)).toMatchObject({ pairings: [{ number: BEN }] });
    const [, code = ""] = /"code": "(\d{6})"/.exec(listed.stdout) ?? [];
    const approved = await command("pairing", "approve", code, "--json");
    expect(json(approved)).toMatchObject({ pairing: { number: BEN } });
    expect(await command("pairing", "revoke", BEN)).toMatchObject({ code: 0 });
  });
});

describe("the phone in the terminal", () => {
  it("shows what the person at the other end sees and hears", async () => {
    const person = await Person.at(gateway());
    const shown = commandWith({ interruptAt: /only a notice[^]*"kind":"ended"/ }, "phone", "--json");
    const answering = person.answers();
    await gateway().rpc("voicecall.initiate", { message: "This is only a notice.", mode: "notify" });
    await person.sees("ended", { call: await answering });
    const { code, ...printed } = await shown;
    expect(code).toBe(0);
    expect(rows({ code, ...printed }).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["ringing", "answered", "spoken", "ended"]),
    );
  });
});

/** True when something has listened on the port at any moment while `work` ran. */
async function bindsWhile(port: number, work: Promise<unknown>): Promise<boolean> {
  const done = new AbortController();
  const finish = (): void => done.abort();
  work.then(finish, finish);
  let bound = false;
  while (!done.signal.aborted) {
    bound ||= await listens(port);
    await sleep(50);
  }
  return bound;
}

const twilio = (servePort: number): JsonObject => ({
  provider: "twilio",
  fromNumber: "+15550100844",
  toNumber: ADA,
  twilio: {
    accountSid: `AC${"0".repeat(32)}`,
    authToken: "not-a-real-token",
    apiBaseUrl: "http://127.0.0.1:9",
  },
  publicUrl: "https://voice.example.com/voice/webhook",
  serve: { port: servePort },
});

describe("a gateway that refuses the command's credentials", () => {
  it("ends the command with 1, and no second server is started", async () => {
    const port = await freePort();
    const { stateDir } = await prepareState({
      pluginConfig: twilio(port),
      hostConfig: { gateway: { port: gateway().port, auth: { mode: "token", token: "wrong-token" } } },
    });
    const working = openclaw(stateDir, ["voicecall", "call", "--message", MESSAGE, "--json"]);
    expect(await bindsWhile(port, working)).toBe(false);
    const result = await working;
    expect(result.code).toBe(1);
    expect(json(result)).toMatchObject({ error: { code: "VC_GATEWAY_ERROR" } });
  });
});

describe("without a gateway", () => {
  let stateDir = "";
  const alone = (...args: string[]): Promise<RunResult> => openclaw(stateDir, ["voicecall", ...args]);

  it("a call runs in the command's own process, which ends with it", async () => {
    ({ stateDir } = await prepareState({
      pluginConfig: { provider: "mock", toNumber: ADA, outbound: { notifyHangupDelaySec: 0 } },
    }));
    const called = await alone("call", "--message", MESSAGE);
    expect(called).toMatchObject({ code: 0, stdout: expect.stringMatching(/^vc_\w+\n$/) });
    expect(called.stderr).toContain("ended: completed");
    const status = await alone("status", "--call-id", called.stdout.trim(), "--json");
    expect(json(status)).toMatchObject({ call: { outcome: "completed" } });
  });

  it("reading commands read the records on disk and start no server", async () => {
    const port = await freePort();
    await prepareState({ pluginConfig: twilio(port), stateDir });
    const [status, setup] = [alone("status", "--json"), alone("setup", "--json")];
    expect(await bindsWhile(port, Promise.all([status, setup]))).toBe(false);
    expect((await status).code).toBe(0);
    expect(json(await status)).toMatchObject({ calls: [{ outcome: "completed", to: ADA }] });
    expect(json(await setup)).toMatchObject({ gateway: false });

    const file = path.join(stateDir, "voice-call", "calls.sqlite");
    const [latency, tail] = [
      alone("latency", "--file", file, "--json"),
      openclaw(stateDir, ["voicecall", "tail", "--file", file, "--since", "0", "--json"], {
        interruptAt: /"type":"ended"/,
      }),
    ];
    expect(await bindsWhile(port, Promise.all([latency, tail]))).toBe(false);
    expect((await latency).code).toBe(0);
    expect((await tail).code).toBe(0);
    const smoke = alone("smoke", "--json");
    expect(await bindsWhile(port, smoke)).toBe(false);
    expect(json(await smoke)).toMatchObject({ dryRun: true });
  });
});
