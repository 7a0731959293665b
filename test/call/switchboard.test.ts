import { describe, expect, it, test } from "vitest";
import { VoiceCallError } from "../../src/call/errors.ts";
import type { InitiateRequest } from "../../src/call/service.ts";
import { CarrierError } from "../../src/carrier/carrier.ts";
import { settled } from "../support/clock.ts";
import { documentCarrier } from "../support/document-carrier.ts";
import { world, type Office, type World, type WorldOptions } from "./world.ts";

const THEM = "+15557770001";
const requester = { surface: "tool" } as const;

const conversation: InitiateRequest = { to: THEM, message: "Hello.", mode: "conversation", requester };

function running(options: WorldOptions = {}): { it: World; office: Office } {
  const it = world(options);
  return { it, office: it.start() };
}

/** The code a promise is refused with, once everything that can happen has happened. */
async function codeOf(it: World, promise: Promise<unknown>): Promise<string> {
  const seen = promise.then(
    () => "granted",
    (error: unknown) => (error instanceof VoiceCallError ? error.code : String(error)),
  );
  await it.finish();
  return seen;
}

/** What a promise is refused with; watched from now on. */
const refusalOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

/** A call that is up, with somebody who says nothing unless `turns` has words. */
async function up(turns: readonly string[] = [], options: WorldOptions = {}) {
  const { it, office } = running({
    script: { "*": { turns } },
    pace: { replyMs: 1_000 },
    ...options,
  });
  const call = await office.switchboard.initiate(conversation);
  await it.clock.advance(0);
  return { it, office, id: call.id };
}

describe("placing a call", () => {
  it("resolves with the carrier's id once the carrier has accepted it", async () => {
    const { it, office } = running();
    const call = await office.switchboard.initiate(conversation);
    expect(call).toMatchObject({ state: "dialing", to: THEM, requester, carrierCallId: expect.any(String) });
    expect(it.count("dial")).toBe(1);
  });

  test.each([
    ["+1 (555) 777-0001", THEM],
    [" +49 30/123.456 78 ", "+493012345678"],
  ])("takes a number written as %j", async (to, dialled) => {
    const { office } = running();
    expect(await office.switchboard.initiate({ ...conversation, to })).toMatchObject({ to: dialled });
  });

  test.each(["5557770001", "+0123456789", "+4930", "+1555777000112345", "tel:+15557770001", "+1555777000a"])(
    "refuses %j, and keeps it out of the message",
    async (to) => {
      const { it, office } = running();
      const refusal = office.switchboard.initiate({ ...conversation, to });
      await expect(refusal).rejects.toMatchObject({ code: "VC_NUMBER_INVALID" });
      await expect(refusal).rejects.not.toThrow(to);
      expect([it.commands, it.store.dump().calls]).toEqual([[], []]);
    },
  );

  test.each<[string, Partial<InitiateRequest>, string]>([
    ["nobody to call", { to: undefined }, "VC_NO_CALLEE"],
    ["an empty number", { to: "" }, "VC_NO_CALLEE"],
    ["a notification without words", { mode: "notify", message: "  " }, "VC_REQUEST_INVALID"],
    ["letters as digits", { digits: "12x" }, "VC_REQUEST_INVALID"],
    ["too many digits", { digits: "1".repeat(33) }, "VC_REQUEST_INVALID"],
  ])("is refused with %s, before anything is reserved or saved", async (_, wrong, code) => {
    const { it, office } = running();
    expect(await codeOf(it, office.switchboard.initiate({ ...conversation, ...wrong }))).toBe(code);
    expect(it.store.dump().calls).toEqual([]);
    await office.switchboard.initiate(conversation);
  });

  it("calls the configured number when none is named", async () => {
    const { office } = running({ config: { toNumber: THEM } });
    expect(await office.switchboard.initiate({ ...conversation, to: undefined })).toMatchObject({ to: THEM });
  });

  it("needs a number of our own with any real carrier", async () => {
    const { it, office } = running({ carrier: documentCarrier(), config: { fromNumber: undefined } });
    expect(await codeOf(it, office.switchboard.initiate(conversation))).toBe("VC_NO_CALLER_NUMBER");
  });

  it("keeps the carrier's own code when the create is refused, and frees the slot", async () => {
    const { it, office } = running({ script: { [THEM]: { create: "refused" } } });
    expect(await codeOf(it, office.switchboard.initiate(conversation))).toBe("VC_CARRIER_TO_INVALID");
    expect(it.call("vc_1")).toMatchObject({
      outcome: "failed",
      evidence: { error: "VC_CARRIER_TO_INVALID", carrierCode: "not in service" },
    });
    await office.switchboard.initiate({ ...conversation, to: "+15557770002" });
  });

  it("that never reached the carrier can be tried again", async () => {
    const { office } = running({ script: { [THEM]: { create: "not-sent" } } });
    await expect(office.switchboard.initiate(conversation)).rejects.toMatchObject({
      code: "VC_CARRIER_UNREACHABLE",
      retryable: true,
    });
  });

  it("whose reply was lost resolves when the call is found, without a second create", async () => {
    const { it, office } = running({ script: { [THEM]: { create: "lost" } } });
    const call = await office.switchboard.initiate(conversation);
    expect(call.carrierCallId).not.toBeNull();
    await it.clock.advance(1_000);
    expect([it.count("dial"), it.call(call.id).state]).toEqual([1, "answered"]);
  });

  it("whose reply was lost and that cannot be found says that it is uncertain, and is not repeated", async () => {
    const { it, office } = running({ script: { [THEM]: { create: "lost-unplaced" } } });
    expect(await codeOf(it, office.switchboard.initiate(conversation))).toBe("VC_CARRIER_UNCERTAIN");
    expect(it.count("dial")).toBe(1);
    expect(it.call("vc_1").outcome).toBe("lost");
  });

  it("whose agent cannot be named dials nothing and frees the slot", async () => {
    let known = false;
    const { it, office } = running({
      identify: () =>
        known
          ? Promise.resolve({ agentId: "main", sessionKey: "s" })
          : Promise.reject(new VoiceCallError("VC_NO_AGENT", { problem: "No such agent." })),
    });
    expect(await codeOf(it, office.switchboard.initiate(conversation))).toBe("VC_NO_AGENT");
    expect(it.commands).toEqual([]);
    known = true;
    await office.switchboard.initiate(conversation);
  });

  it("fixes agent, session and limits for the whole call", async () => {
    const { it, office } = running({ config: { maxDurationSeconds: 77 } });
    const { id } = await office.switchboard.initiate(conversation);
    await it.finish();
    expect(it.call(id)).toMatchObject({
      agentId: "main",
      sessionKey: "agent:main:phone",
      limits: { maxDurationMs: 77_000 },
    });
  });
});

