import { describe, expect, it, test } from "vitest";
import type { CarrierEvent } from "../../src/call/event.ts";
import type { CarrierFact, Offer } from "../../src/call/ports.ts";
import { settled } from "../support/clock.ts";
import { contentOf, documentCarrier, paperFact } from "../support/document-carrier.ts";
import { CARRIER_ID, OURS, THEIRS } from "./bench.ts";
import { world, type Office, type World, type WorldOptions } from "./world.ts";

const requester = { surface: "tool" } as const;
const conversation = { to: THEIRS, message: "Hello.", mode: "conversation", requester } as const;

function paper(options: WorldOptions = {}): { it: World; office: Office } {
  const it = world({ carrier: documentCarrier(), ...options });
  return { it, office: it.start() };
}

/** An answered call at a document carrier whose first listen has `token`. */
async function onTheLine(options: WorldOptions = {}) {
  const { it, office } = paper(options);
  const call = await office.switchboard.initiate(conversation);
  await office.receive(paperFact(call, [{ type: "answered" }], { wants: "nothing" }));
  await settled();
  const { token } = it.call(call.id).turn;
  return { it, office, call: it.call(call.id), token: token ?? "" };
}

const says = (token: string, text: string): CarrierEvent => ({ type: "speech", token, text });
const stranger = { id: "vc_unknown", carrierCallId: CARRIER_ID };

describe("a webhook about a call", () => {
  it("is acknowledged only after it has been saved, and has its effects after that", async () => {
    const order: string[] = [];
    const it = world({ carrier: documentCarrier(), config: { inboundPolicy: "open" } });
    const office = it.start({
      effects: (run) => {
        order.push("effects");
        run();
      },
      store: (store) =>
        replacing(store, {
          commit: async (change) => {
            const result = await store.commit(change);
            order.push(`saved ${change.event.type}`);
            return result;
          },
        }),
    });
    const call = await office.switchboard.initiate(conversation);
    await settled();
    order.length = 0;
    await office.receive(
      paperFact(
        call,
        [{ type: "ended", outcome: "busy", evidence: { source: "carrier", hungUpBy: "them" } }],
        { wants: "nothing" },
      ),
    );
    order.push("acknowledged");
    await settled();
    expect(order).toEqual(["saved ended", "acknowledged", "effects"]);
  });

  it("finds it by the carrier's id when our id is not in it", async () => {
    const { it, office, call } = await onTheLine();
    await office.receive(
      paperFact({ id: "", carrierCallId: call.carrierCallId }, [{ type: "detected", by: "human" }], {
        callId: null,
      }),
    );
    expect(it.call(call.id).answeredBy).toBe("human");
  });

  it("tells the carrier's id when the create reply has not", async () => {
    const carrier = documentCarrier();
    carrier.dial = () => new Promise(() => {});
    const { it, office } = paper({ carrier });
    const placing = office.switchboard.initiate(conversation);
    await settled();
    await office.receive(
      paperFact({ id: "vc_1", carrierCallId: "by-callback" }, [{ type: "ringing" }], { wants: "nothing" }),
    );
    await expect(placing).resolves.toMatchObject({ carrierCallId: "by-callback" });
    expect(it.call("vc_1").state).toBe("ringing");
  });

  test.each([
    ["another carrier id", { carrierCallId: "somebody-else" }],
    ["another carrier", { carrier: "mock" }],
  ])("that names it under %s does not move it", async (_, changes) => {
    const { it, office, call, token } = await onTheLine();
    const before = it.store.dump();
    const reply = await office.receive(paperFact(call, [says(token, "Hi.")], changes));
    expect(contentOf(reply)).toEqual({ kind: "hangup" });
    expect(it.store.dump()).toEqual(before);
  });

  it("that is over records it and never revives it", async () => {
    const { it, office, call, token } = await onTheLine();
    const ended = {
      type: "ended",
      outcome: "completed",
      evidence: { source: "carrier", hungUpBy: "them" },
    } as const;
    await office.receive(paperFact(call, [ended], { wants: "nothing" }));
    await settled();
    const before = it.call(call.id);
    for (const event of [{ type: "answered" }, says(token, "Hi."), { type: "ringing" }] as const) {
      expect(contentOf(await office.receive(paperFact(call, [event])))).toEqual({ kind: "hangup" });
    }
    const { version, ...after } = it.call(call.id);
    expect(after).toEqual({ ...before, version: undefined });
    expect(version).toBeGreaterThan(before.version);
    expect([it.asked, it.count("instruct"), it.store.dump().calls.length]).toEqual([[], 0, 1]);
  });

  it("that is being hung up gets no more instructions", async () => {
    const carrier = documentCarrier();
    carrier.hangup = () => new Promise(() => {});
    const { office, call } = await onTheLine({ carrier });
    await office.switchboard.end(call.id);
    expect(contentOf(await office.receive(paperFact(call, [{ type: "fetched" }])))).toEqual({
      kind: "hangup",
    });
  });
});

