import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import type { CallRef, Carrier, CarrierFact } from "../../../src/call/ports.ts";
import { createTwilioCarrier } from "../../../src/carrier/twilio/index.ts";
import { noStream } from "../../carrier/samples.ts";
import { openDesk, type Desk } from "../../carrier/twilio/desk.ts";
import { ACCOUNT, OUTBOUND, TOKEN } from "../../carrier/twilio/fixtures.ts";
import { startTwilioEmulator, type LiveCall, type TwilioEmulator } from "./index.ts";

/** Whole calls between the carrier's code and the emulated Twilio. */

const NEW: CallRef = { ...OUTBOUND, carrierCallId: null, state: "dialing" };
const BYE: Instruction = { gen: 1, say: ["Goodbye."], next: { kind: "hangup", afterMs: 0 } };

let emulator: TwilioEmulator;
let desk: Desk;
let carrier: Carrier;
let turns: number;

beforeEach(async () => {
  emulator = await startTwilioEmulator({ accountSid: ACCOUNT, authToken: TOKEN });
  desk = await openDesk();
  turns = 0;
  carrier = createTwilioCarrier(
    { accountSid: ACCOUNT, authToken: TOKEN, region: "us1", apiBaseUrl: emulator.url },
    { webhookUrl: () => desk.url, openStream: noStream, fetch, missed: () => {} },
  );
});

afterEach(async () => {
  await carrier.close();
  await emulator.close();
  await desk.close();
});

const listen = (say: string): Instruction => {
  turns++;
  return { gen: turns, say: [say], next: { kind: "listen", token: `t${turns}`, timeoutMs: 5000 } };
};

async function dial(instruction: Instruction): Promise<LiveCall> {
  const { carrierCallId } = await carrier.dial(NEW, instruction, new AbortController().signal);
  return emulator.call(carrierCallId);
}

const document = (fact: CarrierFact, instruction: Instruction) =>
  carrier.document({ ...OUTBOUND, carrierCallId: fact.carrierCallId }, { kind: "instruction", instruction });

const types = (): readonly string[] => desk.events().map((event) => event.type);

describe("a call to somebody who", () => {
  it("answers, is told and hung up on", async () => {
    const live = await dial(BYE);
    expect(await live.ended).toEqual({ status: "completed", by: "document" });
    expect(live.heard()).toEqual(["Goodbye."]);
    expect(types()).toEqual(["initiated", "ringing", "answered", "ended"]);
    expect(desk.events().at(-1)).toMatchObject({ outcome: "completed", evidence: { durationSec: 1 } });
    expect(desk.facts.every((fact) => fact.callId === "vc_1" && fact.carrierCallId === live.sid)).toBe(true);
  });

  it.each([
    ["is busy", "busy", (): unknown => emulator.callee(NEW.to).busy()],
    ["does not answer", "no-answer", (): unknown => emulator.callee(NEW.to).noAnswer()],
    ["does not exist", "failed", (): unknown => emulator.callee(NEW.to).fails()],
  ])("%s ends as %s, without an answer", async (_, outcome, describeCallee) => {
    describeCallee();
    const live = await dial({ ...BYE });
    expect((await live.ended).status).toBe(outcome);
    expect(types()).toEqual(["initiated", "ringing", "ended"]);
    expect(desk.events().at(-1)).toMatchObject({ outcome });
    expect(live.heard()).toEqual([]);
  });

  it("declines while it rings is busy", async () => {
    emulator.callee(NEW.to).answers(600_000);
    const live = await dial(BYE);
    await live.until("rings", () => live.status === "ringing");
    expect(await live.hangUp()).toEqual({ status: "busy", by: "callee" });
  });

  it("talks, is answered turn by turn, and hangs up", async () => {
    emulator.callee(NEW.to).says("Hello?", "Tell me more.").thenHangsUp();
    desk.answer = (fact) => {
      const heard = fact.events.find((event) => event.type === "speech");
      return document(fact, listen(heard?.type === "speech" ? `You said ${heard.text}` : "?"));
    };
    const live = await dial(listen("Hi, this is your assistant."));
    expect(await live.ended).toEqual({ status: "completed", by: "callee" });
    expect(live.heard()).toEqual([
      "Hi, this is your assistant.",
      "You said Hello?",
      "You said Tell me more.",
    ]);
    expect(desk.events().filter((event) => event.type === "speech")).toMatchObject([
      { token: "t1", text: "Hello?", confidence: 0.92 },
      { token: "t2", text: "Tell me more." },
    ]);
    expect(emulator.problems).toEqual([]);
  });

  it("hangs up after a while, in the middle of anything", async () => {
    emulator.callee(NEW.to).hangsUpAfter(2000);
    const live = await dial(listen("Hi."));
    expect(await live.ended).toEqual({ status: "completed", by: "callee" });
  });
});

