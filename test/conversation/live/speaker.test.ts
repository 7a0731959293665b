import { describe, expect, it } from "vitest";
import type { VoiceCallError } from "../../../src/call/errors.ts";
import { Speaker, type SpokenTimes } from "../../../src/conversation/live/speaker.ts";
import { UtteranceCache } from "../../../src/conversation/live/utterance-cache.ts";
import type { Clock } from "../../../src/call/ports.ts";
import { settled, virtualClock, type VirtualClock } from "../../support/clock.ts";
import { recordedLog } from "../../support/recorded-log.ts";
import { FakeVoices } from "./fake-voices.ts";
import { JumpingClock } from "./jumping-clock.ts";

const ROUTE = { language: "en-US", ownNumber: "+15550001234" };

function bench<C extends Clock = VirtualClock>({
  fallback = true,
  voices = new FakeVoices(),
  clock = virtualClock() as Clock as C,
  cache,
}: {
  fallback?: boolean;
  voices?: FakeVoices;
  clock?: C;
  cache?: UtteranceCache;
} = {}) {
  const log = recordedLog();
  const line: string[] = [];
  const audio: Uint8Array[] = [];
  const errors: VoiceCallError[] = [];
  const times: [piece: number, times: SpokenTimes][] = [];
  const speaker = new Speaker({
    callId: "vc_1",
    voices,
    route: ROUTE,
    clock,
    log,
    fallback,
    ...(cache === undefined ? {} : { cache }),
    out: {
      begin: (piece, yields) => line.push(`begin ${piece} ${yields}`),
      audio: (piece, _format, bytes) => {
        audio.push(bytes);
        line.push(`audio ${piece} ${new TextDecoder().decode(bytes)}`);
      },
      end: (piece) => line.push(`end ${piece}`),
    },
    failed: (piece, error) => {
      errors.push(error);
      line.push(`failed ${piece}`);
    },
    timed: (piece, told) => times.push([piece, told]),
  });
  return { clock, log, line, audio, errors, times, voices, speaker };
}

const A = 65;
const B = 66;

/** One second of PCMU. */
const second = Array.from({ length: 8000 }, () => A);

