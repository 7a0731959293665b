import type { CallManager } from "../call/manager.ts";
import type { CallRef, CallStore, Clock, LatencyStage, LiveCalls, Log } from "../call/ports.ts";
import type { CarrierContext, Connected } from "../carrier/carrier.ts";
import { CarrierError } from "../carrier/carrier.ts";
import type { VoiceCallConfig } from "../config/index.ts";
import { LiveConversations } from "../conversation/live/calls.ts";
import type { Ears, Voices } from "../conversation/live/speech.ts";
import type { TurnTimes } from "../conversation/live/stopwatch.ts";
import type { Thinking } from "../conversation/live/thinker.ts";
import type { MediaSettings } from "../edge/protocol.ts";
import type { EdgeHandle } from "../edge/supervisor.ts";
import type { BargeIn, StreamCommand } from "../media/commands.ts";
import type { PublicReach } from "./reach.ts";

/** What live audio needs of the host. */
export interface LiveHost {
  readonly ears: Ears;
  readonly voices: Voices;
  readonly thinker: Thinking;
  /** Tells the host where the time of a turn went. */
  tell(callId: string, times: TurnTimes): Promise<void>;
}

export interface LiveDeps {
  readonly host: LiveHost;
  readonly store: Pick<CallStore, "sample">;
  readonly clock: Clock;
  readonly log: Log;
  readonly reach: Pick<PublicReach, "streamUrl" | "urlForCarrier">;
  readonly manager: () => CallManager;
  readonly config: () => VoiceCallConfig;
}

/** A token waits for its socket this long once the call is answered; while it rings, for as long as it may ring besides. */
const TOKEN_MS = 30_000;

/** Live audio of one plant: conversations on this side, streams in the edge worker, tokens between them. */
export class LiveAudio {
  readonly #deps: LiveDeps;
  readonly #conversations: LiveConversations;
  #edge: EdgeHandle | null = null;

  constructor(deps: LiveDeps) {
    const { host, clock, log, manager, config } = deps;
    this.#deps = deps;
    this.#conversations = new LiveConversations({
      ...host,
      clock,
      log,
      send: (command) => this.#send(command),
      report: (callId, event) => {
        manager()
          .apply(callId, event)
          .catch((error: unknown) => {
            const name = error instanceof Error ? error.name : "unknown";
            log.error("what happened on live audio could not be saved", {
              callId,
              event: event.type,
              error: name,
            });
          });
      },
      timed: (callId, times) => this.#timed(callId, times),
      settings: () => {
        const { interruption, idlePromptMs, fallback } = config().streaming;
        return { interruption: interruption.enabled, idlePromptMs, fallback };
      },
      find: (callId) => manager().active.find(({ id }) => id === callId) ?? null,
    });
  }

  get calls(): LiveCalls {
    return this.#conversations;
  }

  /** The worker that holds the streams. */
  connect(edge: EdgeHandle): void {
    this.#edge = edge;
    edge.streams.onEvent((event) => this.#conversations.event(event));
  }

  /** See `CarrierContext.openStream`. */
  open(call: CallRef, token: string): string {
    const { clock, config } = this.#deps;
    const url = this.#url();
    const rings = call.state === "dialing" || call.state === "ringing";
    const { interruption } = config().streaming;
    const { enabled, pauseMs, commitMs, resumeMs } = interruption;
    const bargeIn: BargeIn = { pauseMs: enabled ? pauseMs : 0, commitMs, resumeMs };
    this.#send({
      type: "stream-expect",
      expected: {
        token,
        callId: call.id,
        carrierCallId: call.carrierCallId,
        expiresAt: clock.now() + TOKEN_MS + (rings ? call.limits.ringMs : 0),
        bargeIn,
      },
    });
    return `${url}/${token}`;
  }

  close(): void {
    this.#conversations.close();
  }

  #url(): string {
    const { reach, config } = this.#deps;
    // Says why there is none, while a tunnel is being opened again.
    reach.urlForCarrier();
    const { provider, serve, streaming } = config();
    const url = reach.streamUrl;
    if (url !== null) return url;
    const { port } = this.#edge ?? {};
    if (provider === "mock" && port !== undefined)
      return `ws://${host(serve.bind)}:${port}${streaming.streamPath}`;
    throw new CarrierError("VC_PUBLIC_URL_MISSING", "not-sent", { provider });
  }

  #send(command: StreamCommand): void {
    this.#edge?.streams.send(command);
  }

  #timed(callId: string, times: TurnTimes): void {
    const { store, clock, host } = this.#deps;
    const at = clock.now();
    host.tell(callId, times).catch(() => {});
    const stages = Object.entries(times) as [LatencyStage, number | null][];
    const samples = stages.flatMap(([stage, ms]) => (ms === null ? [] : [{ callId, stage, ms, at }]));
    store.sample(...samples).catch(() => {});
  }
}

/** What the edge worker needs for the audio sockets; null when there is no live audio. */
export function mediaSettings(
  { streaming, provider }: VoiceCallConfig,
  { carrier, webhook }: Pick<Connected, "carrier" | "webhook">,
  security: CarrierContext["security"],
): MediaSettings | null {
  if (!streaming.enabled || !carrier.capabilities.liveAudio) return null;
  const { preStartTimeoutMs, maxPendingConnections, maxPendingConnectionsPerIp, maxConnections } = streaming;
  return {
    carrier: webhook ?? { carrier: provider, secrets: {}, ...security },
    preStartTimeoutMs,
    maxPendingConnections,
    maxPendingConnectionsPerIp,
    maxConnections,
  };
}

const host = (bind: string): string =>
  bind.includes(":") ? `[${bind}]` : bind === "0.0.0.0" ? "127.0.0.1" : bind;