describe("a repeated webhook", () => {
  it("leaves every stored field unchanged, asks nobody and reveals no token", async () => {
    const { it, office, call, token } = await onTheLine();
    const fact = paperFact(call, [says(token, "Hi.")]);
    await office.receive(fact);
    await settled();
    const before = it.store.dump();
    const current = it.call(call.id).turn.token ?? "";
    for (let repeat = 0; repeat < 3; repeat++) {
      const reply = await office.receive(fact);
      expect(contentOf(reply)).toEqual({ kind: "wait" });
      expect(reply.body).not.toContain(current);
    }
    await settled();
    expect(it.store.dump()).toEqual(before);
    expect(it.asked.length).toBe(1);
  });

  it("with several facts, or none, changes nothing either", async () => {
    const { it, office, call, token } = await onTheLine();
    for (const events of [[{ type: "detected", by: "human" } as const, says(token, "Hi.")], []]) {
      const fact = paperFact(call, events);
      await office.receive(fact);
      await settled();
      const before = it.store.dump();
      expect(contentOf(await office.receive(fact))).toEqual({ kind: "wait" });
      expect(it.store.dump()).toEqual(before);
    }
  });

  it("at the same moment acts once", async () => {
    const { it, office, call, token } = await onTheLine();
    const fact = paperFact(call, [says(token, "Hi.")]);
    const kinds = (await Promise.all([1, 2, 3].map(() => office.receive(fact)))).map(
      (reply) => contentOf(reply).kind,
    );
    expect(kinds.toSorted()).toEqual(["instruction", "wait", "wait"]);
    expect(it.asked).toEqual([`${call.id}/1`]);
  });

  it("of an offer makes one call, and of a call that has ended is told to hang up", async () => {
    const { it, office } = paper({ config: { inboundPolicy: "open" } });
    const offered = offer();
    await Promise.all([office.receive(offered), office.receive(offered)]);
    expect(it.store.dump().calls.length).toBe(1);
    const [call] = it.store.dump().calls;
    await office.switchboard.end(call?.id ?? "");
    await settled();
    expect(contentOf(await office.receive(offered))).toEqual({ kind: "hangup" });
  });

  it("of an offer under another identity joins the call that the first one made", async () => {
    const { it, office } = paper({ config: { inboundPolicy: "open" } });
    await Promise.all([office.receive(offer()), office.receive(offer())]);
    expect(it.store.dump().calls.length).toBe(1);
  });

  it("is remembered with an answer that reveals nothing", async () => {
    const { office, call, token } = await onTheLine();
    const { reply, replay } = await office.reception.receive(paperFact(call, [says(token, "Hi.")]));
    expect(contentOf(reply).kind).toBe("instruction");
    expect(replay && contentOf(replay)).toEqual({ kind: "wait" });
  });
});

