import { describe, expect, it } from "vitest";
import type { Screening } from "../../../src/call/call.ts";
import { startPlivoEmulator, type Fault } from "../../emulator/plivo/index.ts";
import { AUTH_ID, OUTBOUND, TOKEN } from "./fixtures.ts";
import { BYE, failureOf, LISTEN, NEW, rig } from "./rig.ts";

const plivo = rig();
const created = () => plivo.emulator.requestsOf("create");
const sent = () => created()[0]?.body ?? {};

const SCREENING: Screening = { policy: "hangup", verdict: "pending", words: [], said: false };

describe("placing a call", () => {
  it("has the words fetched once somebody has picked up", async () => {
    plivo.says(BYE);
    const { carrierCallId } = await plivo.carrier.dial(NEW, BYE, plivo.signal);
    const far = plivo.emulator.call(carrierCallId);
    expect(await far.ended).toMatchObject({ by: "document" });
    expect(far.heard()).toEqual(["Dinner is ready."]);
    expect(plivo.desk.events()).toMatchObject([
      { type: "ringing" },
      { type: "fetched", gen: 1 },
      { type: "ended", outcome: "completed", evidence: { hungUpBy: "us" } },
    ]);
    expect(
      plivo.desk.facts.every((fact) => fact.callId === "vc_1" && fact.carrierCallId === carrierCallId),
    ).toBe(true);
    expect([plivo.emulator.problems, plivo.desk.refused]).toEqual([[], []]);
  });

  it("names every callback with our id, by POST, and no number in it", async () => {
    await plivo.carrier.dial(NEW, BYE, plivo.signal);
    const status = `${plivo.desk.url}?call=vc_1&event=status`;
    expect(sent()).toMatchObject({
      from: "15550101000",
      to: "15550101234",
      answer_method: "POST",
      fallback_method: "POST",
      ring_url: status,
      ring_method: "POST",
      hangup_url: status,
      hangup_method: "POST",
    });
    for (const name of ["answer_url", "fallback_url"]) {
      expect(String(sent()[name])).toMatch(/\?call=vc_1&words=1-n\d+$/);
    }
    // The fallback is another fetch than the first, so it is no replay of it.
    expect(sent()["answer_url"]).not.toBe(sent()["fallback_url"]);
  });

  it("leaves ring time and length to the carrier too, so that they hold without us", async () => {
    const limits = { ...NEW.limits, ringMs: 20_500, maxDurationMs: 90_001 };
    await plivo.carrier.dial({ ...NEW, limits }, BYE, plivo.signal);
    expect(sent()).toMatchObject({ ring_timeout: 21, time_limit: 91 });
  });

  it("never asks for more than Plivo's longest call", async () => {
    const limits = { ...NEW.limits, maxDurationMs: 86_400_000 };
    await plivo.carrier.dial({ ...NEW, limits }, BYE, plivo.signal);
    expect(sent()).toMatchObject({ time_limit: 14_400 });
  });

  it("presses digits right after the answer, before the first words", async () => {
    const instruction = { ...BYE, digits: "1ww23#" };
    plivo.says(instruction);
    await plivo.carrier.dial(NEW, instruction, plivo.signal);
    const far = await plivo.emulator.nextCall();
    await far.ended;
    expect(far.pressed()).toEqual(["1ww23#"]);
    expect(far.heard()).toEqual(["Dinner is ready."]);
  });

  it("asks for the detection of machines only where somebody wants to know, beside the call", async () => {
    await plivo.carrier.dial(NEW, BYE, plivo.signal);
    expect(Object.keys(sent()).filter((name) => name.startsWith("machine"))).toEqual([]);
    await plivo.carrier.dial({ ...NEW, screening: SCREENING }, BYE, plivo.signal);
    expect(created()[1]?.body).toMatchObject({
      machine_detection: "true",
      machine_detection_url: `${plivo.desk.url}?call=vc_1&event=status`,
      machine_detection_method: "POST",
    });
  });

  it("reports a machine, waits for its beep, then says that its greeting is over", async () => {
    plivo.emulator.callee(NEW.to).machine({ greetingMs: 7000 });
    const machine = { ...SCREENING, policy: "leave-message", verdict: "machine" } as const;
    plivo.desk.answer = (fact) => {
      const [event] = fact.events;
      const over = event?.type === "detected" && event.over === true;
      const call = { ...OUTBOUND, screening: machine };
      return plivo.carrier.document(
        call,
        over ? { kind: "instruction", instruction: BYE } : { kind: "wait" },
      );
    };
    const { carrierCallId } = await plivo.carrier.dial({ ...NEW, screening: SCREENING }, BYE, plivo.signal);
    const far = plivo.emulator.call(carrierCallId);
    await far.ended;
    expect(plivo.desk.events()).toContainEqual({ type: "detected", by: "machine" });
    expect(plivo.desk.events()).toContainEqual({ type: "detected", by: "machine", over: true });
    expect(far.handset.taped).toEqual(["Dinner is ready."]);
    expect(plivo.emulator.problems).toEqual([]);
  });

  it("is refused without a public URL, or in a language or with keys that Plivo does not have, before anything is sent", async () => {
    const deaf = plivo.connect({ webhookUrl: null });
    expect(await failureOf(deaf.dial(NEW, BYE, plivo.signal))).toMatchObject({
      code: "VC_PUBLIC_URL_MISSING",
      certainty: "refused",
    });
    const klingon = { ...NEW, route: { ...NEW.route, language: "tlh" } };
    expect(await failureOf(plivo.carrier.dial(klingon, LISTEN, plivo.signal))).toMatchObject({
      code: "VC_LANGUAGE_UNSUPPORTED",
      certainty: "refused",
      details: { provider: "plivo", language: "tlh" },
    });
    expect(await failureOf(plivo.carrier.dial(NEW, { ...BYE, digits: "A" }, plivo.signal))).toMatchObject({
      code: "VC_UNSUPPORTED",
      certainty: "refused",
    });
    expect(plivo.emulator.requests).toEqual([]);
  });

  it("that nobody answers, or that is declined, ends with what Plivo says", async () => {
    const ends: unknown[] = [];
    for (const describe_ of ["busy", "noAnswer", "declines", "fails"] as const) {
      plivo.emulator.callee(NEW.to)[describe_]();
      const { carrierCallId } = await plivo.carrier.dial(NEW, BYE, plivo.signal);
      await plivo.emulator.call(carrierCallId).ended;
      const last = plivo.desk.events().at(-1);
      ends.push(last?.type === "ended" ? [last.outcome, last.evidence.hungUpBy] : last);
    }
    expect(ends).toEqual([
      ["busy", "them"],
      ["no-answer", "carrier"],
      ["busy", "them"],
      ["failed", "carrier"],
    ]);
  });
});

