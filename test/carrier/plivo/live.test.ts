import { describe, expect, it } from "vitest";
import type { CallRef } from "../../../src/call/ports.ts";
import { childrenOf, parseXml, textOf } from "../../emulator/plivo/xml.ts";
import { INBOUND, OUTBOUND, WEBHOOK } from "./fixtures.ts";
import { BYE, failureOf, LISTEN, NEW, rig } from "./rig.ts";

const plivo = rig();
const NOBODY = "00000000-0000-0000-0000-000000000000";

const paths = (): readonly string[] =>
  plivo.emulator.requests.map(
    ({ method, path }) => `${method} ${path.replace(/^\/v1\/Account\/[^/]+\//, "")}`,
  );

/** What the carrier has asked since. */
async function asked(command: () => Promise<unknown>): Promise<readonly string[]> {
  const before = paths().length;
  await command();
  return paths().slice(before);
}

/** A call that rings and that nobody answers. */
async function ringing(): Promise<CallRef> {
  plivo.emulator.callee(NEW.to).noAnswer();
  const { carrierCallId } = await plivo.carrier.dial(NEW, BYE, plivo.signal);
  const { handset } = plivo.emulator.call(carrierCallId);
  await handset.until("rings", () => plivo.emulator.call(carrierCallId).status === "ringing");
  return { ...OUTBOUND, carrierCallId, state: "ringing" };
}

describe("a live call", () => {
  it("fetches new words, which replace what it was doing", async () => {
    const { call, far } = await plivo.talking();
    plivo.says({ ...BYE, gen: 2 });
    await plivo.carrier.instruct(call, { ...BYE, gen: 2 }, plivo.signal);
    expect(await far.ended).toMatchObject({ by: "document" });
    expect(far.heard()).toEqual(["Hi.", "Dinner is ready."]);
    expect(plivo.emulator.requestsOf("transfer")[0]?.body).toMatchObject({
      legs: "aleg",
      aleg_method: "POST",
    });
    expect(plivo.desk.events()).toContainEqual({ type: "fetched", gen: 2 });
  });

  it("hears the person's words and keys, each stamped with its turn", async () => {
    const { far } = await plivo.talking();
    plivo.says({ ...LISTEN, gen: 2, next: { kind: "listen", token: "t2", timeoutMs: 5000 } });
    await far.speak("Hello?");
    await far.listening();
    await far.press("42#");
    const heard = plivo.desk.events().filter(({ type }) => type === "speech" || type === "digits");
    expect(heard).toMatchObject([
      { type: "speech", token: "t1", text: "Hello?" },
      { type: "digits", token: "t2", digits: "42" },
    ]);
  });

  it("tells that a turn has passed without a word", async () => {
    const { far } = await plivo.talking();
    plivo.says({ ...BYE, gen: 2 });
    await far.silent();
    await far.ended;
    expect(plivo.desk.events()).toContainEqual({ type: "silence", token: "t1" });
    expect(far.heard()).toEqual(["Hi.", "Dinner is ready."]);
  });

  it("is kept while there is nothing to say, and asks again and again", async () => {
    const { call, far } = await plivo.talking();
    let asks = 0;
    plivo.desk.answer = () =>
      plivo.carrier.document(call, ++asks < 3 ? { kind: "wait" } : { kind: "instruction", instruction: BYE });
    await far.speak("Hello?");
    await far.ended;
    expect(far.heard().at(-1)).toBe("Dinner is ready.");
    expect(plivo.desk.events().filter(({ type }) => type === "fetched")).toHaveLength(3);
  });

  it("is handed over to another number, and comes back when nobody answers there", async () => {
    const { call, far } = await plivo.talking();
    const transfer = { gen: 2, say: [], next: { kind: "transfer", to: "+15550109999" } } as const;
    plivo.emulator.callee("+15550109999").busy();
    plivo.desk.answer = (fact) => {
      const back = fact.events.some(({ type }) => type === "transfer-ended");
      return plivo.carrier.document(call, { kind: "instruction", instruction: back ? BYE : transfer });
    };
    await far.speak("A person, please.");
    await far.ended;
    expect(plivo.desk.events()).toContainEqual({ type: "transfer-ended", gen: 2, reached: false });
    expect(far.transferredTo()).toBe(null);
  });

  it("is handed over to another number until the two have talked", async () => {
    const { call, far } = await plivo.talking();
    plivo.emulator.callee("+15550109999").answers().hangsUpAfter(3000);
    plivo.desk.answer = (fact) => {
      const back = fact.events.some(({ type }) => type === "transfer-ended");
      const next = { kind: "transfer", to: "+15550109999" } as const;
      return plivo.carrier.document(call, {
        kind: "instruction",
        instruction: back ? BYE : { gen: 2, say: [], next },
      });
    };
    await far.speak("A person, please.");
    await far.ended;
    expect(far.transferredTo()).toBe("+15550109999");
    expect(plivo.desk.events()).toContainEqual({ type: "transfer-ended", gen: 2, reached: true });
    expect(plivo.emulator.problems).toEqual([]);
  });

  it("that is over cannot be instructed: it is gone", async () => {
    const { call, far } = await plivo.talking();
    await far.hangUp();
    expect(await failureOf(plivo.carrier.instruct(call, BYE, plivo.signal))).toMatchObject({
      code: "VC_CARRIER_CALL_GONE",
      certainty: "gone",
    });
  });

  it("that cannot be instructed just now says that nothing is known", async () => {
    const { call } = await plivo.talking();
    plivo.emulator.fail("transfer", { kind: "error", status: 502 });
    expect(await failureOf(plivo.carrier.instruct(call, BYE, plivo.signal))).toMatchObject({
      certainty: "unknown",
    });
  });

  it("is not asked to say what it cannot", async () => {
    const { call } = await plivo.talking();
    const klingon = { ...call, route: { ...call.route, language: "tlh" } };
    const failure = await failureOf(plivo.carrier.instruct(klingon, LISTEN, plivo.signal));
    expect(failure).toMatchObject({ code: "VC_LANGUAGE_UNSUPPORTED", certainty: "refused" });
    expect(plivo.emulator.requestsOf("transfer")).toEqual([]);
  });
});

