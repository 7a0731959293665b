import { describe, expect, it } from "vitest";
import type { CallDetail } from "../../../src/call/service.ts";
import { VoiceCallError } from "../../../src/call/errors.ts";
import { asList, CALL, fakePort, fakeService, missingKeys, NUMBER, OWN_NUMBER, WORDS } from "../fake.ts";
import { refused, voicecall } from "./harness.ts";

const notFound = async () => await Promise.reject(new VoiceCallError("VC_CALL_NOT_FOUND"));
const notActive = async () => await Promise.reject(new VoiceCallError("VC_CALL_NOT_ACTIVE"));
const event = (cursor: number, at: number) =>
  ({ cursor, at, callId: "vc_a", state: "live", type: "speech" }) as const;

const paged = (pages: readonly (readonly ReturnType<typeof event>[])[]) => {
  let page = 0;
  const asked: (number | null)[] = [];
  return Object.assign(
    fakeService({
      events: async ({ after }) => {
        asked.push(after);
        const events = pages[page++] ?? [];
        return await Promise.resolve({ cursor: events.at(-1)?.cursor ?? after ?? 10, events });
      },
    }),
    { cursors: asked },
  );
};

/** A service whose call moves through these states, one with every look. */
function moving(states: readonly Partial<CallDetail>[]) {
  let looks = 0;
  return fakeService({
    status: async () => await Promise.resolve({ ...CALL, ...states[Math.min(looks++, states.length - 1)] }),
  });
}
const DIALING = { state: "dialing", outcome: null } as const;
const LIVE = { state: "live", outcome: null } as const;
const ENDED = { state: "ended", outcome: "completed" } as const;

describe("voicecall call and start", () => {
  it("call prints the call's id and nothing more", async () => {
    const service = fakeService();
    const { code, out, err, listening } = await voicecall(["call", "--message", "hi"], { service });
    expect([code, out, err, listening]).toEqual([0, ["vc_abcdef"], [], 0]);
    expect(service.asked).toEqual([
      { method: "initiate", args: [{ message: "hi", requester: { surface: "cli" } }] },
    ]);
  });

  it("call --json prints id and state", async () => {
    const run = await voicecall(["call", "--message", "hi", "--to", NUMBER, "--mode", "notify", "--json"], {
      service: fakeService(),
    });
    expect(run.json()).toEqual({ callId: "vc_abcdef", state: "ringing" });
    expect(run.sent).toEqual([
      {
        method: "voicecall.initiate",
        params: { to: NUMBER, message: "hi", mode: "notify" },
        timeoutMs: 60_000,
      },
    ]);
  });

  it("start needs a number and takes no message", async () => {
    const run = await voicecall(["start", "--to", NUMBER, "--json"], { service: fakeService() });
    expect(run.json()).toEqual({ callId: "vc_abcdef", state: "ringing" });
    expect(run.sent[0]).toMatchObject({ method: "voicecall.start", params: { to: NUMBER } });
  });

  it("names the missing keys while nothing is set up", async () => {
    const service = fakeService({ initiate: async () => await Promise.reject(missingKeys()) });
    const { code, out, err } = await voicecall(["call", "--message", "hi"], { service });
    expect([code, out]).toEqual([1, []]);
    expect(err.join()).toContain("twilio.authToken");
  });
});

