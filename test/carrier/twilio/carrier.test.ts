import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import type { CallRef, Carrier } from "../../../src/call/ports.ts";
import { apiBase, type TwilioRegion } from "../../../src/carrier/twilio/api.ts";
import { CarrierError } from "../../../src/carrier/carrier.ts";
import { createTwilioCarrier } from "../../../src/carrier/twilio/index.ts";
import {
  parseTwiml,
  startTwilioEmulator,
  type Fault,
  type TwilioEmulator,
} from "../../emulator/twilio/index.ts";
import { BYE, failureOf, noStream, sockets, STREAMS, type Sockets } from "../samples.ts";
import { openDesk, type Desk } from "./desk.ts";
import { ACCOUNT, OUTBOUND, TOKEN } from "./fixtures.ts";

const LISTEN: Instruction = { gen: 1, say: ["Hi."], next: { kind: "listen", token: "t1", timeoutMs: 5000 } };
const LONG = Array.from({ length: 30 }, (_, at) => `Sentence number ${at} ${"is long ".repeat(20)}.`);
const NEW: CallRef = { ...OUTBOUND, carrierCallId: null, state: "dialing" };

const RFC_9457 = JSON.stringify({ type: "about:blank", title: "Geo permissions", status: 400, code: 21215 });

let emulator: TwilioEmulator;
let desk: Desk;
let carrier: Carrier;
let signal: AbortSignal;
let naps: number[];
let missed: string[];
let expecting: Sockets;

beforeEach(async () => {
  emulator = await startTwilioEmulator({ accountSid: ACCOUNT, authToken: TOKEN });
  desk = await openDesk();
  naps = [];
  missed = [];
  expecting = sockets();
  carrier = connect();
  signal = new AbortController().signal;
});

afterEach(async () => {
  await carrier.close();
  await emulator.close();
  await desk.close();
});

let nonces = 0;
const connect = (change: { authToken?: string; apiBaseUrl?: string; webhookUrl?: string | null } = {}) =>
  createTwilioCarrier(
    { accountSid: ACCOUNT, authToken: TOKEN, region: "us1", apiBaseUrl: emulator.url, ...change },
    {
      webhookUrl: () => (change.webhookUrl === undefined ? desk.url : change.webhookUrl),
      openStream: expecting.open,
      fetch,
      missed: (carrierCallId) => void missed.push(carrierCallId),
    },
    { nonce: () => `n${++nonces}`, sleep: async (ms) => void naps.push(ms) },
  );

/** A call that has been answered and listens. */
async function talking(): Promise<CallRef> {
  const { carrierCallId } = await carrier.dial(NEW, LISTEN, signal);
  await emulator.call(carrierCallId).listening();
  return { ...OUTBOUND, carrierCallId };
}

/** Somebody calls our number. */
const voice = (): { from: string; to: string; voiceUrl: string } => ({
  from: "+15550007777",
  to: OUTBOUND.from,
  voiceUrl: desk.url,
});

const created = () => emulator.requestsOf("create");
const sent = (name: string) => created()[0]?.params.getAll(name);

function streamIn(twiml: string | undefined): string | undefined {
  const connected = parseTwiml(twiml ?? "").children.find(({ name }) => name === "Connect");
  return connected?.children[0]?.attributes["url"];
}

describe("live audio", () => {
  const LIVE: Instruction = { gen: 1, say: [], next: { kind: "stream", token: "tok-1" } };
  const inbound: CallRef = { ...OUTBOUND, direction: "inbound", state: "ringing" };

  it("travels with the create request, whose socket is expected before it is sent", async () => {
    await carrier.dial(NEW, { ...LIVE, digits: "1w2" }, signal);
    expect(expecting.expected).toEqual([{ call: "vc_1", carrierCallId: null, token: "tok-1" }]);
    expect(streamIn(sent("Twiml")?.[0])).toBe(`${STREAMS}/tok-1`);
    expect(sent("SendDigits")).toEqual(["1w2"]);
  });

  it("is the answer to whoever asks what to do", () => {
    const { body } = carrier.document(inbound, { kind: "instruction", instruction: LIVE });
    expect(streamIn(body)).toBe(`${STREAMS}/tok-1`);
    expect(expecting.expected).toEqual([
      { call: "vc_1", carrierCallId: inbound.carrierCallId, token: "tok-1" },
    ]);
  });

  it("is a document that replaces the running one on a live call", async () => {
    const call = await talking();
    await carrier.instruct(call, { ...LIVE, gen: 2 }, signal);
    const update = emulator.requestsOf("update").at(-1);
    expect(streamIn(update?.params.get("Twiml") ?? undefined)).toBe(`${STREAMS}/tok-1`);
  });

  it("is not asked of Twilio as long as there is no way to us", async () => {
    const closed = new CarrierError("VC_PUBLIC_URL_MISSING", "not-sent", {});
    expecting.open = () => {
      throw closed;
    };
    carrier = connect();
    expect(await failureOf(carrier.dial(NEW, LIVE, signal))).toBe(closed);
    expect(created()).toEqual([]);
  });
});