describe("the number of outbound calls", () => {
  it("is kept however many requests race", async () => {
    const { it, office } = running({ config: { maxConcurrentCalls: 3 } });
    const wanted = Array.from({ length: 12 }, (_, n) =>
      office.switchboard.initiate({ ...conversation, to: `+1555777010${n % 10}` }),
    );
    const results = await Promise.allSettled(wanted);
    const refusals = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    expect(refusals.length).toBe(9);
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ code: "VC_TOO_MANY_CALLS", details: { active: 3, limit: 3 } });
    expect(it.count("dial")).toBe(3);
  });

  it("is not used up by inbound calls", async () => {
    const { it, office } = running({ config: { inboundPolicy: "open", maxConcurrentCalls: 1 } });
    for (const caller of ["+15557770008", "+15557770009"]) await it.mock.phone.call(caller, "+15550001111");
    await it.clock.advance(0);
    expect(office.manager.active.length).toBe(2);
    await office.switchboard.initiate(conversation);
  });

  it("counts a call until it is over, and no longer", async () => {
    const { it, office, id } = await up();
    expect(await Promise.allSettled([office.switchboard.initiate(conversation)])).toMatchObject([
      { reason: { code: "VC_TOO_MANY_CALLS" } },
    ]);
    await office.switchboard.end(id);
    await settled();
    expect(it.call(id).state).toBe("ended");
    await office.switchboard.initiate(conversation);
  });
});