describe("--override", () => {
  const COMMANDS = [
    ["call", ["call", "--message", "hi", "--to", NUMBER]],
    ["start", ["start", "--to", NUMBER]],
    ["smoke", ["smoke", "--to", NUMBER, "--yes"]],
  ] as const;

  it.each(COMMANDS)("of %s names the guards that may not refuse", async (_, argv) => {
    const service = fakeService();
    const run = await voicecall([...argv, "--override", "premium, quiet-hours"], { service });
    expect(run.code).toBe(0);
    const placed = service.asked.find(({ method }) => method === "initiate");
    expect(placed?.args[0]).toMatchObject({ to: NUMBER, override: ["premium", "quiet-hours"] });
  });

  it.each(COMMANDS)("of %s is not sent when it is not given", async (_, argv) => {
    const run = await voicecall(argv, { service: fakeService() });
    for (const { params } of run.sent) expect(params).not.toHaveProperty("override");
  });

  it.each(COMMANDS)("of %s with an unknown guard dials nothing and names the known ones", async (_, argv) => {
    for (const wrong of ["all", "", "premium,", "premium quiet-hours"]) {
      const service = fakeService();
      const run = await voicecall([...argv, "--override", wrong], { service });
      expect([run.code, run.sent, service.asked]).toEqual([1, [], []]);
      expect(run.err.join()).toContain("--override must name some of: emergency, premium");
    }
  });

  it("counts on a phone of this process too", async () => {
    const local = fakeService();
    const run = await voicecall(["call", "--message", "hi", "--override", "calls-per-hour"], {
      fails: () => refused(),
      local,
    });
    expect(run.code).toBe(0);
    expect(local.asked[0]?.args[0]).toMatchObject({ override: ["calls-per-hour"] });
  });

  it("is shown as refused by a gateway that does not take it from us", async () => {
    const error = new VoiceCallError("VC_OVERRIDE_NOT_ALLOWED");
    const service = fakeService({ initiate: async () => await Promise.reject(error) });
    const run = await voicecall(["call", "--message", "hi", "--override", "premium"], { service });
    expect([run.code, run.out]).toEqual([1, []]);
    expect(run.err.join()).toContain("[VC_OVERRIDE_NOT_ALLOWED]");
  });
});

describe("voicecall on a running call", () => {
  it("continue polls for the answer, so that no connection has to stay open", async () => {
    let polls = 0;
    const service = fakeService({
      askResult: async () =>
        await Promise.resolve(++polls < 3 ? { status: "pending" } : { status: "done", text: WORDS }),
    });
    const { code, out, sent, slept } = await voicecall(["continue", "--call-id", "c", "--message", "well?"], {
      service,
    });
    expect([code, out]).toEqual([0, [WORDS]]);
    expect(sent.map(({ method }) => method)).toEqual([
      "voicecall.continue.start",
      "voicecall.continue.result",
      "voicecall.continue.result",
      "voicecall.continue.result",
    ]);
    expect(slept).toEqual([500, 500]);
  });

  it("continue --json prints what was heard", async () => {
    const run = await voicecall(["continue", "--call-id", "c", "--message", "well?", "--json"], {
      service: fakeService(),
    });
    expect(run.json()).toEqual({ callId: "c", text: WORDS });
  });

  it("continue fails with the reason when nothing was said", async () => {
    const error = new VoiceCallError("VC_TRANSCRIPT_TIMEOUT", { seconds: 180 }).toJSON();
    const service = fakeService({
      askResult: async () => await Promise.resolve({ status: "failed", error }),
    });
    const run = await voicecall(["continue", "--call-id", "c", "--message", "well?", "--json"], { service });
    expect(run.code).toBe(1);
    expect(run.json()).toMatchObject({
      error: { code: "VC_TRANSCRIPT_TIMEOUT", why: expect.stringContaining("180") },
    });
  });

  it.each([
    [["speak", "--call-id", "c", "--message", "hi"], ["speak", "c", "hi"], "The message is being spoken."],
    [["dtmf", "--call-id", "c", "--digits", "1w#"], ["press", "c", "1w#"], "The keys are being pressed."],
    [
      ["transfer", "--call-id", "c", "--to", "+15550100777"],
      ["transfer", { callId: "c", to: "+15550100777" }],
      "The call is being handed over.",
    ],
    [["end", "--call-id", "c"], ["end", "c"], "The call is being ended."],
  ])("%j does it and says so", async (argv, asked, line) => {
    const service = fakeService();
    const plain = await voicecall(argv, { service });
    expect([plain.code, plain.out, plain.err]).toEqual([0, [line], []]);
    expect(asList(service.asked)).toEqual([asked]);
    const run = await voicecall([...argv, "--json"], { service });
    expect(run.json()).toEqual({ success: true, callId: "c" });
  });

  it.each([
    ["speak", ["speak", "--call-id", "c", "--message", "hi"]],
    ["press", ["dtmf", "--call-id", "c", "--digits", "1"]],
    ["end", ["end", "--call-id", "c"]],
    ["askStart", ["continue", "--call-id", "c", "--message", "hi"]],
  ])("fails truthfully when %s is refused", async (method, argv) => {
    const service = fakeService({ [method]: notFound });
    const plain = await voicecall(argv, { service });
    expect([plain.code, plain.out]).toEqual([1, []]);
    expect(plain.err.join()).toContain("[VC_CALL_NOT_FOUND]");
    const run = await voicecall([...argv, "--json"], { service });
    expect(run.code).toBe(1);
    expect(run.json()).toMatchObject({ error: { code: "VC_CALL_NOT_FOUND", what: "call not found" } });
  });
});

