import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../src/media/commands.ts";
import { MediaStream } from "../../src/media/stream.ts";
import { BARGE_IN, frames, labelled, Line, START } from "./line.ts";
import { PLAIN } from "./virtual-carrier.ts";

describe("a stream", () => {
  it("says whose it is when it starts", () => {
    const line = new Line();
    expect(line.events).toMatchObject([
      { type: "stream-started", stream: 7, callId: "vc_1", token: "token-1", carrierCallId: "CA1" },
    ]);
    expect(line.stream.live).toBe(true);
  });

  it("is lost at once when its encoding is none of ours", () => {
    const line = new Line({ encoding: null });
    line.run(1_000);
    line.say(1, 10);
    expect(line.events).toMatchObject([{ type: "stream-lost", reason: "protocol" }]);
    expect([line.carrier.arrived, line.stream.takeHeard(), line.stream.live]).toEqual([[], null, false]);
  });

  it("hands out the caller's audio once, in buffers of their own", () => {
    const line = new Line();
    line.run(995);
    const bytes = line.taken.reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBe(50 * 160);
    for (const taken of line.taken) expect(taken.buffer.byteLength).toBe(taken.length);
    expect(line.stream.takeHeard()).toBeNull();
  });

  it("keeps the latest five seconds of the caller when nobody takes them", () => {
    let now = START;
    const stream = plain({ now: () => now });
    for (let chunk = 1; chunk <= 600; chunk++) {
      stream.frame({ type: "media", chunk, timestampMs: null, payload: Buffer.alloc(160, chunk % 256) });
      now += 20;
    }
    const heard = stream.takeHeard();
    expect(heard).toHaveLength(250 * 160);
    expect(heard?.at(-1)).toBe(600 % 256);
  });

  it("passes the caller's keys on", () => {
    const line = new Line();
    line.frame({ type: "dtmf", digit: "#" });
    expect(line.of("key")).toMatchObject([{ stream: 7, digit: "#" }]);
  });

  it("tells when the caller begins to speak and when they have fallen silent", () => {
    const line = new Line();
    line.run(1_000);
    line.speaking = true;
    line.run(1_000);
    line.speaking = false;
    line.run(1_000);
    const speech = line.of("speech");
    expect(speech.map(({ on }) => on)).toEqual([true, false]);
    const [began, ended] = speech.map(({ at }) => at - START);
    expect(began).toBeGreaterThanOrEqual(980);
    expect(began).toBeLessThanOrEqual(1_040);
    expect(ended).toBeGreaterThanOrEqual(1_880);
    expect(ended).toBeLessThanOrEqual(2_040);
  });

  it("is lost when the caller has sent no audio for 30 s, whatever else they send", () => {
    const line = new Line();
    line.run(1_000);
    line.sending = false;
    line.run(29_900);
    line.frame({ type: "dtmf", digit: "1" });
    expect(line.stream.live).toBe(true);
    line.run(200);
    expect(line.of("stream-lost")).toMatchObject([{ reason: "silent" }]);
  });

  it("is lost when the carrier stops it", () => {
    const line = new Line();
    line.frame({ type: "stop" });
    line.frame({ type: "stop" });
    expect(line.of("stream-lost")).toMatchObject([{ reason: "stopped" }]);
  });

  it("tells with its end what was heard of the piece that was playing, by the marks that came back", () => {
    const line = new Line({ way: { outMs: 40, backMs: 40 } });
    line.run(1_000);
    line.say(1, 50);
    line.say(2, 100);
    line.run(1_700);
    line.frame({ type: "stop" });
    expect(line.of("piece-played").map(({ piece }) => piece)).toEqual([1]);
    const [lost] = line.of("stream-lost");
    expect(lost?.cut).toMatchObject({ piece: 2, knownMs: 2_000, whole: true });
    const heardMs = line.heard.filter((label) => label.startsWith("2/")).length * 20;
    expect(Math.abs((lost?.cut?.playedMs ?? 0) - heardMs)).toBeLessThanOrEqual(40);
    expect(line.of("stopped")).toEqual([]);
  });

  it("tells with its end that a piece was paused, and of one that only lacks its mark that it was played", () => {
    const paused = new Line();
    paused.run(1_000);
    paused.say(1, 100);
    paused.run(500);
    paused.speaking = true;
    paused.run(300);
    expect(paused.of("paused")).toHaveLength(1);
    const { playedMs } = paused.of("paused")[0] ?? {};
    paused.frame({ type: "stop" });
    expect(paused.of("stream-lost")[0]?.cut).toMatchObject({ piece: 1, playedMs });

    const markless = new Line({ way: { mark: () => [] } });
    markless.run(1_000);
    markless.say(1, 10);
    markless.run(300);
    expect(markless.of("piece-played")).toEqual([]);
    markless.frame({ type: "stop" });
    expect(markless.events.slice(-2)).toMatchObject([
      { type: "piece-played", piece: 1 },
      { type: "stream-lost", reason: "stopped" },
    ]);
    expect(markless.of("stream-lost")[0]).not.toHaveProperty("cut");
  });

  it("has cut nothing at its end when nothing was playing, or only keys", () => {
    const line = new Line();
    line.run(1_000);
    line.order({ type: "keys", digits: "123" });
    line.order({ type: "piece", piece: 1, yields: "never" });
    line.run(100);
    line.stream.lost("closed");
    expect(line.of("stream-lost")[0]).not.toHaveProperty("cut");
  });

  it("is silent for ever once it is lost, and lost once", () => {
    const line = new Line();
    line.say(1, 100);
    line.run(500);
    line.stream.lost("closed");
    line.stream.lost("replaced");
    const { length } = line.carrier.arrived;
    const events = line.events.length;
    line.say(2, 100);
    line.order({ type: "stop" });
    line.order({ type: "resume" });
    line.order({ type: "keys", digits: "1" });
    line.frame({ type: "dtmf", digit: "1" });
    line.speaking = true;
    line.run(40_000);
    expect(line.events.length).toBe(events);
    expect(line.events.at(-1)).toMatchObject({ type: "stream-lost", reason: "closed" });
    expect(line.carrier.arrived.length - length).toBe(0);
    expect([line.stream.takeHeard(), line.stream.playing]).toEqual([null, null]);
  });

  it.each(["piece-started", "speech", "paused", "stopped", "piece-played"] as const)(
    "may be ended by who hears that it is %s, in the middle of it",
    (ending) => {
      const caller = new Line();
      caller.speaking = ending !== "piece-played";
      caller.run(6_000);

      let now = START;
      const events: StreamEvent[] = [];
      const sent: string[] = [];
      const stream: MediaStream = plain({
        now: () => now,
        send: (frame) => sent.push(frame),
        emit: (event) => {
          events.push(event);
          if (event.type !== ending) return;
          stream.lost("closed");
          sent.length = 0;
        },
      });
      stream.command({ type: "piece", stream: 1, piece: 1, yields: "to-speech" });
      const bytes = Buffer.concat(Array.from({ length: 100 }, (_, frame) => labelled(1, frame)));
      stream.command({ type: "piece-audio", stream: 1, piece: 1, format: { encoding: "pcmu" }, bytes });
      stream.command({ type: "piece-end", stream: 1, piece: 1 });
      for (const [at, taken] of caller.taken.entries()) {
        now = START + at * 20;
        stream.frame({ type: "media", chunk: null, timestampMs: null, payload: Buffer.from(taken) });
        stream.tick(now);
      }
      expect(events.slice(-2)).toMatchObject([{ type: ending }, { type: "stream-lost", reason: "closed" }]);
      expect(sent).toEqual([]);
    },
  );

  it("does not take a cough for an interruption because its thread stood still meanwhile", () => {
    const caller = new Line();
    caller.run(1_000);
    caller.speaking = true;
    caller.run(200);
    caller.speaking = false;
    caller.run(5_000);

    let now = START;
    const events: StreamEvent[] = [];
    const stream = plain({ now: () => now, emit: (event) => void events.push(event) });
    stream.command({ type: "piece", stream: 1, piece: 1, yields: "to-speech" });
    const bytes = Buffer.concat(Array.from({ length: 500 }, (_, frame) => labelled(1, frame)));
    stream.command({ type: "piece-audio", stream: 1, piece: 1, format: { encoding: "pcmu" }, bytes });
    for (const [at, taken] of caller.taken.entries()) {
      const isStalled = at >= 58 && at < 88;
      now = START + (isStalled ? 88 : at) * 20;
      stream.frame({ type: "media", chunk: null, timestampMs: null, payload: Buffer.from(taken) });
      if (!isStalled) stream.tick(now);
    }
    const kinds = events.map(({ type }) => type);
    expect(kinds.filter((type) => type === "paused" || type === "resumed")).toEqual(["paused", "resumed"]);
    expect(kinds).not.toContain("stopped");
  });

  it("takes time that is set back for time that stands still", () => {
    let now = START;
    const sent: string[] = [];
    const stream = plain({ now: () => now, send: (frame) => sent.push(frame) });
    stream.tick(START + 1_000);
    now = START - 5_000;
    stream.frame({ type: "media", chunk: 1, timestampMs: null, payload: Buffer.alloc(160, 0xff) });
    for (let tick = 0; tick < 10; tick++) stream.tick(START - 5_000 + tick * 20);
    expect(sent.filter((frame) => frame.startsWith("M"))).toHaveLength(1);
    stream.tick(START + 1_020);
    expect(sent.filter((frame) => frame.startsWith("M"))).toHaveLength(2);
  });

  it("understands frames that say nothing of interest", () => {
    const line = new Line();
    for (const type of ["connected", "cleared", "nothing"] as const) line.frame({ type });
    line.frame({ type: "complaint", code: "100003" });
    line.frame({ type: "mark", name: "never-sent" });
    line.run(100);
    expect(line.events.map(({ type }) => type)).toEqual(["stream-started"]);
  });
});

