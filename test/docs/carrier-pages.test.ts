import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CarrierCapabilities } from "../../src/call/ports.ts";
import type { SetupCheck } from "../../src/call/service.ts";
import { carrierLanguage } from "../../src/carrier/languages.ts";
import { Bench } from "../../src/conformance/index.ts";
import { CarrierPage, type Name } from "./carrier-page.ts";
import { CONSOLES } from "./consoles.ts";
import { rowsOf, type Json } from "./pages.ts";

/** What every page has, in this order. */
const SHAPE = [
  "What you need",
  "Account and keys",
  "Number",
  "Configuration",
  "First call",
  "Being called",
  "What setup tells",
  "What it costs",
  "What it can do",
  "Traps",
];

const OTHERS_NUMBER = "+15550109999";
const OLD_URL = "https://old.example.com/voice/webhook";

/** A stage of the table "What setup tells", and how one gets there. */
const STAGES: Readonly<Record<string, (page: CarrierPage) => Promise<readonly SetupCheck[]>>> = {
  "the gateway has no `TWILIO_AUTH_TOKEN`": (page) => page.pasted(),
  "the gateway has no `TELNYX_API_KEY`": (page) => page.pasted(),
  "the gateway has no `PLIVO_AUTH_TOKEN`": (page) => page.pasted(),
  "no way in is set": (page) => page.pasted({ publicUrl: undefined }),
  "SID or token is wrong": (page) => page.account({}, { authToken: "another" }),
  "id or token is wrong": (page) => page.account({}, { authToken: "another" }),
  "the API key is wrong": (page) => page.account({}, { apiKey: "KEYanother" }),
  "the application id is wrong": (page) => page.account({}, { connectionId: "1" }),
  "`fromNumber` is not yours": (page) => page.account({ number: OTHERS_NUMBER }),
  "keys and number are right": (page) => page.account(),
  "no inbound URL is set": (page) => page.account({ inboundUrl: null }),
  "another inbound URL is set": (page) => page.account({ inboundUrl: OLD_URL }),
  "the inbound URL is right": (page) => page.account(),
  "the hangup URL is right": (page) => page.account(),
};

const yes = (able: boolean): string => (able ? "yes" : "no");
const MACHINES = { none: "no", verdict: "verdict", over: "verdict and end of greeting" } as const;

/** The table "What it can do", as the carrier declares it. */
const abilities = (can: CarrierCapabilities): readonly (readonly string[])[] => [
  ["conversation", yes(can.listening)],
  ["keys on a running call", yes(can.dtmfOut)],
  ["keys right after the answer", yes(can.preConnectDigits)],
  ["answering machines", MACHINES[can.answeringMachine]],
  ["hand-over", yes(can.transfer)],
  ["end of words reported", yes(can.confirmsPlayback)],
  ["repeated create dials once", yes(can.idempotentCreate)],
  ["live audio", yes(can.liveAudio)],
  ["recording", yes(can.recording)],
];

