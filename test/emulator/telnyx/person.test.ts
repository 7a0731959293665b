import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LiveCall } from "./index.ts";
import { Office, refusal, THEIRS, THIRD } from "./office.ts";

/** People on the emulated phone: how they pick up, listen, talk, press keys and leave. */

let office: Office;

beforeEach(async () => {
  office = await Office.open();
});

afterEach(() => office.close());

const person = () => office.emulator.callee(THEIRS);

async function reach(more = {}): Promise<LiveCall> {
  return office.emulator.call(await office.reach(more));
}

/** Speaks and starts to listen, so that it is the person's turn. */
async function prompt(call: LiveCall, words: string, more = {}): Promise<void> {
  await office.listen(call.id, more);
  await office.say(call.id, words);
}

const hangup = () => office.seen.find((event) => event.type === "call.hangup")?.payload;

describe("a person who is called", () => {
  it.each([
    ["is busy", () => person().busy(), "callee", "user_busy", "486"],
    ["declines", () => person().declines(), "callee", "call_rejected", "603"],
    ["does not exist", () => person().fails(), "carrier", "not_found", "404"],
    ["does not answer", () => person().noAnswer(), "carrier", "timeout", "487"],
    ["answers too late", () => person().answers(20_000), "carrier", "timeout", "487"],
  ])("%s", async (_, describePerson, by, hangup_cause, sip_hangup_cause) => {
    describePerson();
    const call = office.emulator.call(await office.dial({ timeout_secs: 10 }));
    expect(await call.ended).toEqual({ by });
    expect(office.types).toEqual(["call.initiated", "call.hangup"]);
    expect(hangup()).toMatchObject({ hangup_cause, sip_hangup_cause, state: "hangup" });
    expect(call.heard()).toEqual([]);
    expect(call.durationSec).toBe(0);
    expect(office.emulator.problems).toEqual([]);
  });

  it("does not answer, and other routes are not tried", async () => {
    person().noAnswer();
    await office.dial({ timeout_secs: 5, retry_on_timeout: false });
    expect((await office.sees("call.hangup")).payload["hangup_cause"]).toBe("no_answer");
  });

  it("declines while it rings", async () => {
    person().answers(500_000);
    const call = office.emulator.call(await office.dial({ timeout_secs: 600 }));
    await office.sees("call.initiated");
    await call.hangUp();
    expect(hangup()).toMatchObject({ hangup_cause: "call_rejected", hangup_source: "callee" });
  });

  it("is spared the call while it rings", async () => {
    person().answers(500_000);
    const call = office.emulator.call(await office.dial({ timeout_secs: 600 }));
    await office.hangUp(call.id);
    expect(await call.ended).toEqual({ by: "api" });
    expect(hangup()).toMatchObject({ hangup_cause: "originator_cancel", hangup_source: "caller" });
  });

  it("hears the digits that were sent on answer, in either spelling", async () => {
    expect((await reach({ send_digits_on_answer: "12#" })).pressed()).toEqual(["12#"]);
    expect((await reach({ to: `${THEIRS},w34` })).pressed()).toEqual(["w34"]);
    expect(office.emulator.calls[1]?.plan.to).toBe(THEIRS);
  });

  it("hangs up after a while", async () => {
    person().answers(0).hangsUpAfter(3000);
    const call = await reach();
    expect(await call.ended).toEqual({ by: "callee" });
    expect(hangup()).toMatchObject({
      hangup_cause: "normal_clearing",
      hangup_source: "callee",
      sip_hangup_cause: "200",
    });
  });

  it("is cut off at the time limit", async () => {
    const call = await reach({ time_limit_secs: 2 });
    expect(await call.ended).toEqual({ by: "carrier" });
    expect(hangup()).toMatchObject({ hangup_cause: "time_limit" });
  });
});

describe("somebody who calls", () => {
  it("gives up before anybody answers", async () => {
    const call = office.emulator.ring(THEIRS);
    await office.sees("call.initiated");
    await call.hangUp();
    expect(hangup()).toMatchObject({
      hangup_cause: "originator_cancel",
      hangup_source: "caller",
      sip_hangup_cause: "487",
    });
    expect(await refusal(office.telnyx.calls.actions.answer(call.id, office.once()))).toEqual([422, "90018"]);
  });

  it("hides the number", async () => {
    office.emulator.ring(THEIRS, { withheld: true });
    expect((await office.sees("call.initiated")).payload).toMatchObject({
      from: "anonymous",
      caller_id_name: "anonymous",
    });
  });

  it("is dropped when nobody says anything to Telnyx, unless somebody does", async () => {
    const strict = await Office.open({ firstCommandTimeoutSec: 50 });
    const dropped = strict.emulator.ring(THEIRS);
    expect(await dropped.ended).toEqual({ by: "carrier" });
    const kept = strict.emulator.ring(THEIRS);
    await strict.telnyx.calls.actions.answer(kept.id, strict.once());
    await strict.sees("call.answered", kept.id);
    await strict.say(kept.id, "Welcome, and take your time.");
    await strict.sees("call.speak.ended", kept.id);
    expect(kept.isAlive).toBe(true);
    await strict.close();
  });

  it("is not called by us: hanging up counts as the callee's", async () => {
    const call = office.emulator.ring(THEIRS);
    await office.telnyx.calls.actions.answer(call.id, office.once());
    await office.hangUp(call.id);
    await call.ended;
    expect(hangup()).toMatchObject({ hangup_source: "callee", hangup_cause: "normal_clearing" });
  });
});

