import { describe, expect, it } from "vitest";
import type { AccountReport, CarrierNotes } from "../../src/call/ports.ts";
import { accountChecks } from "../../src/service/setup/account.ts";
import { networkChecks } from "../../src/service/setup/network.ts";
import { configOf, OURS, plantWith, twilioSettings } from "./setup-rig.ts";

const URL = "https://voice.example.test/voice/webhook";
const ACCEPTED: AccountReport = { credentials: "accepted", ownsNumber: true, clockSkewMs: 0 };

const ok = { ok: true };
const says = (message: string) => ({ message: expect.stringContaining(message) as string });
const error = (message: string) => ({ ok: false, level: "error", ...says(message) });
const warning = (message: string) => ({ ok: false, level: "warning", ...says(message) });

interface Asked {
  readonly report?: Partial<AccountReport>;
  readonly provider?: "twilio" | "telnyx" | "plivo";
  readonly policy?: "disabled" | "open";
  readonly webhookUrl?: string | null;
  readonly fromNumber?: string | undefined;
}

/** As the carriers say it of themselves; test/docs/ looks at those. */
const NOTES: Readonly<Record<NonNullable<Asked["provider"]>, CarrierNotes>> = {
  twilio: {
    inboundPlace: "the number's voice webhook (A call comes in)",
    signatureLifeMs: null,
    limitsInbound: true,
    audioPort: 443,
  },
  telnyx: {
    inboundPlace: "the webhook URL of the Call Control application",
    signatureLifeMs: 300_000,
    limitsInbound: false,
  },
  plivo: {
    inboundPlace: "the answer URL of the number's application",
    reportPlace: "the hangup URL of the number's application",
    signatureLifeMs: null,
    limitsInbound: true,
  },
};

/** The checks by their ids. */
function checks({ report, provider = "twilio", policy = "disabled", webhookUrl = URL, ...rest }: Asked) {
  const fromNumber = "fromNumber" in rest ? rest.fromNumber : OURS;
  const found = accountChecks({
    config: { provider, fromNumber, inboundPolicy: policy },
    report: { ...ACCEPTED, ...report },
    notes: NOTES[provider],
    webhookUrl,
  });
  return Object.fromEntries(found.map((check) => [check.id, check]));
}

/** A carrier that answers only when it is told to stop. */
const never = (_number: string | null, signal: AbortSignal): Promise<AccountReport> => {
  const late = {
    credentials: "unreachable",
    detail: "aborted",
    ownsNumber: null,
    clockSkewMs: null,
  } as const;
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(late)));
};

describe("the credentials", () => {
  it("are accepted", () => {
    expect(checks({})).toMatchObject({ account: ok, number: ok, clock: ok });
  });

  it("are refused, and what needs them is left open", () => {
    const report = { credentials: "refused", detail: "HTTP 401", ownsNumber: null } as const;
    const seen = checks({ report, policy: "open" });
    expect(seen).toMatchObject({
      account: error("twilio refuses the credentials (HTTP 401)."),
      number: warning("Not checked"),
      inbound: warning("Not checked"),
    });
    expect(seen["account"]?.next).toContain("token");
  });

  it("cannot be asked about while the carrier is not reached", () => {
    const report = { credentials: "unreachable", detail: "ECONNREFUSED", clockSkewMs: null } as const;
    const seen = checks({ report });
    expect(seen).toMatchObject({ account: error("cannot be asked"), number: warning("Not checked") });
    expect(seen["account"]?.message).toContain("ECONNREFUSED");
    expect(seen).not.toHaveProperty("clock");
  });
});

describe("the number", () => {
  it.each([
    [true, ok],
    [false, warning("is not one of the account's numbers")],
    [null, warning("does not tell")],
  ])("is told by the carrier: %s", (ownsNumber, expected) => {
    expect(checks({ report: { ownsNumber } })["number"]).toMatchObject(expected);
  });

  it("is not asked about when there is none", () => {
    const seen = checks({ fromNumber: undefined, policy: "open" });
    expect(Object.keys(seen)).toEqual(["account", "clock"]);
  });
});