describe("a listening turn", () => {
  it("takes words, keys and silence from the test", async () => {
    desk.answer = (fact) => document(fact, listen("Go on."));
    const live = await dial(listen("Hi."));
    await live.speak("One.");
    await live.press("12#");
    await live.silent();
    const heard = desk.events().filter((event) => "token" in event);
    expect(heard).toMatchObject([
      { type: "speech", token: "t1", text: "One." },
      { type: "digits", token: "t2", digits: "12" },
      { type: "silence", token: "t3" },
    ]);
    await live.hangUp();
  });

  it("stops the prompt when the callee talks over it", async () => {
    desk.answer = (fact) => document(fact, BYE);
    emulator.callee(NEW.to).answers(0);
    const [first, second] = ["First sentence.", "Never heard."];
    const live = await dial({ ...listen(first), say: [first, second] });
    await live.hears(first);
    await live.speak("Stop!");
    await live.ended;
    expect(live.heard()).toEqual([first, "Goodbye."]);
  });

  it("is asked to come back as long as there is nothing to say, until it is told", async () => {
    let fetches = 0;
    desk.answer = (fact) => {
      if (fact.events.some((event) => event.type === "fetched") && ++fetches === 3)
        return document(fact, BYE);
      return carrier.document({ ...OUTBOUND, carrierCallId: fact.carrierCallId }, { kind: "wait" });
    };
    const live = await dial(listen("Hi."));
    await live.speak("A hard question.");
    expect(await live.ended).toEqual({ status: "completed", by: "document" });
    const claims = desk.facts.map((fact) => fact.claim);
    expect(new Set(claims).size).toBe(claims.length);
  });
});

describe("an inbound call", () => {
  const call = { from: "+15550007777", to: OUTBOUND.from };

  it("is offered, answered and talked to", async () => {
    desk.answer = (fact) => document(fact, fact.offer === null ? BYE : listen("Welcome."));
    const live = emulator.inbound({
      ...call,
      voiceUrl: desk.url,
      fields: { StirVerstat: "TN-Validation-Passed-A" },
    });
    await live.speak("Hello.");
    expect(await live.ended).toEqual({ status: "completed", by: "document" });
    expect(desk.facts[0]?.offer).toEqual({ direction: "inbound", ...call, attestation: "A" });
    expect(live.heard()).toEqual(["Welcome.", "Goodbye."]);
  });

  it("is refused as busy or rejected, and never answered", async () => {
    for (const [reason, status] of [
      ["busy", "busy"],
      ["policy", "no-answer"],
    ] as const) {
      desk.answer = () => carrier.document(null, { kind: "reject", reason });
      const live = emulator.inbound({ ...call, voiceUrl: desk.url, statusUrl: desk.url });
      expect(await live.ended).toEqual({ status, by: "document" });
      expect(live.durationSec).toBe(0);
      expect(desk.facts.at(-1)).toMatchObject({ offer: null, wants: "nothing", events: [{ type: "ended" }] });
    }
  });
});

describe("webhooks that go astray", () => {
  it("come twice with the same claim", async () => {
    emulator.deliveries.duplicate = true;
    desk.answer = (fact) => document(fact, BYE);
    const live = await dial(listen("Hi."));
    await live.speak("Yes.");
    await live.ended;
    await emulator.deliveries.settled();
    expect(desk.facts).toHaveLength(10);
    expect(new Set(desk.facts.map((fact) => fact.claim)).size).toBe(5);
  });

  it("come in another order", async () => {
    emulator.faults.reorder = true;
    const live = await dial(BYE);
    await live.ended;
    expect(types()).toEqual(["ringing", "initiated", "ended", "answered"]);
  });

  it("come after the end", async () => {
    emulator.faults.lateAnswer = true;
    const live = await dial(BYE);
    await live.ended;
    expect(types()).toEqual(["initiated", "ringing", "ended", "answered"]);
  });

  it("are refused when they are forged, and have the same claim when replayed", async () => {
    const live = await dial(BYE);
    await live.ended;
    const [first] = emulator.deliveries.all;
    if (first === undefined) throw new Error("nothing was sent");
    expect((await emulator.deliveries.replay(first)).status).toBe(204);
    expect(desk.facts.at(-1)?.claim).toBe(desk.facts[0]?.claim);
    expect((await emulator.deliveries.replay(first, "AAAA")).status).toBe(403);
    expect(desk.refused).toEqual(["signature"]);
  });
});

describe("what Twilio complains about", () => {
  it("is a webhook that fails, which ends the call with an apology", async () => {
    const live = await dial(listen("Hi."));
    await live.speak("Anybody?");
    expect(await live.ended).toEqual({ status: "completed", by: "carrier" });
    expect(emulator.problems).toEqual(["11200: HTTP 500"]);
  });

  it("is a document that is not XML, or not said to be", async () => {
    desk.answer = () => ({ status: 200, contentType: "text/xml", body: "<Response><Say>x</Response>" });
    await (await dial(listen("Hi."))).speak("?");
    desk.answer = () => ({ status: 200, contentType: "text/plain", body: "<Response/>" });
    await (await dial(listen("Hi."))).speak("?");
    expect(emulator.problems).toMatchObject([/^12100/, /^12300/].map((code) => expect.stringMatching(code)));
  });

  it("is a number that is not ours", async () => {
    const strict = await startTwilioEmulator({
      accountSid: ACCOUNT,
      authToken: TOKEN,
      ownNumbers: ["+15551112222"],
    });
    const there = createTwilioCarrier(
      { accountSid: ACCOUNT, authToken: TOKEN, region: "us1", apiBaseUrl: strict.url },
      { webhookUrl: () => desk.url, openStream: noStream, fetch, missed: () => {} },
    );
    await expect(there.dial(NEW, BYE, new AbortController().signal)).rejects.toMatchObject({
      code: "VC_CARRIER_FROM_INVALID",
    });
    await strict.close();
  });
});