describe("ending a call", () => {
  it("that talks ends the call itself, and ending it again is a success", async () => {
    const { call, far } = await plivo.talking();
    expect(await asked(() => plivo.carrier.hangup(call, plivo.signal))).toEqual([
      `DELETE Call/${call.carrierCallId}/`,
    ]);
    expect(await far.ended).toMatchObject({ by: "api" });
    await plivo.carrier.hangup(call, plivo.signal);
    await plivo.carrier.hangup({ ...call, carrierCallId: NOBODY }, plivo.signal);
  });

  it("that rings takes its request back", async () => {
    const call = await ringing();
    expect(await asked(() => plivo.carrier.hangup(call, plivo.signal))).toEqual([
      `DELETE Request/${call.carrierCallId}/`,
    ]);
    expect(await plivo.emulator.call(call.carrierCallId ?? "").ended).toMatchObject({ by: "api" });
    expect(plivo.desk.events().at(-1)).toMatchObject({ type: "ended", outcome: "canceled" });
  });

  it("that was answered meanwhile, or was not yet, is ended the other way", async () => {
    const { call, far } = await plivo.talking();
    await plivo.carrier.hangup({ ...call, state: "ringing" }, plivo.signal);
    expect(await far.ended).toMatchObject({ by: "api" });
    const rings = await ringing();
    await plivo.carrier.hangup({ ...rings, state: "answered" }, plivo.signal);
    expect(await plivo.emulator.call(rings.carrierCallId ?? "").ended).toMatchObject({ by: "api" });
  });

  it("that cannot be ended just now says that nothing is known", async () => {
    const { call } = await plivo.talking();
    plivo.emulator.fail("hangup", { kind: "error", status: 502 });
    expect(await failureOf(plivo.carrier.hangup(call, plivo.signal))).toMatchObject({ certainty: "unknown" });
  });

  it("without an id is refused: Plivo would end every call of the account", async () => {
    expect(await failureOf(plivo.carrier.hangup(NEW, plivo.signal))).toMatchObject({ certainty: "refused" });
    await failureOf(plivo.carrier.hangup({ ...OUTBOUND, carrierCallId: "" }, plivo.signal));
    expect(plivo.emulator.requestsOf("hangup")).toEqual([]);
  });
});

