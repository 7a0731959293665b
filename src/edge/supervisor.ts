import type { Worker } from "node:worker_threads";
import { isVoiceCallError, type ErrorCode } from "../call/errors.ts";
import type { CarrierFact, Clock, Log } from "../call/ports.ts";
import type { StreamCommand, StreamEvent } from "../media/commands.ts";
import { BEAT, type Beat } from "./heartbeat.ts";
import type { EdgeCommand, FactAnswer, ListenerSettings } from "./protocol.ts";
import type { SelfCheck } from "./self-check.ts";
import { StreamLedger } from "./streams/ledger.ts";
import { spawnWorker, startThread, type EdgeThread, type ThreadHooks } from "./thread.ts";

export interface EdgeOptions {
  readonly settings: ListenerSettings;
  /** Dedupes, saves and decides. A rejection is answered 503, so that the carrier comes again. */
  onFact(fact: CarrierFact): Promise<FactAnswer>;
  /** Requests refused since the last report, by reason. */
  onRefused?(counts: Readonly<Record<string, number>>): void;
  /** The listener was lost; facts may have been lost with it, so calls are to be reconciled with the carrier. */
  onDown?(): void;
  readonly log: Log;
  /** How long `close` lets requests under way finish. Milliseconds. */
  readonly graceMs?: number;
  readonly clock?: Clock;
  readonly beat?: Beat;
  /** Starts the worker thread. */
  readonly spawn?: () => Worker;
}

export interface EdgeHandle {
  /** The port that is listened on; a restarted worker takes the same one. */
  readonly port: number;
  /**
   * Webhooks are verified against `url` from now on, also by a restarted worker, and audio sockets against `streamUrl`
   * (`wss://…` of the stream path), by default put together from `url`; null = there is none now.
   */
  setPublicUrl(url: string | null, streamUrl?: string | null): void;
  /** Has this check answered when it comes in from outside. */
  expect(check: SelfCheck): void;
  readonly streams: StreamPort;
  /** Finishes requests under way, stops the worker for good. May be called again; never rejects. */
  close(): Promise<void>;
}

/** Live audio, seen from the main thread. */
export interface StreamPort {
  /**
   * Never throws; what a lost stream is told is dropped. The bytes of `piece-audio` are handed over: the sender must not
   * use them again. A worker that is started again knows every token that is still good.
   */
  send(command: StreamCommand): void;
  /** `fn` hears everything from now on, instead of whoever did. A worker that dies has lost its streams: `closed`. */
  onEvent(fn: (event: StreamEvent) => void): void;
}

const GRACE_MS = 3_000;
/** Pauses before a lost worker is started again: doubled with every failure, from the first on once it ran well. */
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MOST_MS = 10_000;
const RAN_WELL_MS = 60_000;

/** What every public address gets all day. */
const SCANS: ReadonlySet<string> = new Set(["path", "method", "bad-host", "not-http", "header-timeout"]);

/**
 * Starts the public listener in its worker thread and keeps it running until `close`.
 * Rejects with `VC_LISTENER_PORT_TAKEN` or `VC_LISTENER_FAILED`, and then nothing is left behind.
 */
export async function startEdge(options: EdgeOptions): Promise<EdgeHandle> {
  const supervisor = new Supervisor(options);
  await supervisor.start();
  return supervisor;
}