describe("what is spoken", () => {
  const [first, second, third] = [
    "The first sentence of three.",
    "The second one.",
    "The third one.",
  ] as const;

  it("is queued", async () => {
    const call = await reach();
    await office.say(call.id, first);
    await office.say(call.id, second);
    await office.sees("call.speak.ended", call.id, 2);
    expect(call.heard()).toEqual([first, second]);
    expect(call.cut()).toEqual([]);
    const spoken = office.types.filter((type) => type.startsWith("call.speak"));
    expect(spoken).toEqual(["started", "ended", "started", "ended"].map((end) => `call.speak.${end}`));
  });

  it("is stopped by the next, which skips the queue or not", async () => {
    const slow = await Office.open({ pace: 1 });
    const call = slow.emulator.ring(THEIRS);
    await slow.telnyx.calls.actions.answer(call.id, slow.once());
    for (const words of [first, second]) await slow.say(call.id, words);
    await slow.say(call.id, third, { stop: "current" });
    expect(call.heard()).toEqual([first, second]);
    await slow.say(call.id, "Last.", { stop: "all" });
    expect(call.heard()).toEqual([first, second, "Last."]);
    expect(call.cut()).toEqual([first, second]);
    await slow.close();
  });

  it("is stopped by a command, with or without what is queued", async () => {
    const slow = await Office.open({ pace: 1 });
    const call = slow.emulator.ring(THEIRS);
    await slow.telnyx.calls.actions.answer(call.id, slow.once());
    for (const words of [first, second, third]) await slow.say(call.id, words);
    const { actions } = slow.telnyx.calls;
    await actions.stopPlayback(call.id, { stop: "current", ...slow.once() });
    expect(call.heard()).toEqual([first, second]);
    await actions.stopPlayback(call.id, { stop: "all", ...slow.once() });
    await slow.emulator.webhooks.settled();
    expect(call.heard()).toEqual([first, second]);
    expect(call.cut()).toEqual([first, second]);
    const ended = slow.seen.filter((event) => event.type === "call.speak.ended");
    expect(ended.map((event) => event.payload["status"])).toEqual(["completed", "completed"]);
    await slow.close();
  });

  it("ends with the call, which Telnyx says", async () => {
    const slow = await Office.open({ pace: 1 });
    const call = slow.emulator.ring(THEIRS);
    await slow.telnyx.calls.actions.answer(call.id, slow.once());
    await slow.say(call.id, first);
    await slow.hangUp(call.id);
    await call.ended;
    expect(slow.types.slice(-2)).toEqual(["call.speak.ended", "call.hangup"]);
    expect(slow.seen.at(-2)?.payload["status"]).toBe("call_hangup");
    expect(call.cut()).toEqual([first]);
    await slow.close();
  });

  it("is heard without its SSML", async () => {
    const call = await reach();
    await office.telnyx.calls.actions.speak(call.id, {
      payload: "<speak>Twenty <break time='1s'/>one</speak>",
      payload_type: "ssml",
      voice: "AWS.Polly.Joanna",
      ...office.once(),
    });
    expect(call.heard()).toEqual(["Twenty one"]);
  });
});