/** Words in code that look like language tags. */
const tagsIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([a-z]{2,3}(?:-[A-Z]{2})?)`/gu)].map(([, tag = ""]) => tag);

describe.each(Object.keys(CONSOLES) as Name[])("the page of %s", (name) => {
  const page = new CarrierPage(name);

  it("has the shape of all such pages", () => {
    expect(page.sections.map((section) => section.name)).toEqual(SHAPE);
  });

  it("counts the clicks of its steps rightly", () => {
    const counted = page.sections
      .filter(({ clicks }) => clicks !== null)
      .map(({ name: heading, clicks, text }) => {
        const steps = [...text.matchAll(/\((\d+) clicks?\)/gu)].map(([, count]) => Number(count));
        return { heading, promised: clicks, steps: steps.reduce((sum, count) => sum + count, 0) };
      });
    expect(counted.map(({ heading }) => heading)).toEqual(["Account and keys", "Number", "Being called"]);
    expect(counted.filter(({ promised, steps }) => promised !== steps)).toEqual([]);
  });

  it("names every key that the carrier needs and where it goes", () => {
    expect(new Set(page.keys())).toEqual(new Set(page.needs()));
  });

  it("tells the abilities that the carrier declares", async () => {
    const { world, section } = await CONSOLES[name]({ number: page.config.fromNumber, inboundUrl: null });
    const { carrier } = await page.connect(section);
    const told = rowsOf(page.section("What it can do").text).slice(1);
    expect(told.map((row) => row.slice(0, 2))).toEqual(abilities(carrier.capabilities));
    await carrier.close();
    await world.close();
  });

  it("names languages that are understood and spoken", () => {
    const { text } = page.section("What it can do");
    const [understood = "", spoken = ""] = text.slice(text.indexOf("Understood")).split(/Spoken:/u);
    const refused = [
      ...tagsIn(understood).filter((tag) => carrierLanguage(`${name}-listen`, tag) === null),
      ...tagsIn(spoken).filter((tag) => carrierLanguage(`${name}-speak`, tag) === null),
    ];
    expect(refused).toEqual([]);
  });

  const [, ...stages] = rowsOf(page.section("What setup tells").text);

  it("tells what setup says from the first key to the first call in", () => {
    const lines = new Set(stages.map(([, line]) => line));
    for (const line of ["credentials", "publicUrl", "account", "number", "inbound"])
      expect(lines).toContain(`\`${line}\``);
  });

  it.each(stages)("says rightly what setup tells when %s: %s", async (when = "", line = "", says = "") => {
    const stage = STAGES[when];
    if (stage === undefined) throw new Error(`nobody knows how to get to: ${when}`);
    const checks = await stage(page);
    const told = checks.filter(({ id }) => `\`${id}\`` === line).map(({ message }) => message);
    expect(told).toEqual([says]);
  });

  describe("followed to its end", () => {
    let bench: Bench;
    let section: Json;
    const command = /voicecall call --to (\S+) --message "([^"]+)"/u.exec(page.section("First call").text);
    const [, to = "", message = ""] = command ?? [];

    beforeAll(async () => {
      bench = await Bench.open({
        async startWorld(options) {
          const done = { number: page.config.fromNumber, inboundUrl: options.webhookUrl };
          const opened = await CONSOLES[name]({ ...done, ...options });
          section = opened.section;
          return opened.world;
        },
        connect: (_, context) => page.connect(section, context),
      });
    });
    afterAll(() => bench.close());

    it("makes the first call, which says its message and ends", async () => {
      expect(to).toBe(page.config["toNumber"]);
      bench.configure({ fromNumber: page.config.fromNumber });
      bench.world.callee(to).answers();
      const { id, far } = await bench.place({ to, message });
      await bench.passing("the call ends", far.ended);
      expect(await bench.over(id)).toMatchObject({ outcome: "completed", from: page.config.fromNumber, to });
      expect(far.heard()).toEqual([message]);
      await bench.atRest();
    });

    it("lets the allowed caller in, who is greeted and answered", async () => {
      const { allowFrom, inboundGreeting } = page.inbound;
      bench.configure(page.inbound);
      const far = bench.world.ring(allowFrom[0] ?? "");
      await bench.hears(far, inboundGreeting);
      await bench.listening(far);
      await bench.tell(far, "It is me.");
      await bench.hears(far, "You said: It is me.");
      const { id } = await bench.recordOf(far);
      await bench.plant.switchboard.end(id);
      await bench.passing("the call ends", far.ended);
      expect(await bench.over(id)).toMatchObject({ direction: "inbound", outcome: "completed" });
      await bench.atRest();
    });

    it("lets nobody else in", async () => {
      bench.configure(page.inbound);
      const far = bench.world.ring(OTHERS_NUMBER);
      await bench.passing("the call ends", far.ended);
      expect(far.heard()).toEqual([]);
      await bench.atRest();
    });
  });
});
