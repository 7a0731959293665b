import type { MediaProtocol } from "../../src/media/protocol.ts";

/** What the carrier's side of a line is like. Milliseconds. */
export interface Way {
  /** From us to the carrier, and back. */
  readonly outMs: number;
  readonly backMs: number;
  /** What the carrier waits before it plays into a silent line. */
  readonly bufferMs: number;
  /** What becomes of a mark on its way back: how late each copy of it is. Empty: it is lost. */
  mark(nth: number): readonly number[];
}

export const STRAIGHT: Way = { outMs: 0, backMs: 0, bufferMs: 0, mark: () => [0] };

/** Frames that can be read again: the kind of frame, then what is in it. */
export const PLAIN: MediaProtocol = {
  read: () => null,
  media: (_, payload) => `M${Buffer.from(payload).toString("latin1")}`,
  mark: (_, name) => `K${name}`,
  clear: () => "C",
  key: null,
  reorders: true,
};

/** A frame as the caller hears it. */
export interface Heard {
  readonly payload: Buffer;
  readonly at: number;
  /** When it is over: 20 ms later, or when it was cleared. */
  until: number;
}

interface Agenda {
  readonly now: number;
  at(time: number, fn: () => void): void;
}

/** A carrier that plays what it gets in its own time, and says so by marks. */
export class VirtualCarrier {
  /** What the caller hears, cleared frames left out. */
  heard: Heard[] = [];
  /** Frames of ours as they arrived, with the time. */
  readonly arrived: { readonly at: number; readonly frame: string }[] = [];
  readonly keys: string[] = [];
  /** The most it has ever had queued, without its own buffer. */
  mostQueuedMs = 0;
  clears = 0;
  #idleAt = 0;
  #marks = 0;
  #waiting: { readonly name: string; readonly doneAt: number; readonly nth: number }[] = [];
  readonly #way: Way;
  readonly #agenda: Agenda;
  readonly #returned: (name: string) => void;

  constructor(way: Way, agenda: Agenda, returned: (name: string) => void) {
    this.#way = way;
    this.#agenda = agenda;
    this.#returned = returned;
  }

  /** A frame leaves us now. */
  send(frame: string): void {
    this.#agenda.at(this.#agenda.now + this.#way.outMs, () => this.#take(frame));
  }

  #take(frame: string): void {
    const { now } = this.#agenda;
    this.arrived.push({ at: now, frame });
    const body = frame.slice(1);
    if (frame.startsWith("M")) this.#play(Buffer.from(body, "latin1"), now);
    else if (frame.startsWith("K")) this.#mark(body, now);
    else if (frame.startsWith("D")) this.keys.push(body);
    else this.#clear(now);
  }

  #play(payload: Buffer, now: number): void {
    const at = this.#idleAt > now ? this.#idleAt : now + this.#way.bufferMs;
    this.#idleAt = at + 20;
    this.mostQueuedMs = Math.max(this.mostQueuedMs, this.#idleAt - now - this.#way.bufferMs);
    this.heard.push({ payload, at, until: at + 20 });
  }

  #mark(name: string, now: number): void {
    const doneAt = Math.max(now, this.#idleAt);
    const mark = { name, doneAt, nth: this.#marks++ };
    this.#waiting.push(mark);
    this.#agenda.at(doneAt, () => {
      if (!this.#waiting.includes(mark)) return;
      this.#waiting = this.#waiting.filter((one) => one !== mark);
      this.#bringBack(mark);
    });
  }

  #bringBack({ name, nth }: { readonly name: string; readonly nth: number }): void {
    for (const lateMs of this.#way.mark(nth)) {
      const at = this.#agenda.now + this.#way.backMs + lateMs;
      this.#agenda.at(at, () => this.#returned(name));
    }
  }

  /** What was not played is dropped, and its marks come back all the same. */
  #clear(now: number): void {
    this.clears += 1;
    this.heard = this.heard.filter(({ at }) => at < now);
    for (const frame of this.heard) frame.until = Math.min(frame.until, now);
    this.#idleAt = now;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const mark of waiting) this.#bringBack(mark);
  }
}
