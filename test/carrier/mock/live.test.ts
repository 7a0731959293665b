import { describe, expect, it } from "vitest";
import { createMockCarrier, INSTANT } from "../../../src/carrier/mock/carrier.ts";
import { sequentialIds, virtualClock } from "../../support/clock.ts";
import { failureOf, STREAMS } from "../samples.ts";
import { AUDIO } from "../frames.ts";
import { AGENT, inbound, instruction, listen, live, PERSON, rig, stream, type Rig } from "./rig.ts";

const LIVE = instruction(1, [], stream("tok-1"));

/** A call whose socket is being opened. */
async function answered(test: Rig = rig()) {
  const call = await test.dial(PERSON, LIVE);
  await test.clock.advance(100);
  const [socket] = test.sockets;
  if (socket === undefined) throw new Error("no socket was opened");
  return { ...test, call, socket };
}

const streaming = async (test?: Rig) => {
  const there = await answered(test);
  there.socket.open();
  return there;
};

describe("a call with live audio", () => {
  it("opens a socket where it is expected, once it is answered", async () => {
    const test = rig({ pace: { answerMs: 1000 } });
    const call = await test.dial(PERSON, LIVE);
    expect(test.expecting.expected).toEqual([{ call: "vc_1", carrierCallId: null, token: "tok-1" }]);
    await test.clock.advance(900);
    expect(test.sockets).toEqual([]);
    await test.clock.advance(200);
    expect(test.sockets.map(({ url }) => url)).toEqual([`${STREAMS}/tok-1`]);
    test.sockets[0]?.open();
    expect(test.sockets[0]?.sent[0]).toMatchObject({ event: "start", call: call.carrierCallId });
    expect(await test.shown()).toEqual([`ringing: ${AGENT}`, "answered", "listening: live audio"]);
  });

  it("presses its digits before the socket is opened", async () => {
    const test = rig({ pace: { digitMs: 100 } });
    await test.dial(PERSON, instruction(1, [], stream("tok-1"), "12"));
    await test.clock.advance(150);
    expect(test.sockets).toEqual([]);
    await test.clock.advance(100);
    expect(test.sockets).toHaveLength(1);
    expect(await test.shown()).toContain("digits: 12");
  });

  it("may be one that comes in", async () => {
    const test = rig();
    const { carrierCallId } = await test.carrier.phone.call(PERSON, AGENT);
    await test.carrier.instruct(inbound(carrierCallId), LIVE, live);
    expect(test.expecting.expected).toEqual([{ call: "vc_in", carrierCallId, token: "tok-1" }]);
    expect(test.sockets).toHaveLength(1);
  });

  it("has the person hear and say what its script has ears and a mouth for", async () => {
    const heard: Buffer[] = [];
    const speech = [AUDIO];
    const audio = {
      heard: (payload: Uint8Array) => void heard.push(Buffer.from(payload)),
      speaks: () => speech.shift() ?? null,
    };
    const { socket, clock } = await streaming(rig({ script: { [PERSON]: { audio } } }));
    expect(socket.of("media")[0]).toMatchObject({ payload: AUDIO.toString("base64") });
    socket.say({ event: "media", payload: AUDIO.toString("base64") });
    await clock.advance(20);
    expect(Buffer.concat(heard)).toEqual(AUDIO);
  });

  it("has whoever has no such script say and hear through the phone", async () => {
    const { socket, clock, carrier, call } = await streaming();
    const id = call.carrierCallId ?? "";
    expect(await carrier.phone.play(id, AUDIO)).toEqual({ ms: Math.ceil(AUDIO.length / 160) * 20 });
    socket.say({ event: "media", payload: AUDIO.toString("base64") });
    await clock.advance(100);
    const said = socket.of("media").map(({ payload }) => Buffer.from(payload as string, "base64"));
    expect(Buffer.concat(said).indexOf(AUDIO)).toBeGreaterThanOrEqual(0);
    const { cursor, audio } = await carrier.phone.listen(id, 0);
    expect(Buffer.from(audio).indexOf(AUDIO)).toBeGreaterThanOrEqual(0);
    await carrier.phone.hangUp(id);
    expect(await carrier.phone.listen(id, cursor)).toEqual({ cursor, audio: new Uint8Array() });
    expect(await failureOf(carrier.phone.play(id, AUDIO))).toMatchObject({ code: "VC_CALL_NOT_ACTIVE" });
  });

  it("keeps what was heard of the last twenty calls that are over, and no more", async () => {
    const test = rig();
    const ids: string[] = [];
    for (let no = 0; no <= 20; no++) {
      const { carrierCallId } = await test.dial(PERSON, instruction(1, [], stream(`tok-${no}`)), `vc_${no}`);
      await test.clock.advance(100);
      test.sockets.at(-1)?.open();
      test.sockets.at(-1)?.say({ event: "media", payload: AUDIO.toString("base64") });
      await test.clock.advance(100);
      ids.push(carrierCallId ?? "");
      await test.carrier.phone.hangUp(carrierCallId ?? "");
    }
    const heard = await Promise.all(ids.map((id) => test.carrier.phone.listen(id, 0)));
    expect(heard.map(({ audio }) => audio.length > 0)).toEqual(ids.map((_, no) => no > 0));
  });

  it("says nothing of audio that is none, before its socket is open, or on a call without", async () => {
    const { carrier, call, socket } = await answered();
    const id = call.carrierCallId ?? "";
    expect(await failureOf(carrier.phone.play(id, AUDIO))).toMatchObject({ code: "VC_NOBODY_LISTENS" });
    socket.open();
    const none = Buffer.from("ID3 and so on and on");
    expect(await failureOf(carrier.phone.play(id, none))).toMatchObject({ code: "VC_REQUEST_INVALID" });
    const plain = rig();
    const listening = await plain.dial(PERSON, instruction(1, "Hello?", listen("t1")));
    await plain.clock.advance(100);
    expect(await failureOf(plain.carrier.phone.play(listening.carrierCallId ?? "", AUDIO))).toMatchObject({
      code: "VC_UNSUPPORTED",
    });
  });

  it("carries keys both ways", async () => {
    const { socket, carrier, call, shown } = await streaming();
    await carrier.phone.press(call.carrierCallId ?? "", "5#");
    expect(socket.of("key").map(({ digit }) => digit)).toEqual(["5", "#"]);
    socket.say({ event: "key", digit: "9" });
    expect((await shown()).at(-1)).toBe("digits: 9");
  });

  it("does not hear typed words, and says so", async () => {
    const { carrier, call, events } = await streaming();
    const before = events().length;
    expect(await failureOf(carrier.phone.say(call.carrierCallId ?? "", "Hello?"))).toMatchObject({
      code: "VC_UNSUPPORTED",
    });
    expect(events()).toHaveLength(before);
  });

  it("hears nobody before its socket is open", async () => {
    const { carrier, call } = await answered();
    for (const utter of [
      () => carrier.phone.say(call.carrierCallId ?? "", "Hi"),
      () => carrier.phone.press(call.carrierCallId ?? "", "1"),
    ]) {
      expect(await failureOf(utter())).toMatchObject({ code: "VC_NOBODY_LISTENS" });
    }
  });

  it("does not have scripted turns said into it", async () => {
    const script = { [PERSON]: { turns: ["Hello?"], hangsUp: { turns: 1 } } };
    const { types, clock } = await streaming(rig({ script }));
    await clock.advance(5000);
    expect(types()).toEqual(["initiated", "ringing", "answered"]);
  });

  it("ends its stream when it ends, whoever ends it", async () => {
    for (const end of ["ours", "theirs"] as const) {
      const { socket, carrier, call, clock, types } = await streaming();
      if (end === "ours") await carrier.hangup(call, live);
      else await carrier.phone.hangUp(call.carrierCallId ?? "");
      expect(socket.sent.at(-1)).toEqual({ event: "stop" });
      expect(socket.closed).toBe(true);
      await clock.advance(100);
      expect(types().at(-1)).toBe("ended");
      expect(clock.pending).toBe(0);
    }
  });

  it("ends its stream when the carrier is told to do something else", async () => {
    const { socket, carrier, call, sockets, shown } = await streaming();
    await carrier.instruct(call, instruction(2, "Sorry.", { kind: "wait" }), live);
    expect(socket.closed).toBe(true);
    expect((await shown()).at(-1)).toBe("spoken: Sorry.");
    await carrier.instruct(call, instruction(3, [], stream("tok-3")), live);
    expect(sockets.at(-1)?.url).toBe(`${STREAMS}/tok-3`);
  });

  it("tells that its socket could not be opened, and nothing of one that was lost later", async () => {
    const failed = await answered();
    failed.socket.drop();
    await failed.clock.advance(10);
    expect(failed.events().at(-1)).toEqual({ type: "stream-failed", token: "tok-1" });

    const lost = await streaming();
    const before = lost.events().length;
    lost.socket.drop();
    await lost.clock.advance(10);
    expect(lost.events()).toHaveLength(before);
    expect(await lost.carrier.lookup(lost.call.carrierCallId ?? "", live)).toMatchObject({
      state: "answered",
    });
  });

  it("closes its sockets with the process", async () => {
    const { socket, carrier, clock } = await streaming();
    await carrier.close();
    expect(socket.closed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("is refused where no sockets are expected, and nobody's phone rings", async () => {
    const clock = virtualClock();
    const facts: unknown[] = [];
    const carrier = createMockCarrier({
      clock,
      ids: sequentialIds(),
      pace: INSTANT,
      deliver: async (fact) => {
        facts.push(fact);
        return { status: 200 };
      },
    });
    const call = { ...inbound("none"), direction: "outbound", carrierCallId: null, to: PERSON } as const;
    expect(await failureOf(carrier.dial(call, LIVE, live))).toMatchObject({
      code: "VC_UNSUPPORTED",
      certainty: "refused",
    });
    await clock.runAll();
    expect(facts).toEqual([]);
  });
});