describe("looking a call up", () => {
  it("tells where it stands", async () => {
    const { call } = await plivo.talking();
    const id = call.carrierCallId ?? "";
    expect(await plivo.carrier.lookup(id, plivo.signal)).toEqual({
      found: true,
      carrierCallId: id,
      state: "answered",
    });
    const rings = await ringing();
    expect(await plivo.carrier.lookup(rings.carrierCallId ?? "", plivo.signal)).toMatchObject({
      state: "ringing",
    });
    plivo.emulator.faults.queued = true;
    const { carrierCallId } = await plivo.carrier.dial(NEW, BYE, plivo.signal);
    expect(await plivo.carrier.lookup(carrierCallId, plivo.signal)).toMatchObject({ state: "dialing" });
    expect(plivo.naps).toEqual([]);
  });

  it.each([
    ["busy", "busy", "them", "3010"],
    ["noAnswer", "no-answer", "carrier", "6010"],
    ["fails", "failed", "carrier", "3050"],
  ] as const)("tells how it ended: %s", async (how, outcome, hungUpBy, carrierCode) => {
    plivo.emulator.callee(NEW.to)[how]();
    const { carrierCallId } = await plivo.carrier.dial(NEW, BYE, plivo.signal);
    await plivo.emulator.call(carrierCallId).ended;
    expect(await plivo.carrier.lookup(carrierCallId, plivo.signal)).toMatchObject({
      found: true,
      carrierCallId,
      state: "ended",
      outcome,
      evidence: { source: "look-up", hungUpBy, carrierCode, durationSec: 0 },
    });
  });

  it("tells of a call that was talked on", async () => {
    const { call, far } = await plivo.talking();
    await far.hangUp();
    expect(await plivo.carrier.lookup(call.carrierCallId ?? "", plivo.signal)).toMatchObject({
      state: "ended",
      outcome: "completed",
      evidence: { hungUpBy: "them", carrierCode: "4000", durationSec: 1 },
    });
  });

  it("waits for the record of a call that has just ended, rather than lose it", async () => {
    await plivo.restart({ recordDelayMs: 60_000_000 });
    const { call, far } = await plivo.talking();
    await far.hangUp();
    const id = call.carrierCallId ?? "";
    expect(await plivo.carrier.lookup(id, plivo.signal)).toEqual({ found: false });
    expect(plivo.naps).toEqual([1000, 2000, 4000, 8000]);
    expect(plivo.emulator.requestsOf("record")).toHaveLength(5);
  });

  it("finds nothing under an unknown id", async () => {
    expect(await plivo.carrier.lookup(NOBODY, plivo.signal)).toEqual({ found: false });
  });

  it.each(["live", "queued", "record"] as const)("that fails (%s) may be repeated", async (operation) => {
    plivo.emulator.fail(operation, { kind: "error", status: 503 });
    expect(await failureOf(plivo.carrier.lookup(NOBODY, plivo.signal))).toMatchObject({
      certainty: "not-sent",
    });
  });

  it.each([
    ["no JSON", "<html>"],
    ["another thing", "{}"],
    ["a status that nobody knows", `{"call_uuid":"${NOBODY}","call_status":"asleep"}`],
  ])("that gets %s may be repeated", async (_, body) => {
    const there = plivo.connect({ fetch: async () => new Response(body) });
    expect(await failureOf(there.lookup(NOBODY, plivo.signal))).toMatchObject({ certainty: "not-sent" });
  });

  it("is called off with the carrier", async () => {
    await plivo.carrier.close();
    expect(await failureOf(plivo.carrier.lookup(NOBODY, plivo.signal))).toMatchObject({
      details: { detail: "aborted" },
    });
  });
});

describe("where Plivo gives a call another id than its request", () => {
  it("is instructed, looked up and ended all the same", async () => {
    await plivo.restart({ separateIds: true });
    const { call, far } = await plivo.talking();
    expect(far.uuid).not.toBe(call.carrierCallId);
    expect(plivo.desk.facts.map(({ carrierCallId }) => carrierCallId)).toContain(call.carrierCallId);

    plivo.says({ ...LISTEN, gen: 2, say: ["Still there?"] });
    await plivo.carrier.instruct(call, LISTEN, plivo.signal);
    await far.hears("Still there?");
    const id = call.carrierCallId ?? "";
    expect(await plivo.carrier.lookup(id, plivo.signal)).toMatchObject({
      carrierCallId: id,
      state: "answered",
    });
    await plivo.carrier.hangup(call, plivo.signal);
    expect(await far.ended).toMatchObject({ by: "api" });
    // Its other id was remembered: the second command goes straight to it.
    expect(plivo.emulator.requestsOf("list-live")).toHaveLength(1);
    expect(await plivo.carrier.lookup(id, plivo.signal)).toMatchObject({ carrierCallId: id, state: "ended" });
  });
});

