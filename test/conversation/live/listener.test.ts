import { describe, expect, it } from "vitest";
import type { VoiceCallError } from "../../../src/call/errors.ts";
import { Listener } from "../../../src/conversation/live/listener.ts";
import type { EarEvents } from "../../../src/conversation/live/speech.ts";
import { settled, virtualClock } from "../../support/clock.ts";
import { recordedLog } from "../../support/recorded-log.ts";
import { FakeEars, heardBy, type Manner } from "./fake-ears.ts";

const ROUTE = { language: "de-DE", ownNumber: "+15550001234" };

function bench({
  fallback = true,
  ...manners
}: { fallback?: boolean } & Record<string, Manner[] | boolean> = {}) {
  const clock = virtualClock();
  const log = recordedLog();
  const ears = new FakeEars();
  Object.assign(ears.manners, manners);
  const told: string[] = [];
  const errors: VoiceCallError[] = [];
  const listener = new Listener({
    callId: "vc_1",
    ears,
    route: ROUTE,
    clock,
    log,
    fallback,
    on: {
      ready: () => told.push("ready"),
      partial: (text) => told.push(`partial ${text}`),
      final: (text) => told.push(`final ${text}`),
      speechStart: () => told.push("speech"),
      lost: (error) => {
        told.push("lost");
        errors.push(error);
      },
    },
  });
  return { clock, log, ears, told, errors, listener };
}

/** 20 ms that can be told from others. */
const frame = (no: number): Uint8Array => new Uint8Array(160).fill(no % 256);
const frames = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => Array.from(frame(from + at))).flat();

async function started(world: ReturnType<typeof bench>) {
  world.listener.start();
  await settled();
  return world;
}