describe("placing a call", () => {
  it("sends the words with the create request, so that nothing has to be fetched", async () => {
    emulator.callee(NEW.to).answers();
    const { carrierCallId } = await carrier.dial(NEW, BYE, signal);
    const live = emulator.call(carrierCallId);
    await live.ended;
    expect(live.heard()).toEqual(["Dinner is ready."]);
    expect(desk.facts.every((fact) => fact.wants === "nothing")).toBe(true);
    expect(emulator.problems).toEqual([]);
  });

  it("asks for every status event at a URL with our id and no number", async () => {
    await carrier.dial(NEW, BYE, signal);
    expect(sent("StatusCallback")).toEqual([`${desk.url}?call=vc_1&event=status`]);
    expect(sent("StatusCallbackEvent")).toEqual(["initiated", "ringing", "answered", "completed"]);
    expect(sent("StatusCallbackMethod")).toEqual(["POST"]);
    expect(sent("To")).toEqual([NEW.to]);
    expect(sent("From")).toEqual([NEW.from]);
  });

  it("leaves ring time and length to the carrier too, so that they hold without us", async () => {
    await carrier.dial(
      { ...NEW, limits: { ...NEW.limits, ringMs: 20_500, maxDurationMs: 90_001 } },
      BYE,
      signal,
    );
    expect(sent("Timeout")).toEqual(["21"]);
    expect(sent("TimeLimit")).toEqual(["91"]);
  });

  it("presses digits right after the answer, before the first words", async () => {
    await carrier.dial(NEW, { ...BYE, digits: "1ww23#" }, signal);
    expect(sent("SendDigits")).toEqual(["1ww23#"]);
    const live = await emulator.nextCall();
    await live.ended;
    expect(live.pressed()).toEqual(["1ww23#"]);
  });

  it("presses more digits than a create can hold from the document", async () => {
    const digits = "1w".repeat(20);
    await carrier.dial(NEW, { ...BYE, digits }, signal);
    expect(sent("SendDigits")).toEqual([]);
    const live = await emulator.nextCall();
    await live.ended;
    expect(live.pressed()).toEqual([digits]);
  });

  it("lets Twilio fetch a document that is too long for the request", async () => {
    const instruction: Instruction = { ...BYE, digits: "5", say: LONG };
    desk.answer = () => carrier.document(OUTBOUND, { kind: "instruction", instruction });
    const { carrierCallId } = await carrier.dial(NEW, instruction, signal);
    expect(sent("Twiml")).toEqual([]);
    expect(sent("SendDigits")).toEqual([]);
    expect(sent("Url")?.[0]).toMatch(/\?call=vc_1&words=1-n\d+$/);
    const live = emulator.call(carrierCallId);
    await live.ended;
    expect(live.heard().join(" ")).toBe(LONG.join(" ").replace(/\s+/g, " "));
    expect(live.pressed()).toEqual(["5"]);
  });

  it("is refused without a public URL, or in a language that Twilio does not know, before anything is sent", async () => {
    const deaf = connect({ webhookUrl: null });
    expect(await failureOf(deaf.dial(NEW, BYE, signal))).toMatchObject({
      code: "VC_PUBLIC_URL_MISSING",
      certainty: "refused",
    });
    const klingon = { ...NEW, route: { ...NEW.route, language: "tlh" } };
    expect(await failureOf(carrier.dial(klingon, LISTEN, signal))).toMatchObject({
      code: "VC_LANGUAGE_UNSUPPORTED",
      certainty: "refused",
    });
    expect(emulator.requests).toEqual([]);
  });
});

const screened = (policy: "hangup" | "leave-message" | "continue"): CallRef => ({
  ...NEW,
  screening: { policy, verdict: "pending", words: BYE.say, said: false },
});

