import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallerAudio } from "../../src/media/caller-audio.ts";
import { transcode } from "../../src/media/g711.ts";
import type { Encoding } from "../../src/media/protocol.ts";

const SILENT = 0xff;

/** A caller's side that notes each frame by its bytes: one number if they are all the same. */
function listener({ encoding = "pcmu", reorders = true }: { encoding?: Encoding; reorders?: boolean } = {}) {
  const out: (number | number[])[] = [];
  const audio = new CallerAudio(encoding, reorders, 0, (frame) => {
    expect(frame).toHaveLength(160);
    const kinds = [...new Set(frame)];
    out.push(kinds.length === 1 ? (kinds[0] ?? 0) : kinds);
  });
  const push = (
    now: number,
    byte: number,
    { chunk = null as number | null, timestampMs = null as number | null, length = 160 } = {},
  ) => audio.push({ type: "media", chunk, timestampMs, payload: Buffer.alloc(length, byte) }, now);
  return { out, audio, push, tick: (now: number) => audio.tick(now) };
}

/** Ticks from `from` up to `to`, both included. */
function ticks(tick: (now: number) => void, from: number, to: number): void {
  for (let now = from; now <= to; now += 20) tick(now);
}

describe("the caller's audio", () => {
  it("passes frame by frame", () => {
    const { out, push } = listener();
    push(0, 1, { chunk: 1 });
    push(20, 2, { chunk: 2 });
    expect(out).toEqual([1, 2]);
  });

  it("is PCMU, whatever the carrier sends", () => {
    const { out, push } = listener({ encoding: "pcma" });
    push(0, 0x2a, { chunk: 1 });
    expect(out).toEqual([transcode(Uint8Array.of(0x2a), "pcma", "pcmu")[0]]);
  });

  it("comes in frames of 20 ms, whatever length the carrier's have", () => {
    const { out, push } = listener();
    push(0, 1, { length: 240 });
    push(30, 2, { length: 240 });
    push(60, 3, { length: 80 });
    push(70, 4, { length: 80 });
    expect(out).toEqual([1, [1, 2], 2, [3, 4]]);
  });

  it("has silence in place of frames that never came", () => {
    const { out, push, tick } = listener();
    push(0, 1, { chunk: 1 });
    push(60, 4, { chunk: 4 });
    ticks(tick, 60, 100);
    expect(out).toEqual([1, SILENT, SILENT, 4]);
  });

  it("takes the silence's length from timestamps where frames are not numbered", () => {
    const { out, push } = listener();
    push(0, 1, { timestampMs: 500 });
    push(60, 2, { timestampMs: 560 });
    push(90, 3, { timestampMs: 590 });
    expect(out).toEqual([1, SILENT, SILENT, 2, [SILENT, 3]]);
  });

  it("does not believe timestamps that run ahead of the time", () => {
    const { out, push } = listener();
    for (let index = 0; index < 10; index++) push(index * 20, 1, { timestampMs: index * 160 });
    expect(out.length).toBeLessThanOrEqual(20);
    const backwards = listener();
    for (let index = 10; index > 0; index--) backwards.push(200 - index * 20, 1, { timestampMs: index * 20 });
    expect(backwards.out).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it("is filled with silence in real time once it stops, so that somebody notices the end of a sentence", () => {
    const { out, push, tick } = listener();
    push(0, 1, { chunk: 1 });
    ticks(tick, 20, 760);
    expect(out).toEqual([1]);
    ticks(tick, 770, 1_750);
    expect(out).toHaveLength(1 + 50);
    expect(new Set(out.slice(1))).toEqual(new Set([SILENT]));
  });

  it("is filled before it has begun, too", () => {
    const { out, tick } = listener();
    ticks(tick, 20, 1_000);
    expect(out).toHaveLength(12);
  });

  it("is not filled twice: what was filled in real time is not missing any more", () => {
    const { out, push, tick } = listener();
    push(0, 1, { chunk: 1 });
    ticks(tick, 20, 1_000);
    const filled = out.length - 1;
    push(1_000, 50, { chunk: 51 });
    ticks(tick, 1_000, 1_080);
    // 980 ms are missing, 240 of them were filled: the rest is padded.
    expect(filled).toBe(12);
    expect(out).toHaveLength(1 + 49 + 1);
  });

  it("is not padded for a jump that no caller was silent through", () => {
    const { out, push, tick } = listener();
    push(0, 1, { chunk: 1 });
    push(20, 2, { chunk: 5_000 });
    ticks(tick, 20, 100);
    expect(out).toEqual([1, 2]);
  });

  it("keeps up after a tick that came very late", () => {
    const { out, push, tick } = listener();
    push(0, 1, { chunk: 1 });
    tick(3_600_000);
    expect(out.length).toBeLessThanOrEqual(1 + 50);
    tick(3_600_020);
    expect(out.length).toBeLessThanOrEqual(1 + 51);
  });

  it("ignores frames without audio and frames that are none of a live call", () => {
    const { out, push, audio } = listener();
    push(0, 1, { chunk: 1 });
    push(500, 2, { chunk: 2, length: 0 });
    push(600, 3, { chunk: 2, length: 8_001 });
    expect(out).toEqual([1]);
    expect(audio.heardAt).toBe(0);
    push(700, 4, { chunk: 2 });
    expect(audio.heardAt).toBe(700);
  });

  it("cannot be more than time has passed, five seconds aside", () => {
    const { out, push } = listener();
    for (let chunk = 1; chunk <= 5_000; chunk++) push(1_000, 1, { chunk });
    expect(out).toHaveLength(300);
  });

  it("is all there, in order, after the network stood still", () => {
    const { out, push, tick } = listener();
    for (let chunk = 1; chunk <= 10; chunk++) push(chunk * 20, chunk, { chunk });
    ticks(tick, 220, 2_200);
    for (let chunk = 11; chunk <= 110; chunk++) push(2_210, chunk, { chunk });
    expect(out.filter((byte) => byte !== SILENT)).toEqual(
      Array.from({ length: 110 }, (_, index) => index + 1),
    );
  });

  it("never grows beyond the time, and goes on in real time, whatever arrives", () => {
    const arrival = fc.record({
      wait: fc.integer({ min: 0, max: 900 }),
      chunk: fc.option(fc.integer({ min: 0, max: 400 })),
      timestampMs: fc.option(fc.integer({ min: -1_000, max: 100_000 })),
      length: fc.constantFrom(0, 1, 80, 160, 161, 320, 7_999, 9_000),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 60 }), fc.boolean(), (arrivals, reorders) => {
        let frames = 0;
        let odd = 0;
        const audio = new CallerAudio("pcmu", reorders, 0, (frame) => {
          frames += 1;
          if (frame.length !== 160) odd += 1;
        });
        let now = 0;
        for (const { wait, length, ...media } of arrivals) {
          for (const until = now + wait; now < until; now += Math.min(20, until - now)) audio.tick(now);
          audio.push({ type: "media", ...media, payload: Buffer.alloc(length, 1) }, now);
          expect(frames * 20).toBeLessThanOrEqual(now + 5_020);
        }
        const before = frames;
        for (let tick = 0; tick < 200; tick++) audio.tick((now += 20));
        expect(frames - before).toBeGreaterThanOrEqual(200 - 750 / 20 - 1);
        expect(odd).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