describe("a listener", () => {
  it("is ready once its provider is connected, and asks in the call's language", async () => {
    const { told, listener, ears } = await started(bench());
    expect(told).toEqual(["ready"]);
    expect(listener.isReady).toBe(true);
    expect(listener.provider).toBe("first");
    expect(ears.languages).toEqual(["de-DE"]);
  });

  it("hands on the audio from before it was connected, in order, then what follows", async () => {
    const { listener, ears, told } = bench({ first: ["never"] });
    listener.push(frame(1));
    listener.start();
    listener.push(frame(2));
    await settled();
    listener.push(frame(3));
    expect(told).toEqual([]);
    ears.last.connected();
    await settled();
    listener.push(frame(4));
    expect(heardBy(ears.last)).toEqual(frames(1, 4));
    expect(told).toEqual(["ready"]);
  });

  it("keeps at most 30 s for a provider that is not there, and says what it lost", async () => {
    const { listener, ears, log } = bench({ first: ["never"] });
    for (let no = 0; no < 1600; no++) listener.push(frame(no));
    await started({ listener } as ReturnType<typeof bench>);
    ears.last.connected();
    await settled();
    expect(heardBy(ears.last)).toEqual(frames(100, 1599));
    expect(
      log.lines.find(({ message }) => message.includes("lost while nobody listened"))?.fields,
    ).toMatchObject({
      lostMs: 2000,
    });
  });

  it("tells words and beginnings, but nothing that is blank", async () => {
    const { ears, told } = await started(bench());
    ears.last.on.speechStart();
    ears.last.on.partial(" ");
    ears.last.on.partial("Hello");
    ears.last.on.final("Hello.");
    ears.last.on.final("");
    expect(told).toEqual(["ready", "speech", "partial Hello", "final Hello."]);
  });

  it("asks a lost provider again at once and tells it the words that were under way", async () => {
    const { ears, listener, told, clock, log } = await started(bench());
    for (let no = 1; no <= 5; no++) listener.push(frame(no));
    ears.last.on.failed(new Error("gone"));
    listener.push(frame(6));
    await clock.advance(0);
    listener.push(frame(7));
    expect(ears.sessions.map(({ provider }) => provider)).toEqual(["first", "first"]);
    expect(heardBy(ears.last)).toEqual(frames(1, 7));
    expect(ears.sessions[0]?.closes).toBe(1);
    expect(told).toEqual(["ready"]);
    expect(log.lines.at(-2)?.fields).toMatchObject({
      fromProvider: "first",
      toProvider: "first",
      attempts: 1,
      reason: "Error",
    });
  });

  it("does not tell a new session what has become final words, but for the last moment", async () => {
    const { ears, listener, clock } = await started(bench());
    for (let no = 1; no <= 100; no++) listener.push(frame(no));
    ears.last.on.final("All of that.");
    listener.push(frame(101));
    ears.last.on.failed(new Error("gone"));
    await clock.advance(0);
    // 300 ms before the final, and what came after it.
    expect(heardBy(ears.last)).toEqual(frames(86, 101));
  });

  it("keeps the beginning of the next utterance when the final of the one before it comes late", async () => {
    const { ears, listener, clock } = await started(bench());
    const { on } = ears.last;
    on.speechStart();
    for (let no = 1; no <= 100; no++) listener.push(frame(no));
    on.speechStart();
    for (let no = 101; no <= 140; no++) listener.push(frame(no));
    on.final("The one before.");
    on.failed(new Error("gone"));
    await clock.advance(0);
    // Speech is noticed up to 500 ms after it began.
    expect(heardBy(ears.last)).toEqual(frames(76, 140));
  });

  it("drops whatever a session says that was given up", async () => {
    const { ears, told, clock } = await started(bench());
    const old = ears.last;
    old.on.failed(new Error("gone"));
    old.on.partial("late");
    old.on.final("late");
    old.on.speechStart();
    old.on.failed(new Error("again"));
    await clock.advance(0);
    old.on.final("later");
    old.on.failed(new Error("and again"));
    await clock.advance(5_000);
    expect(told).toEqual(["ready"]);
    expect(ears.sessions).toHaveLength(2);
  });

  it("turns to the next provider when a lost one cannot be reached again", async () => {
    const { ears, told, clock, log, listener } = await started(bench({ first: ["connects", "refuses"] }));
    listener.push(frame(1));
    ears.last.on.failed(new Error("gone"));
    await clock.advance(0);
    expect(ears.sessions.map(({ provider }) => provider)).toEqual(["first", "first", "second"]);
    expect(heardBy(ears.last)).toEqual(frames(1, 1));
    expect(told).toEqual(["ready"]);
    const moved = log.lines.find(({ message }) => message === "another transcription provider takes over");
    expect(moved).toMatchObject({
      level: "warn",
      fields: {
        callId: "vc_1",
        fromProvider: "first",
        toProvider: "second",
        attempts: 2,
        reason: "HTTP 503",
      },
    });
  });

  it.each<[Manner]>([["refuses"], ["never"], ["cannot-open"]])(
    "turns to the next provider when the first one %s",
    async (manner) => {
      const { ears, told, clock, listener } = await started(bench({ first: [manner] }));
      await clock.advance(4_000);
      expect(told).toEqual(["ready"]);
      expect(listener.provider).toBe("second");
      expect(ears.sessions.filter(({ closes }) => closes === 0)).toHaveLength(1);
    },
  );

  it("closes a session that is made too late", async () => {
    const { ears, clock, told } = await started(bench({ first: ["never"] }));
    const [slow] = ears.sessions;
    await clock.advance(4_000);
    slow?.connected();
    await settled();
    expect(slow?.closes).toBe(1);
    expect(told).toEqual(["ready"]);
  });

  it("comes back to the first provider when the second one fails too", async () => {
    const world = bench({ first: ["refuses", "connects"], second: ["refuses"] });
    await started(world);
    await world.clock.advance(250);
    expect(world.ears.sessions.map(({ provider }) => provider)).toEqual(["first", "second", "first"]);
    expect(world.told).toEqual(["ready"]);
  });

  it("stays with the first provider where another one must not take over", async () => {
    const { ears, told, clock, errors } = await started(bench({ fallback: false, first: ["refuses"] }));
    await clock.runAll();
    expect(new Set(ears.sessions.map(({ provider }) => provider))).toEqual(new Set(["first"]));
    expect(ears.sessions).toHaveLength(6);
    expect(told).toEqual(["lost"]);
    expect(errors[0]).toMatchObject({ code: "VC_LISTENING_FAILED", details: { detail: "HTTP 503" } });
  });

  it("waits longer and longer between its attempts, then says once that nobody is left", async () => {
    const { ears, told, clock, errors } = await started(
      bench({ first: ["refuses"], second: ["cannot-open"] }),
    );
    const counts = [];
    for (const ms of [0, 249, 1, 999, 1]) {
      await clock.advance(ms);
      counts.push(ears.languages.length);
    }
    expect(counts).toEqual([2, 2, 4, 4, 6]);
    await clock.runAll();
    expect(told).toEqual(["lost"]);
    expect(errors).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it("gives up after 15 s without anybody who listens, whatever they promise", async () => {
    const { told, clock, listener } = await started(bench({ first: ["never"], second: ["never"] }));
    await clock.advance(14_999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(["lost"]);
    expect(listener.isReady).toBe(false);
    await clock.runAll();
    expect(told).toEqual(["lost"]);
  });

  it("gives up a provider that connects and fails, over and over", async () => {
    const { ears, told, clock } = await started(bench({ fallback: false }));
    for (let round = 0; round < 10 && !told.includes("lost"); round++) {
      ears.last.on.failed(new Error("gone"));
      await clock.advance(5_000);
    }
    expect(told).toEqual(["ready", "lost"]);
    expect(ears.sessions).toHaveLength(6);
  });

  it("forgives failures that lie between words", async () => {
    const { ears, told, clock } = await started(bench({ fallback: false }));
    for (let round = 0; round < 20; round++) {
      ears.last.on.final(`${round}`);
      ears.last.on.failed(new Error("gone"));
      await clock.advance(5_000);
    }
    expect(told.filter((one) => one.startsWith("final"))).toHaveLength(20);
    expect(told).not.toContain("lost");
  });

  it.each([
    ["none is configured", [], "no provider is configured"],
    ["they are not known", new Error("HTTP 500"), "HTTP 500"],
  ])("says that nobody can listen when %s", async (_, list, detail) => {
    const world = bench();
    world.ears.list = list;
    await started(world);
    expect(world.told).toEqual(["lost"]);
    expect(world.errors[0]?.details).toEqual({ detail });
  });

  it("survives a session that throws when it is sent audio", async () => {
    const { listener, told, clock, ears } = bench({ first: ["throws-on-send", "connects"] });
    listener.push(frame(1));
    listener.start();
    await settled();
    await clock.advance(250);
    expect(heardBy(ears.last)).toEqual(frames(1, 1));
    expect(told).toEqual(["ready"]);
  });

  it("starts once, however often it is told to", async () => {
    const { ears, listener, told } = await started(bench());
    listener.start();
    await settled();
    expect(ears.sessions).toHaveLength(1);
    expect(told).toEqual(["ready"]);
  });

  it.each(["before it starts", "while it connects", "while it listens", "while it waits"])(
    "leaves nothing behind when it is closed %s",
    async (when) => {
      const world = bench({ first: [when === "while it listens" ? "connects" : "never"], fallback: false });
      const { listener, ears, told, clock } = world;
      if (when !== "before it starts") await started(world);
      if (when === "while it waits") await clock.advance(4_001);
      const before = [...told];
      listener.close();
      listener.close();
      listener.start();
      listener.push(frame(1));
      for (const session of ears.sessions) {
        session.connected();
        session.on.final("late");
        session.on.failed(new Error("late"));
      }
      await clock.runAll();
      expect(told).toEqual(before);
      expect(clock.pending).toBe(0);
      expect(ears.sessions.every(({ closes }) => closes === 1)).toBe(true);
    },
  );

  it("does not trust a provider that hears nothing of what the caller says, and tells the next one", async () => {
    const { listener, ears, clock, told, log } = await started(bench());
    listener.voice(true);
    listener.push(frame(1));
    await clock.advance(1_500);
    listener.voice(false);
    await clock.advance(5_999);
    expect(ears.sessions).toHaveLength(1);
    await clock.advance(1);
    expect(ears.sessions).toHaveLength(2);
    expect(heardBy(ears.last)).toEqual(frames(1, 1));
    expect(log.lines.find(({ level }) => level === "warn")?.fields).toMatchObject({
      reason: "hears nothing",
    });
    ears.last.on.final("Hello?");
    expect(told).toEqual(["ready", "final Hello?"]);
  });

  it.each([
    ["words", (on: EarEvents) => on.partial("Hello")],
    ["the beginning of words", (on: EarEvents) => on.speechStart()],
    ["a final without words", (on: EarEvents) => on.final("")],
  ])("trusts a provider that heard %s", async (_, sign) => {
    const { listener, ears, clock } = await started(bench());
    for (let round = 0; round < 5; round++) {
      listener.voice(true);
      await clock.advance(1_500);
      listener.voice(false);
      await clock.advance(5_000);
      sign(ears.last.on);
    }
    await clock.advance(60_000);
    expect(ears.sessions).toHaveLength(1);
  });

  it("does not take short noises for words that were missed, and gets used to long ones", async () => {
    const { listener, ears, clock, told } = await started(bench({ fallback: false }));
    listener.voice(true);
    await clock.advance(1_499);
    listener.voice(false);
    await clock.advance(60_000);
    expect(ears.sessions).toHaveLength(1);
    for (let round = 0; round < 20; round++) {
      listener.voice(true);
      await clock.advance(3_000);
      listener.voice(false);
      await clock.advance(10_000);
    }
    expect(ears.sessions).toHaveLength(3);
    expect(told).toEqual(["ready"]);
    listener.close();
    expect(clock.pending).toBe(0);
  });

  it("holds no words and no audio in its log", async () => {
    const { ears, log, clock, listener } = await started(bench());
    ears.last.on.final("my secret is 1234");
    listener.push(frame(1));
    ears.last.on.failed(new Error("cannot say: my secret is 1234"));
    await clock.runAll();
    expect(JSON.stringify(log.lines)).not.toContain("secret");
  });
});