describe("placing a call for which machines are looked for", () => {
  it.each([
    ["hangup", "Enable"],
    ["continue", "Enable"],
    ["leave-message", "DetectMessageEnd"],
  ] as const)(
    "under %s asks to %s, beside the call, and to be told at a URL of its own",
    async (policy, mode) => {
      await carrier.dial(screened(policy), BYE, signal);
      expect(sent("MachineDetection")).toEqual([mode]);
      expect(sent("AsyncAmd")).toEqual(["true"]);
      expect(sent("AsyncAmdStatusCallback")).toEqual([`${desk.url}?call=vc_1&event=machine`]);
      expect(sent("AsyncAmdStatusCallbackMethod")).toEqual(["POST"]);
    },
  );

  it("without a policy asks for nothing of that", async () => {
    await carrier.dial(NEW, BYE, signal);
    const names = [...(created()[0]?.params.keys() ?? [])];
    expect(names.filter((name) => /Machine|Amd/.test(name))).toEqual([]);
  });

  it("presses digits from the document: in the request they would switch the detection off", async () => {
    emulator.callee(NEW.to).answers();
    const held = { ...BYE, digits: "12#", next: { kind: "wait" } as const };
    desk.answer = () => carrier.document(OUTBOUND, { kind: "hangup" });
    const { carrierCallId } = await carrier.dial(screened("hangup"), held, signal);
    expect(sent("SendDigits")).toEqual([]);
    const live = emulator.call(carrierCallId);
    await live.ended;
    expect(live.pressed()).toEqual(["12#"]);
    expect(desk.events()).toContainEqual({ type: "detected", by: "human" });
    expect(emulator.problems).toEqual([]);
  });

  it("is told the verdict while the words are being said", async () => {
    emulator.callee(NEW.to).machine({ greetingMs: 3_000 });
    desk.answer = () => carrier.document(OUTBOUND, { kind: "hangup" });
    const held = { ...BYE, next: { kind: "wait" } as const };
    const { carrierCallId } = await carrier.dial(screened("leave-message"), held, signal);
    await emulator.call(carrierCallId).ended;
    expect(desk.facts.find(({ events }) => events.some(({ type }) => type === "detected"))).toMatchObject({
      callId: "vc_1",
      carrierCallId,
      events: [{ type: "detected", by: "machine", over: true }],
      wants: "nothing",
    });
  });
});

describe("a create that fails", () => {
  const uncertain = { code: "VC_CARRIER_UNCERTAIN", certainty: "unknown" };
  const cases: readonly [string, Fault, object][] = [
    ["HTTP 500", { kind: "error", status: 500 }, uncertain],
    ["HTTP 503 although it was carried out", { kind: "error", status: 503, carriedOut: true }, uncertain],
    ["a reset before it arrived", { kind: "reset" }, uncertain],
    ["a reset instead of the reply", { kind: "lose-reply" }, uncertain],
    [
      "HTTP 429",
      { kind: "error", status: 429, code: 20429 },
      { code: "VC_CARRIER_RATE", certainty: "not-sent" },
    ],
    [
      "a trial account",
      { kind: "error", status: 400, code: 21219 },
      { code: "VC_CARRIER_NUMBER_UNVERIFIED" },
    ],
    ["geo permissions", { kind: "error", status: 400, code: 21215 }, { code: "VC_CARRIER_GEO" }],
    ["a redirect", { kind: "error", status: 307 }, uncertain],
  ];

  it.each(cases)("with %s says what is known, and is sent once", async (_, fault, expected) => {
    emulator.fail("create", fault);
    expect(await failureOf(carrier.dial(NEW, BYE, signal))).toMatchObject(expected);
    expect(created()).toHaveLength(1);
  });

  it("without any answer is given up with its time, and was sent once", async () => {
    emulator.fail("create", { kind: "silence" });
    const failure = await failureOf(carrier.dial(NEW, BYE, AbortSignal.timeout(100)));
    expect(failure).toMatchObject(uncertain);
    expect(created()).toHaveLength(1);
  });

  it.each([
    ["a success without a body", 201, "", uncertain],
    ["a success that is no call", 201, "[]", uncertain],
    ["a page of a proxy", 502, "<html>", uncertain],
    ["a refusal in the newer form", 400, RFC_9457, { code: "VC_CARRIER_GEO", certainty: "refused" }],
    ["a refusal without a reason", 422, "<html>", { code: "VC_CARRIER_REFUSED", certainty: "refused" }],
  ])("with %s says what is known", async (_, status, body, expected) => {
    const there = createTwilioCarrier(
      { accountSid: ACCOUNT, authToken: TOKEN, region: "us1" },
      {
        webhookUrl: () => desk.url,
        openStream: noStream,
        missed: () => {},
        fetch: async () => new Response(body, { status }),
      },
    );
    expect(await failureOf(there.dial(NEW, BYE, signal))).toMatchObject(expected);
  });

  it("on a connection that was used before is not repeated on a new one", async () => {
    await carrier.dial(NEW, BYE, signal);
    emulator.fail("create", { kind: "reset" });
    expect(await failureOf(carrier.dial(NEW, BYE, signal))).toMatchObject(uncertain);
    expect(created()).toHaveLength(2);
  });

  it("because nobody listens there has certainly not been sent", async () => {
    const gone = await startTwilioEmulator({ accountSid: ACCOUNT, authToken: TOKEN });
    const { url } = gone;
    await gone.close();
    const nobody = connect({ apiBaseUrl: url });
    expect(await failureOf(nobody.dial(NEW, BYE, signal))).toMatchObject({
      code: "VC_CARRIER_UNREACHABLE",
      certainty: "not-sent",
      details: { detail: "ECONNREFUSED" },
    });
  });

  it("because it was called off before has not been sent", async () => {
    expect(await failureOf(carrier.dial(NEW, BYE, AbortSignal.abort()))).toMatchObject({
      certainty: "not-sent",
    });
    expect(created()).toHaveLength(0);
  });

  it("for wrong credentials says so, without numbers or secrets", async () => {
    const stranger = connect({ authToken: "wrong-token" });
    const failure = (await failureOf(stranger.dial(NEW, BYE, signal))) as Error & { details: object };
    expect(failure).toMatchObject({ code: "VC_CARRIER_AUTH", certainty: "refused" });
    const told = failure.message + JSON.stringify(failure.details);
    for (const secret of ["wrong-token", NEW.to, NEW.from, TOKEN]) expect(told).not.toContain(secret);
  });
});

