import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Speaker } from "../../../src/conversation/live/speaker.ts";
import type { SpeakOrder, SpokenAudio, Voices } from "../../../src/conversation/live/speech.ts";
import { virtualClock, type VirtualClock } from "../../support/clock.ts";
import { recordedLog } from "../../support/recorded-log.ts";

/** How one request to a voice goes. Milliseconds. */
interface Manner {
  readonly firstMs: number;
  readonly chunks: number;
  readonly betweenMs: number;
  readonly end: "ends" | "fails" | "hangs";
}

type Act =
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "prepare"; readonly text: string }
  | { readonly kind: "drop" }
  | { readonly kind: "wait"; readonly ms: number };

/** Speaks as told, a byte at a time; knows how many requests are under way. */
class ToldVoices implements Voices {
  underWay = 0;
  most = 0;
  readonly #clock: VirtualClock;
  readonly #manners: readonly Manner[];
  #count = 0;

  constructor(clock: VirtualClock, manners: readonly Manner[]) {
    this.#clock = clock;
    this.#manners = manners;
  }

  providers(): Promise<readonly string[]> {
    return Promise.resolve(["first", "second"]);
  }

  async speak(order: SpeakOrder, signal: AbortSignal): Promise<SpokenAudio> {
    const manner = this.#manners[this.#count++ % this.#manners.length];
    if (manner === undefined) throw new Error("no manner");
    this.underWay++;
    this.most = Math.max(this.most, this.underWay);
    signal.addEventListener("abort", () => this.underWay--, { once: true });
    await this.#wait(manner.firstMs);
    return { format: { encoding: "pcmu" }, chunks: this.#chunks(order.text, manner) };
  }

  async *#chunks(text: string, { chunks, betweenMs, end }: Manner): AsyncGenerator<Uint8Array> {
    for (let no = 0; no < chunks; no++) {
      yield new TextEncoder().encode(text);
      await this.#wait(betweenMs);
    }
    if (end === "fails") throw new Error("HTTP 500");
    if (end === "hangs") await this.#wait(10_000_000);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.at(this.#clock.now() + ms, resolve);
    });
  }
}

/** Stands on the line where all was dropped. */
const DROP = -1;
const WHOLE = /^(?:begin(?: audio)+ end|(?:begin(?: audio)+ end )?failed)$/;
const CUT = /^(?:begin(?: audio)*(?: end)?(?: failed)?|failed)?$/;
const TEXTS = ["a", "b", "c", "welcome"];
const manner: fc.Arbitrary<Manner> = fc.record({
  firstMs: fc.integer({ min: 0, max: 10_000 }),
  chunks: fc.integer({ min: 0, max: 4 }),
  betweenMs: fc.integer({ min: 0, max: 6_000 }),
  end: fc.oneof({ weight: 3, arbitrary: fc.constant("ends" as const) }, fc.constantFrom("fails", "hangs")),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("say" as const), text: fc.constantFrom(...TEXTS) }) },
  fc.record({ kind: fc.constant("prepare" as const), text: fc.constantFrom(...TEXTS) }),
  fc.record({ kind: fc.constant("drop" as const) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(20_000) }) },
);

it("brings every piece that was not dropped to one end, in order, whatever the voices do", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { maxLength: 25 }),
      fc.array(manner, { minLength: 1, maxLength: 6 }),
      async (acts, manners) => {
        const clock = virtualClock();
        const voices = new ToldVoices(clock, manners);
        const line: { readonly what: "begin" | "audio" | "end" | "failed"; readonly piece: number }[] = [];
        const note = (what: "begin" | "audio" | "end" | "failed") => (piece: number) =>
          void line.push({ what, piece });
        const timed: number[] = [];
        const speaker = new Speaker({
          callId: "vc_1",
          voices,
          route: { language: "en-US", ownNumber: "" },
          clock,
          log: recordedLog(),
          fallback: true,
          out: {
            begin: note("begin"),
            end: note("end"),
            audio: (piece, _, bytes) => {
              note("audio")(piece);
              expect(new TextDecoder().decode(bytes)).toBe(said[piece]);
            },
          },
          failed: note("failed"),
          timed: (piece, { requestedAt, firstByteAt, doneAt }) => {
            timed.push(piece);
            expect(firstByteAt).toBeGreaterThanOrEqual(requestedAt);
            expect(doneAt ?? firstByteAt).toBeGreaterThanOrEqual(firstByteAt);
          },
        });
        const said: string[] = [];
        /** Pieces before this one may have been dropped; what they still had to say is not heard of. */
        let droppedAt = 0;
        for (const one of acts) {
          if (one.kind === "wait") await clock.advance(one.ms);
          else if (one.kind === "prepare") speaker.prepare(one.text);
          else if (one.kind === "say") speaker.say(said.push(one.text) - 1, one.text, "to-speech");
          else {
            speaker.drop();
            droppedAt = said.length;
            line.push({ what: "end", piece: DROP });
          }
        }
        await clock.runAll();

        const since = line.slice(line.findLastIndex(({ piece }) => piece === DROP) + 1);
        expect(since.every(({ piece }) => piece >= droppedAt)).toBe(true);
        const order = line.filter(({ piece }) => piece >= 0).map(({ piece }) => piece);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        for (let piece = 0; piece < said.length; piece++) {
          const own = line.filter((one) => one.piece === piece).map(({ what }) => what);
          const story = own.join(" ");
          expect(story).toMatch(piece >= droppedAt ? WHOLE : CUT);
        }
        // Beside what is in hand only what is being prepared.
        expect(voices.most).toBeLessThanOrEqual(3 + TEXTS.length);
        expect(voices.underWay).toBe(0);
        speaker.close();
        expect(clock.pending).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);
