import { describe, expect, it } from "vitest";
import { transcode } from "../../src/media/g711.ts";
import { MOST_AHEAD_MS } from "../../src/media/pace.ts";
import { frames, labelled, labelOf, Line, START } from "./line.ts";
import { PLAIN } from "./virtual-carrier.ts";

const KEYS = { ...PLAIN, key: (_: unknown, digit: string) => `D${digit}` };

/** Times between the arrivals of audio frames at the carrier, from `from` on. */
function intervals(line: Line, from = 0): number[] {
  const times = line.carrier.arrived
    .filter(({ at, frame }) => at >= from && frame.startsWith("M"))
    .map(({ at }) => at);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

describe("playing", () => {
  it("sends silence every 20 ms while there is nothing to say, with nothing ahead", () => {
    const line = new Line();
    line.run(10_000);
    expect(new Set(intervals(line))).toEqual(new Set([20]));
    expect(line.carrier.mostQueuedMs).toBe(20);
    expect(line.carrier.heard.every(({ payload }) => payload.every((byte) => byte === 0xff))).toBe(true);
  });

  it("begins with the audio, not with the next tick", () => {
    const line = new Line();
    line.run(1_007);
    line.order({ type: "piece", piece: 1, yields: "to-speech" });
    line.audio(1, 0, 10);
    expect(line.of("piece-started")).toMatchObject([
      { piece: 1, at: START + 1_007, readyAt: START + 1_007, trimmedMs: 0 },
    ]);
    line.run(0);
    expect(
      line.carrier.arrived.filter(({ at, frame }) => at === 1_007 && frame.startsWith("M")),
    ).toHaveLength(2);
  });

  it("plays a piece whole, in real time, one frame a tick", () => {
    const line = new Line();
    line.run(1_003);
    line.say(1, 500);
    line.run(11_500);
    expect(line.heard).toEqual(frames(1, 0, 500));
    expect(line.carrier.mostQueuedMs).toBeLessThanOrEqual(MOST_AHEAD_MS);
    expect(new Set(intervals(line, 1_021).slice(0, 480))).toEqual(new Set([20]));
    const [played] = line.of("piece-played");
    // 10 s from where it began, behind the silence that was playing.
    expect(played?.on0).toBe(1_020 + 10_000);
  });

  it("plays pieces one after the other without a hole", () => {
    const line = new Line();
    line.run(100);
    line.say(1, 30);
    line.say(2, 30);
    line.run(2_000);
    expect(line.heard).toEqual([...frames(1, 0, 30), ...frames(2, 0, 30)]);
    const ours = line.carrier.heard.filter(({ payload }) => labelOf(payload) !== null);
    expect(ours.every(({ at }, index) => at === (ours[0]?.at ?? 0) + index * 20)).toBe(true);
    expect(line.events.map(({ type }) => type)).toEqual([
      "stream-started",
      "piece-started",
      "piece-started",
      "piece-played",
      "piece-played",
    ]);
  });

  it("tells that a piece was heard when its mark comes back, not when it was sent", () => {
    const line = new Line({ way: { outMs: 150, backMs: 150 } });
    line.run(1_000);
    line.say(1, 2);
    line.run(200);
    expect(line.of("piece-played")).toEqual([]);
    line.run(500);
    expect(line.of("piece-played")).toMatchObject([{ piece: 1 }]);
    expect(line.of("piece-played")[0]?.on0).toBeGreaterThanOrEqual(1_000 + 40 + 300);
  });

  it("goes on through a piece whose audio comes late, with silence where it lacks", () => {
    const line = new Line();
    line.run(100);
    line.order({ type: "piece", piece: 1, yields: "to-speech" });
    line.audio(1, 0, 10);
    line.run(1_000);
    line.audio(1, 10, 20);
    line.order({ type: "piece-end", piece: 1 });
    line.run(1_000);
    expect(line.heard).toEqual(frames(1, 0, 20));
    expect(Math.max(...intervals(line, 400))).toBeLessThanOrEqual(120);
    expect(line.of("piece-played")).toHaveLength(1);
  });

  it("joins audio that was cut anywhere", () => {
    const line = new Line();
    line.order({ type: "piece", piece: 1, yields: "never" });
    const bytes = Buffer.concat([labelled(1, 0), labelled(1, 1), labelled(1, 2)]);
    for (const [from, to] of [
      [0, 1],
      [1, 200],
      [200, 200],
      [200, 480],
    ] as const)
      line.order({
        type: "piece-audio",
        piece: 1,
        format: { encoding: "pcmu" },
        bytes: bytes.subarray(from, to),
      });
    line.order({ type: "piece-end", piece: 1 });
    line.run(500);
    expect(line.heard).toEqual(frames(1, 0, 3));
  });

  it("tells in its turn that an empty piece has failed, and never that it started", () => {
    const line = new Line();
    line.run(100);
    line.say(1, 20);
    line.say(2, 0);
    line.say(3, 20);
    line.run(2_000);
    expect(
      line.events.slice(1).map((event) => `${event.type} ${"piece" in event ? event.piece : ""}`),
    ).toEqual(["piece-started 1", "piece-started 3", "piece-played 1", "piece-failed 2", "piece-played 3"]);
  });

  it("tells that a piece in no format there is has failed", () => {
    const line = new Line();
    line.order({ type: "piece", piece: 1, yields: "to-speech" });
    const bytes = new TextEncoder().encode("OggS, and then more of it.");
    line.order({ type: "piece-audio", piece: 1, format: { encoding: "pcm16", rate: 24_000 }, bytes });
    line.order({ type: "piece-end", piece: 1 });
    line.run(500);
    expect(line.of("piece-failed")).toMatchObject([{ piece: 1, reason: "format" }]);
  });

  it("waits for the end of a piece before the next", () => {
    const line = new Line();
    line.order({ type: "piece", piece: 1, yields: "never" });
    line.audio(1, 0, 10);
    line.say(2, 10);
    line.run(1_000);
    expect(line.heard).toEqual(frames(1, 0, 10));
    line.order({ type: "piece-end", piece: 1 });
    line.run(1_000);
    expect(line.heard).toEqual([...frames(1, 0, 10), ...frames(2, 0, 10)]);
  });

  it("drops commands for pieces that are over, that never were, and that begin twice", () => {
    const line = new Line();
    line.say(5, 10);
    line.run(1_000);
    line.order({ type: "piece", piece: 5, yields: "never" });
    line.order({ type: "piece", piece: 4, yields: "never" });
    line.audio(5, 0, 10);
    line.audio(9, 0, 10);
    line.order({ type: "piece-end", piece: 5 });
    line.order({ type: "piece-end", piece: 9 });
    line.say(6, 10);
    line.run(1_000);
    expect(line.heard).toEqual([...frames(5, 0, 10), ...frames(6, 0, 10)]);
    expect(line.of("piece-played").map(({ piece }) => piece)).toEqual([5, 6]);
  });

  it("catches up after late ticks without a hole that the look-ahead could cover", () => {
    const line = new Line({ late: [0, 0, 80, 0, 0, 0, 0, 12, 3, 0] });
    line.run(100);
    line.say(1, 300);
    line.run(7_000);
    const ours = line.carrier.heard.filter(({ payload }) => labelOf(payload) !== null);
    expect(ours.every(({ at }, index) => at === (ours[0]?.at ?? 0) + index * 20)).toBe(true);
    expect(line.carrier.mostQueuedMs).toBeLessThanOrEqual(MOST_AHEAD_MS);
  });

  it("does not hang on marks that never come", () => {
    const line = new Line({ way: { mark: () => [] } });
    line.run(100);
    line.say(1, 10);
    line.say(2, 10);
    line.run(1_900);
    expect(line.of("piece-played").map(({ piece }) => piece)).toEqual([1, 2]);
    // A second after they should have been.
    expect(line.of("piece-played")[1]?.on0).toBeLessThanOrEqual(100 + 20 + 400 + 1_000 + 20);
  });

  it("speaks A-law on an A-law line", () => {
    const line = new Line({ encoding: "pcma" });
    line.run(100);
    line.say(1, 10);
    line.run(1_000);
    const [quiet, ...rest] = line.carrier.heard;
    expect(quiet?.payload.every((byte) => byte === 0xd5)).toBe(true);
    const loud = rest.filter(({ payload }) => payload[30] !== 0xd5);
    const same = transcode(labelled(1, 0), "pcmu", "pcma");
    expect(loud).toHaveLength(10);
    for (const { payload } of loud) expect(payload.subarray(20)).toEqual(Buffer.from(same.subarray(20)));
  });

  it("converts what a provider sends", () => {
    const line = new Line();
    line.order({ type: "piece", piece: 1, yields: "never" });
    const samples = Int16Array.from(
      { length: 24_000 },
      (_, at) => 12_000 * Math.sin((2 * Math.PI * 440 * at) / 24_000),
    );
    const format = { encoding: "pcm16", rate: 24_000 } as const;
    line.order({ type: "piece-audio", piece: 1, format, bytes: new Uint8Array(samples.buffer) });
    line.order({ type: "piece-end", piece: 1 });
    line.run(1_500);
    const loud = line.carrier.heard.filter(({ payload }) => payload.some((byte) => (byte & 0x7f) < 0x30));
    expect(loud.length).toBeGreaterThanOrEqual(50);
    expect(loud.length).toBeLessThanOrEqual(51);
  });
});

describe("stopping", () => {
  it("clears at once, and says what was heard of the piece that was cut", () => {
    const line = new Line();
    line.run(100);
    line.say(1, 100);
    line.say(2, 100);
    line.run(1_230);
    const before = line.carrier.clears;
    line.order({ type: "stop" });
    line.run(0);
    expect(line.carrier.clears).toBe(before + 1);
    expect(line.of("stopped")).toMatchObject([
      { by: "order", cut: { piece: 1, playedMs: 1_200, knownMs: 2_000, whole: true } },
    ]);
    line.run(3_000);
    expect(line.heard).toHaveLength(61);
    expect(line.of("piece-played")).toEqual([]);
    expect(line.of("piece-started")).toHaveLength(1);
  });

  it("knows what of a piece is still to come", () => {
    const line = new Line();
    line.order({ type: "piece", piece: 1, yields: "never" });
    line.audio(1, 0, 10);
    line.run(150);
    line.order({ type: "stop" });
    expect(line.of("stopped")).toMatchObject([{ cut: { piece: 1, knownMs: 200, whole: false } }]);
  });

  it("is answered when nothing plays", () => {
    const line = new Line();
    line.run(2_000);
    line.order({ type: "stop" });
    line.order({ type: "piece", piece: 1, yields: "never" });
    line.order({ type: "stop" });
    expect(line.of("stopped").map(({ cut }) => cut)).toEqual([null, null]);
    line.run(100);
    expect(line.carrier.clears).toBe(0);
    line.say(2, 5);
    line.run(1_000);
    expect(line.heard).toEqual(frames(2, 0, 5));
  });

  it("takes a piece that only lacks its mark for played", () => {
    const line = new Line({ way: { mark: () => [] } });
    line.say(1, 10);
    line.say(2, 10);
    line.run(300);
    line.order({ type: "stop" });
    expect(line.events.slice(-2)).toMatchObject([
      { type: "piece-played", piece: 1 },
      { type: "stopped", cut: { piece: 2 } },
    ]);
  });

  it("drops the audio that still comes for what was stopped", () => {
    const line = new Line();
    line.order({ type: "piece", piece: 1, yields: "never" });
    line.audio(1, 0, 10);
    line.run(40);
    line.order({ type: "stop" });
    line.run(40);
    const { length } = line.heard;
    line.audio(1, 10, 50);
    line.order({ type: "piece-end", piece: 1 });
    line.run(1_000);
    expect(line.heard).toHaveLength(length);
    expect(line.of("piece-played")).toEqual([]);
  });
});

describe("keys", () => {
  it("go out as tones where there is no frame for them, after what is queued", () => {
    const line = new Line();
    line.say(1, 10);
    line.order({ type: "keys", digits: "1w2" });
    line.say(2, 10);
    line.run(100);
    expect(line.of("keys-sent")).toEqual([]);
    line.run(2_500);
    const kinds = line.carrier.heard
      .map(({ payload }) =>
        labelOf(payload) !== null ? "words" : payload.some((byte) => byte !== 0xff) ? "tone" : "silence",
      )
      .filter((kind, at, all) => kind !== all[at - 1]);
    expect(kinds).toEqual(["words", "tone", "silence", "tone", "silence", "words", "silence"]);
    expect(line.events.map(({ type }) => type)).toEqual([
      "stream-started",
      "piece-started",
      "piece-played",
      "piece-started",
      "keys-sent",
      "piece-played",
    ]);
    expect(line.of("keys-sent")[0]?.on0).toBe(200 + 200 + 500 + 200);
  });

  it("go out one by one where there is a frame for them, once what is queued was heard", () => {
    const line = new Line({ protocol: KEYS });
    line.say(1, 10);
    line.order({ type: "keys", digits: "12w#" });
    line.say(2, 10);
    line.run(190);
    expect(line.carrier.keys).toEqual([]);
    line.run(3_000);
    expect(line.carrier.keys).toEqual(["1", "2", "#"]);
    const times = line.carrier.arrived.filter(({ frame }) => frame.startsWith("D")).map(({ at }) => at);
    expect(times).toEqual([220, 480, 1_240]);
    expect(line.heard).toEqual([...frames(1, 0, 10), ...frames(2, 0, 10)]);
    expect(line.of("keys-sent")).toHaveLength(1);
  });

  it("leave out what is no key, and are sent when nothing is left", () => {
    for (const protocol of [PLAIN, KEYS]) {
      const line = new Line({ protocol });
      line.order({ type: "keys", digits: "x? é" });
      line.run(500);
      expect(line.of("keys-sent")).toHaveLength(1);
      expect(line.carrier.keys).toEqual([]);
    }
  });

  it("are not pressed twice by a pause of the words before them", () => {
    const line = new Line();
    line.say(1, 10);
    line.order({ type: "keys", digits: "5" });
    line.run(150);
    line.speaking = true;
    line.run(200);
    line.speaking = false;
    line.run(4_000);
    const tones = line.carrier.heard.filter(
      ({ payload }) => labelOf(payload) === null && payload.some((byte) => byte !== 0xff),
    );
    expect(tones).toHaveLength(5);
    expect(line.of("keys-sent")).toHaveLength(1);
  });

  it("are dropped by a stop", () => {
    for (const protocol of [PLAIN, KEYS]) {
      const line = new Line({ protocol });
      line.say(1, 100);
      line.order({ type: "keys", digits: "123" });
      line.run(200);
      line.order({ type: "stop" });
      line.run(3_000);
      expect([line.carrier.keys, line.of("keys-sent")]).toEqual([[], []]);
    }
  });
});

describe("too much", () => {
  it("that waits ends the stream: pieces", () => {
    const line = new Line();
    for (let piece = 1; piece <= 256; piece++) line.order({ type: "piece", piece, yields: "never" });
    expect(line.stream.live).toBe(true);
    line.order({ type: "keys", digits: "1" });
    expect(line.of("stream-lost")).toMatchObject([{ reason: "congested" }]);
  });

  it("that waits ends the stream: bytes", () => {
    const line = new Line();
    const megabyte = new Uint8Array(1024 * 1024);
    line.order({ type: "piece", piece: 1, yields: "never" });
    line.order({ type: "piece", piece: 2, yields: "never" });
    for (let at = 0; at < 20; at++) {
      const format = { encoding: "pcm16", rate: 24_000 } as const;
      line.order({ type: "piece-audio", piece: 1 + (at % 2), format, bytes: megabyte });
    }
    expect(line.of("stream-lost")).toMatchObject([{ reason: "congested" }]);
  });
});