describe("a caller who interrupts", () => {
  it("is let in within 120 ms of the first frame, without the main thread, and our piece is stopped at 500", () => {
    const line = new Line();
    line.run(100);
    line.say(1, 300);
    line.run(1_900);
    line.speaking = true;
    line.run(1_000);
    const [paused] = line.of("paused");
    expect(paused?.on0).toBeLessThanOrEqual(2_000 + 120);
    const cleared = line.carrier.arrived.find(({ frame }) => frame === "C");
    expect(cleared?.at).toBe(paused?.on0);
    expect(line.of("stopped")).toMatchObject([{ by: "speech", cut: { piece: 1 } }]);
    expect(line.of("stopped")[0]?.on0).toBeLessThanOrEqual(2_000 + 500);
  });

  it("by a cough has our piece go on where it stopped, nothing lost and nothing repeated", () => {
    const line = new Line();
    line.run(100);
    line.say(1, 100);
    line.run(900);
    line.speaking = true;
    line.run(200);
    line.speaking = false;
    line.run(6_000);
    expect(line.events.map(({ type }) => type)).toEqual([
      "stream-started",
      "piece-started",
      "speech",
      "paused",
      "speech",
      "resumed",
      "piece-played",
    ]);
    expect(line.heard).toEqual(frames(1, 0, 100));
    // Two seconds after the last sound.
    const [resumed] = line.of("resumed");
    const quiet = line.of("speech")[1];
    expect((resumed?.on0 ?? 0) - ((quiet?.at ?? 0) - START)).toBe(2_000);
  });

  it("is waited for before we begin", () => {
    const line = new Line();
    line.speaking = true;
    line.run(1_000);
    line.say(1, 20);
    line.run(1_000);
    expect(line.heard).toEqual([]);
    line.speaking = false;
    line.run(1_000);
    expect(line.heard).toEqual(frames(1, 0, 20));
  });

  it("is spoken to all the same by what does not yield", () => {
    const line = new Line();
    line.speaking = true;
    line.run(1_000);
    line.say(1, 20, "never");
    line.run(1_000);
    expect(line.heard).toEqual(frames(1, 0, 20));
  });

  it("is told what was heard while our words were held back", () => {
    const line = new Line({ bargeIn: { ...BARGE_IN, commitMs: 60_000 } });
    line.say(1, 100);
    line.run(1_000);
    line.speaking = true;
    line.run(500);
    expect(line.stream.playing).toEqual({ piece: 1, playedMs: line.of("paused")[0]?.playedMs });
    line.order({ type: "stop" });
    expect(line.of("stopped")).toMatchObject([
      { by: "order", cut: { piece: 1, playedMs: line.of("paused")[0]?.playedMs } },
    ]);
    expect(line.stream.playing).toBeNull();
  });

  it("did not mean it: our piece goes on at once when the main thread says so", () => {
    const line = new Line();
    line.say(1, 100);
    line.run(1_000);
    line.speaking = true;
    line.run(200);
    line.order({ type: "resume" });
    line.order({ type: "resume" });
    line.run(3_000);
    expect(line.of("resumed")).toHaveLength(1);
    expect(line.of("paused")).toHaveLength(1);
    expect(line.heard).toEqual(frames(1, 0, 100));
  });
});

function plain(settings: {
  now(): number;
  send?(frame: string): void;
  emit?(event: StreamEvent): void;
}): MediaStream {
  return new MediaStream({
    stream: 1,
    expected: { token: "t", callId: "vc_1", carrierCallId: null, expiresAt: START, bargeIn: BARGE_IN },
    start: { type: "start", streamId: "MZ1", carrierCallId: "CA1", encoding: "pcmu" },
    protocol: PLAIN,
    send: () => {},
    emit: () => {},
    ...settings,
  });
}