describe("a call whose create reply was lost", () => {
  it("is found by its numbers and time", async () => {
    emulator.callee(NEW.to).noAnswer();
    emulator.fail("create", { kind: "lose-reply" });
    const createdAt = Date.now();
    await failureOf(carrier.dial(NEW, BYE, signal));
    const live = await emulator.nextCall();
    await live.until("rings", () => live.status === "ringing");
    expect(await carrier.find({ ...NEW, createdAt }, signal)).toMatchObject({
      found: true,
      carrierCallId: live.sid,
      state: "ringing",
    });
  });

  it("is not taken for one that we know, one from long ago, or one to somebody else", async () => {
    const { carrierCallId } = await carrier.dial(NEW, BYE, signal);
    const createdAt = Date.now();
    expect(emulator.call(carrierCallId)).toBeDefined();
    expect(await carrier.find({ ...NEW, createdAt }, signal)).toEqual({ found: false });
    const restarted = connect();
    expect(await restarted.find({ ...NEW, createdAt: createdAt - 600_000 }, signal)).toEqual({
      found: false,
    });
    expect(await restarted.find({ ...NEW, to: "+15550009999", createdAt }, signal)).toEqual({ found: false });
    expect(await restarted.find({ ...NEW, createdAt }, signal)).toMatchObject({ carrierCallId });
  });

  it("is not taken for a call that came in", async () => {
    const live = emulator.inbound({ from: NEW.from, to: NEW.to, voiceUrl: desk.url });
    expect(await carrier.find({ ...NEW, createdAt: Date.now() }, signal)).toEqual({ found: false });
    await live.ended;
  });
});

describe("looking a call up", () => {
  it("tells where it stands, and how it ended", async () => {
    emulator.callee(NEW.to).busy();
    const { carrierCallId } = await carrier.dial(NEW, BYE, signal);
    await emulator.call(carrierCallId).ended;
    expect(await carrier.lookup(carrierCallId, signal)).toEqual({
      found: true,
      carrierCallId,
      state: "ended",
      outcome: "busy",
      evidence: { source: "look-up", hungUpBy: "unknown", carrierCode: "busy", durationSec: 0 },
    });
  });

  it("finds nothing under an unknown id", async () => {
    expect(await carrier.lookup(`CA${"0".repeat(32)}`, signal)).toEqual({ found: false });
  });

  it("that fails says that it may be repeated", async () => {
    emulator.fail("fetch", { kind: "error", status: 503 });
    expect(await failureOf(carrier.lookup(`CA${"0".repeat(32)}`, signal))).toMatchObject({
      certainty: "not-sent",
    });
  });
});

