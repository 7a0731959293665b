/** Lines for the benchmarks of live audio: the real edge worker, and a carrier in another process. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { startEdge, type EdgeHandle } from "../src/edge/supervisor.ts";
import { spawnWorker } from "../src/edge/thread.ts";
import type { StreamEvent } from "../src/media/commands.ts";

export type CarrierOrder =
  | { readonly type: "open"; readonly port: number; readonly paths: readonly string[] }
  /** Forgets what has arrived. */
  | { readonly type: "reset" }
  /** `since`: when the utterances were ordered. */
  | { readonly type: "report"; readonly since: number }
  /** Every caller says so many frames; answered once each was told to be quiet. */
  | { readonly type: "speak"; readonly frames: number }
  /** Answered at once, and again when every caller was told to be quiet. */
  | { readonly type: "await-clear" };

export type CarrierAnswer =
  | { readonly type: "done" }
  | { readonly type: "report"; readonly report: CarrierReport }
  /** Caller by caller. After `speak`: since its first frame. After `await-clear`: when. */
  | { readonly type: "cleared"; readonly ms: readonly number[] };

/** Milliseconds. */
export interface CarrierReport {
  /** Of audio, caller by caller. */
  readonly frames: readonly number[];
  /** To the first frame of audio: median, latest caller. */
  readonly firstMs: readonly [number, number];
  /** Between frames of audio: p50, p99, longest. */
  readonly intervalMs: readonly [number, number, number];
  /** The largest of any caller. */
  readonly driftMs: number;
  /** The longest time a caller heard nothing within an utterance. */
  readonly holeMs: number;
}