describe("voicecall status", () => {
  it("shows the latest calls in aligned columns", async () => {
    const { out, code } = await voicecall(["status"], { service: fakeService() });
    expect(code).toBe(0);
    expect(out).toEqual([
      "CALL       STATE             DIRECTION  MODE          PARTY         STARTED               TALKED",
      "vc_abcdef  ended: completed  outbound   conversation  +15550001234  1970-01-01 00:00:01Z  12 s",
    ]);
  });

  it("says when there are none, and what stands in the way of the first", async () => {
    const service = fakeService({ list: async () => await Promise.resolve([]), problem: missingKeys });
    const { out, code } = await voicecall(["status"], { service });
    expect(code).toBe(0);
    expect(out[0]).toContain("twilio.authToken");
    expect(out.at(-1)).toBe("No calls yet.");
  });

  it("--json prints calls and problem", async () => {
    const run = await voicecall(["status", "--json"], { service: fakeService() });
    expect(run.json()).toMatchObject({ calls: [{ callId: "vc_abcdef" }], problem: null });
  });

  it("shows one call with its transcript, also by the carrier's id", async () => {
    for (const id of [CALL.callId, String(CALL.carrierCallId)]) {
      const { out } = await voicecall(["status", "--call-id", id], { service: fakeService() });
      expect(out).toContain("State         ended: completed");
      expect(out.at(-1)).toBe(`  caller  ${WORDS}`);
    }
  });

  it("shows an inbound call that rings and whose number is withheld", async () => {
    const ringing = {
      ...CALL,
      direction: "inbound",
      from: "",
      carrierCallId: null,
      state: "ringing",
      outcome: null,
      answeredAt: null,
      endedAt: null,
      evidence: null,
      transcript: [],
    } as const;
    const service = fakeService({
      status: async () => await Promise.resolve(ringing),
      list: async () => await Promise.resolve([ringing, { ...ringing, ...LIVE, answeredAt: 5 }]),
    });
    const one = await voicecall(["status", "--call-id", "c"], { service });
    expect(one.out).toContain("From       withheld");
    expect(one.out.at(-1)).toBe("Nothing has been said.");
    const all = await voicecall(["status"], { service });
    expect(all.out[1]).toMatch(/ringing .* withheld .* -$/);
    expect(all.out[2]).toMatch(/live .* talking$/);
  });

  it("--call-id --json prints the whole call", async () => {
    const run = await voicecall(["status", "--call-id", CALL.callId, "--json"], { service: fakeService() });
    expect(run.json()).toEqual({ found: true, call: CALL });
  });

  it("fails for a call nobody knows", async () => {
    const run = await voicecall(["status", "--call-id", "other", "--json"], { service: fakeService() });
    expect(run.code).toBe(1);
    expect(run.json()).toMatchObject({ error: { code: "VC_CALL_NOT_FOUND" } });
  });
});

describe("voicecall setup", () => {
  it("lists the checks and succeeds when calls can be placed", async () => {
    const { out, code } = await voicecall(["setup"], { service: fakeService() });
    expect(code).toBe(0);
    expect(out).toEqual([
      `ok       Calls go out from ${OWN_NUMBER}.`,
      "warning  No agent. [agent]",
      `         Ask ${NUMBER}.`,
      "voice-call is ready.",
    ]);
  });

  it("gives the gateway time to look at the network", async () => {
    const { sent } = await voicecall(["setup"], { service: fakeService() });
    expect(sent).toEqual([{ method: "voicecall.setup", params: {}, timeoutMs: 40_000 }]);
  });

  it("fails when something is missing", async () => {
    const setup = {
      ok: false,
      checks: [{ id: "a", ok: false, level: "error", message: "No key." }],
    } as const;
    const service = fakeService({ setup: async () => await Promise.resolve(setup) });
    const plain = await voicecall(["setup"], { service });
    expect([plain.code, plain.out]).toEqual([1, ["error    No key. [a]", "voice-call is not ready."]]);
    const run = await voicecall(["setup", "--json"], { service });
    expect(run.code).toBe(1);
    expect(run.json()).toEqual({ ...setup, gateway: true });
  });
});

