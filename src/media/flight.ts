/**
 * What has been sent and is not known to have been heard, with the marks that tell. Frames count as heard when a mark
 * behind them returns, or when the clock says so: real time since they were sent, and as much later as the carrier has
 * shown to be.
 */

/** A mark that is so late never comes. Longer than any jitter, and a turn that waits for it is late by no more. */
export const OVERDUE_MS = 1000;
/** A carrier that seems to lag more than this has lost marks. */
const MOST_LAG_MS = 2000;

/** A frame that was sent and not heard. */
export interface Unheard<T> {
  readonly owner: T;
  readonly frame: Uint8Array;
}

interface Sent<T> extends Unheard<T> {
  readonly serial: number;
  /** When it would be over if nothing lay between us and the caller. */
  readonly endsAt: number;
}

interface Mark<T> {
  readonly name: string;
  /** Of the last frame before it. */
  readonly after: number;
  readonly endsAt: number;
  /** It is the last of this owner. */
  readonly endOf: T | null;
  /** When it was sent, if nothing was queued before it: it comes back at once. */
  readonly probeAt: number | null;
}

export interface FlightEvents<T> {
  /** One frame of `owner` has been heard. */
  heard(owner: T): void;
  /** The end mark of `owner` has returned, or will not. */
  ended(owner: T): void;
}

export class Flight<T> {
  readonly #on: FlightEvents<T>;
  #sent: Sent<T>[] = [];
  #marks: Mark<T>[] = [];
  #generation = 1;
  #frames = 0;
  #names = 0;
  /** There and back, without what the carrier has queued; null while it is not known. */
  #roundTripMs: number | null = null;
  /** What the carrier plays later than it was sent, the way there not counted: a `clear` goes the same way. */
  #lagMs = 0;

  constructor(on: FlightEvents<T>) {
    this.#on = on;
  }

  /** Whether the carrier may hold something that was not heard, or a mark. */
  get pending(): boolean {
    return this.#sent.length > 0 || this.#marks.length > 0;
  }

  /** Whether frames of `owner` are on their way. */
  has(owner: T): boolean {
    return this.#sent.some((sent) => sent.owner === owner);
  }

  sent(owner: T, frame: Uint8Array, endsAt: number): void {
    this.#frames += 1;
    this.#sent.push({ owner, frame, serial: this.#frames, endsAt });
  }

  /** Names a mark behind what has been sent. `endsAt`: when that will have been heard if nothing lies between. */
  mark(endsAt: number, endOf: T | null = null): string {
    return this.#mark({ endsAt, endOf, probeAt: null });
  }

  /** Names a mark that measures the way, sent while nothing is queued. */
  probe(now: number): string {
    return this.#mark({ endsAt: now, endOf: null, probeAt: now });
  }

  #mark(mark: Omit<Mark<T>, "name" | "after">): string {
    this.#names += 1;
    const name = `g${this.#generation}.${this.#names}`;
    this.#marks.push({ ...mark, name, after: this.#frames });
    return name;
  }

  /** A mark came back. One that is unknown, or was cleared, says nothing. */
  returned(name: string, now: number): void {
    const at = this.#marks.findIndex((mark) => mark.name === name);
    const mark = this.#marks[at];
    if (mark === undefined) return;
    const late = now - mark.endsAt;
    if (mark.probeAt !== null) this.#roundTripMs = Math.max(0, now - mark.probeAt);
    else {
      if (this.#roundTripMs !== null) this.#roundTripMs = Math.min(this.#roundTripMs, Math.max(0, late));
      this.#lagMs = Math.min(MOST_LAG_MS, Math.max(0, late - (this.#roundTripMs ?? 0)));
    }
    this.#settle(at + 1);
  }

  /** Moves on with the clock. */
  advance(now: number): void {
    while (this.#sent[0] !== undefined && this.#sent[0].endsAt + this.#lagMs <= now) this.#hear();
    const due = now - this.#lagMs - (this.#roundTripMs ?? 0) - OVERDUE_MS;
    const waiting = this.#marks.findIndex(({ endsAt }) => endsAt > due);
    const overdue = waiting < 0 ? this.#marks.length : waiting;
    if (overdue > 0) this.#settle(overdue);
  }

  /** Everything was cleared. Returns what was not heard; no mark that is out says anything any more. */
  clear(): readonly Unheard<T>[] {
    const unheard = this.#sent;
    this.#sent = [];
    this.#marks = [];
    this.#generation += 1;
    return unheard;
  }

  /** The first `count` marks have been passed. */
  #settle(count: number): void {
    const passed = this.#marks.splice(0, count);
    const after = passed.at(-1)?.after ?? 0;
    while (this.#sent[0] !== undefined && this.#sent[0].serial <= after) this.#hear();
    for (const { endOf } of passed) if (endOf !== null) this.#on.ended(endOf);
  }

  #hear(): void {
    const first = this.#sent.shift();
    if (first !== undefined) this.#on.heard(first.owner);
  }
}