describe("a create that fails", () => {
  const uncertain = { code: "VC_CARRIER_UNCERTAIN", certainty: "unknown" };
  const cases: readonly [string, Fault, object][] = [
    ["HTTP 500", { kind: "error", status: 500 }, uncertain],
    ["HTTP 503 although it was carried out", { kind: "error", status: 503, carriedOut: true }, uncertain],
    ["a reset before it arrived", { kind: "reset" }, uncertain],
    ["a reset instead of the reply", { kind: "lose-reply" }, uncertain],
    ["HTTP 408", { kind: "error", status: 408 }, uncertain],
    ["a redirect", { kind: "error", status: 307 }, uncertain],
    ["HTTP 429", { kind: "error", status: 429 }, { code: "VC_CARRIER_RATE", certainty: "not-sent" }],
    [
      "a country that is not enabled",
      { kind: "error", status: 403 },
      { code: "VC_CARRIER_GEO", certainty: "refused" },
    ],
    ["a refusal", { kind: "error", status: 400 }, { code: "VC_CARRIER_REFUSED", certainty: "refused" }],
    [
      "an unknown account",
      { kind: "error", status: 404 },
      { code: "VC_CARRIER_REFUSED", certainty: "refused" },
    ],
  ];

  it.each(cases)("with %s says what is known, and is sent once", async (_, fault, expected) => {
    plivo.emulator.fail("create", fault);
    expect(await failureOf(plivo.carrier.dial(NEW, BYE, plivo.signal))).toMatchObject(expected);
    expect(created()).toHaveLength(1);
  });

  it("without any answer is given up with its time, and was sent once", async () => {
    plivo.emulator.fail("create", { kind: "silence" });
    const failure = await failureOf(plivo.carrier.dial(NEW, BYE, AbortSignal.timeout(100)));
    expect(failure).toMatchObject(uncertain);
    expect(created()).toHaveLength(1);
  });

  const from = "from parameter is invalid. +15550101000 is not associated with your account.";
  it.each([
    ["a success without a body", 201, "", uncertain],
    ["a success that is no JSON", 201, "<html>", uncertain],
    ["a success without an id", 201, '{"message":"call fired"}', uncertain],
    ["a success with many ids", 201, '{"request_uuid":["a","b"]}', uncertain],
    ["a page of a proxy", 502, "<html>", uncertain],
    ["a refusal without a reason", 422, "<html>", { code: "VC_CARRIER_REFUSED", certainty: "refused" }],
    [
      "a caller number that is not ours",
      400,
      JSON.stringify({ error: from }),
      { code: "VC_CARRIER_FROM_INVALID" },
    ],
    ["a number that is none", 400, '{"error":"to parameter is invalid"}', { code: "VC_CARRIER_TO_INVALID" }],
    [
      "too many calls at once",
      403,
      '{"error":"Concurrency Limit Breached"}',
      { code: "VC_CARRIER_RATE", certainty: "not-sent" },
    ],
  ])("with %s says what is known, and quotes no number", async (_, status, body, expected) => {
    const there = plivo.connect({ fetch: async () => new Response(body, { status }) });
    const failure = (await failureOf(there.dial(NEW, BYE, plivo.signal))) as Error & { details: object };
    expect(failure).toMatchObject(expected);
    expect(failure.message + JSON.stringify(failure.details)).not.toContain("5550101");
  });

  it("on a connection that was used before is not repeated on a new one", async () => {
    await plivo.carrier.dial(NEW, BYE, plivo.signal);
    plivo.emulator.fail("create", { kind: "reset" });
    expect(await failureOf(plivo.carrier.dial(NEW, BYE, plivo.signal))).toMatchObject(uncertain);
    expect(created()).toHaveLength(2);
  });

  it("because nobody listens there has certainly not been sent", async () => {
    const gone = await startPlivoEmulator({ authId: AUTH_ID, authToken: TOKEN });
    const { url } = gone;
    await gone.close();
    const nobody = plivo.connect({ apiBaseUrl: url });
    expect(await failureOf(nobody.dial(NEW, BYE, plivo.signal))).toMatchObject({
      code: "VC_CARRIER_UNREACHABLE",
      certainty: "not-sent",
      details: { detail: "ECONNREFUSED" },
    });
  });

  it("because it was called off before has not been sent", async () => {
    expect(await failureOf(plivo.carrier.dial(NEW, BYE, AbortSignal.abort()))).toMatchObject({
      certainty: "not-sent",
    });
    await plivo.carrier.close();
    expect(await failureOf(plivo.carrier.dial(NEW, BYE, plivo.signal))).toMatchObject({
      certainty: "not-sent",
    });
    expect(created()).toHaveLength(0);
  });

  it("for wrong credentials says so, without numbers or secrets", async () => {
    const stranger = plivo.connect({ authToken: "wrong-token" });
    const failure = (await failureOf(stranger.dial(NEW, BYE, plivo.signal))) as Error & { details: object };
    expect(failure).toMatchObject({ code: "VC_CARRIER_AUTH", certainty: "refused" });
    const told = failure.message + JSON.stringify(failure.details);
    for (const secret of ["wrong-token", NEW.to.slice(1), NEW.from.slice(1), TOKEN]) {
      expect(told).not.toContain(secret);
    }
  });
});

