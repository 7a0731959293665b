import { Worker } from "node:worker_threads";
import type { EdgeLimits } from "../../src/edge/limits.ts";
import type { ListenerSettings } from "../../src/edge/protocol.ts";
import { startEdge, type EdgeHandle } from "../../src/edge/supervisor.ts";
import type { AudioFormat, StreamCommand, StreamEvent } from "../../src/media/commands.ts";
import { Dice } from "./fuzz-dice.ts";
import { bump, cut, memoryOf, QUIET, sorted } from "./fuzz-run.ts";
import { exchangeFrames } from "./fuzz-stream-client.ts";
import { asFrames, lethal, StreamFrames, TALKING, type TalkingCarrier } from "./fuzz-stream-frames.ts";

const STREAM_PATH = "/voice/stream";
const LINGER_MS = 500;
const LIMITS: Partial<EdgeLimits> = {
  // A handshake that is late because this machine is busy is no finding.
  headerTimeoutMs: 60_000,
  reportFirstMs: 20,
  reportEveryMs: 200,
  lingerMs: LINGER_MS,
};
/** Refusals that would be a fault of ours. */
const FAULTS: ReadonlySet<string> = new Set([
  "stream-fault",
  "accept-error",
  "stream-handshake",
  "stream-full",
]);
/** With which a listener may close. */
const CODES: ReadonlySet<number> = new Set([1000, 1001, 1002, 1003, 1005, 1007, 1008, 1009]);
const REASONS: ReadonlySet<string> = new Set(["stopped", "closed", "protocol", "forgotten", "congested"]);
/** Long past every limit above: what is not over by then hangs. */
const PATIENCE = 30;
const LANES = 16;
const FRAMES = 500;
const DAY_MS = 86_400_000;

export interface StreamFuzzOptions {
  readonly frames: number;
  readonly seed: number;
  /** Told now and then how many frames have been sent. */
  readonly progress?: (sent: number) => void;
}

export interface StreamFuzzReport {
  readonly frames: number;
  readonly seconds: number;
  readonly sockets: number;
  readonly streams: number;
  /** By close code, or how else a socket ended. */
  readonly ends: Readonly<Record<string, number>>;
  /** Of streams. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  /** Live bytes of the workers after a collection: after the warm-up, half way and at the end; and the process's. */
  readonly memory: readonly { readonly at: number; readonly listeners: number; readonly process: number }[];
  /** What must not happen. */
  readonly failures: readonly string[];
}

/** Sends frames to the real worker of every carrier with audio sockets, several sockets at a time. */
export async function fuzzStreams(options: StreamFuzzOptions): Promise<StreamFuzzReport> {
  const run = new Run(options);
  try {
    return await run.all();
  } finally {
    await run.close();
  }
}

interface Target {
  readonly carrier: TalkingCarrier;
  readonly edge: EdgeHandle;
  readonly worker: () => Worker;
  /** Streams that have started and are not lost, and their calls. */
  readonly live: Map<number, string>;
  last: number;
}

class Run {
  readonly #options: StreamFuzzOptions;
  readonly #targets: Target[] = [];
  readonly #ends = new Map<string, number>();
  readonly #reasons = new Map<string, number>();
  readonly #events = new Map<string, number>();
  readonly #refusals = new Map<string, number>();
  readonly #failures: string[] = [];
  #sent = 0;
  #sockets = 0;
  #calls = 0;

  constructor(options: StreamFuzzOptions) {
    this.#options = options;
  }