describe("a webhook that asks for words", () => {
  it("is answered with the reply when it comes in time, and the carrier is told nothing else", async () => {
    const { it, office, call, token } = await onTheLine({
      reply: (turn) => it2.after(3_000, `You said: ${turn.words}`),
    });
    const it2 = clockOf(it);
    const waiting = office.receive(paperFact(call, [says(token, "Hi.")]));
    await it.clock.advance(3_000);
    expect(contentOf(await waiting)).toMatchObject({
      kind: "instruction",
      instruction: { say: ["You said: Hi."], next: { kind: "listen" } },
    });
    await settled();
    expect([it.count("instruct"), it.call(call.id).delivered]).toEqual([0, 3]);
  });

  it("is put on wait when the reply takes longer, which is then given by a request", async () => {
    const { it, office, call, token } = await onTheLine({
      reply: (turn) => it2.after(6_000, `You said: ${turn.words}`),
    });
    const it2 = clockOf(it);
    const waiting = office.receive(paperFact(call, [says(token, "Hi.")]));
    await it.clock.advance(5_000);
    expect(contentOf(await waiting)).toEqual({ kind: "wait" });
    expect(it.count("instruct")).toBe(0);
    await it.clock.advance(1_000);
    expect(it.commands.at(-1)).toMatchObject({ kind: "instruct", gen: 3 });
  });

  it("that comes back while the agent still thinks gets the reply, and so does only the newest", async () => {
    const { it, office, call, token } = await onTheLine({
      reply: (turn) => it2.after(6_000, `You said: ${turn.words}`),
    });
    const it2 = clockOf(it);
    const first = office.receive(paperFact(call, [says(token, "Hi.")]));
    await it.clock.advance(2_000);
    const second = office.receive(paperFact(call, [{ type: "fetched" }]));
    await settled();
    expect(contentOf(await first)).toEqual({ kind: "wait" });
    await it.clock.advance(4_000);
    expect(contentOf(await second)).toMatchObject({ instruction: { say: ["You said: Hi."] } });
    expect(it.count("instruct")).toBe(0);
  });

  it("is told to hang up when the call ends meanwhile", async () => {
    const { it, office, call, token } = await onTheLine({ reply: () => new Promise(() => {}) });
    const waiting = office.receive(paperFact(call, [says(token, "Hi.")]));
    await settled();
    await office.switchboard.end(call.id);
    await settled();
    expect(contentOf(await waiting)).toEqual({ kind: "hangup" });
    expect(it.clock.pending).toBe(0);
  });

  it("and has been given its words listens on without hearing them again", async () => {
    const { office, call } = await onTheLine();
    const again = contentOf(await office.receive(paperFact(call, [{ type: "fetched" }])));
    expect(again).toMatchObject({ kind: "instruction", instruction: { say: [], next: { kind: "listen" } } });
  });
});

describe("a webhook about a call that is not on record", () => {
  it.each(["answered", "ringing", "initiated"] as const)("makes none of a late `%s`", async (type) => {
    const { it, office } = paper({ config: { inboundPolicy: "open" } });
    expect(await office.receive(paperFact(stranger, [{ type }], { wants: "nothing" }))).toEqual({
      status: 204,
    });
    expect(contentOf(await office.receive(paperFact(stranger, [{ type }])))).toEqual({ kind: "hangup" });
    expect(it.store.dump()).toEqual(world().store.dump());
  });

  it("adopts one that somebody placed through the carrier, in its own direction", async () => {
    const { it, office } = paper({ config: { inboundPolicy: "disabled" } });
    const reply = await office.receive(offer({ direction: "outbound", from: OURS, to: THEIRS }));
    expect(contentOf(reply)).toMatchObject({
      kind: "instruction",
      instruction: { next: { kind: "listen" } },
    });
    expect(it.store.dump().calls).toMatchObject([
      { direction: "outbound", state: "answered", from: OURS, to: THEIRS, carrierCallId: CARRIER_ID },
    ]);
  });
});

function offer(changes: Partial<Offer> = {}, fact: Partial<CarrierFact> = {}): CarrierFact {
  return paperFact(stranger, [{ type: "ringing" }], {
    callId: null,
    offer: { direction: "inbound", from: THEIRS, to: OURS, attestation: null, ...changes },
    ...fact,
  });
}

