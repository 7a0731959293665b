import { setTimeout as delay } from "node:timers/promises";
import { Desk } from "../call/admission.ts";
import { partyOf, type Call } from "../call/call.ts";
import { VoiceCallError } from "../call/errors.ts";
import { CallManager } from "../call/manager.ts";
import { Outbox } from "../call/outbox.ts";
import type { CallStore, Clock, Ids, Log, Reporter, Responder } from "../call/ports.ts";
import { watchQuietCalls } from "../call/pulse.ts";
import { Reception } from "../call/reception.ts";
import { reconcile, recover, type RecoveryDeps } from "../call/recovery.ts";
import type { PhonePort } from "../call/service.ts";
import { Switchboard } from "../call/switchboard.ts";
import { connectCarrier } from "../carrier/index.ts";
import type { Carrier, CarrierContext, Connected, WebhookSettings } from "../carrier/carrier.ts";
import { carrierSections, type VoiceCallConfig } from "../config/index.ts";
import { startEdge, type EdgeHandle } from "../edge/supervisor.ts";
import { LiveAudio, mediaSettings, type LiveHost } from "./live.ts";
import { PublicReach } from "./reach.ts";
import { Strays } from "./strays.ts";

/** Everything that one set of carrier, listener and records settings needs to run. */
export interface Plant {
  readonly manager: CallManager;
  readonly switchboard: Switchboard;
  readonly desk: Desk;
  readonly carrier: Carrier;
  /** The public listener; null when the carrier needs none. */
  readonly edge: EdgeHandle | null;
  /** What it verifies webhooks with; null when there are none. */
  readonly webhook: WebhookSettings | null;
  /** Its port. */
  readonly port: number | null;
  /** How the carrier gets to it. */
  readonly reach: PublicReach;
  readonly phone: PhonePort | null;
  /** Aborts every running reply at once; the calls stay up. */
  hush(): void;
  /** Stops taking webhooks, ends replies, leaves the calls to the next start. */
  close(): Promise<void>;
}

export interface PlantDeps {
  readonly store: CallStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly responder: Responder;
  readonly reporter: Reporter;
  /** The configuration as it is now; the plant itself keeps what it was built with. */
  readonly config: () => VoiceCallConfig;
  /** Which agent and which session a call belongs to. Throws `VC_NO_AGENT`. */
  identify(request: {
    readonly agentId: string | undefined;
    readonly callId: string;
    readonly party: string;
    readonly config: VoiceCallConfig;
  }): Promise<{ agentId: string; sessionKey: string }>;
  readonly code: () => string;
  /** What the host gives for live audio; without it no call has any. */
  readonly live?: LiveHost | undefined;
  /** Gives up starting; has no effect on a plant that runs. */
  readonly signal?: AbortSignal;
  /** A carrier from outside the list; by default the configured one. */
  readonly connect?: (context: CarrierContext) => Promise<Connected>;
}

/** Carriers give up on a webhook after 15 s and callers on silence sooner; past this the line is put on wait. */
const DOCUMENT_HOLD_MS = 5_000;

