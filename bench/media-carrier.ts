/**
 * A carrier in a process of its own: it opens audio sockets in the mock's protocol, sends every caller's 20 ms frames, plays
 * what it gets in real time with marks and `clear`, and notes when what arrived. Times are of the machine's
 * monotonic clock, which is the same for all its processes.
 */
import { connect, type Socket } from "node:net";
import { monotonic, type CarrierAnswer, type CarrierOrder, type CarrierReport } from "./media-line.ts";
import { quantile } from "./table.ts";

const FRAME_MS = 20;
/** Callers are not in step: a quarter of them speaks every 5 ms. */
const SLOTS = 4;
/** The first frames of an utterance come at once, to fill the buffer. */
const FILL_FRAMES = 6;

/** Between the two clocks; the best of many looks, as time passes between two of them. */
const offset = Math.max(...Array.from({ length: 1_000 }, () => monotonic() - performance.now()));
const now = (): number => performance.now() + offset;

const QUIET = Buffer.alloc(160, 0xff).toString("base64");
const SILENCE = frame(`{"event":"media","payload":"${QUIET}"}`);
/** A voice: three harmonics of 150 Hz. */
const VOICE = Array.from({ length: 16 }, (_, nth) => {
  const bytes = Buffer.from(
    Array.from({ length: 160 }, (_, at) => {
      const angle = (2 * Math.PI * 150 * (nth * 160 + at)) / 8000;
      const sample = 5_000 * (Math.sin(angle) + Math.sin(2 * angle) + Math.sin(3 * angle));
      return muLaw(Math.round(sample));
    }),
  );
  return frame(`{"event":"media","payload":"${bytes.toString("base64")}"}`);
});

/** A text frame; masked, as a client's have to be, with a key that changes nothing. */
function frame(text: string): Buffer {
  const body = Buffer.from(text);
  const head =
    body.length < 126 ? [0x81, 0x80 | body.length] : [0x81, 0x80 | 126, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), body]);
}

function muLaw(sample: number): number {
  const biased = Math.min(Math.abs(sample), 32_635) + 132;
  const segment = 24 - Math.clz32(biased);
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((biased >> (segment + 3)) & 15)) & 0xff;
}

/** One caller. */
class Caller {
  readonly #socket: Socket;
  #buffered: Buffer = Buffer.alloc(0);
  #upgraded = false;
  /** When everything that has arrived will have been played. */
  #playedAt = 0;
  #marks: { readonly name: string; readonly at: number }[] = [];
  /** Frames of voice that are still to be said. */
  #voice = 0;
  #spokeAt = 0;
  /** Arrivals of frames that are not silence. */
  audible: number[] = [];
  longestHoleMs = 0;
  #cleared: ((at: number) => void) | null = null;