describe("a speaker", () => {
  it("begins a piece with its first audio, hands on what comes and ends it", async () => {
    const { speaker, voices, line } = bench();
    speaker.say(1, "Hello.", "to-speech");
    await settled();
    expect(line).toEqual([]);
    voices.of("Hello.").audio(A);
    await settled();
    expect(line).toEqual(["begin 1 to-speech", "audio 1 A"]);
    voices.of("Hello.").audio(B);
    await settled();
    voices.of("Hello.").end();
    await settled();
    expect(line.slice(2)).toEqual(["audio 1 B", "end 1"]);
  });

  it("keeps the order of its pieces, whichever is ready first", async () => {
    const { speaker, voices, line } = bench();
    speaker.say(1, "one", "to-speech");
    speaker.say(2, "two", "never");
    await settled();
    voices.of("two").audio(B);
    voices.of("two").end();
    await settled();
    expect(line).toEqual([]);
    voices.of("one").audio(A);
    voices.of("one").end();
    await settled();
    expect(line).toEqual(["begin 1 to-speech", "audio 1 A", "end 1", "begin 2 never", "audio 2 B", "end 2"]);
  });

  it("has two pieces made ready beside the one in hand, and no more", async () => {
    const { speaker, voices } = bench();
    for (let piece = 1; piece <= 5; piece++) speaker.say(piece, `${piece}`, "to-speech");
    await settled();
    expect(voices.texts).toEqual(["1", "2", "3"]);
  });

  it("asks for a further piece when one has been heard, by its length", async () => {
    const { speaker, voices, clock } = bench();
    for (let piece = 1; piece <= 5; piece++) speaker.say(piece, `${piece}`, "to-speech");
    await settled();
    for (const text of ["1", "2", "3"]) {
      voices.of(text).audio(...second);
      voices.of(text).end();
    }
    await settled();
    await clock.advance(999);
    expect(voices.texts).toHaveLength(3);
    await clock.advance(1);
    expect(voices.texts).toEqual(["1", "2", "3", "4"]);
    await clock.advance(1000);
    expect(voices.texts).toHaveLength(5);
  });

  it("waits for the pieces that play before it asks for more of an answer said later", async () => {
    const { speaker, voices, clock } = bench();
    for (const piece of [1, 2, 3]) speaker.say(piece, `${piece}`, "to-speech");
    await settled();
    for (const text of ["1", "2", "3"]) {
      voices.of(text).audio(...second);
      voices.of(text).end();
    }
    await settled();
    speaker.say(4, "4", "to-speech");
    await settled();
    expect(voices.texts).toHaveLength(3);
    await clock.advance(1000);
    expect(voices.texts).toHaveLength(4);
  });

  it("drops what was not handed over and cancels its requests; a piece that had begun gets no end", async () => {
    const { speaker, voices, line, clock } = bench();
    for (const piece of [1, 2]) speaker.say(piece, `${piece}`, "to-speech");
    await settled();
    voices.of("1").audio(A);
    await settled();
    speaker.drop();
    await settled();
    expect(voices.speeches.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    for (const text of ["1", "2"]) {
      voices.of(text).audio(B);
      voices.of(text).end();
    }
    await clock.runAll();
    expect(line).toEqual(["begin 1 to-speech", "audio 1 A"]);
    expect(clock.pending).toBe(0);
  });

  it("says at once what is said after a drop", async () => {
    const { speaker, voices, line } = bench();
    for (let piece = 1; piece <= 5; piece++) speaker.say(piece, `${piece}`, "to-speech");
    await settled();
    speaker.drop();
    speaker.say(6, "6", "to-words");
    await settled();
    voices.of("6").audio(A);
    voices.of("6").end();
    await settled();
    expect(line).toEqual(["begin 6 to-words", "audio 6 A", "end 6"]);
  });

  it("lets the next voice speak a piece from its beginning when one fails", async () => {
    const { speaker, voices, line, log, errors } = bench();
    speaker.say(1, "Hello.", "to-speech");
    await settled();
    voices.of("Hello.").fail(new Error("voice API error (503)"));
    await settled();
    expect(voices.speeches.map(({ order }) => order.provider)).toEqual(["first", "second"]);
    voices.of("Hello.").audio(A);
    voices.of("Hello.").end();
    await settled();
    expect(line).toEqual(["begin 1 to-speech", "audio 1 A", "end 1"]);
    expect(errors).toEqual([]);
    expect(log.lines).toEqual([
      {
        level: "warn",
        message: "another voice takes over",
        fields: {
          callId: "vc_1",
          piece: 1,
          fromProvider: "first",
          toProvider: "second",
          attempts: 1,
          reason: "HTTP 503",
        },
      },
    ]);
  });

  it("says a sentence again from its beginning when its voice breaks off", async () => {
    const { speaker, voices, line } = bench();
    speaker.say(1, "Hello.", "to-speech");
    await settled();
    voices.of("Hello.").audio(A);
    await settled();
    voices.of("Hello.").fail(new Error("reset"));
    await settled();
    voices.of("Hello.").audio(B);
    voices.of("Hello.").end();
    await settled();
    expect(line).toEqual(["begin 1 to-speech", "audio 1 A", "audio 1 B", "end 1"]);
  });

  it("leaves a voice that failed twice in a row for the rest of the call, and says so", async () => {
    const { speaker, voices, log } = bench();
    voices.quick = true;
    voices.broken.add("first");
    for (const piece of [1, 2]) {
      speaker.say(piece, `${piece}`, "to-speech");
      await settled();
    }
    const before = voices.speeches.length;
    speaker.say(3, "3", "to-speech");
    await settled();
    expect(voices.speeches.slice(before).map(({ order }) => order.provider)).toEqual(["second"]);
    expect(log.lines.at(-1)).toMatchObject({
      message: "another voice takes over",
      fields: { piece: 2 },
    });
    expect(log.lines.at(-2)).toMatchObject({
      message: "another voice speaks for the rest of the call",
      fields: { fromProvider: "first", toProvider: "second", attempts: 2 },
    });
  });

  it("forgives a single failure between pieces that were spoken", async () => {
    const { speaker, voices, clock } = bench();
    voices.quick = true;
    for (const piece of [1, 2, 3, 4, 5, 6]) {
      if (piece % 2 === 0) voices.broken.add("first");
      else voices.broken.clear();
      speaker.say(piece, `${piece}`, "to-speech");
      await clock.advance(100);
    }
    const firsts = voices.speeches.filter(({ order }) => order.provider === "first");
    expect(firsts).toHaveLength(6);
  });

  it("reports a piece that no voice could speak, in its turn, and goes on with the next", async () => {
    const { speaker, voices, line, errors } = bench();
    speaker.say(1, "one", "to-speech");
    speaker.say(2, "two", "to-speech");
    await settled();
    voices.of("two").fail(new Error("voice API error (500)"));
    await settled();
    voices.of("two").fail(new Error("voice API error (401)"));
    await settled();
    expect(line).toEqual([]);
    voices.of("one").audio(A);
    voices.of("one").end();
    speaker.say(3, "three", "to-speech");
    await settled();
    voices.of("three").audio(B);
    voices.of("three").end();
    await settled();
    expect(line).toEqual([
      "begin 1 to-speech",
      "audio 1 A",
      "end 1",
      "failed 2",
      "begin 3 to-speech",
      "audio 3 B",
      "end 3",
    ]);
    expect(errors[0]).toMatchObject({ code: "VC_SPEECH_FAILED", details: { detail: "HTTP 401" } });
  });

  it("ends a piece that had begun before it reports it", async () => {
    const { speaker, voices, line } = bench({ fallback: false });
    speaker.say(1, "one", "to-speech");
    await settled();
    voices.of("one").audio(A);
    await settled();
    voices.of("one").fail(new Error("gone"));
    await settled();
    voices.of("one").fail(new Error("gone"));
    await settled();
    expect(line).toEqual(["begin 1 to-speech", "audio 1 A", "end 1", "failed 1"]);
  });

  it("gives a single voice a second chance, and asks no other where none may take over", async () => {
    const { speaker, voices, line } = bench({ fallback: false });
    voices.broken.add("first");
    voices.quick = true;
    speaker.say(1, "one", "to-speech");
    await settled();
    expect(voices.speeches.map(({ order }) => order.provider)).toEqual(["first", "first"]);
    expect(line).toEqual(["failed 1"]);
  });

  it.each([
    ["none is configured", [], "no provider is configured"],
    ["they are not known", new Error("HTTP 500"), "HTTP 500"],
  ])("reports every piece when %s, and asks again for the next", async (_, list, detail) => {
    const { speaker, voices, line, errors } = bench();
    voices.list = list;
    speaker.say(1, "one", "to-speech");
    await settled();
    speaker.say(2, "two", "to-speech");
    await settled();
    expect(line).toEqual(["failed 1", "failed 2"]);
    expect(errors.map(({ details }) => details["detail"])).toEqual([detail, detail]);
  });

  it("speaks once the providers are known after all", async () => {
    const { speaker, voices, line } = bench();
    voices.list = new Error("not yet");
    speaker.say(1, "one", "to-speech");
    await settled();
    voices.list = ["first"];
    voices.quick = true;
    speaker.say(2, "two", "to-speech");
    await settled();
    expect(line).toEqual(["failed 1", "begin 2 to-speech", "audio 2 two", "end 2"]);
  });

  it("gives a voice 8 s to its first byte, then turns to the next", async () => {
    const { speaker, voices, clock } = bench();
    speaker.say(1, "one", "to-speech");
    await clock.advance(7_999);
    expect(voices.speeches).toHaveLength(1);
    await clock.advance(1);
    expect(voices.speeches.map(({ order }) => order.provider)).toEqual(["first", "second"]);
    expect(voices.speeches[0]?.signal.aborted).toBe(true);
  });

  it("does not wait twice for the same silent voice", async () => {
    const { speaker, voices, clock, line, errors } = bench({ fallback: false });
    speaker.say(1, "one", "to-speech");
    await clock.advance(8_000);
    expect(line).toEqual(["failed 1"]);
    expect(errors[0]?.details).toEqual({ detail: "timeout" });
    expect(voices.speeches).toHaveLength(1);
  });

  it("gives up a voice that falls silent in the middle for 5 s", async () => {
    const { speaker, voices, clock } = bench();
    speaker.say(1, "one", "to-speech");
    await settled();
    for (let count = 0; count < 5; count++) {
      voices.speeches[0]?.audio(A);
      await clock.advance(4_900);
    }
    expect(voices.speeches).toHaveLength(1);
    await clock.advance(100);
    expect(voices.speeches).toHaveLength(2);
  });

  it("does not give up a voice whose audio lies there while this process is busy", async () => {
    const clock = new JumpingClock();
    const { speaker, voices, line } = bench({ clock });
    speaker.say(1, "one", "to-speech");
    await settled();
    clock.jump(30_000);
    voices.of("one").audio(A);
    voices.of("one").end();
    await settled();
    expect(line).toEqual(["begin 1 to-speech", "audio 1 A", "end 1"]);
    expect(voices.speeches).toHaveLength(1);
  });

  it("takes a voice without a single sample for a failure", async () => {
    const { speaker, voices, log } = bench();
    speaker.say(1, "one", "to-speech");
    await settled();
    voices.of("one").end();
    await settled();
    expect(voices.speeches).toHaveLength(2);
    expect(log.lines[0]?.fields).toMatchObject({ reason: "empty audio" });
  });

  it("cuts a voice that never ends after three minutes of audio", async () => {
    const { speaker, voices, line } = bench();
    speaker.say(1, "one", "to-speech");
    await settled();
    const tenSeconds = Array.from({ length: 80_000 }, () => A);
    for (let count = 0; count < 20; count++) voices.of("one").audio(...tenSeconds);
    await settled();
    expect(line.at(-1)).toBe("end 1");
    expect(voices.of("one").signal.aborted).toBe(true);
  });

  it("tells when a piece was asked for, when its first byte came and when all of it was there", async () => {
    const { speaker, voices, times, clock } = bench();
    const start = clock.now();
    await clock.advance(10);
    speaker.say(7, "one", "to-speech");
    await clock.advance(150);
    voices.of("one").audio(A);
    await clock.advance(50);
    voices.of("one").end();
    await settled();
    const told = {
      requestedAt: start + 10,
      firstByteAt: start + 160,
      provider: "first",
      prepared: false,
      attempts: 1,
    };
    expect(times).toEqual([
      [7, { ...told, doneAt: null }],
      [7, { ...told, doneAt: start + 210 }],
    ]);
  });

  it("asks for the providers once in a call", async () => {
    const { speaker, voices } = bench();
    voices.quick = true;
    speaker.prepare("zero");
    for (const piece of [1, 2, 3]) speaker.say(piece, `${piece}`, "to-speech");
    await settled();
    expect(voices.lists).toBe(1);
  });

  it("refuses what nobody could listen to, and keeps what it has", async () => {
    const { speaker, line } = bench();
    for (let piece = 0; piece < 300; piece++) speaker.say(piece, "so much", "to-speech");
    await settled();
    expect(line).toHaveLength(44);
    expect(line[0]).toBe("failed 256");
  });

  it("may be told to speak or to stop by what it reports", async () => {
    const voices = new FakeVoices();
    voices.quick = true;
    const clock = virtualClock();
    const line: string[] = [];
    const speaker = new Speaker({
      callId: "vc_1",
      voices,
      route: ROUTE,
      clock,
      log: recordedLog(),
      fallback: true,
      out: {
        begin: (piece) => {
          line.push(`begin ${piece}`);
          if (piece === 1) speaker.say(2, "two", "to-speech");
          if (piece === 3) speaker.drop();
        },
        audio: (piece) => line.push(`audio ${piece}`),
        end: (piece) => {
          line.push(`end ${piece}`);
          if (piece === 2) speaker.say(3, "three", "to-speech");
        },
      },
      failed: () => undefined,
      timed: () => undefined,
    });
    speaker.say(1, "one", "to-speech");
    await settled();
    expect(line).toEqual(["begin 1", "audio 1", "end 1", "begin 2", "audio 2", "end 2", "begin 3"]);
  });

  it("says and reports nothing after it was closed", async () => {
    const { speaker, voices, line, clock } = bench();
    speaker.say(1, "one", "to-speech");
    await settled();
    speaker.close();
    speaker.say(2, "two", "to-speech");
    speaker.prepare("three");
    voices.of("one").fail(new Error("late"));
    await clock.runAll();
    expect(line).toEqual([]);
    expect(voices.texts).toEqual(["one"]);
    expect(clock.pending).toBe(0);
  });
});

describe("prepared words", () => {
  it("are said at once, without asking again", async () => {
    const { speaker, voices, line, times, clock } = bench();
    voices.quick = true;
    speaker.prepare("Welcome!");
    await settled();
    await clock.advance(3_000);
    expect(line).toEqual([]);
    speaker.say(1, "Welcome!", "to-words");
    await settled();
    expect(line).toEqual(["begin 1 to-words", "audio 1 Welcome!", "end 1"]);
    expect(voices.speeches).toHaveLength(1);
    expect(times[0]?.[1]).toMatchObject({ prepared: true, requestedAt: clock.now() - 3_000 });
  });

  it("may be asked for while they are still being prepared", async () => {
    const { speaker, voices, line } = bench();
    speaker.prepare("Welcome!");
    speaker.say(1, "Welcome!", "to-words");
    await settled();
    voices.of("Welcome!").audio(A);
    await settled();
    expect(line).toEqual(["begin 1 to-words", "audio 1 A"]);
    voices.of("Welcome!").end();
    await settled();
    expect(line.at(-1)).toBe("end 1");
    expect(voices.speeches).toHaveLength(1);
  });

  it("are copied for whoever plays them", async () => {
    const { speaker, voices, audio } = bench();
    voices.quick = true;
    speaker.prepare("Welcome!");
    await settled();
    for (const piece of [1, 2]) speaker.say(piece, "Welcome!", "to-words");
    await settled();
    // What was handed over may be transferred, and is gone then.
    structuredClone(audio[0], { transfer: [audio[0]?.buffer as ArrayBuffer] });
    speaker.say(3, "Welcome!", "to-words");
    await settled();
    expect(audio.slice(1).map((bytes) => new TextDecoder().decode(bytes))).toEqual(["Welcome!", "Welcome!"]);
  });

  it("are spoken by the next voice when the one that prepares them fails", async () => {
    const { speaker, voices, line } = bench();
    speaker.prepare("Welcome!");
    await settled();
    speaker.say(1, "Welcome!", "to-words");
    await settled();
    voices.of("Welcome!").fail(new Error("reset"));
    await settled();
    expect(voices.speeches.map(({ order }) => order.provider)).toEqual(["first", "second"]);
    voices.of("Welcome!").audio(A);
    voices.of("Welcome!").end();
    await settled();
    expect(line).toEqual(["begin 1 to-words", "audio 1 A", "end 1"]);
  });

  it("that could not be prepared are asked for again", async () => {
    const { speaker, voices, line } = bench();
    voices.broken.add("first");
    speaker.prepare("Welcome!");
    await settled();
    voices.broken.clear();
    voices.quick = true;
    speaker.say(1, "Welcome!", "to-words");
    await settled();
    expect(line).toEqual(["begin 1 to-words", "audio 1 Welcome!", "end 1"]);
    expect(voices.speeches.map(({ order }) => order.provider)).toEqual(["first", "first"]);
  });

  it("outlive the call that had them prepared", async () => {
    const clock = virtualClock();
    const voices = new FakeVoices();
    const cache = new UtteranceCache(clock);
    const one = bench({ clock, voices, cache });
    const other = bench({ clock, voices, cache });
    one.speaker.prepare("Welcome!");
    await settled();
    one.speaker.close();
    other.speaker.say(1, "Welcome!", "to-words");
    await settled();
    voices.of("Welcome!").audio(A);
    voices.of("Welcome!").end();
    await settled();
    expect(other.line).toEqual(["begin 1 to-words", "audio 1 A", "end 1"]);
    expect(voices.speeches).toHaveLength(1);
  });
});