describe("ending a call", () => {
  it("cancels one that still rings", async () => {
    const { it, office } = running({ script: { [THEM]: { pickUp: "person" } } });
    const { id } = await office.switchboard.initiate(conversation);
    await it.clock.advance(0);
    await office.switchboard.end(id);
    await settled();
    expect(it.call(id)).toMatchObject({ outcome: "canceled", evidence: { hungUpBy: "us" } });
    expect(it.count("hangup")).toBe(1);
  });

  it("before the carrier has replied to the create ends it as soon as its id is known, once", async () => {
    const carrier = documentCarrier();
    const { promise: accepted, resolve: accept } = Promise.withResolvers<{ carrierCallId: string }>();
    carrier.dial = () => accepted;
    const { it, office } = running({ carrier });
    const placing = office.switchboard.initiate(conversation);
    await settled();
    await office.switchboard.end("vc_1");
    await settled();
    expect(it.count("hangup")).toBe(0);
    accept({ carrierCallId: "paper-1" });
    await placing;
    await settled();
    expect(it.count("hangup")).toBe(1);
    expect(it.call("vc_1")).toMatchObject({ state: "ended", outcome: "canceled" });
  });

  it("is refused for a call that is over or unknown", async () => {
    const { it, office, id } = await up();
    await office.switchboard.end(id);
    await settled();
    expect(await codeOf(it, office.switchboard.end(id))).toBe("VC_CALL_NOT_ACTIVE");
    expect(await codeOf(it, office.switchboard.end("vc_none"))).toBe("VC_CALL_NOT_FOUND");
  });

  it("is asked of the carrier again while it cannot be reached", async () => {
    let failures = 2;
    const it = world({});
    const office = it.start({
      carrier: (carrier) => ({
        ...carrier,
        hangup: (call, signal) => {
          failures -= 1;
          if (failures >= 0)
            throw new CarrierError("VC_CARRIER_UNREACHABLE", "not-sent", { provider: "mock", detail: "x" });
          return carrier.hangup(call, signal);
        },
      }),
    });
    const { id } = await office.switchboard.initiate(conversation);
    await it.clock.advance(0);
    await office.switchboard.end(id);
    await it.clock.advance(1_500);
    expect(it.call(id)).toMatchObject({ state: "ended", outcome: "completed" });
    expect(it.count("hangup")).toBe(1);
  });
});

describe("asking on a call", () => {
  it("returns the caller's next words, which the agent does not get", async () => {
    const { it, office, id } = await up(["Around eight."]);
    const heard = office.switchboard.ask(id, "When are you coming?");
    await it.clock.advance(2_000);
    await expect(heard).resolves.toEqual({ callId: id, text: "Around eight." });
    expect(it.asked).toEqual([]);
    expect(it.words(id)).toEqual(["Hello.", "When are you coming?", "Around eight."]);
  });

  it("waits while it rings", async () => {
    const { it, office } = running({
      script: { [THEM]: { afterMs: 9_000, turns: ["Yes."] } },
      pace: { replyMs: 500 },
    });
    const { id } = await office.switchboard.initiate(conversation);
    const heard = office.switchboard.ask(id, "Are you there?");
    await it.clock.advance(8_000);
    expect(it.words(id)).toEqual(["Hello."]);
    await it.clock.advance(2_000);
    await expect(heard).resolves.toMatchObject({ text: "Yes." });
  });

  it("fails when nobody answers the call", async () => {
    const { it, office } = running({ script: { [THEM]: { pickUp: "no-answer", afterMs: 9_000 } } });
    const { id } = await office.switchboard.initiate(conversation);
    expect(await codeOf(it, office.switchboard.ask(id, "Are you there?"))).toBe("VC_CALL_NOT_ACTIVE");
  });

  it("gives up after the configured time, with the call still up", async () => {
    const { it, office, id } = await up([], { config: { transcriptTimeoutMs: 20_000 } });
    const heard = office.switchboard.ask(id, "Are you there?");
    const seen = refusalOf(heard);
    await it.clock.advance(20_000);
    expect(await seen).toMatchObject({ code: "VC_TRANSCRIPT_TIMEOUT", details: { seconds: 20 } });
    expect(it.call(id).state).toBe("answered");
  });

  it.each(["us", "them"])("fails when %s hang up meanwhile", async (who) => {
    const { it, office, id } = await up();
    const heard = office.switchboard.ask(id, "Are you there?");
    const seen = refusalOf(heard);
    await settled();
    if (who === "us") await office.switchboard.end(id);
    else await it.mock.phone.hangUp(it.call(id).carrierCallId ?? "");
    await it.clock.advance(0);
    expect(await seen).toMatchObject({ code: "VC_CALL_ENDED_WAITING" });
  });

  it("is refused while another question waits", async () => {
    const { it, office, id } = await up(["Yes."]);
    const first = office.switchboard.ask(id, "One?");
    await settled();
    await expect(office.switchboard.ask(id, "Two?")).rejects.toMatchObject({ code: "VC_TURN_BUSY" });
    await it.clock.advance(2_000);
    await expect(first).resolves.toMatchObject({ text: "Yes." });
  });

  it("fails instead of hanging when the plugin stops", async () => {
    const { office, id, it } = await up();
    const heard = office.switchboard.ask(id, "Are you there?");
    const seen = refusalOf(heard);
    await settled();
    await office.stop();
    expect(await seen).toMatchObject({ code: "VC_NOT_RUNNING" });
    await it.mock.close();
    expect(it.clock.pending).toBe(0);
  });

  it("about an unknown call is refused", async () => {
    const { it, office } = running();
    expect(await codeOf(it, office.switchboard.ask("vc_none", "Hello?"))).toBe("VC_CALL_NOT_FOUND");
  });
});

