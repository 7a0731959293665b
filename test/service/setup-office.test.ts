import { describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "../../src/config/index.ts";
import type { SetupReport } from "../../src/call/service.ts";
import { setupReport } from "../../src/service/setup.ts";
import { fakeHost } from "../host/fake-host.ts";
import { openOffice, OURS, type Office } from "./office.ts";
import { publicSide, type Manners } from "./public-side.ts";
import { HOST } from "./setup-rig.ts";

/** A whole plant at Twilio's emulator, behind a public URL that leads to it. */
async function office(settings: object = {}, manners: Manners = {}): Promise<{ at: Office; url: string }> {
  const at: { office: Office | null } = { office: null };
  const { origin } = await publicSide(() => at.office?.plant.port ?? 0, manners);
  const url = `${origin}/voice/webhook`;
  const opened = await openOffice({ publicUrl: url, ...settings });
  at.office = opened;
  onTestFinished(() => opened.close());
  opened.twilio.numbers.set(OURS, { voiceUrl: url, voiceMethod: "POST", statusCallback: "" });
  return { at: opened, url };
}

const ask = ({ config, plant, store }: Office): Promise<SetupReport> =>
  setupReport({
    api: fakeHost(HOST),
    plant,
    problem: null,
    store,
    readConfig: () => ({ ok: true, config, warnings: [] }),
  });

const wrong = ({ checks }: SetupReport) =>
  checks.filter(({ ok }) => !ok).map(({ id, level }) => `${level} ${id}`);

describe("the setup of a whole phone at Twilio", () => {
  it("has nothing wrong with it, and asking changes nothing", async () => {
    const { at } = await office({ inboundPolicy: "open" });
    const report = await ask(at);
    expect([wrong(report), report.ok]).toEqual([[], true]);
    expect(report.checks.map(({ id }) => id)).toContain("inbound");
    expect(at.twilio.requests.map(({ operation, method }) => `${method} ${operation}`)).toEqual([
      "GET account",
      "GET numbers",
    ]);
    expect([await at.store.recent(10), at.agent.heard, at.complaints]).toEqual([[], [], []]);
    await at.atRest();
  });

  it("may be asked for by several at once while a call is up", async () => {
    const { at } = await office();
    const { id, live } = await at.converse("+15550104444");
    const reports = await Promise.all([ask(at), ask(at), ask(at)]);
    for (const report of reports) expect(wrong(report)).toEqual([]);
    await live.hangUp();
    expect(await at.over(id)).toMatchObject({ outcome: "completed" });
    await at.atRest();
  });

  it("whose token Twilio refuses", async () => {
    const { at } = await office();
    at.twilio.fail("account", { kind: "error", status: 401, code: 20003 });
    const report = await ask(at);
    expect([wrong(report), report.ok]).toEqual([["error account", "warning number"], false]);
  });

  it("whose Twilio is not there", async () => {
    const { at } = await office();
    at.twilio.fail("account", { kind: "reset" });
    const report = await ask(at);
    expect(wrong(report)).toEqual(["error account", "warning number"]);
    expect(report.checks.find(({ id }) => id === "account")?.message).toContain("cannot be asked");
  });

  it("whose account is suspended", async () => {
    const { at } = await office();
    at.twilio.account.status = "suspended";
    expect(wrong(await ask(at))).toEqual(["error account", "warning number"]);
  });

  it("whose number is somebody else's", async () => {
    const { at } = await office({ inboundPolicy: "open" });
    at.twilio.numbers.clear();
    expect(wrong(await ask(at))).toEqual(["warning number", "warning inbound"]);
  });

  it("whose number leads elsewhere, with the URL to set", async () => {
    const { at, url } = await office({ inboundPolicy: "open" });
    at.twilio.numbers.set(OURS, {
      voiceUrl: "https://demo.twilio.com/welcome",
      voiceMethod: "POST",
      statusCallback: "",
    });
    const report = await ask(at);
    expect(wrong(report)).toEqual(["warning inbound"]);
    expect(report.checks.find(({ id }) => id === "inbound")?.next).toContain(url);
  });

  it("whose clock is wrong", async () => {
    const { at } = await office();
    at.twilio.account.clockSkewMs = 120_000;
    expect(wrong(await ask(at))).toEqual(["warning clock"]);
  });

  it("whose proxy cuts the path", async () => {
    const { at } = await office({}, { target: () => "/" });
    const report = await ask(at);
    expect([wrong(report), report.ok]).toEqual([
      ["error outside.webhook", "warning outside.signature", "warning outside.audio"],
      false,
    ]);
  });

  it("whose proxy passes no sockets, which matters only once live audio is on", async () => {
    const { at } = await office({}, { noUpgrades: true });
    expect(wrong(await ask(at))).toEqual(["warning outside.audio"]);
    const config = { ...at.config, streaming: { ...at.config.streaming, enabled: true } };
    const report = await setupReport({
      api: fakeHost(HOST),
      plant: at.plant,
      problem: null,
      readConfig: () => ({ ok: true, config, warnings: [] }),
      speech: () => Promise.resolve({ voice: () => Promise.resolve("a"), ears: () => Promise.resolve("b") }),
    });
    expect(wrong(report)).toEqual(["error outside.audio"]);
  });

  it("whose records are read without a phone asks neither Twilio nor the public URL", async () => {
    const { at } = await office();
    const before = at.twilio.requests.length;
    const report = await setupReport({
      api: fakeHost(HOST),
      plant: null,
      problem: null,
      readConfig: () => readConfig({ provider: "twilio" }, {}),
    });
    expect(report.ok).toBe(false);
    expect(at.twilio.requests).toHaveLength(before);
  });
});
