import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModel, type Model } from "../../demo/model.mjs";
import { modelConfig, Person, reconfigure, useGateway } from "./rig/suite.ts";

const OURS = "+15550100844";
const ADA = "+15550100711";
const STRANGER = "+15550100722";
/** Ends in the whole of Ada's number. */
const LONGER = "+9915550100711";

type Call = {
  from: string;
  state: string;
  outcome: string | null;
  answeredAt: number | null;
  transcript: { role: string; text: string }[];
};
type Pairings = { pairings: { number: string; code: string; approvedAt: number | null }[] };

let model: Model;
beforeAll(async () => {
  model = await startModel();
});
afterAll(() => model.close());

const gateway = useGateway(() => ({
  pluginConfig: {
    provider: "mock",
    fromNumber: OURS,
    allowFrom: [ADA],
    inboundGreeting: "You have reached the workshop.",
  },
  hostConfig: modelConfig(model.url),
}));

let person: Person;
beforeAll(async () => {
  person = await Person.at(gateway());
});

const rpc = <T>(method: string, params: object = {}): Promise<T> =>
  gateway().rpc<T>(`voicecall.${method}`, params);
const callOf = async (line: string): Promise<Call> =>
  (await rpc<{ call: Call }>("status", { callId: line })).call;

/** What is on record of a call from this number that rang and was refused. */
async function refused(from: string): Promise<Call & { heard: string[] }> {
  const line = await person.calls(from, OURS);
  await person.sees("refused", { call: line });
  await expect.poll(async () => (await callOf(line)).state, { timeout: 20_000 }).toBe("refused");
  return { ...(await callOf(line)), heard: person.heard(line) };
}
const REFUSED = { outcome: "rejected", answeredAt: null, transcript: [], heard: [] };

/** What is on record of a call from this number that was taken: greeted, talked to, and hung up by the caller. */
async function taken(from: string): Promise<Call> {
  const line = await person.calls(from, OURS);
  await person.sees("spoken", { call: line, text: "You have reached the workshop." });
  const seen = await person.says(line, "My name is Ada.");
  await person.sees("spoken", { call: line, from: seen, text: "Nice to meet you, Ada." });
  await person.hangsUp(line);
  await expect.poll(async () => (await callOf(line)).state, { timeout: 20_000 }).toBe("ended");
  return callOf(line);
}

async function phoneSessions(): Promise<string[]> {
  const { sessions } = await gateway().rpc<{ sessions: { key: string }[] }>("sessions.list", {});
  return sessions.map(({ key }) => key).filter((key) => key.includes("voice-call"));
}

async function hearsCode(from: string): Promise<string> {
  const line = await person.calls(from, OURS);
  const { text } = await person.sees("spoken", { call: line, text: "This number is not known here yet." });
  await person.sees("ended", { call: line });
  await expect.poll(() => callOf(line), { timeout: 20_000 }).toMatchObject({ outcome: "rejected" });
  const [, digits = ""] = /Your code is ((?:\d[ ,.]*){6})/.exec(text) ?? [];
  return digits.replace(/\D/g, "");
}

describe("the inbound policy `disabled`, which is the default", () => {
  it("refuses everybody before the call is answered", async () => {
    expect(await refused(ADA)).toMatchObject(REFUSED);
    expect(await refused("")).toMatchObject(REFUSED);
  });
});

describe("the inbound policy `allowlist`", () => {
  beforeAll(() => reconfigure(gateway(), { inboundPolicy: "allowlist" }));

  it("refuses who is not on the list, a longer number that ends in a listed one, and who withholds theirs", async () => {
    expect(await refused(STRANGER)).toMatchObject(REFUSED);
    expect(await refused(LONGER)).toMatchObject(REFUSED);
    expect(await refused("")).toMatchObject(REFUSED);
  });
});

describe("the inbound policy `pairing`", () => {
  let code = "";

  beforeAll(() => reconfigure(gateway(), { inboundPolicy: "pairing" }));

  it("refuses who withholds their number", async () => {
    expect(await refused("")).toMatchObject(REFUSED);
  });

  it("tells an unknown caller a code and nothing else", async () => {
    code = await hearsCode(STRANGER);
    expect(code).toMatch(/^\d{6}$/);
    const { pairings } = await rpc<Pairings>("pairing.list");
    expect(pairings).toMatchObject([{ number: STRANGER, code, approvedAt: null }]);
  });

  it("gives the same code until it is approved", async () => {
    expect(await hearsCode(STRANGER)).toBe(code);
  });

  it("has asked no model and opened no conversation for any of these callers", async () => {
    expect(model.requests).toEqual([]);
    expect(await phoneSessions()).toEqual([]);
  });

  it("does not approve another code", async () => {
    const wrong = code === "000000" ? "000001" : "000000";
    await expect(rpc("pairing.approve", { code: wrong })).rejects.toMatchObject({
      code: "VC_PAIRING_UNKNOWN",
    });
  });

  it("takes the caller once the owner has approved the code, and the log names neither", async () => {
    const approved = await gateway().cli(["voicecall", "pairing", "approve", code]);
    expect(approved).toMatchObject({ code: 0, stdout: `${STRANGER} may call in from now on.\n` });
    expect(await taken(STRANGER)).toMatchObject({ outcome: "completed", from: STRANGER });
    expect(gateway().logs()).not.toContain(STRANGER.slice(1));
    expect(gateway().logs()).not.toContain(code);
  });

  it("takes a number of the list without a code", async () => {
    expect(await taken(ADA)).toMatchObject({ outcome: "completed", from: ADA });
  });

  it("takes a code only once", async () => {
    await expect(rpc("pairing.approve", { code })).rejects.toMatchObject({ code: "VC_PAIRING_UNKNOWN" });
  });

  it("tells a caller a new code once the owner has revoked the number", async () => {
    expect(await rpc("pairing.revoke", { number: STRANGER })).toEqual({ revoked: true });
    expect(await hearsCode(STRANGER)).not.toBe(code);
  });
});

describe("the inbound policy `open`", () => {
  beforeAll(() => reconfigure(gateway(), { inboundPolicy: "open" }));

  it("takes everybody, also who withholds their number", async () => {
    expect(await taken(LONGER)).toMatchObject({ outcome: "completed", from: LONGER });
    expect(await taken("")).toMatchObject({ outcome: "completed", from: "" });
  });
});
