import { toVoiceCallError, VoiceCallError } from "../call/errors.ts";
import type { Clock, Log } from "../call/ports.ts";
import { CarrierError } from "../carrier/carrier.ts";
import type { VoiceCallConfig } from "../config/index.ts";
import type { EdgeHandle } from "../edge/supervisor.ts";
import {
  exposureSettings,
  openExposure,
  systemPrograms,
  type Exposure,
  type ExposureSettings,
} from "../exposure/index.ts";

export interface ReachDeps {
  readonly clock: Clock;
  readonly log: Log;
  /**
   * A lost way is open again. Webhooks that were sent meanwhile never arrived; when its URL has changed, those that the
   * carrier was told before never will.
   */
  onBack?(moved: boolean): void;
  /** Opens a way; for tests. */
  readonly open?: typeof openExposure;
}

/** Pauses before a lost tunnel is opened again: doubled with every failure, from the first on once it ran well. */
const REOPEN_FIRST_MS = 1_000;
const REOPEN_MOST_MS = 60_000;
const RAN_WELL_MS = 60_000;

/** How the carrier gets to the listener: a fixed URL, or a tunnel that is opened, watched and opened again. */
export class PublicReach {
  readonly #config: VoiceCallConfig;
  readonly #deps: ReachDeps;
  readonly #settings: ExposureSettings | null;
  readonly #stop = new AbortController();
  #edge: Pick<EdgeHandle, "port" | "setPublicUrl"> | null = null;
  #exposure: Exposure | null = null;
  /** Of the way that was lost last. */
  #lastUrl: string | null = null;
  #openedAt = 0;
  #failures = 0;
  /** Why it could not be opened again last; the same is not logged twice. */
  #problem: VoiceCallError | null = null;
  #cancel: () => void = () => {};
  /** The opening or closing that is under way. Never rejects. */
  #work: Promise<void> = Promise.resolve();

  constructor(config: VoiceCallConfig, deps: ReachDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#settings = exposureSettings(config);
  }

  /** Whether the URL comes from a tunnel, so that there may be none for a moment. */
  get isTunnel(): boolean {
    return this.#settings !== null && this.#settings.way !== "static";
  }

  /** The webhook as the carrier calls it; null while there is none. */
  get webhookUrl(): string | null {
    if (this.#exposure !== null) return this.#exposure.webhookUrl;
    return this.isTunnel ? null : (this.#config.publicUrl ?? null);
  }

  /** Where audio sockets are opened from outside; null while there is no public URL. */
  get streamUrl(): string | null {
    return this.#exposure?.streamUrl ?? null;
  }

  /** Why a lost way is still closed; null when it is open, or has not been tried again yet. */
  get problem(): VoiceCallError | null {
    return this.#problem;
  }

  /** `tailnet`: only devices of the owner get there, a carrier does not. */
  get audience(): Exposure["reach"] | null {
    return this.#exposure?.reach ?? null;
  }

  /**
   * `webhookUrl` for a request to the carrier, null when none is configured. Throws `VC_TUNNEL_DOWN`, as a request that was
   * not sent, while a lost tunnel is being opened again: a new call is refused, what a running one waits for is tried again.
   */
  urlForCarrier(): string | null {
    const url = this.webhookUrl;
    if (url !== null || !this.isTunnel) return url;
    throw new CarrierError("VC_TUNNEL_DOWN", "not-sent", { provider: this.#config.provider });
  }

  /** Opens what the configuration asks for. Rejects coded when it cannot be had, and then nothing is left of it. */
  open(edge: Pick<EdgeHandle, "port" | "setPublicUrl">): Promise<void> {
    this.#edge = edge;
    const opening = this.#open();
    this.#work = opening.catch(() => {});
    return opening;
  }

  /** Takes back what was opened, also what is being opened at this moment. Never rejects. */
  async close(): Promise<void> {
    this.#stop.abort(new VoiceCallError("VC_NOT_RUNNING"));
    this.#cancel();
    await this.#work;
    await this.#exposure?.close();
    this.#exposure = null;
  }

  async #open(): Promise<void> {
    const { clock, log, open = openExposure } = this.#deps;
    const { serve, streaming, provider } = this.#config;
    const { signal } = this.#stop;
    if (this.#settings === null || this.#edge === null) return;
    let current: Exposure | null = null;
    let lost: string | null = null;
    const onLost = (reason: string): void => {
      lost = reason;
      if (current !== null && current === this.#exposure) this.#lost(reason);
    };
    const local = { host: serve.bind, port: this.#edge.port };
    const order = { local, webhookPath: serve.path, streamPath: streaming.streamPath };
    signal.throwIfAborted();
    const tools = { clock, log, programs: systemPrograms(clock), signal, onLost };
    current = await open(this.#settings, order, tools);
    if (signal.aborted || lost !== null) {
      await current.close();
      signal.throwIfAborted();
      throw new VoiceCallError("VC_TUNNEL_FAILED", { program: this.#settings.way, detail: lost ?? "lost" });
    }
    this.#exposure = current;
    this.#openedAt = clock.now();
    if (this.isTunnel) this.#edge.setPublicUrl(current.webhookUrl, current.streamUrl);
    if (current.reach === "tailnet" && provider !== "mock") {
      log.warn(
        "Only devices of the tailnet get to the webhook, and the carrier is none of them: calls cannot work. " +
          "Set tunnel.provider to tailscale-funnel, or tailscale.mode to funnel.",
        { provider },
      );
    }
  }

  #lost(reason: string): void {
    if (this.#stop.signal.aborted) return;
    const { clock, log } = this.#deps;
    log.error("The tunnel to the webhook is lost and is opened again.", { reason });
    const lost = this.#exposure;
    this.#lastUrl = this.webhookUrl;
    this.#exposure = null;
    this.#edge?.setPublicUrl(null);
    if (clock.now() - this.#openedAt >= RAN_WELL_MS) this.#failures = 0;
    this.#work = lost?.close() ?? Promise.resolve();
    this.#reopenLater();
  }

  #reopenLater(): void {
    const pause = Math.min(REOPEN_FIRST_MS * 2 ** this.#failures, REOPEN_MOST_MS);
    this.#failures += 1;
    const { clock } = this.#deps;
    this.#cancel = clock.at(clock.now() + pause, () => {
      // A changed URL is told by a program that still runs.
      this.#work = this.#work.then(() => this.#reopen());
    });
  }

  async #reopen(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { log } = this.#deps;
    try {
      await this.#open();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#tell(toVoiceCallError(error));
      return this.#reopenLater();
    }
    this.#problem = null;
    log.info("The tunnel to the webhook is open again.");
    this.#deps.onBack?.(this.webhookUrl !== this.#lastUrl);
  }

  #tell(error: VoiceCallError): void {
    const isNews = error.message !== this.#problem?.message;
    this.#problem = error;
    if (!isNews) return;
    const { code } = error;
    this.#deps.log.error(`The tunnel cannot be opened again, and is tried until it can: ${error.message}`, {
      code,
    });
  }
}