/** Of the machine, the same in every process. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

export class BenchCarrier {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<BenchCarrier> {
    const child = fork(new URL("media-carrier.ts", import.meta.url), { stdio: "inherit" });
    await once(child, "message");
    return new BenchCarrier(child);
  }

  /** Orders one thing and waits for its answer. */
  async ask(order: CarrierOrder): Promise<CarrierAnswer> {
    const answered = this.answer();
    this.send(order);
    return answered;
  }

  async answer(): Promise<CarrierAnswer> {
    const [answer] = (await once(this.#child, "message")) as [CarrierAnswer];
    return answer;
  }

  async report(since: number): Promise<CarrierReport> {
    const answer = await this.ask({ type: "report", since });
    if (answer.type !== "report") throw new Error(`the carrier answered ${answer.type}`);
    return answer.report;
  }

  async cleared(): Promise<readonly number[]> {
    const answer = await this.answer();
    if (answer.type !== "cleared") throw new Error(`the carrier answered ${answer.type}`);
    return answer.ms;
  }

  /** Sends an order whose answer comes later. */
  send(order: CarrierOrder): void {
    this.#child.send(order);
  }

  async close(): Promise<void> {
    this.#child.kill();
    await once(this.#child, "exit");
  }
}

/**
 * A worker on the host's `ws` that does nothing but this: a ready frame to each socket every 20 ms, what comes is read, and a
 * message to the worker goes out as a frame.
 */
const BARE = `
  const { parentPort } = require("node:worker_threads");
  import("openclaw/plugin-sdk/websocket-runtime").then(({ WebSocketServer }) => {
    const sockets = new Set();
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
    const payload = Buffer.alloc(160, 0xb0).toString("base64");
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("message", (data) => Buffer.from(JSON.parse(data.toString()).payload ?? "", "base64"));
      socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    });
    server.on("listening", () => parentPort.postMessage(server.address().port));
    parentPort.on("message", (frame) => sockets.forEach((socket) => socket.send(frame)));
    let due = performance.now();
    const tick = () => {
      due += 20;
      setTimeout(tick, Math.max(1, Math.ceil(due - performance.now())));
      for (const socket of sockets) socket.send('{"event":"media","payload":"' + payload + '"}');
    };
    tick();
  });
`;

/** The bare worker with `calls` sockets of `carrier`. */
export async function startBare(carrier: BenchCarrier, calls: number): Promise<Worker> {
  const worker = new Worker(BARE, { eval: true });
  const [port] = (await once(worker, "message")) as [number];
  await carrier.ask({ type: "open", port, paths: Array.from({ length: calls }, () => "/") });
  return worker;
}

const STREAM_PATH = "/voice/stream";
const QUIET = (): void => {};

export class BenchLine {
  readonly edge: EdgeHandle;
  readonly worker: Worker;
  #on: (event: StreamEvent) => void = QUIET;
  #tokens = 0;
  #pieces = 0;

  private constructor(edge: EdgeHandle, worker: Worker) {
    this.edge = edge;
    this.worker = worker;
    edge.streams.onEvent((event) => this.#on(event));
  }

  static async start(): Promise<BenchLine> {
    const workers: Worker[] = [];
    const carrier = { carrier: "mock", secrets: {}, skipSignatureVerification: true, loopbackBypass: false };
    const edge = await startEdge({
      settings: {
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
          carrier,
          preStartTimeoutMs: 30_000,
          maxPendingConnections: 512,
          maxPendingConnectionsPerIp: 512,
          maxConnections: 512,
        },
      },
      onFact: () => Promise.reject(new Error("there are no webhooks")),
      log: { debug: QUIET, info: QUIET, warn: console.log, error: console.log },
      spawn: () => {
        const worker = spawnWorker();
        workers.push(worker);
        return worker;
      },
    });
    const [worker] = workers;
    if (worker === undefined) throw new Error("no worker");
    return new BenchLine(edge, worker);
  }

  /** Opens `count` streams, in place of those that were; resolves with their numbers. */
  async open(carrier: BenchCarrier, count: number): Promise<readonly number[]> {
    const streams: number[] = [];
    const paths: string[] = [];
    for (let at = 0; at < count; at++) {
      this.#tokens += 1;
      const token = `${"t".repeat(24)}-${this.#tokens}`;
      paths.push(`${STREAM_PATH}/${token}`);
      this.edge.streams.send({
        type: "stream-expect",
        expected: {
          token,
          callId: `vc_${this.#tokens}`,
          carrierCallId: null,
          expiresAt: Date.now() + 60_000,
          bargeIn: { pauseMs: 120, commitMs: 500, resumeMs: 2_000 },
        },
      });
    }
    const started = new Promise<void>((resolve) => {
      this.#on = (event) => {
        if (event.type === "stream-started") streams.push(event.stream);
        if (streams.length === count) resolve();
      };
    });
    await carrier.ask({ type: "open", port: this.edge.port, paths });
    await started;
    this.#on = QUIET;
    return streams;
  }

  /** One piece; its bytes are handed over. */
  say(stream: number, audio: Uint8Array<ArrayBuffer>, rate: number): void {
    this.#pieces += 1;
    const piece = this.#pieces;
    const { streams } = this.edge;
    streams.send({ type: "piece", stream, piece, yields: "to-speech" });
    streams.send({ type: "piece-audio", stream, piece, format: { encoding: "pcm16", rate }, bytes: audio });
    streams.send({ type: "piece-end", stream, piece });
  }
}

/** Speech as a provider sends it: 16 bits, with a level that rises and falls. */
export function speech(ms: number, rate: number): Uint8Array<ArrayBuffer> {
  const samples = new Int16Array((ms * rate) / 1000);
  for (let at = 0; at < samples.length; at++) {
    const angle = (2 * Math.PI * 180 * at) / rate;
    const level = 3_000 + 2_000 * Math.sin((2 * Math.PI * 3 * at) / rate);
    samples[at] = level * (Math.sin(angle) + 0.5 * Math.sin(3 * angle));
  }
  return new Uint8Array(samples.buffer);
}

/** Blocks this thread for `ms`. */
export function block(ms: number): void {
  const until = monotonic() + ms;
  while (monotonic() < until);
}