describe("voicecall smoke", () => {
  it("without --yes says what it would do and dials nothing", async () => {
    const service = fakeService();
    const { out, code } = await voicecall(["smoke", "--to", NUMBER, "--mode", "notify"], { service });
    expect(code).toBe(0);
    expect(out.join("\n")).toContain(`Would call ${NUMBER} in notify mode`);
    expect(out.at(-1)).toBe("Nothing was dialled. Add --yes to place the call.");
    expect(asList(service.asked)).toEqual([["setup"]]);
  });

  it("without --yes --json prints the plan", async () => {
    const run = await voicecall(["smoke", "--json"], { service: fakeService() });
    expect(run.json()).toMatchObject({
      dryRun: true,
      ok: true,
      would: { to: null, mode: null },
      checks: [{}, {}],
    });
  });

  it("dials nothing while the setup is not complete, --yes or not", async () => {
    const service = fakeService({ setup: async () => await Promise.resolve({ ok: false, checks: [] }) });
    const { out, code } = await voicecall(["smoke", "--yes"], { service });
    expect(code).toBe(1);
    expect(out.at(-1)).toContain("Nothing was dialled");
    expect((await voicecall(["smoke"], { service })).code).toBe(1);
    expect(service.asked).toEqual([]);
  });

  it("with --yes watches the call to its end and tells every state once", async () => {
    const service = moving([DIALING, DIALING, LIVE, ENDED]);
    const { out, code, listening } = await voicecall(["smoke", "--yes"], { service });
    expect([code, listening]).toEqual([0, 0]);
    expect(out).toEqual([
      "Call vc_abcdef is placed. Ctrl-C hangs up.",
      "  dialing",
      "  live",
      "  ended: completed",
      "The test call was completed.",
    ]);
  });

  it("with --yes --json prints the finished call alone", async () => {
    const run = await voicecall(["smoke", "--yes", "--json"], { service: moving([DIALING, ENDED]) });
    expect(run.json()).toMatchObject({ dryRun: false, ok: true, call: { outcome: "completed" } });
    expect(run.code).toBe(0);
  });

  it("with --yes fails with the outcome when the call was not completed", async () => {
    const evidence = { source: "carrier", hungUpBy: "carrier", error: "VC_CARRIER_GEO" } as const;
    const service = moving([DIALING, { state: "ended", outcome: "failed", evidence }]);
    const { out, code } = await voicecall(["smoke", "--yes"], { service });
    expect(code).toBe(1);
    expect(out.at(-1)).toBe("The test call was not completed: failed (VC_CARRIER_GEO).");
  });

  it("hangs up at Ctrl-C and waits for the end", async () => {
    const service = moving([DIALING, LIVE, LIVE, { state: "ended", outcome: "canceled" }]);
    const { code, listening } = await voicecall(["smoke", "--yes"], { service, interruptAt: 1 });
    expect(asList(service.asked)).toContainEqual(["end", "vc_abcdef"]);
    expect([code, listening]).toEqual([1, 0]);
  });

  it("gives up waiting when the carrier never confirms the hang-up", async () => {
    const { code, slept } = await voicecall(["smoke", "--yes"], { service: moving([LIVE]), interruptAt: 1 });
    expect(code).toBe(1);
    expect(slept.length).toBeLessThan(30);
  });

  it("takes a call that ended by itself at Ctrl-C as ended", async () => {
    const service = Object.assign(moving([LIVE, LIVE, ENDED]), { end: notActive });
    expect((await voicecall(["smoke", "--yes"], { service, interruptAt: 1 })).code).toBe(0);
    const local = Object.assign(moving([LIVE, LIVE, ENDED]), { end: notActive });
    const own = await voicecall(["smoke", "--yes"], { fails: () => refused(), local, interruptAt: 1 });
    expect([own.code, own.stopped]).toEqual([0, 1]);
  });

  it("fails when the hang-up at Ctrl-C fails, and when the call is lost from sight", async () => {
    const service = Object.assign(moving([LIVE]), { end: notFound });
    expect((await voicecall(["smoke", "--yes"], { service, interruptAt: 1 })).code).toBe(1);
    const gone = fakeService({ status: async () => await Promise.resolve(null) });
    const run = await voicecall(["smoke", "--yes"], { service: gone });
    expect([run.code, run.err.join()]).toEqual([1, expect.stringContaining("VC_CALL_NOT_FOUND")]);
  });
});