  constructor(port: number, path: string, name: string, opened: () => void) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => {
      this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
      if (!this.#upgraded) {
        const end = this.#buffered.indexOf("\r\n\r\n");
        if (end < 0) return;
        if (!this.#buffered.subarray(0, 12).equals(Buffer.from("HTTP/1.1 101")))
          throw new Error("no upgrade");
        this.#buffered = this.#buffered.subarray(end + 4);
        this.#upgraded = true;
        this.#socket.write(frame(`{"event":"start","stream":"${name}","call":"${name}","encoding":"pcmu"}`));
        opened();
      }
      this.#read();
    });
    this.#socket.on("error", () => {});
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
  }

  /** Every 20 ms. */
  tick(at: number): void {
    if (!this.#upgraded) return;
    while (this.#marks[0] !== undefined && this.#marks[0].at <= at)
      this.#socket.write(frame(`{"event":"mark","name":"${this.#marks.shift()?.name}"}`));
    const voice = this.#voice > 0 ? VOICE[this.#voice-- % VOICE.length] : undefined;
    if (voice !== undefined && this.#spokeAt === 0) this.#spokeAt = now();
    this.#socket.write(voice ?? SILENCE);
  }

  /** Says something; resolves with the time from its first frame to the `clear`. */
  speak(frames: number): Promise<number> {
    this.#voice = frames;
    this.#spokeAt = 0;
    return this.awaitClear().then((at) => at - this.#spokeAt);
  }

  awaitClear(): Promise<number> {
    return new Promise((resolve) => {
      this.#cleared = resolve;
    });
  }

  reset(): void {
    this.audible = [];
    this.longestHoleMs = 0;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(): void {
    for (;;) {
      const [, second = 0] = this.#buffered;
      const head = second < 126 ? 2 : 4;
      if (this.#buffered.length < head) return;
      const length = second < 126 ? second : this.#buffered.readUInt16BE(2);
      if (this.#buffered.length < head + length) return;
      const opcode = (this.#buffered[0] ?? 0) & 15;
      if (opcode === 1) this.#take(this.#buffered.toString("latin1", head, head + length));
      this.#buffered = this.#buffered.subarray(head + length);
    }
  }

  #take(text: string): void {
    const at = now();
    if (text.startsWith('{"event":"media"')) {
      if (!text.includes(QUIET)) {
        if (this.audible.length > 0) this.longestHoleMs = Math.max(this.longestHoleMs, at - this.#playedAt);
        this.audible.push(at);
      }
      this.#playedAt = Math.max(this.#playedAt, at) + FRAME_MS;
    } else if (text.startsWith('{"event":"mark"')) {
      const { name } = JSON.parse(text) as { name: string };
      this.#marks.push({ name, at: Math.max(at, this.#playedAt) });
    } else if (text.startsWith('{"event":"clear"')) {
      this.#playedAt = at;
      for (const mark of this.#marks) this.#socket.write(frame(`{"event":"mark","name":"${mark.name}"}`));
      this.#marks = [];
      this.#cleared?.(at);
      this.#cleared = null;
    }
  }
}

let callers: Caller[] = [];
const startedAt = now();
let slots = 0;

/** Ticks are owed by absolute time. */
function tick(): void {
  for (; startedAt + (slots * FRAME_MS) / SLOTS <= now(); slots++)
    for (let at = slots % SLOTS; at < callers.length; at += SLOTS) callers[at]?.tick(now());
  setTimeout(tick, Math.max(1, startedAt + (slots * FRAME_MS) / SLOTS - now()));
}
tick();

function report(since: number): CarrierReport {
  const first: number[] = [];
  const intervals: number[] = [];
  const drifts: number[] = [];
  const holes: number[] = [];
  for (const { audible, longestHoleMs } of callers) {
    holes.push(longestHoleMs);
    if (audible[0] !== undefined) first.push(audible[0] - since);
    const steady = audible.slice(FILL_FRAMES);
    for (let at = 1; at < steady.length; at++) intervals.push((steady[at] ?? 0) - (steady[at - 1] ?? 0));
    drifts.push(Math.abs((steady.at(-1) ?? 0) - (steady[0] ?? 0) - (steady.length - 1) * FRAME_MS));
  }
  return {
    frames: callers.map(({ audible }) => audible.length),
    firstMs: [quantile(first, 0.5), quantile(first, 1)],
    intervalMs: [quantile(intervals, 0.5), quantile(intervals, 0.99), quantile(intervals, 1)],
    driftMs: quantile(drifts, 1),
    holeMs: quantile(holes, 1),
  };
}

const answer = (said: CarrierAnswer): void => void process.send?.(said);

process.on("message", (order: CarrierOrder) => {
  switch (order.type) {
    case "open": {
      for (const caller of callers) caller.close();
      let open = 0;
      callers = order.paths.map(
        (path, at) =>
          new Caller(order.port, path, `caller-${at}`, () => {
            open += 1;
            if (open === order.paths.length) answer({ type: "done" });
          }),
      );
      return;
    }
    case "reset":
      for (const caller of callers) caller.reset();
      return answer({ type: "done" });
    case "report":
      return answer({ type: "report", report: report(order.since) });
    case "speak":
      return void Promise.all(callers.map((caller) => caller.speak(order.frames))).then((ms) =>
        answer({ type: "cleared", ms }),
      );
    case "await-clear":
      void Promise.all(callers.map((caller) => caller.awaitClear())).then((ms) =>
        answer({ type: "cleared", ms }),
      );
      return answer({ type: "done" });
  }
});
answer({ type: "done" });
