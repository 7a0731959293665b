import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Listener } from "../../../src/conversation/live/listener.ts";
import type { EarEvents, Ears, EarSession } from "../../../src/conversation/live/speech.ts";
import { settled, virtualClock, type VirtualClock } from "../../support/clock.ts";
import { recordedLog } from "../../support/recorded-log.ts";

/**
 * A caller who says numbered words, and providers that come and go. Whatever they do: as long as one of them listens in the
 * end, every word is reported, in order, and none twice.
 */

const FRAME_MS = 20;
const QUIET = 0xff;
/** Silence after which a provider takes an utterance as over. */
const ENDPOINT_FRAMES = 25;
/** A caller speaks for 200 ms, then says nothing for 800 ms: the next word may begin before the last one is reported. */
const WORD_FRAMES = 10;
const PERIOD_FRAMES = 50;

interface Life {
  /** `refuses`, `never`: it cannot be connected to. */
  readonly way: "lives" | "refuses" | "never";
  /** Real time until it is connected. */
  readonly connectMs: number;
  /** Real time that it lives; it has heard everything that was kept by then. */
  readonly livesMs: number;
  /** From the end of an utterance to its words. */
  readonly tailMs: number;
}

/** Hears words by the number that their frames are filled with. */
class Provider implements EarSession {
  readonly #clock: VirtualClock;
  readonly #life: Life;
  readonly #on: EarEvents;
  #word = QUIET;
  #quiet = 0;
  #isOver = false;

  constructor(clock: VirtualClock, life: Life, on: EarEvents) {
    this.#clock = clock;
    this.#life = life;
    this.#on = on;
  }

  async connect(): Promise<void> {
    const { way, connectMs, livesMs } = this.#life;
    await this.#wait(way === "never" ? 1_000_000 : connectMs);
    if (way === "refuses") throw new Error("HTTP 503");
    void this.#wait(livesMs).then(() => this.#die());
  }

  send(audio: Uint8Array): void {
    for (let at = 0; at < audio.length; at += 160) this.#frame(audio[at] ?? QUIET);
  }

  close(): void {
    this.#isOver = true;
  }

  #frame(value: number): void {
    if (value !== QUIET) {
      if (this.#word !== value) this.#on.speechStart();
      this.#word = value;
      this.#quiet = 0;
      return;
    }
    this.#quiet++;
    if (this.#word === QUIET || this.#quiet < ENDPOINT_FRAMES) return;
    const text = `word ${this.#word}`;
    this.#word = QUIET;
    this.#on.partial(text);
    void this.#tell(text);
  }

  async #tell(text: string): Promise<void> {
    await this.#wait(this.#life.tailMs);
    if (!this.#isOver) this.#on.final(text);
  }

  #die(): void {
    if (!this.#isOver) this.#on.failed(new Error("gone"));
    this.#isOver = true;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.at(this.#clock.now() + ms, resolve);
    });
  }
}

const life: fc.Arbitrary<Life> = fc.record({
  way: fc.oneof({ weight: 4, arbitrary: fc.constant("lives" as const) }, fc.constantFrom("refuses", "never")),
  connectMs: fc.integer({ min: 0, max: 900 }),
  livesMs: fc.integer({ min: 4_000, max: 20_000 }),
  tailMs: fc.integer({ min: 0, max: 1_250 }),
});
const LONG: Life = { way: "lives", connectMs: 50, livesMs: 10_000_000, tailMs: 100 };

it("reports every word once, in order, whatever the providers do, while one of them listens in the end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(life, { maxLength: 5 }),
      fc.integer({ min: 1, max: 20 }),
      async (lives, words) => {
        const clock = virtualClock();
        const queue = [...lives];
        const ears: Ears = {
          providers: () => Promise.resolve(["first", "second"]),
          open: (_, __, on) => Promise.resolve(new Provider(clock, queue.shift() ?? LONG, on)),
        };
        const finals: string[] = [];
        let readies = 0;
        let losses = 0;
        const listener = new Listener({
          callId: "vc_1",
          ears,
          route: { language: "en-US", ownNumber: "" },
          clock,
          log: recordedLog(),
          fallback: true,
          on: {
            ready: () => readies++,
            partial: () => undefined,
            final: (text) => finals.push(text),
            speechStart: () => undefined,
            lost: () => losses++,
          },
        });
        listener.start();
        await settled();
        const total = words * PERIOD_FRAMES + 1_200;
        for (let no = 0; no < total; no++) {
          const word = Math.floor(no / PERIOD_FRAMES);
          const isSpoken = word < words && no % PERIOD_FRAMES < WORD_FRAMES;
          listener.push(new Uint8Array(160).fill(isSpoken ? word : QUIET));
          await clock.advance(FRAME_MS);
        }
        listener.close();
        await clock.runAll();

        expect(readies).toBeLessThanOrEqual(1);
        expect(losses).toBeLessThanOrEqual(1);
        const all = Array.from({ length: words }, (_, word) => `word ${word}`);
        // A caller who was given up is not heard to the end.
        expect(finals).toEqual(losses === 0 ? all : all.slice(0, finals.length));
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);