describe("voicecall tail", () => {
  it("follows new events until Ctrl-C and ends well", async () => {
    const service = paged([[], [event(11, 5_000)], [event(12, 6_000)]]);
    const run = await voicecall(["tail"], { service, interruptAt: 3 });
    expect(run.out).toEqual([
      "1970-01-01 00:00:05Z  vc_a  live      speech",
      "1970-01-01 00:00:06Z  vc_a  live      speech",
    ]);
    expect([run.code, run.listening, run.slept]).toEqual([0, 0, [500, 500, 500]]);
    expect(service.cursors).toEqual([null, 10, 11]);
  });

  it("--json prints one object per line", async () => {
    const run = await voicecall(["tail", "--json", "--since", "4"], {
      service: paged([[event(5, 1), event(6, 2)]]),
      interruptAt: 1,
    });
    expect(run.out.map((line) => JSON.parse(line) as unknown)).toEqual([event(5, 1), event(6, 2)]);
  });

  it("--since with a duration shows what happened since then", async () => {
    const service = paged([[event(1, 100_000), event(2, 390_000), event(3, 400_000)]]);
    const run = await voicecall(["tail", "--since", "10m", "--poll", "50"], {
      service,
      interruptAt: 1,
      now: 1_000_000,
    });
    expect(run.out).toHaveLength(1);
    expect([service.cursors, run.slept]).toEqual([[0], [50]]);
  });

  it("reads on at once while there is more than a page", async () => {
    const full = Array.from({ length: 500 }, (_, i) => event(i + 1, 1));
    const run = await voicecall(["tail", "--since", "0"], {
      service: paged([full, [event(501, 1)]]),
      interruptAt: 1,
    });
    expect([run.out.length, run.slept.length]).toEqual([501, 1]);
  });

  it("--file reads that store and asks no gateway", async () => {
    const run = await voicecall(["tail", "--file", "/tmp/calls.db", "--since", "0"], {
      local: paged([[event(1, 1)]]),
      interruptAt: 1,
    });
    expect([run.code, run.sent, run.out.length, run.stopped]).toEqual([0, [], 1, 1]);
    expect(run.opened).toEqual([{ kind: "read", store: "/tmp/calls.db" }]);
  });

  it("says so when this process cannot read a store", async () => {
    const run = await voicecall(["tail", "--file", "/tmp/calls.db"]);
    expect(run.code).toBe(1);
    expect(run.err.join()).toContain("VC_GATEWAY_ERROR");
  });
});

describe("voicecall latency", () => {
  it("shows p50, p95 and the maximum of each stage", async () => {
    const service = fakeService();
    const { out } = await voicecall(["latency", "--last", "50"], { service });
    expect(out).toEqual(["STAGE  COUNT  P50     P95     MAX", "reply  3      120 ms  340 ms  350 ms"]);
    expect(asList(service.asked)).toEqual([["latency", 50]]);
  });

  it("says when nothing was measured, and prints JSON", async () => {
    const none = fakeService({ latency: async () => await Promise.resolve([]) });
    expect((await voicecall(["latency"], { service: none })).out).toEqual(["No latencies measured yet."]);
    const run = await voicecall(["latency", "--json"], { service: fakeService() });
    expect(run.json()).toEqual({ stages: [{ stage: "reply", count: 3, p50: 120, p95: 340, max: 350 }] });
  });

  it("--file reads that store", async () => {
    const run = await voicecall(["latency", "--file", "x.db", "--json"], { local: fakeService() });
    expect([run.code, run.sent, run.opened]).toEqual([0, [], [{ kind: "read", store: "x.db" }]]);
  });
});