describe("speaking and pressing digits", () => {
  it("reach the person on the line", async () => {
    const { it, office, id } = await up();
    await office.switchboard.request(id, { type: "speak", text: "News." });
    await it.clock.advance(0);
    await office.switchboard.press(id, "12w#");
    await it.clock.advance(0);
    const { lines } = await it.mock.phone.screen(0);
    expect(lines.map(({ text }) => text)).toEqual(expect.arrayContaining(["News.", "12w#"]));
  });

  it.each(["", "5a", "1".repeat(33), "1 2"])("refuse the digits %j", async (digits) => {
    const { office, id } = await up();
    await expect(office.switchboard.press(id, digits)).rejects.toMatchObject({ code: "VC_REQUEST_INVALID" });
  });
});

/** On a carrier that presses no keys. */
function unable(): { it: World; office: Office } {
  const carrier = documentCarrier();
  Object.assign(carrier, { capabilities: { ...carrier.capabilities, dtmfOut: false } });
  return running({ carrier, config: {} });
}

describe("a carrier that cannot do something", () => {
  const reason = { provider: "paper" };

  it("is not asked to press keys right after the answer: the call is refused before anything is saved", async () => {
    const { it, office } = unable();
    const refusal = await refusalOf(office.switchboard.initiate({ ...conversation, digits: "1" }));
    expect(refusal).toMatchObject({ code: "VC_UNSUPPORTED", details: reason });
    expect(await it.store.recent(1)).toEqual([]);
    expect(it.count("dial")).toBe(0);
  });

  it("is not asked to look for machines, which refuses the call, or says what to choose in the setup", async () => {
    const { it, office } = running({
      carrier: documentCarrier(),
      config: { outbound: { answeringMachine: "hangup" } },
    });
    const refusal = await refusalOf(office.switchboard.initiate(conversation));
    expect(refusal).toMatchObject({ code: "VC_UNSUPPORTED", details: reason });
    expect(it.count("dial")).toBe(0);
  });

  it("is not asked to press keys on a running call or to hand it over", async () => {
    const { office } = unable();
    const { id } = await office.switchboard.initiate(conversation);
    for (const refused of [office.switchboard.press(id, "1"), office.switchboard.transfer(id, THEM, "")])
      expect(await refusalOf(refused)).toMatchObject({ code: "VC_UNSUPPORTED", details: reason });
  });
});

describe("handing a call over", () => {
  it("passes the same guards as a new call, and logs what was overridden", async () => {
    const { it, office, id } = await up();
    for (const to of ["112", "+1911", "+19005550123"])
      expect(await refusalOf(office.switchboard.transfer(id, to, ""))).toMatchObject({
        code: expect.stringMatching(/^VC_DESTINATION_/),
      });
    expect(await refusalOf(office.switchboard.transfer(id, "5550001", ""))).toMatchObject({
      code: "VC_NUMBER_INVALID",
    });
    await office.switchboard.transfer(id, "+19005550123", "One moment.", ["premium"]);
    expect(it.call(id).instruction).toMatchObject({ next: { kind: "transfer", to: "+19005550123" } });
    expect(it.words(id, "agent")).toContain("One moment.");
  });
});