/** Builds and starts a plant. What a failed start had opened is closed again. */
export async function startPlant(config: VoiceCallConfig, deps: PlantDeps): Promise<Plant> {
  const { store, clock, ids, log } = deps;
  const stop = new AbortController();
  const reach = new PublicReach(config, {
    clock,
    log,
    onBack: (moved) => {
      lookUpAll();
      if (moved) strays.add(manager.active.map(({ id }) => id));
    },
  });
  const manager = new CallManager({ store, clock, ids, log });
  const security = {
    skipSignatureVerification: config.skipSignatureVerification,
    loopbackBypass: config.tunnel.allowNgrokFreeTierLoopbackBypass,
  };
  const { live: host } = deps;
  const audio =
    host === undefined || !config.streaming.enabled
      ? null
      : new LiveAudio({ host, store, clock, log, reach, config: deps.config, manager: () => manager });
  const connected = await (deps.connect ?? ((context) => connectCarrier(config, context)))({
    webhookUrl: () => reach.urlForCarrier(),
    openStream: (call, token) => {
      if (audio === null) throw new VoiceCallError("VC_INTERNAL", { detail: "a stream without live audio" });
      return audio.open(call, token);
    },
    fetch: globalThis.fetch,
    clock,
    ids,
    log,
    security,
    deliver: async (fact) => (await reception.receive(fact)).reply,
    missed: (carrierCallId) => {
      const call = manager.active.find((one) => one.carrierCallId === carrierCallId);
      if (call !== undefined) lookUp(call.id);
    },
  });
  const { carrier, webhook, phone } = connected;
  const media = audio === null ? null : mediaSettings(config, connected, security);
  const live = media === null || audio === null ? null : audio.calls;
  const outbox = new Outbox({ ...deps, manager, carrier, live });
  manager.connect(outbox);
  const identify = (
    call: Pick<Call, "id" | "direction" | "from" | "to">,
    now: VoiceCallConfig,
    agentId?: string,
  ) => deps.identify({ agentId, callId: call.id, party: partyOf(call), config: now });
  const desk = new Desk({
    store,
    clock,
    ids,
    log,
    carrier,
    live,
    config: deps.config,
    identify,
    code: deps.code,
  });
  const reception = new Reception({
    manager,
    outbox,
    store,
    carrier,
    clock,
    log,
    admit: (offer, carrierCallId) => desk.admit(offer, carrierCallId),
    holdMs: DOCUMENT_HOLD_MS,
  });
  const recovery: RecoveryDeps = { manager, outbox, store, carrier, clock, log };
  const lookUp = (callId: string): void => {
    void reconcile(recovery, callId, stop.signal).catch(() => {});
  };
  /** Webhooks may have been missed, so the carrier is asked how every call is. */
  const lookUpAll = (): void => {
    for (const call of manager.active) lookUp(call.id);
  };
  const isUp = (callId: string): boolean => manager.active.some(({ id }) => id === callId);
  const strays = new Strays({ clock, isUp, lookUp });

  const giveUp = (): void => {
    stop.abort(deps.signal?.reason);
    void reach.close();
  };
  deps.signal?.addEventListener("abort", giveUp, { once: true });

  let edge: EdgeHandle | null = null;
  try {
    deps.signal?.throwIfAborted();
    if (webhook !== null || media !== null) {
      edge = await startEdge({
        settings: {
          ...config.serve,
          streamPath: config.streaming.streamPath,
          publicUrl: reach.webhookUrl,
          streamUrl: reach.streamUrl,
          awaitsPublicUrl: reach.isTunnel,
          security: config.webhookSecurity,
          webhook,
          media,
        },
        log,
        onFact: async (fact) => {
          const { reply, replay } = await reception.receive(fact);
          return replay === null ? { reply, remember: false } : { reply, remember: true, replay };
        },
        onDown: () => lookUpAll(),
      });
    }
    if (edge !== null) {
      audio?.connect(edge);
      await reach.open(edge);
    }
    await recover(recovery, stop.signal);
    if (carrier.capabilities.needsWebhook) watchQuietCalls(recovery, stop.signal);
    stop.signal.throwIfAborted();
  } catch (error) {
    stop.abort();
    audio?.close();
    await outbox.stop();
    await reach.close();
    await edge?.close();
    await manager.stop();
    await carrier.close();
    throw error;
  } finally {
    deps.signal?.removeEventListener("abort", giveUp);
  }

  const switchboard = new Switchboard({
    manager,
    outbox,
    carrier,
    clock,
    ids,
    log,
    store,
    live,
    config: deps.config,
    identify,
  });
  return {
    manager,
    switchboard,
    desk,
    carrier,
    phone,
    edge,
    webhook,
    port: edge?.port ?? null,
    reach,
    hush: () => {
      void deps.responder.close();
    },
    async close() {
      stop.abort(new VoiceCallError("VC_NOT_RUNNING"));
      strays.stop();
      // First of all, so that a webhook that waits for words is still answered and the line kept.
      const settled = outbox.stop();
      const asked = reception.leave(manager.active.filter(asksWithoutSocket).map(({ id }) => id));
      audio?.close();
      await Promise.race([asked, delay(LEAVING_MS, undefined, { ref: false })]);
      await edge?.close();
      // Answers that were under way have gone out through it.
      await reach.close();
      await settled;
      await manager.stop();
      await carrier.close();
    },
  };
}

/** A carrier that asks what to do when its socket is gone does so within this. Real time: nothing else is waited for any more. */
const LEAVING_MS = 1_500;

const asksWithoutSocket = ({ live, traits, hangup }: Call): boolean =>
  live?.stream === "up" && !traits.ownReopen && hangup === null;

/** The settings a plant is built from: when they change, a new one is needed. Everything else is read per call. */
export function plantSettings(config: VoiceCallConfig): string {
  const { provider, serve, publicUrl, tunnel, tailscale, store } = config;
  const { webhookSecurity, skipSignatureVerification, streaming } = config;
  const carriers = [provider, ...carrierSections.map((id) => config[id])];
  const { enabled, streamPath, preStartTimeoutMs } = streaming;
  const { maxPendingConnections, maxPendingConnectionsPerIp, maxConnections } = streaming;
  const sockets = [enabled, streamPath, preStartTimeoutMs];
  const most = [maxPendingConnections, maxPendingConnectionsPerIp, maxConnections];
  const listener = [serve, sockets, most, webhookSecurity, skipSignatureVerification];
  return JSON.stringify([carriers, listener, publicUrl, tunnel, tailscale, store]);
}
