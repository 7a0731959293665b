import type { PhonePort, PhoneService } from "../../call/service.ts";

/** Everything the commands need from outside. */
export interface CliDeps {
  readonly gateway: Gateway;
  /** A runtime of this process, for when no gateway answers; without it the commands say so and fail. */
  readonly localService?: (use: LocalUse) => Promise<LocalService>;
  /** Tailscale on this machine, with what is not given taken from the configuration. Rejects coded. */
  readonly expose: (wish: ExposeWish) => Promise<Exposed>;
  /** The interactive phone of the mock carrier; resolves when the person puts it away. */
  readonly terminalPhone: (options: TerminalPhone) => Promise<void>;
  readonly io: Io;
}

/** How the listener should be reached through Tailscale. */
export interface ExposeWish {
  readonly mode: "off" | "serve" | "funnel";
  /** Public path of the webhook. */
  readonly path?: string;
  /** HTTPS port. */
  readonly port?: number;
  /** The listener's own path. */
  readonly servePath?: string;
  readonly signal: AbortSignal;
}

export interface Exposed {
  readonly mode: ExposeWish["mode"];
  readonly webhookUrl: string;
  readonly streamUrl: string;
  /** Who gets to these URLs; null after `off`. */
  readonly reach: "public" | "tailnet" | null;
  /** False when everything was as asked before. */
  readonly changed: boolean;
  /** `publicUrl` of the configuration: what is written there now, and what should be; null = nothing. */
  readonly publicUrl: { readonly now: string | null; readonly should: string | null };
  /** What else would not fit. */
  readonly notes: readonly string[];
}

export interface Gateway {
  /** One request to the running gateway; rejects with the host's own errors. */
  call(method: string, params: object, options: { timeoutMs: number }): Promise<unknown>;
  /** The host's test for "the connection failed", as opposed to an answer. */
  isTransportError(error: unknown): boolean;
}

/** `read`: open the call store read-only (`store`: this file), no listener, no carrier. `run`: a whole phone. */
export type LocalUse = { readonly kind: "read"; readonly store?: string } | { readonly kind: "run" };

/** A phone of this process and how to end what it runs on. */
export interface LocalService {
  readonly service: PhoneService;
  stop(): Promise<void>;
}

interface TerminalPhone {
  readonly phone: PhonePort;
  readonly from: string;
  readonly to?: string;
  /** Path of a WAV file to be written. */
  readonly record?: string;
  readonly signal: AbortSignal;
}

/** The process around a command. */
export interface Io {
  /** A line for whoever asked: results. */
  out(line: string): void;
  /** A line for people: errors and progress. */
  err(line: string): void;
  /** Epoch milliseconds. */
  now(): number;
  /** Keeps the process alive; resolves early when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `stop` at Ctrl-C; returns how to take it back. */
  onInterrupt(stop: () => void): () => void;
  /** The process ends with this code once it has nothing left to do. */
  exitWith(code: number): void;
}

/** Gives the work a signal that fires at Ctrl-C. */
export async function untilInterrupted<T>(io: Io, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupted = new AbortController();
  const release = io.onInterrupt(() => interrupted.abort());
  try {
    return await work(interrupted.signal);
  } finally {
    release();
  }
}