  async all(): Promise<StreamFuzzReport> {
    for (const carrier of TALKING) this.#targets.push(await this.#open(carrier));
    const began = performance.now();
    const memory = [];
    for (const part of [0.1, 0.55, 1]) {
      await this.#until(Math.round(this.#options.frames * part));
      await this.#settled();
      memory.push(await this.#memory());
    }
    return {
      frames: this.#sent,
      seconds: (performance.now() - began) / 1_000,
      sockets: this.#sockets,
      streams: this.#events.get("stream-started") ?? 0,
      ends: sorted(this.#ends),
      reasons: sorted(this.#reasons),
      events: sorted(this.#events),
      refusals: sorted(this.#refusals),
      memory,
      failures: this.#failures,
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#targets.map(({ edge }) => edge.close()));
  }

  async #open(carrier: TalkingCarrier): Promise<Target> {
    const { name } = carrier;
    const holder: { worker: Worker | null } = { worker: null };
    const edge = await startEdge({
      settings: settingsOf(carrier),
      onFact: () => Promise.reject(new Error("there are no webhooks")),
      onRefused: (counts) => {
        for (const [reason, count] of Object.entries(counts)) {
          bump(this.#refusals, reason, count);
          if (FAULTS.has(reason)) this.#fail(`${name}: ${reason}`);
        }
      },
      onDown: () => this.#fail(`${name}: the worker died`),
      log: QUIET,
      graceMs: 0,
      spawn: () => {
        holder.worker = new Worker(new URL("fuzz-worker.ts", import.meta.url), {
          workerData: LIMITS,
          env: {},
          execArgv: [],
          stdout: true,
          stderr: true,
        });
        return holder.worker;
      },
    });
    const target = { carrier, edge, worker: () => holder.worker as Worker, live: new Map(), last: 0 };
    const dice = new Dice(this.#options.seed + 7);
    edge.streams.onEvent((event) => this.#onEvent(target, dice, event));
    return target;
  }

  /** Goes on until so many frames have been sent in all. */
  async #until(total: number): Promise<void> {
    const { seed } = this.#options;
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      const target = this.#targets[lane % this.#targets.length] as Target;
      const dice = new Dice(seed * 1_000_003 + lane * 7_919 + total);
      const frames = new StreamFrames(dice, target.carrier);
      while (this.#sent < total && this.#failures.length < 10) await this.#one(target, dice, frames);
    });
    await Promise.all(lanes);
  }

  async #one({ carrier, edge }: Target, dice: Dice, made: StreamFrames): Promise<void> {
    this.#calls += 1;
    const callId = `vc_${this.#calls}`;
    const token = `${dice.hex(24)}-${this.#calls}`;
    const isKnown = dice.chance(0.5);
    edge.streams.send({
      type: "stream-expect",
      expected: {
        token,
        callId,
        carrierCallId: isKnown ? "call-0" : null,
        expiresAt: Date.now() + 30_000,
        bargeIn: { pauseMs: dice.pick([0, 120]), commitMs: dice.pick([0, 500]), resumeMs: 2_000 },
      },
    });
    // Commands and connections come to the worker by different ways.
    await new Promise((resolve) => setTimeout(resolve, 5));
    made.refresh();
    const frames = [...this.#frames(dice, carrier, made)];
    this.#sent += frames.length;
    this.#sockets += 1;
    this.#options.progress?.(this.#sent);
    const leaves = dice.chance(0.1);
    const pieces = cut(dice, Buffer.concat(frames), dice.upTo(6));
    const target = `${STREAM_PATH}/${token}`;
    const { status, end, code } = await exchangeFrames(edge.port, {
      target,
      pieces,
      leaves,
      patience: PATIENCE,
    });
    bump(this.#ends, end === "closed" ? String(code ?? "cut") : end);
    const { name } = carrier;
    if (end === "hang" || end === "broken") this.#fail(`${name}: ${end}`);
    if (end === "closed" && status !== 101) this.#fail(`${name}: ${status} to a good token`);
    if (code !== null && !CODES.has(code)) this.#fail(`${name}: closed with ${code}`);
    // Every call is over some time.
    edge.streams.send({ type: "stream-forget", callId });
  }

  *#frames(dice: Dice, carrier: TalkingCarrier, made: StreamFrames): Generator<Buffer> {
    if (dice.chance(0.9))
      yield asFrames(dice, JSON.stringify(carrier.start(`call-${dice.upTo(10) === 0 ? 1 : 0}`, "s")));
    const count = dice.upTo(2 * FRAMES);
    for (let at = 1; at <= count; at += 1) yield made.next(at);
    yield dice.chance(0.3) ? asFrames(dice, JSON.stringify(carrier.stop)) : lethal(dice);
    // It was the end; whatever follows must not matter.
    if (dice.chance(0.3)) yield dice.bytes(dice.upTo(200));
    yield lethal(dice);
  }

  #onEvent(target: Target, dice: Dice, event: StreamEvent): void {
    const { carrier, edge, live } = target;
    // The answer to a question of the rig's own.
    if ((event.type as string) === "memory") return;
    bump(this.#events, event.type);
    if (event.type === "stream-started") {
      if (event.stream <= target.last) this.#fail(`${carrier.name}: the number of a stream came twice`);
      target.last = event.stream;
      live.set(event.stream, event.callId);
      for (const command of orders(dice, event.stream, event.callId)) edge.streams.send(command);
      return;
    }
    const streams = event.type === "stream-audio" ? event.heard.map(({ stream }) => stream) : [event.stream];
    if (!streams.every((stream) => live.has(stream)))
      this.#fail(`${carrier.name}: ${event.type} of a stream that is none`);
    const flaw = flawOf(event);
    if (flaw !== null) this.#fail(`${carrier.name}: ${event.type} with a bad ${flaw}`);
    if (event.type !== "stream-lost") return;
    bump(this.#reasons, event.reason);
    live.delete(event.stream);
  }

  /** Every socket is gone, so every stream has to be. */
  async #settled(): Promise<void> {
    for (let waits = 0; this.#targets.some(({ live }) => live.size > 0); waits += 1) {
      if (waits > PATIENCE * 50) return this.#fail("a stream outlives its socket");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // Connections that were left are still being closed.
    await new Promise((resolve) => setTimeout(resolve, 2 * LINGER_MS));
    return undefined;
  }

  async #memory() {
    const held = await Promise.all(this.#targets.map(({ worker }) => memoryOf(worker())));
    const listeners = held.reduce((sum, bytes) => sum + bytes, 0);
    return { at: this.#sent, listeners, process: process.memoryUsage().rss };
  }

  #fail(what: string): void {
    if (this.#failures.length < 100) this.#failures.push(what);
  }
}

const settingsOf = ({ name, secrets }: TalkingCarrier): ListenerSettings => ({
  bind: "127.0.0.1",
  port: 0,
  path: "/voice/webhook",
  streamPath: STREAM_PATH,
  publicUrl: null,
  streamUrl: null,
  awaitsPublicUrl: false,
  security: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
  webhook: null,
  media: {
    // Signatures have tests of their own.
    carrier: { carrier: name, secrets, skipSignatureVerification: true, loopbackBypass: false },
    preStartTimeoutMs: 60_000,
    maxPendingConnections: 32,
    maxPendingConnectionsPerIp: 4,
    maxConnections: 128,
  },
});

const FORMATS: readonly AudioFormat[] = [
  { encoding: "pcmu" },
  { encoding: "pcma" },
  { encoding: "pcm16", rate: 24_000 },
  { encoding: "pcm16", rate: 16_000 },
];

/** What a main thread may say to a stream, in an order that it would not. */
function orders(dice: Dice, stream: number, callId: string): readonly StreamCommand[] {
  return Array.from({ length: dice.upTo(6) }, (): StreamCommand => {
    const piece = dice.upTo(3);
    switch (dice.upTo(8)) {
      case 0:
        return { type: "piece-end", stream, piece };
      case 1:
        return { type: "stop", stream };
      case 2:
        return { type: "resume", stream };
      case 3:
        return { type: "keys", stream, digits: dice.pick(["1", "12w#", "w", "D*"]) };
      case 4:
        return dice.chance(0.2)
          ? { type: "stream-forget", callId }
          : { type: "stop", stream: stream + 1_000 };
      case 5:
        return { type: "piece", stream, piece, yields: dice.pick(["to-speech", "to-words", "never"]) };
      default:
        return {
          type: "piece-audio",
          stream,
          piece,
          format: dice.pick(FORMATS),
          bytes: new Uint8Array(dice.upTo(9_000)),
        };
    }
  });
}

/** What of an event is not as its type promises; null: nothing. */
function flawOf(event: StreamEvent): string | null {
  switch (event.type) {
    case "stream-audio":
      return event.heard.every(
        ({ bytes }) => bytes.length > 0 && bytes.length % 160 === 0 && bytes.length <= 40_000,
      )
        ? null
        : "length";
    case "speech":
    case "piece-played":
      return Math.abs(event.at - Date.now()) < DAY_MS ? null : "time";
    case "key":
      return /^[0-9A-D*#]$/.test(event.digit) ? null : "digit";
    case "stream-lost":
      return REASONS.has(event.reason) ? null : "reason";
    case "paused":
      return event.playedMs >= 0 ? null : "position";
    case "stopped":
      return event.cut === null || (event.cut.playedMs >= 0 && event.cut.playedMs <= event.cut.knownMs)
        ? null
        : "position";
    default:
      return null;
  }
}