describe("a call whose create reply was lost", () => {
  it("is found by its numbers and time while it rings", async () => {
    plivo.emulator.callee(NEW.to).noAnswer();
    plivo.emulator.fail("create", { kind: "lose-reply" });
    const createdAt = Date.now();
    await failureOf(plivo.carrier.dial(NEW, BYE, plivo.signal));
    const far = await plivo.emulator.nextCall();
    await far.handset.until("rings", () => far.status === "ringing");
    expect(await plivo.carrier.find({ ...NEW, createdAt }, plivo.signal)).toEqual({
      found: true,
      carrierCallId: far.requestUuid,
      state: "ringing",
    });
    // Found once, it is nobody else's.
    expect(await plivo.carrier.find({ ...NEW, createdAt }, plivo.signal)).toEqual({ found: false });
  });

  it("is found while it is still queued", async () => {
    plivo.emulator.faults.queued = true;
    plivo.emulator.fail("create", { kind: "lose-reply" });
    await failureOf(plivo.carrier.dial(NEW, BYE, plivo.signal));
    const far = await plivo.emulator.nextCall();
    const found = await plivo.carrier.find({ ...NEW, createdAt: Date.now() }, plivo.signal);
    expect(found).toEqual({ found: true, carrierCallId: far.requestUuid, state: "dialing" });
  });

  it("is not taken for one that we know, one from long ago, or one to somebody else", async () => {
    const { call } = await plivo.talking();
    const createdAt = Date.now();
    expect(await plivo.carrier.find({ ...NEW, createdAt }, plivo.signal)).toEqual({ found: false });
    const restarted = plivo.connect();
    for (const other of [
      { ...NEW, createdAt: createdAt - 600_000 },
      { ...NEW, createdAt: createdAt + 600_000 },
      { ...NEW, to: "+15550109999", createdAt },
      { ...NEW, from: "+15550109999", createdAt },
    ]) {
      expect(await restarted.find(other, plivo.signal)).toEqual({ found: false });
    }
    expect(await restarted.find({ ...NEW, createdAt }, plivo.signal)).toMatchObject({
      carrierCallId: call.carrierCallId,
      state: "answered",
    });
  });

  it("is not taken for a call that came in", async () => {
    plivo.emulator.setApplication({ answerUrl: plivo.desk.url });
    plivo.says({ ...LISTEN, say: [] });
    const far = plivo.emulator.ring(NEW.from, { to: plivo.emulator.ours });
    await far.listening();
    const turned = { ...NEW, from: NEW.from, to: plivo.emulator.ours, createdAt: Date.now() };
    expect(await plivo.carrier.find(turned, plivo.signal)).toEqual({ found: false });
  });

  it("cannot be looked for just now: that may be repeated", async () => {
    plivo.emulator.fail("list-live", { kind: "error", status: 503 });
    expect(await failureOf(plivo.carrier.find({ ...NEW, createdAt: 0 }, plivo.signal))).toMatchObject({
      certainty: "not-sent",
    });
  });
});