class Supervisor implements EdgeHandle {
  readonly #options: EdgeOptions;
  readonly #clock: Clock;
  readonly #hooks: ThreadHooks;
  readonly #ledger: StreamLedger;
  readonly streams: StreamPort = {
    send: (command) => this.#command(command),
    onEvent: (fn) => void (this.#onStream = fn),
  };
  #onStream: (event: StreamEvent) => void = () => {};
  #thread: EdgeThread | null = null;
  /** To the worker that runs or starts; null when there is none. */
  #post: ((command: EdgeCommand) => void) | null = null;
  #urls: Pick<ListenerSettings, "publicUrl" | "streamUrl">;
  #port = 0;
  #startedAt = 0;
  #failures = 0;
  #cancelRestart: () => void = () => {};
  #restart: Promise<void> = Promise.resolve();
  #closed: Promise<void> | null = null;

  constructor(options: EdgeOptions) {
    this.#options = options;
    const { publicUrl, streamUrl } = options.settings;
    this.#urls = { publicUrl, streamUrl };
    this.#clock = options.clock ?? systemClock;
    this.#ledger = new StreamLedger(() => this.#clock.now());
    const { log } = options;
    this.#hooks = {
      opened: (send) => {
        this.#post = send;
        for (const expected of this.#ledger.unused()) send({ type: "stream-expect", expected });
      },
      answer: async (fact, reply) => {
        try {
          reply(await options.onFact(fact));
        } catch (error) {
          log.error("A webhook could not be handled; the carrier is asked to send it again.", {
            code: codeOf(error),
          });
          reply({ reply: { status: 503 }, remember: false });
        }
      },
      refused: (counts) => {
        const level = Object.keys(counts).every((reason) => SCANS.has(reason)) ? "info" : "warn";
        log[level]("Requests to the webhook listener were refused.", counts);
        this.#notify(() => options.onRefused?.(counts));
      },
      bypassed: (count) =>
        log.warn(
          "Webhooks with an invalid signature were accepted: tunnel.allowNgrokFreeTierLoopbackBypass is on. " +
            "Use it for development only.",
          { count },
        ),
      stream: (event) => this.#tell(event),
      died: (cause) => this.#onDeath(cause),
    };
  }

  get port(): number {
    return this.#port;
  }

  setPublicUrl(url: string | null, streamUrl: string | null = null): void {
    this.#urls = { publicUrl: url, streamUrl };
    this.#post?.({ type: "public-url", url, streamUrl });
  }

  expect(check: SelfCheck): void {
    this.#post?.({ type: "expect", check });
  }

  async start(): Promise<void> {
    const { settings, spawn = spawnWorker } = this.#options;
    const port = this.#port || settings.port;
    const listen = { settings: { ...settings, ...this.#urls, port }, firstStream: this.#ledger.nextStream };
    try {
      this.#thread = await startThread(spawn, listen, this.#hooks, this.#options.beat ?? BEAT);
    } catch (error) {
      this.#post = null;
      throw error;
    }
    this.#port = this.#thread.port;
    this.#startedAt = this.#clock.now();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#cancelRestart();
    await this.#restart;
    await this.#thread?.close(this.#options.graceMs ?? GRACE_MS);
    this.#gone();
  }

  /** There is no worker any more. */
  #gone(): void {
    this.#thread = null;
    this.#post = null;
    for (const event of this.#ledger.lost()) this.#tell(event);
  }

  #command(command: StreamCommand): void {
    if (command.type === "stream-expect" && !this.#ledger.expect(command.expected)) return;
    if (command.type === "stream-forget") this.#ledger.forget(command.callId);
    this.#notify(() => this.#post?.(command));
  }

  #tell(event: StreamEvent): void {
    if (this.#ledger.heard(event)) this.#notify(() => this.#onStream(event));
  }

  #onDeath(cause: string): void {
    this.#gone();
    if (this.#clock.now() - this.#startedAt >= RAN_WELL_MS) this.#failures = 0;
    this.#options.log.error("The webhook listener stopped unexpectedly and is started again.", { cause });
    this.#restartLater();
    this.#notify(() => this.#options.onDown?.());
  }

  #restartLater(): void {
    if (this.#closed !== null) return;
    const pause = Math.min(BACKOFF_FIRST_MS * 2 ** this.#failures, BACKOFF_MOST_MS);
    this.#failures += 1;
    this.#cancelRestart = this.#clock.at(this.#clock.now() + pause, () => {
      this.#restart = this.#startAgain();
    });
  }

  async #startAgain(): Promise<void> {
    const { log } = this.#options;
    try {
      await this.start();
      log.info("The webhook listener is back.", { port: this.#port });
    } catch (error) {
      log.error("The webhook listener could not be started again; another try follows.", {
        code: codeOf(error),
      });
      this.#restartLater();
    }
  }

  /** A listener of ours that throws must not take the gateway down. */
  #notify(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#options.log.error("An edge event could not be handled.", { code: codeOf(error) });
    }
  }
}

const systemClock: Clock = {
  now: Date.now,
  at: (at, fn) => {
    const timer = setTimeout(fn, Math.max(0, at - Date.now())).unref();
    return () => clearTimeout(timer);
  },
};

function codeOf(error: unknown): ErrorCode {
  return isVoiceCallError(error) ? error.code : "VC_INTERNAL";
}