describe("where calls to our number go", () => {
  it("is nobody's business while nobody may call in", () => {
    expect(checks({ report: { inboundUrl: null } })).not.toHaveProperty("inbound");
  });

  it.each([
    ["here", URL, ok],
    ["here, with a query of its own", `${URL}?line=1`, ok],
    ["here, spelled differently", "HTTPS://VOICE.example.test:443/voice/webhook", ok],
    ["nowhere", null, warning("go nowhere, not here")],
    [
      "elsewhere",
      "https://other.example.test/voice?key=hush",
      warning("go to https://other.example.test/voice, not here"),
    ],
    ["to another path", `${URL}/`, warning("not here")],
    ["to something that is no URL", "AP123", warning("go to something else")],
    ["the carrier does not tell where", undefined, warning("does not tell")],
  ])("is %s", (_, inboundUrl, expected) => {
    const report = inboundUrl === undefined ? {} : { inboundUrl };
    const { inbound } = checks({ report, policy: "open" });
    expect(inbound).toMatchObject(expected);
    expect(JSON.stringify(inbound)).not.toContain("hush");
    expect(inbound?.ok === true || inbound?.next?.includes(URL)).toBe(true);
  });

  it.each([
    ["POST", ok],
    ["post", ok],
    [undefined, ok],
    ["GET", warning("go here by another method than POST, which is refused")],
  ])("counts only with the method that is taken: %s", (inboundMethod, expected) => {
    const report = { inboundUrl: URL, inboundMethod, reportUrl: URL, reportMethod: inboundMethod };
    const seen = checks({ provider: "plivo", policy: "open", report });
    expect(seen["inbound"]).toMatchObject(expected);
    expect(seen["inbound.end"]?.ok).toBe(expected === ok);
    expect(seen["inbound"]?.ok === true || seen["inbound"]?.next?.includes("(POST)")).toBe(true);
  });

  it.each([
    ["twilio", "voice webhook"],
    ["telnyx", "Call Control application"],
    ["plivo", "answer URL"],
  ] as const)("is set at %s in the place that is named", (provider, place) => {
    expect(checks({ provider, policy: "open", report: { inboundUrl: null } })["inbound"]?.next).toContain(
      place,
    );
  });

  it("cannot be told without a public URL, or for somebody else's number", () => {
    const report = { inboundUrl: URL };
    expect(checks({ report, policy: "open", webhookUrl: null })["inbound"]).toMatchObject(
      warning("Not checked"),
    );
    const foreign = { ownsNumber: false } as const;
    const { inbound } = checks({ report: foreign, policy: "open" });
    expect(inbound).toMatchObject(warning("Not checked"));
    expect(inbound?.next).toContain("number");
  });

  it.each([
    [URL, ok],
    [null, warning("reported nowhere, not here")],
    ["https://other.example.test/end", warning("reported to https://other.example.test/end, not here")],
  ])("has an end of its own at Plivo: %s", (reportUrl, expected) => {
    const seen = checks({ provider: "plivo", policy: "open", report: { inboundUrl: URL, reportUrl } });
    expect(seen["inbound.end"]).toMatchObject(expected);
    expect(seen["inbound"]).toMatchObject(ok);
    expect(seen["inbound.end"]?.ok === true || seen["inbound.end"]?.next?.includes("hangup URL")).toBe(true);
  });
});

describe("the clock", () => {
  it.each([
    ["twilio", 0, ok],
    ["twilio", 30_000, ok],
    ["twilio", -30_000, ok],
    ["twilio", 31_000, warning("31 s behind the clock of twilio")],
    ["twilio", -31_000, warning("31 s ahead of the clock of twilio")],
    ["twilio", 3_600_000, warning("3600 s behind")],
    ["plivo", -3_600_000, warning("3600 s ahead of")],
    ["telnyx", 240_000, warning("240 s behind")],
    ["telnyx", 241_000, error("241 s behind")],
    ["telnyx", -300_000, error("300 s ahead of")],
  ] as const)("of %s may be %d ms ahead", (provider, clockSkewMs, expected) => {
    expect(checks({ provider, report: { clockSkewMs } })["clock"]).toMatchObject(expected);
  });

  it("is not compared when the carrier tells no time", () => {
    expect(checks({ report: { clockSkewMs: null } })).not.toHaveProperty("clock");
  });
});

describe("the carrier is asked", () => {
  const config = configOf(twilioSettings());
  const account = async (inspect: ReturnType<typeof plantWith>["carrier"]["inspect"], limitMs = 5_000) => {
    const found = await networkChecks(config, plantWith({ inspect }), limitMs);
    return found.find(({ id }) => id === "account");
  };

  it("once for everybody who asks at the same moment, and anew afterwards", async () => {
    const asked: (string | null)[] = [];
    const plant = plantWith({
      inspect: (number) => {
        asked.push(number);
        return Promise.resolve(ACCEPTED);
      },
    });
    const [one, other] = await Promise.all([networkChecks(config, plant), networkChecks(config, plant)]);
    expect(other).toEqual(one);
    await networkChecks(config, plant);
    expect(asked).toEqual([OURS, OURS]);
  });

  it("with a time limit that it is told of", async () => {
    expect(await account(never, 20)).toMatchObject(error("(aborted)"));
  });

  it("with a time limit that holds although it is not heard", async () => {
    expect(await account(() => new Promise(() => {}), 20)).toMatchObject(error("(no answer within 0.02 s)"));
  });

  it("and may fail in any way", async () => {
    expect(await account(() => Promise.reject(new TypeError("boom")))).toMatchObject(
      error("cannot be asked"),
    );
  });
});

describe("a time limit for calls that come in", () => {
  it("is said to be missing where the carrier takes none, and only while calls come in", () => {
    expect(checks({ provider: "telnyx", policy: "open" })["inbound.limit"]).toMatchObject({
      ok: false,
      level: "warning",
    });
    expect(checks({ provider: "telnyx" })["inbound.limit"]).toBeUndefined();
    expect(checks({ policy: "open" })["inbound.limit"]).toBeUndefined();
  });
});