describe("a live call", () => {
  it("is given new words, which replace what it was doing", async () => {
    const call = await talking();
    await carrier.instruct(call, { ...BYE, gen: 2 }, signal);
    const live = emulator.call(call.carrierCallId ?? "");
    expect(await live.ended).toEqual({ status: "completed", by: "document" });
    expect(live.heard()).toEqual(["Hi.", "Dinner is ready."]);
  });

  it("fetches new words that are too many for a request", async () => {
    const call = await talking();
    const instruction = { ...BYE, gen: 2, say: LONG };
    desk.answer = () => carrier.document(call, { kind: "instruction", instruction });
    await carrier.instruct(call, instruction, signal);
    const live = emulator.call(call.carrierCallId ?? "");
    await live.ended;
    expect(live.heard().slice(1).join(" ")).toBe(LONG.join(" ").replace(/\s+/g, " "));
  });

  it("that is not in progress yet is asked once more, shortly after", async () => {
    const call = await talking();
    emulator.fail("update", { kind: "error", status: 400, code: 21220 });
    await carrier.instruct(call, { ...BYE, gen: 2 }, signal);
    expect(naps).toEqual([300]);
    expect(emulator.requestsOf("update")).toHaveLength(2);
  });

  it("that is over cannot be instructed: it is gone", async () => {
    const call = await talking();
    await emulator.call(call.carrierCallId ?? "").hangUp();
    expect(await failureOf(carrier.instruct(call, BYE, signal))).toMatchObject({
      code: "VC_CARRIER_CALL_GONE",
      certainty: "gone",
    });
  });

  it("is ended while it rings or talks, and ending it again is a success", async () => {
    const call = await talking();
    await carrier.hangup(call, signal);
    expect(await emulator.call(call.carrierCallId ?? "").ended).toEqual({ status: "completed", by: "api" });
    await carrier.hangup(call, signal);
    await carrier.hangup({ ...call, carrierCallId: `CA${"0".repeat(32)}` }, signal);

    emulator.callee(NEW.to).noAnswer();
    const { carrierCallId } = await carrier.dial(NEW, BYE, signal);
    await carrier.hangup({ ...call, carrierCallId }, signal);
    expect(await emulator.call(carrierCallId).ended).toEqual({ status: "canceled", by: "api" });
  });

  it("that cannot be ended just now says that nothing is known", async () => {
    const call = await talking();
    emulator.fail("update", { kind: "error", status: 502 });
    expect(await failureOf(carrier.hangup(call, signal))).toMatchObject({ certainty: "unknown" });
  });

  it("without an id cannot be reached", async () => {
    expect(await failureOf(carrier.hangup(NEW, signal))).toMatchObject({ certainty: "refused" });
    expect(emulator.requests).toEqual([]);
  });
});

const ended = () => desk.facts.filter(({ events }) => events.some(({ type }) => type === "transfer-ended"));

describe("a hand-over", () => {
  const OTHER = "+15550100042";
  const transfer: Instruction = { gen: 2, say: ["One moment."], next: { kind: "transfer", to: OTHER } };

  it("rings the other number, and its end is told with the instruction's number", async () => {
    emulator.callee(OTHER).answers().hangsUpAfter(2_000);
    const call = await talking();
    desk.answer = () => carrier.document(call, { kind: "hangup" });
    await carrier.instruct(call, transfer, signal);
    const live = emulator.call(call.carrierCallId ?? "");
    await live.ended;
    expect([live.transferredTo(), live.heard()]).toEqual([OTHER, ["Hi.", "One moment."]]);
    expect(desk.events()).toContainEqual({ type: "transfer-ended", gen: 2, reached: true });
    expect(emulator.problems).toEqual([]);
  });

  it("to nobody is told as such, each time under another claim", async () => {
    emulator.callee(OTHER).busy();
    const call = await talking();
    desk.answer = () => carrier.document(call, { kind: "instruction", instruction: { ...transfer, gen: 3 } });
    await carrier.instruct(call, transfer, signal);
    await emulator.call(call.carrierCallId ?? "").until("was tried twice", () => ended().length > 1);
    const claims = ended().map(({ claim }) => claim);
    expect(new Set(claims).size).toBe(claims.length);
    await carrier.hangup(call, signal);
  });
});

