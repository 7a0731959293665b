/** A tunnel whose program runs as long as the tunnel is open. */

import { VoiceCallError } from "../call/errors.ts";
import type { Environment } from "../config/index.ts";
import type { ExposureTools } from "./exposure.ts";
import type { RunningProgram } from "./program.ts";
import { publicOrigin } from "./urls.ts";

export interface TunnelProgram {
  readonly program: string;
  readonly path: string;
  readonly args: readonly string[];
  /** Added to the child's environment. */
  readonly env?: Environment;
  readonly reader: TunnelReader;
}

/** Understands what the program says. */
export interface TunnelReader {
  /** One line of either output. Returns the public URL whenever the line completes what is known of it. */
  read(line: string): string | undefined;
  /** Asks the program itself; called about once a second until the URL is known. Never rejects. */
  ask?(): Promise<string | undefined>;
  /** What went wrong, as far as the output tells; empty when it does not. Never holds a secret. */
  complaint(): string;
}

export interface OpenTunnel {
  /** Public origin, `https://host[:port]`. */
  readonly origin: string;
  close(): Promise<void>;
}

const OPEN_MS = 30_000;
const ASK_MS = 1_000;

/**
 * Starts the program and waits for its URL. Throws `VC_TUNNEL_FAILED`, `VC_TUNNEL_TIMEOUT`, `VC_TUNNEL_NOT_PUBLIC` or the
 * signal's reason, and then nothing runs any more.
 */
export async function openTunnel(spec: TunnelProgram, tools: ExposureTools): Promise<OpenTunnel> {
  tools.signal.throwIfAborted();
  const tunnel = new Tunnel(spec, tools);
  await tunnel.open();
  return tunnel;
}

class Tunnel implements OpenTunnel {
  readonly #spec: TunnelProgram;
  readonly #tools: ExposureTools;
  readonly #running: RunningProgram;
  readonly #url = Promise.withResolvers<string>();
  #cancelAsking: () => void = () => {};
  #origin = "";
  /** Set once losing it is no news: it was told, or the tunnel is closed or never opened. */
  #over = false;

  constructor(spec: TunnelProgram, tools: ExposureTools) {
    this.#spec = spec;
    this.#tools = tools;
    const hear = (line: string) => this.#announce(spec.reader.read(line));
    this.#running = tools.programs.start(spec.path, spec.args, { stdout: hear, stderr: hear }, spec.env);
    void this.#running.ended.then(({ how }) => this.#onEnd(how));
  }

  get origin(): string {
    return this.#origin;
  }

  async open(): Promise<void> {
    const { signal, clock } = this.#tools;
    const { program, reader } = this.#spec;
    const onAbort = () => this.#url.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const cancel = clock.at(clock.now() + OPEN_MS, () => {
      const detail = reader.complaint() || "no public URL was announced";
      const seconds = OPEN_MS / 1_000;
      this.#url.reject(new VoiceCallError("VC_TUNNEL_TIMEOUT", { program, seconds, detail }));
    });
    this.#askLater();
    try {
      this.#origin = publicOrigin(program, await this.#url.promise);
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      cancel();
      this.#cancelAsking();
      signal.removeEventListener("abort", onAbort);
    }
  }

  async close(): Promise<void> {
    this.#over = true;
    await this.#running.stop();
  }

  #announce(url: string | undefined): void {
    if (url === undefined) return;
    this.#url.resolve(url);
    // A free address may change when the program connects again: the carrier would call the old one.
    if (this.#origin !== "" && !(URL.canParse(url) && new URL(url).origin === this.#origin)) {
      this.#lose(`${this.#spec.program} changed its public URL`);
    }
  }

  #askLater(): void {
    if (this.#spec.reader.ask === undefined) return;
    const { clock } = this.#tools;
    this.#cancelAsking = clock.at(clock.now() + ASK_MS, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const url = await this.#spec.reader.ask?.();
    if (url !== undefined) this.#url.resolve(url);
    else if (!this.#over && this.#origin === "") this.#askLater();
  }

  #onEnd(how: string): void {
    const { program, reader } = this.#spec;
    const complaint = reader.complaint();
    const detail = complaint === "" ? how : `${complaint} (${how})`;
    this.#url.reject(new VoiceCallError("VC_TUNNEL_FAILED", { program, detail }));
    if (this.#origin !== "") this.#lose(`${program} ended: ${detail}`);
  }

  #lose(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#tools.onLost(reason);
  }
}