describe("an inbound call", () => {
  const listed = { inboundPolicy: "allowlist", allowFrom: [THEIRS] };

  test.each<[string, Record<string, unknown>, string, string]>([
    ["anybody", { inboundPolicy: "disabled" }, THEIRS, "reject"],
    ["a listed caller", listed, THEIRS, "instruction"],
    ["another caller", listed, "+15550002223", "reject"],
    ["a longer number with the same end", listed, `+9${THEIRS.slice(1)}`, "reject"],
    ["a longer number with the same beginning", listed, `${THEIRS}0`, "reject"],
    ["a listed number without its plus", listed, THEIRS.slice(1), "reject"],
    ["a listed number with blanks", listed, ` ${THEIRS}`, "reject"],
    ["a withheld number", listed, "", "reject"],
    ["`anonymous`", listed, "anonymous", "reject"],
    ["`Restricted`", listed, "Restricted", "reject"],
    ["a number that spells ANONYMOUS", { ...listed, allowFrom: ["+266696687"] }, "+266696687", "reject"],
    ["a SIP address", listed, `sip:${THEIRS}@example.com`, "reject"],
    ["an unknown caller", { inboundPolicy: "pairing" }, THEIRS, "instruction"],
    ["a withheld number", { inboundPolicy: "pairing" }, "", "reject"],
    ["a malformed number", { inboundPolicy: "pairing" }, "12", "reject"],
    ["a withheld number", { inboundPolicy: "open" }, "", "instruction"],
  ])("from %s under %j (%j) is answered with: %s", async (_, config, from, kind) => {
    const { it, office } = paper({ config });
    expect(contentOf(await office.receive(offer({ from })))).toMatchObject({ kind });
    await settled();
    const [call] = it.store.dump().calls;
    expect(call?.state).toBe(kind === "reject" ? "refused" : "answered");
    expect(it.asked).toEqual([]);
  });

  it("that is accepted is greeted, fixed to its agent and answered by the words", async () => {
    const { it, office } = paper({ config: { ...listed, inboundGreeting: "House of Example." } });
    const reply = await office.receive(offer({ attestation: "A" }));
    expect(contentOf(reply)).toMatchObject({ instruction: { say: ["House of Example."] } });
    await settled();
    const [call] = it.store.dump().calls;
    expect(call).toMatchObject({
      direction: "inbound",
      state: "answered",
      attestation: "A",
      agentId: "main",
      sessionKey: "agent:main:phone",
    });
    await settled();
    expect(it.count("instruct")).toBe(0);
  });

  it("is refused when no agent answers it", async () => {
    const { it, office } = paper({
      config: { inboundPolicy: "open" },
      identify: () => Promise.reject(new Error("no agent")),
    });
    expect(contentOf(await office.receive(offer()))).toEqual({ kind: "reject", reason: "policy" });
    expect(it.store.dump().calls).toMatchObject([{ state: "refused", outcome: "rejected" }]);
  });

  it("is refused at the carrier once, however often its events repeat", async () => {
    const it = world({
      config: { inboundPolicy: "disabled" },
      script: { "*": { webhooks: { doubled: true, late: true } } },
    });
    it.start();
    await it.mock.phone.call(THEIRS, OURS);
    await it.finish();
    expect(it.commands.map(({ kind }) => kind)).toEqual(["reject"]);
    expect(it.store.dump().calls).toMatchObject([{ state: "refused", outcome: "rejected" }]);
  });

  it("beside another one is answered too", async () => {
    const it = world({ config: { inboundPolicy: "open" }, script: { "*": { turns: ["Hi."] } } });
    const office = it.start();
    await it.mock.phone.call("+15557770001", OURS);
    await it.mock.phone.call("+15557770002", OURS);
    await it.clock.advance(0);
    expect(office.manager.active.map(({ id }) => it.words(id, "caller"))).toEqual([["Hi."], ["Hi."]]);
  });
});

const caller = (n: number): string => `+155577701${String(n).padStart(2, "0")}`;
const ring = (office: Office, from: string, carrierCallId: string) =>
  office.receive(offer({ from }, { carrierCallId }));
const codeOf = (it: World, number: string) =>
  it.store.dump().pairings.find((one) => one.number === number)?.code ?? "";

