import type { PhonePort, PhoneService } from "../../call/service.ts";

/** Everything the commands need from outside. */
export interface CliDeps {
  readonly gateway: Gateway;
  /** A runtime of this process, for when no gateway answers; without it the commands say so and fail. */
  readonly localService?: (use: LocalUse) => Promise<LocalService>;
  /** The interactive phone of the mock carrier; resolves when the person puts it away. */
  readonly terminalPhone: (options: TerminalPhone) => Promise<void>;
  readonly io: Io;
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