describe("voicecall pairing", () => {
  it("lists who waits, who was too late and who may call", async () => {
    const base = { number: NUMBER, code: "AB12", createdAt: 0, expiresAt: 2_000_000, approvedAt: null };
    const service = fakeService({
      pairings: async () =>
        await Promise.resolve([base, { ...base, expiresAt: 5 }, { ...base, approvedAt: 1_000 }]),
    });
    const { out } = await voicecall(["pairing", "list"], { service });
    expect(out[1]).toContain("AB12  waiting until 1970-01-01 00:33:20Z");
    expect(out[2]).toContain("expired");
    expect(out[3]).toContain("-     approved 1970-01-01 00:00:01Z");
    const none = fakeService({ pairings: async () => await Promise.resolve([]) });
    expect((await voicecall(["pairing", "list"], { service: none })).out).toEqual([
      "No callers have asked for pairing.",
    ]);
  });

  it("approves a code and revokes a number", async () => {
    const service = fakeService();
    expect((await voicecall(["pairing", "approve", "AB12"], { service })).out).toEqual([
      `${NUMBER} may call in from now on.`,
    ]);
    expect((await voicecall(["pairing", "revoke", NUMBER], { service })).out).toEqual([
      `${NUMBER} may no longer call in.`,
    ]);
    expect(asList(service.asked)).toEqual([
      ["approvePairing", "AB12"],
      ["revokePairing", NUMBER],
    ]);
  });

  it("prints JSON", async () => {
    const service = fakeService();
    const json = async (...argv: string[]) =>
      (await voicecall(["pairing", ...argv, "--json"], { service })).json();
    expect(await json("list")).toMatchObject({ pairings: [{ code: "AB12" }] });
    expect(await json("approve", "AB12")).toMatchObject({ pairing: { number: NUMBER } });
    expect(await json("revoke", NUMBER)).toEqual({ revoked: true });
  });

  it("fails for a wrong code and for a number that was not paired", async () => {
    const service = fakeService({
      approvePairing: async () => await Promise.reject(new VoiceCallError("VC_PAIRING_UNKNOWN")),
      revokePairing: async () => await Promise.resolve(false),
    });
    expect((await voicecall(["pairing", "approve", "XX"], { service })).code).toBe(1);
    const { code, out } = await voicecall(["pairing", "revoke", NUMBER], { service });
    expect([code, out]).toEqual([1, [`${NUMBER} was not paired.`]]);
  });
});

describe("voicecall phone", () => {
  it("hands the gateway's mock phone to the terminal until it is put away", async () => {
    const port = fakePort();
    const run = await voicecall(["phone", "--from", NUMBER, "--to", OWN_NUMBER, "--record", "call.wav"], {
      service: fakeService({ phone: () => port }),
      terminalPhone: async ({ phone, from, to, record, signal }) => {
        await phone.call(from, to ?? "");
        await phone.answer("m");
        await phone.decline("m");
        await phone.say("m", "yes");
        await phone.press("m", "5");
        expect(await phone.play("m", Uint8Array.of(1, 2))).toEqual({ ms: 20 });
        expect([...(await phone.listen("m", 8)).audio]).toEqual([1, 2]);
        expect(record).toBe("call.wav");
        await phone.hangUp("m");
        expect(signal.aborted).toBe(false);
      },
    });
    expect([run.code, run.listening]).toEqual([0, 0]);
    expect(asList(port.asked)).toEqual([
      ["screen", 0],
      ["call", NUMBER, OWN_NUMBER],
      ["answer", "m"],
      ["decline", "m"],
      ["say", "m", "yes"],
      ["press", "m", "5"],
      ["play", "m", [1, 2]],
      ["listen", "m", 8],
      ["hangUp", "m"],
    ]);
  });

  it("--json shows the screen line by line", async () => {
    const line = { cursor: 1, at: 1, carrierCallId: "m", kind: "spoken", text: "hello" } as const;
    const port = { ...fakePort(), screen: async () => await Promise.resolve({ cursor: 1, lines: [line] }) };
    const run = await voicecall(["phone", "--json"], {
      service: fakeService({ phone: () => port }),
      interruptAt: 1,
    });
    expect([run.code, run.out]).toEqual([0, [JSON.stringify(line)]]);
  });

  it("says that another provider has no such phone", async () => {
    const { code, err } = await voicecall(["phone"], { service: fakeService() });
    expect(code).toBe(1);
    expect(err.join()).toContain("[VC_NO_PHONE]");
  });
});