describe("pairing", () => {
  const config = { inboundPolicy: "pairing" };
  it("says a code and hangs up, and knows the number once the owner approved it", async () => {
    const { it, office } = paper({ config });
    const reply = await ring(office, THEIRS, "c1");
    const code = codeOf(it, THEIRS);
    expect(contentOf(reply)).toMatchObject({ instruction: { next: { kind: "hangup" } } });
    expect(reply.body).toContain(code.split("").join(", "));
    await office.desk.approve(` ${code} `);
    expect(contentOf(await ring(office, THEIRS, "c2"))).toMatchObject({
      instruction: { next: { kind: "listen" } },
    });
    await expect(office.desk.approve(code)).rejects.toMatchObject({ code: "VC_PAIRING_UNKNOWN" });
  });

  it("never logs the code or the number", async () => {
    const { it, office } = paper({ config });
    await ring(office, THEIRS, "c1");
    const log = JSON.stringify(it.log.lines);
    expect(log).not.toContain(codeOf(it, THEIRS));
    expect(log).not.toContain(THEIRS);
  });

  it("tells a caller the same code as long as it is open, also on two calls at once", async () => {
    const { it, office } = paper({ config });
    const replies = await Promise.all(["c1", "c2"].map((id) => ring(office, THEIRS, id)));
    replies.push(await ring(office, THEIRS, "c3"));
    expect(it.store.dump().pairings.length).toBe(1);
    for (const reply of replies) expect(reply.body).toContain(codeOf(it, THEIRS).split("").join(", "));
  });

  it("forgets a code after an hour", async () => {
    const { it, office } = paper({ config });
    await ring(office, THEIRS, "c1");
    const old = codeOf(it, THEIRS);
    await it.clock.advance(60 * 60 * 1_000);
    await expect(office.desk.approve(old)).rejects.toMatchObject({ code: "VC_PAIRING_UNKNOWN" });
    await ring(office, THEIRS, "c2");
    expect(codeOf(it, THEIRS)).not.toBe(old);
  });

  it("keeps at most twenty codes open, however many call at once", async () => {
    const { it, office } = paper({ config });
    const replies = await Promise.all(Array.from({ length: 25 }, (_, n) => ring(office, caller(n), `c${n}`)));
    const kinds = replies.map((reply) => contentOf(reply).kind);
    expect(kinds.filter((kind) => kind === "reject").length).toBe(5);
    expect(it.store.dump().pairings.length).toBe(20);
    await it.clock.advance(60 * 60 * 1_000);
    expect(contentOf(await ring(office, caller(30), "later")).kind).toBe("instruction");
    expect(it.store.dump().pairings.length).toBe(1);
  });

  it("never gives two callers the same code", async () => {
    const codes = ["111111", "111111", "222222"];
    const { it, office } = paper({ config, code: () => codes.shift() ?? "222222" });
    await ring(office, caller(1), "c1");
    await ring(office, caller(2), "c2");
    expect([codeOf(it, caller(1)), codeOf(it, caller(2))]).toEqual(["111111", "222222"]);
    expect(contentOf(await ring(office, caller(3), "c3")).kind).toBe("reject");
  });

  it("is not needed by a listed number, and a revoked one has to pair again", async () => {
    const { it, office } = paper({ config: { ...config, allowFrom: [caller(1)] } });
    expect(contentOf(await ring(office, caller(1), "c1"))).toMatchObject({
      instruction: { next: { kind: "listen" } },
    });
    await ring(office, THEIRS, "c2");
    await office.desk.approve(codeOf(it, THEIRS));
    expect(await office.desk.revoke(THEIRS)).toBe(true);
    expect(await office.desk.revoke(THEIRS)).toBe(false);
    expect(contentOf(await ring(office, THEIRS, "c3"))).toMatchObject({
      instruction: { next: { kind: "hangup" } },
    });
  });
});

/** Promises in the virtual time of `it`. */
function clockOf(it: World) {
  return {
    after: (ms: number, words: string): Promise<string> =>
      new Promise((resolve) => {
        it.clock.at(it.clock.now() + ms, () => resolve(words));
      }),
  };
}

/** `target` with some of its methods replaced. */
function replacing<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(object, name);
      return typeof value === "function" ? (value.bind(object) as unknown) : value;
    },
  });
}