describe("an inbound call", () => {
  it("cannot be picked up without a document", async () => {
    expect(await failureOf(carrier.answer(OUTBOUND, signal))).toMatchObject({ certainty: "refused" });
  });

  it("is refused by the first document, unanswered, and no request is spent on it", async () => {
    desk.answer = () => carrier.document(null, { kind: "reject", reason: "policy" });
    const live = emulator.inbound(voice());
    expect(await live.ended).toEqual({ status: "no-answer", by: "document" });
    await carrier.reject({ ...OUTBOUND, direction: "inbound" }, "policy", signal);
    expect(emulator.requests).toEqual([]);
  });

  it("is reported and limited like our own, once it is answered", async () => {
    desk.answer = (fact) =>
      carrier.document(
        { ...OUTBOUND, direction: "inbound", carrierCallId: fact.carrierCallId },
        { kind: "instruction", instruction: LISTEN },
      );
    const live = emulator.inbound(voice());
    await live.listening();
    await live.until("is watched", () => live.statusCallback !== null);
    expect(live.timeLimitSec).toBe(300);
    await live.hangUp();
    expect(desk.facts.at(-1)).toMatchObject({
      callId: "vc_1",
      events: [{ type: "ended", outcome: "completed" }],
    });
    expect(emulator.requestsOf("update")).toHaveLength(1);
  });

  it("whose caller is gone before anybody could be asked to report it is told of", async () => {
    emulator.fail("update", { kind: "error", status: 404, code: 20404 });
    desk.answer = (fact) =>
      carrier.document(
        { ...OUTBOUND, direction: "inbound", carrierCallId: fact.carrierCallId },
        { kind: "instruction", instruction: LISTEN },
      );
    const live = emulator.inbound(voice());
    await live.listening();
    while (missed.length === 0) await new Promise((next) => setImmediate(next));
    expect(missed).toEqual([live.sid]);
  });

  it("is asked about again with the next document when the first attempt failed", async () => {
    emulator.fail("update", { kind: "error", status: 500 });
    desk.answer = (fact) =>
      carrier.document(
        { ...OUTBOUND, direction: "inbound", carrierCallId: fact.carrierCallId },
        { kind: "instruction", instruction: LISTEN },
      );
    const live = emulator.inbound(voice());
    await live.listening();
    while (emulator.requestsOf("update").length === 0) await new Promise((next) => setImmediate(next));
    for (let turn = 0; turn < 20 && live.statusCallback === null; turn++) await live.speak("Hello?");
    expect(live.statusCallback).toBe(`${desk.url}?call=vc_1&event=status`);
  });
});

describe("documents", () => {
  it("are XML of their own content type", () => {
    const reply = carrier.document(OUTBOUND, { kind: "wait" });
    expect(reply).toMatchObject({ status: 200, contentType: "text/xml; charset=utf-8" });
    expect(parseTwiml(reply.body ?? "").children.map((verb) => verb.name)).toEqual(["Pause", "Redirect"]);
  });

  it("hang up on a call that is not on record", () => {
    const reply = carrier.document(null, { kind: "wait" });
    expect(parseTwiml(reply.body ?? "").children.map((verb) => verb.name)).toEqual(["Hangup"]);
  });
});

describe("a region", () => {
  const { Client } = createRequire(import.meta.url)("twilio/lib/base/BaseTwilio.js") as {
    Client: new (
      user: string,
      password: string,
      options: object,
    ) => {
      getHostname(host: string, edge: string | undefined, region: string | undefined): string;
    };
  };

  it.each([
    ["us1", undefined, undefined, "api.twilio.com"],
    ["ie1", "dublin", "ie1", "api.dublin.ie1.twilio.com"],
    ["au1", "sydney", "au1", "api.sydney.au1.twilio.com"],
  ] as const)("%s is where the official client would go", async (region, edge, home, host) => {
    const official = new Client(ACCOUNT, TOKEN, {});
    expect(official.getHostname("api.twilio.com", edge, home)).toBe(host);
    expect(apiBase({ region })).toBe(`https://${host}`);

    const asked: string[] = [];
    const there = createTwilioCarrier(
      { accountSid: ACCOUNT, authToken: TOKEN, region: region satisfies TwilioRegion },
      {
        webhookUrl: () => desk.url,
        openStream: noStream,
        missed: () => {},
        fetch: async (url) => {
          asked.push(url instanceof URL ? url.href : "?");
          return new Response("{}", { status: 404 });
        },
      },
    );
    await there.lookup(`CA${"0".repeat(32)}`, signal);
    expect(asked).toEqual([`https://${host}/2010-04-01/Accounts/${ACCOUNT}/Calls/CA${"0".repeat(32)}.json`]);
    await there.close();
  });
});