describe("a person who talks", () => {
  it("waits until we have said everything, and then answers turn by turn", async () => {
    person().says("Hello?", "Fine.").thenHangsUp();
    const call = await reach();
    await prompt(call, "Good morning.");
    await office.sees("call.transcription");
    await office.say(call.id, "How are you? It is a long time since we last talked, is it not?");
    await office.say(call.id, "I hope you are well.");
    await office.sees("call.transcription", call.id, 2);
    await office.say(call.id, "Good to hear.");
    expect(await call.ended).toEqual({ by: "callee" });
    expect(office.transcripts()).toEqual(["Hello?", "Fine."]);
    const talk = office.types.filter((type) => type === "call.speak.ended" || type === "call.transcription");
    expect(talk.map((type) => (type === "call.transcription" ? "they" : "we"))).toEqual([
      "we",
      "they",
      "we",
      "we",
      "they",
      "we",
    ]);
  });

  it("says nothing in a silent turn, and the next line in the next", async () => {
    person().says(null, "Fine.");
    const call = await reach();
    await prompt(call, "How are you?");
    for (let prompts = 1; office.transcripts().length === 0; prompts++) {
      await office.sees("call.speak.ended", call.id, prompts);
      // Patience before it is asked again: long enough for somebody who wanted to say something.
      await new Promise((resolve) => setTimeout(resolve, 100));
      await office.say(call.id, "Are you there?");
    }
    expect(office.transcripts()).toEqual(["Fine."]);
    expect(call.heard().length).toBeGreaterThan(1);
  });

  it("talks over us when the test says so, and nothing stops by itself", async () => {
    const slow = await Office.open({ pace: 0.5 });
    const call = slow.emulator.ring(THEIRS);
    await slow.telnyx.calls.actions.answer(call.id, slow.once());
    await slow.listen(call.id, {
      transcription_engine_config: { transcription_engine: "Google", interim_results: true },
    });
    await slow.say(call.id, "A long story, the first part.");
    await call.hears("story");
    await call.speak("Stop it right there");
    expect(slow.transcripts()).toEqual(["Stop it...", "Stop it right there"]);
    await slow.sees("call.speak.ended");
    expect(call.cut()).toEqual([]);
    expect(slow.types.indexOf("call.speak.ended")).toBeGreaterThan(slow.types.indexOf("call.transcription"));
    await slow.close();
  });

  it("keeps a second thought for the next turn", async () => {
    const call = await reach();
    await prompt(call, "Yes?");
    await call.listening();
    await call.speak("One.");
    const second = call.speak("Two.");
    await office.say(call.id, "And?");
    await second;
    const order = office.types.filter(
      (type) => type === "call.transcription" || type === "call.speak.started",
    );
    expect(order).toEqual([
      "call.speak.started",
      "call.transcription",
      "call.speak.started",
      "call.transcription",
    ]);
  });

  it("is heard once transcription runs, and not after it was stopped", async () => {
    const call = await reach();
    await office.say(call.id, "Hi.");
    await office.sees("call.speak.ended");
    const early = call.speak("Hello.");
    expect(office.transcripts()).toEqual([]);
    await office.listen(call.id);
    await early;
    expect(office.transcripts()).toEqual(["Hello."]);
    await office.telnyx.calls.actions.stopTranscription(call.id, office.once());
    expect(call.transcription).toBeNull();
    const late = call.speak("Still there?");
    await office.say(call.id, "One moment.");
    await office.hangUp(call.id);
    await late;
    expect(office.transcripts()).toEqual(["Hello."]);
  });

  it("names the track with the engine that does so", async () => {
    const call = await reach();
    await prompt(call, "Yes?", { transcription_engine: "B" });
    await call.speak("Hello.");
    expect((await office.sees("call.transcription")).payload["transcription_data"]).toEqual({
      transcript: "Hello.",
      confidence: 0.92,
      is_final: true,
      transcription_track: "inbound",
    });
  });

  it("is mixed with our own words when both tracks are transcribed", async () => {
    const call = await reach();
    await prompt(call, "It is me.", { transcription_tracks: "both" });
    await call.listening();
    await call.speak("Hello.");
    expect(office.transcripts()).toEqual(["It is me.", "Hello."]);
  });

  it("is not heard at all when only ours is", async () => {
    const call = await reach();
    await prompt(call, "It is me.", { transcription_tracks: "outbound" });
    await call.listening();
    await call.speak("Hello.");
    expect(office.transcripts()).toEqual(["It is me."]);
  });

  it("is transcribed from the answer on if the dial asks for it, or the answer to an inbound call", async () => {
    const call = await reach({
      transcription: true,
      transcription_config: { transcription_tracks: "inbound" },
    });
    await call.speak("Hello.");
    const inbound = office.emulator.ring(THIRD);
    await office.telnyx.calls.actions.answer(inbound.id, { transcription: true, ...office.once() });
    await inbound.speak("Hi.");
    expect(office.transcripts()).toEqual(["Hello.", "Hi."]);
    expect(office.emulator.problems).toEqual([]);
  });

  it("is asked to be transcribed twice, which is a mistake", async () => {
    const call = await reach();
    await office.listen(call.id);
    await office.listen(call.id);
    expect(office.emulator.problems).toEqual(["transcription_start: it runs already"]);
  });

  it("waits in vain when the call ends", async () => {
    const call = await reach();
    const turn = call.listening();
    const words = call.hears("never said");
    const speech = call.speak("Anybody?");
    void office.hangUp(call.id);
    await expect(turn).rejects.toThrow("over before: listens");
    await expect(words).rejects.toThrow("never said");
    await speech;
    await call.press("1");
    expect(office.transcripts()).toEqual([]);
  });
});
