import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelRequest } from "../../demo/model.d.mts";
import { startModel, type Model } from "../../demo/model.mjs";
import { sleep, until } from "./rig/process.ts";
import { modelConfig, Person, startGateway, type TestGateway } from "./rig/suite.ts";

const ADA = "+15550100711";
const BEN = "+15550100722";
/** The host resumes interrupted turns about three seconds after its services have started. */
const RESUMED_BY_MS = 12_000;

type Status = { found: boolean; call: { state: string; outcome: string | null; evidence: object | null } };

let model: Model;
let hang = true;
beforeAll(async () => {
  model = await startModel({ script: () => (hang ? { hang: true } : { text: "Here I am again." }) });
});
afterAll(() => model.close());

const isPhoneTurn = ({ messages }: ModelRequest): boolean => JSON.stringify(messages).includes("blue folder");

/** A call on which the model is thinking and will not stop. */
async function hungCall(gateway: TestGateway, to: string): Promise<string> {
  const person = await Person.at(gateway);
  const answering = person.answers();
  const { callId } = await gateway.rpc<{ callId: string }>("voicecall.initiate", { to, message: "Hello." });
  const line = await answering;
  const turns = model.requests.length;
  await person.says(line, "Where is the blue folder?");
  await until(
    () => "the model is asked",
    30_000,
    () => (model.requests.length > turns ? true : undefined),
  );
  return callId;
}

describe("a gateway whose model hangs in the middle of a call", () => {
  let first: TestGateway;
  let second: TestGateway;
  let callId = "";
  let requests = 0;

  beforeAll(async () => {
    const pluginConfig = { provider: "mock", toNumber: ADA, outbound: { defaultMode: "conversation" } };
    first = await startGateway({ pluginConfig, hostConfig: modelConfig(model.url) });
    callId = await hungCall(first, ADA);
    await first.kill("SIGKILL");
    requests = model.requests.length;
    second = await startGateway({ stateDir: first.stateDir });
  });
  afterAll(() => second.stop());

  it("closes the call as lost when it was killed and starts again", async () => {
    const { call } = await second.rpc<Status>("voicecall.status", { callId });
    expect(call).toMatchObject({ state: "ended", outcome: "lost", evidence: { source: "look-up" } });
  });

  it("has its line free again", async () => {
    const person = await Person.at(second);
    const answering = person.answers();
    const { callId: next } = await second.rpc<{ callId: string }>("voicecall.initiate", {
      to: BEN,
      message: "Your table is ready.",
      mode: "notify",
    });
    const line = await answering;
    await person.sees("ended", { call: line });
    await expect
      .poll(async () => (await second.rpc<Status>("voicecall.status", { callId: next })).call.outcome, {
        timeout: 20_000,
      })
      .toBe("completed");
  });

  it("neither dials the lost call again nor lets the host finish its turn", async () => {
    await sleep(RESUMED_BY_MS);
    expect(model.requests.slice(requests).filter(isPhoneTurn)).toEqual([]);
    const { lines } = await second.rpc<{ lines: { kind: string }[] }>("voicecall.phone.screen", { after: 0 });
    expect(lines.filter(({ kind }) => kind === "ringing")).toHaveLength(1);
    expect(second.output()).toContain("interrupted phone turns were closed");
  });

  it("stops within seconds when it is told to", async () => {
    await hungCall(second, BEN);
    // The host alone would wait for the turn for minutes; past this time the gateway is killed and has no exit code.
    expect(await second.stop({ keepState: true, timeoutMs: 30_000 })).toBe(0);
  });
});
