import type { BargeIn, StreamEvent, Yields } from "../../src/media/commands.ts";
import { SILENCE } from "../../src/media/g711.ts";
import type { Encoding, MediaFact, MediaProtocol } from "../../src/media/protocol.ts";
import { MediaStream, type StreamOrder } from "../../src/media/stream.ts";
import { PLAIN, STRAIGHT, VirtualCarrier, type Way } from "./virtual-carrier.ts";

export const BARGE_IN: BargeIn = { pauseMs: 120, commitMs: 500, resumeMs: 2000 };
/** Epoch milliseconds at which every line begins. */
export const START = 1_800_000_000_000;
const STREAM = 7;

export interface LineSettings {
  readonly way?: Partial<Way>;
  readonly bargeIn?: BargeIn;
  readonly protocol?: MediaProtocol;
  readonly encoding?: Encoding | null;
  /** How late each tick is, one after the other; then 0. */
  readonly late?: readonly number[];
}

type OrderOf<T> = T extends unknown ? Omit<T, "stream"> : never;

/** A stream between a carrier, a caller and the main thread, in virtual time that starts at 0. */
export class Line {
  now = 0;
  readonly events: (StreamEvent & { readonly on0: number })[] = [];
  readonly carrier: VirtualCarrier;
  readonly stream: MediaStream;
  /** The caller sends audio, and is speaking. */
  sending = true;
  speaking = false;
  /** Everything that `takeHeard` gave at the ticks. */
  readonly taken: Uint8Array[] = [];
  readonly #agenda: { readonly at: number; readonly fn: () => void }[] = [];
  readonly #late: readonly number[];
  #ticks = 0;
  #chunk = 1;
  #spoken = 0;

  constructor({
    way,
    bargeIn = BARGE_IN,
    protocol = PLAIN,
    encoding = "pcmu",
    late = [],
  }: LineSettings = {}) {
    this.#late = late;
    this.carrier = new VirtualCarrier({ ...STRAIGHT, ...way }, this, (name) =>
      this.stream.frame({ type: "mark", name }),
    );
    this.stream = new MediaStream({
      stream: STREAM,
      expected: { token: "token-1", callId: "vc_1", carrierCallId: null, expiresAt: START + 60_000, bargeIn },
      start: { type: "start", streamId: "MZ1", carrierCallId: "CA1", encoding },
      protocol,
      send: (frame) => this.carrier.send(frame),
      emit: (event) => this.events.push({ ...event, on0: this.now }),
      now: () => START + this.now,
    });
    this.at(0, () => this.#speak());
    this.at(this.#late[0] ?? 0, () => this.#tick());
  }

  at(time: number, fn: () => void): void {
    const entry = { at: Math.max(time, this.now), fn };
    const place = this.#agenda.findIndex(({ at }) => at > entry.at);
    this.#agenda.splice(place < 0 ? this.#agenda.length : place, 0, entry);
  }

  /** `ms` pass. */
  run(ms: number): void {
    const until = this.now + ms;
    for (let next = this.#agenda[0]; next !== undefined && next.at <= until; next = this.#agenda[0]) {
      this.#agenda.shift();
      this.now = next.at;
      next.fn();
    }
    this.now = until;
  }

  order(order: OrderOf<StreamOrder>): void {
    this.stream.command({ ...order, stream: STREAM });
  }

  frame(fact: MediaFact): void {
    this.stream.frame(fact);
  }

  /** A piece of `frames` frames, all of it at once. */
  say(piece: number, frames: number, yields: Yields = "to-speech"): void {
    this.order({ type: "piece", piece, yields });
    this.audio(piece, 0, frames);
    this.order({ type: "piece-end", piece });
  }

  /** Frames `from` up to `to` of a piece. */
  audio(piece: number, from: number, to: number): void {
    const bytes = new Uint8Array((to - from) * 160);
    for (let index = from; index < to; index++) bytes.set(labelled(piece, index), (index - from) * 160);
    this.order({ type: "piece-audio", piece, format: { encoding: "pcmu" }, bytes });
  }

  /** What the caller has heard by now of our pieces: `piece/frame`, in order. */
  get heard(): readonly string[] {
    return this.carrier.heard
      .filter(({ at, until }) => at < this.now && until - at >= 10)
      .map(({ payload }) => labelOf(payload))
      .filter((label) => label !== null);
  }

  of<T extends StreamEvent["type"]>(
    type: T,
  ): (Extract<StreamEvent, { type: T }> & { readonly on0: number })[] {
    return this.events.filter((event) => event.type === type) as (Extract<StreamEvent, { type: T }> & {
      readonly on0: number;
    })[];
  }

  #tick(): void {
    this.stream.tick(START + this.now);
    const taken = this.stream.takeHeard();
    if (taken !== null) this.taken.push(taken);
    this.#ticks += 1;
    // As the frame clock does it: on the grid, and what has been missed is not made up for.
    while (this.#ticks * 20 <= this.now) this.#ticks += 1;
    this.at(this.#ticks * 20 + (this.#late[this.#ticks % Math.max(1, this.#late.length)] ?? 0), () =>
      this.#tick(),
    );
  }

  #speak(): void {
    if (this.sending) {
      const payload = Buffer.from(this.speaking ? voiced(this.#spoken++) : QUIET);
      if (!this.speaking) this.#spoken = 0;
      this.frame({ type: "media", chunk: this.#chunk++, timestampMs: null, payload });
    }
    this.at(this.now + 20, () => this.#speak());
  }
}

const QUIET = new Uint8Array(160).fill(SILENCE.pcmu);

/** One frame of a voice: three harmonics of 150 Hz, with a breath of 80 ms after every 320 ms. */
function voiced(nth: number): Uint8Array {
  if (nth % 20 >= 16) return QUIET;
  return Uint8Array.from({ length: 160 }, (_, at) => {
    const angle = (2 * Math.PI * 150 * (nth * 160 + at)) / 8000;
    const value = Math.sin(angle) + Math.sin(2 * angle) + Math.sin(3 * angle);
    return LOUDNESS[Math.round(((value + 3) / 6) * (LOUDNESS.length - 1))] ?? SILENCE.pcmu;
  });
}

/** µ-law codes of growing samples, from far below zero to far above. */
const LOUDNESS = [
  ...Array.from({ length: 96 }, (_, at) => 0x18 + at),
  ...Array.from({ length: 96 }, (_, at) => 0xf7 - at),
];

/** A frame as loud as a voice that says which one it is. */
export function labelled(piece: number, index: number): Uint8Array {
  const frame = Uint8Array.from({ length: 160 }, (_, at) => (at % 2 === 0 ? 0xb0 : 0x30));
  for (const [at, digit] of [piece >> 4, piece & 15, index >> 8, (index >> 4) & 15, index & 15].entries())
    frame[2 * at] = 0xb0 | (digit & 15);
  frame[10] = 0xb5;
  return frame;
}

export function labelOf(payload: Uint8Array): string | null {
  if (payload[10] !== 0xb5 || payload[1] !== 0x30) return null;
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = [0, 2, 4, 6, 8].map((at) => (payload[at] ?? 0) & 15);
  return `${a * 16 + b}/${c * 256 + d * 16 + e}`;
}

/** `piece/from` … `piece/to - 1`. */
export const frames = (piece: number, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `${piece}/${from + index}`);