describe("a call that comes in", () => {
  it("is answered by its first document, and its end is told at the application's hangup URL", async () => {
    plivo.emulator.setApplication({ answerUrl: plivo.desk.url, hangupUrl: plivo.desk.url });
    plivo.says(LISTEN, INBOUND);
    const far = plivo.emulator.ring("+15550107777", { fields: { STIRVerification: "Verified" } });
    await far.listening();
    expect(plivo.desk.facts[0]).toMatchObject({
      callId: null,
      carrierCallId: far.uuid,
      events: [{ type: "ringing" }],
      offer: { direction: "inbound", from: "+15550107777", to: plivo.emulator.ours, attestation: "A" },
    });
    await far.hangUp();
    expect(plivo.desk.facts.at(-1)).toMatchObject({
      callId: null,
      carrierCallId: far.uuid,
      wants: "nothing",
      events: [{ type: "ended", outcome: "completed", evidence: { hungUpBy: "them" } }],
    });
    expect(plivo.emulator.problems).toEqual([]);
  });

  it("ends by itself when it lasts too long, even without us", async () => {
    plivo.emulator.setApplication({ answerUrl: plivo.desk.url, hangupUrl: plivo.desk.url });
    plivo.says(LISTEN, { ...INBOUND, limits: { ...INBOUND.limits, maxDurationMs: 2000 } });
    const far = plivo.emulator.ring("+15550107777");
    expect(await far.ended).toMatchObject({ by: "document" });
  });

  it.each([
    ["policy", 3020],
    ["busy", 3010],
  ] as const)("is refused before it is answered (%s), and tells so", async (reason, code) => {
    plivo.emulator.setApplication({ answerUrl: plivo.desk.url, hangupUrl: plivo.desk.url });
    plivo.desk.answer = () => plivo.carrier.document(null, { kind: "reject", reason });
    const far = plivo.emulator.ring("+15550107777");
    expect(await far.ended).toMatchObject({ by: "document", code });
    expect(plivo.desk.events().at(-1)).toMatchObject({ type: "ended", outcome: "rejected" });
    await plivo.carrier.reject();
    expect(plivo.emulator.requests).toEqual([]);
  });

  it("from a withheld number says that word and no number", async () => {
    plivo.emulator.setApplication({ answerUrl: plivo.desk.url });
    plivo.desk.answer = () => plivo.carrier.document(null, { kind: "hangup" });
    await plivo.emulator.ring("+15550107777", { withheld: true }).ended;
    expect(plivo.desk.facts[0]?.offer).toMatchObject({ from: "anonymous" });
  });

  it("is ended by itself alone, as it has no request", async () => {
    plivo.emulator.setApplication({ answerUrl: plivo.desk.url });
    plivo.says(LISTEN, INBOUND);
    const far = plivo.emulator.ring("+15550107777");
    await far.listening();
    const call = { ...INBOUND, carrierCallId: far.uuid };
    expect(await asked(() => plivo.carrier.hangup(call, plivo.signal))).toEqual([`DELETE Call/${far.uuid}/`]);
    expect(await asked(() => plivo.carrier.hangup(call, plivo.signal))).toEqual([`DELETE Call/${far.uuid}/`]);
  });

  it("cannot be answered without a document", async () => {
    expect(await failureOf(plivo.carrier.answer())).toMatchObject({ code: "VC_UNSUPPORTED" });
  });
});

const elements = (body = ""): readonly string[] => childrenOf(parseXml(body)).map(({ name }) => name);

describe("documents", () => {
  it("are XML of their own content type, on the public URL of the moment", () => {
    const reply = plivo.connect({ webhookUrl: WEBHOOK }).document(OUTBOUND, { kind: "wait" });
    expect(reply).toMatchObject({ status: 200, contentType: "text/xml; charset=utf-8" });
    const [, redirect] = childrenOf(parseXml(reply.body ?? ""));
    expect(redirect && textOf(redirect)).toMatch(
      /^https:\/\/voice\.example\.test\/voice\/webhook\?call=vc_1&/,
    );
  });

  it("hang up on a call that is not on record", () => {
    expect(elements(plivo.carrier.document(null, { kind: "wait" }).body)).toEqual(["Hangup"]);
    expect(elements(plivo.carrier.document(OUTBOUND, { kind: "hangup" }).body)).toEqual(["Hangup"]);
  });
});
