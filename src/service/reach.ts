import { toVoiceCallError } from "../call/errors.ts";
import type { Clock, Log } from "../call/ports.ts";
import type { VoiceCallConfig } from "../config/index.ts";
import type { EdgeHandle } from "../edge/supervisor.ts";
import { exposureSettings, openExposure, systemPrograms, type Exposure } from "../exposure/index.ts";

/** Pauses before a lost tunnel is opened again: doubled with every failure. */
const REOPEN_FIRST_MS = 1_000;
const REOPEN_MOST_MS = 60_000;

/** How the carrier gets to the listener: a fixed URL, or a tunnel that is opened, watched and opened again. */
export class PublicReach {
  readonly #config: VoiceCallConfig;
  readonly #deps: { readonly clock: Clock; readonly log: Log };
  readonly #stop = new AbortController();
  readonly #settings: ReturnType<typeof exposureSettings>;
  #edge: EdgeHandle | null = null;
  #exposure: Exposure | null = null;
  #failures = 0;
  #cancel: () => void = () => {};
  #reopening: Promise<void> = Promise.resolve();

  constructor(config: VoiceCallConfig, deps: { readonly clock: Clock; readonly log: Log }) {
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

  /** `tailnet`: only devices of the owner get there, a carrier does not. */
  get audience(): Exposure["reach"] | null {
    return this.#exposure?.reach ?? null;
  }

  /** Opens what the configuration asks for. Rejects coded when it cannot be had, and then nothing is left of it. */
  async open(edge: EdgeHandle): Promise<void> {
    this.#edge = edge;
    if (this.#settings === null) return;
    const { serve, streaming } = this.#config;
    this.#exposure = await openExposure(
      this.#settings,
      {
        local: { host: serve.bind, port: edge.port },
        webhookPath: serve.path,
        streamPath: streaming.streamPath,
      },
      {
        ...this.#deps,
        programs: systemPrograms(this.#deps.clock),
        signal: this.#stop.signal,
        onLost: (reason) => this.#lost(reason),
      },
    );
    if (this.isTunnel) edge.setPublicUrl(this.#exposure.webhookUrl);
  }

  /** Takes back what was opened. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancel();
    await this.#reopening;
    await this.#exposure?.close();
    this.#exposure = null;
  }

  #lost(reason: string): void {
    if (this.#stop.signal.aborted) return;
    this.#deps.log.error("the tunnel to the webhook is lost; opening it again", { reason });
    const lost = this.#exposure;
    this.#exposure = null;
    this.#edge?.setPublicUrl(null);
    this.#reopening = Promise.resolve(lost?.close());
    this.#reopenLater();
  }

  #reopenLater(): void {
    const pause = Math.min(REOPEN_FIRST_MS * 2 ** this.#failures, REOPEN_MOST_MS);
    this.#failures += 1;
    const { clock } = this.#deps;
    this.#cancel = clock.at(clock.now() + pause, () => {
      this.#reopening = this.#reopening.then(() => this.#reopen());
    });
  }

  async #reopen(): Promise<void> {
    if (this.#stop.signal.aborted || this.#edge === null) return;
    try {
      await this.open(this.#edge);
      this.#failures = 0;
      this.#deps.log.info("the tunnel to the webhook is open again", {});
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#deps.log.error("the tunnel could not be opened again; another try follows", {
        error: toVoiceCallError(error).code,
      });
      this.#reopenLater();
    }
  }
}
