import type { MessagePort } from "node:worker_threads";
import type { CarrierWebhook, WebhookSettings } from "../carrier/carrier.ts";
import type { CarrierMedia } from "../media/protocol.ts";
import { Decisions } from "./decisions.ts";
import { EDGE_LIMITS, type EdgeLimits } from "./limits.ts";
import { Listener } from "./listener.ts";
import type { EdgeCommand, EdgeEvent, ListenerSettings } from "./protocol.ts";
import type { Streams } from "./streams/streams.ts";
import { parcel } from "./streams/transfer.ts";
import { Tally } from "./tally.ts";

/** How a carrier's parts are built. Each rejects for a carrier that has none. */
export interface EdgeParts {
  webhook(settings: WebhookSettings): Promise<CarrierWebhook>;
  media(settings: WebhookSettings): Promise<CarrierMedia>;
}

/** The worker's side of the protocol: one listener, from `listen` to `close`. */
export function serveEdge(port: MessagePort, build: EdgeParts, limits: EdgeLimits = EDGE_LIMITS): void {
  const post = (event: EdgeEvent): void => {
    const { message, transfer } = parcel(event);
    port.postMessage(message, transfer);
  };
  const periods = { firstMs: limits.reportFirstMs, everyMs: limits.reportEveryMs };
  const refusals = new Tally(periods, (counts) => post({ type: "refused", counts }));
  // Every use has to be heard of, so these are gathered only for a moment.
  const bypasses = new Tally({ firstMs: periods.firstMs, everyMs: periods.firstMs }, ({ used }) => {
    post({ type: "bypassed", count: used ?? 0 });
  });
  const decisions = new Decisions(limits, (id, fact) => post({ type: "fact", id, fact }));
  const refused = (reason: string): void => refusals.add(reason);
  let listener: Listener | null = null;
  let streams: Streams | null = null;
  /** What came before there was a listener. */
  const early: EdgeCommand[] = [];

  async function listen(settings: ListenerSettings, firstStream: number): Promise<void> {
    try {
      const { webhook } = settings;
      streams = await openStreams(settings, firstStream);
      listener = new Listener({
        settings,
        webhook: webhook === null ? null : await buildMain(webhook),
        unverified: webhook?.loopbackBypass
          ? await build.webhook({ ...webhook, skipSignatureVerification: true })
          : null,
        streams,
        limits,
        ask: (fact, done) => decisions.ask(fact, done),
        refused,
        bypassed: () => bypasses.add("used"),
        now: Date.now,
      });
      for (const command of early.splice(0)) obey(command);
      post({ type: "listening", port: await listener.listen() });
    } catch (error) {
      post({ type: "listen-failed", ...describe(error) });
    }
  }

  /** The media plane is loaded only where there is live audio. */
  async function openStreams(settings: ListenerSettings, firstStream: number): Promise<Streams | null> {
    const { media } = settings;
    if (media === null) return null;
    const [{ Streams }, carrier] = await Promise.all([
      import("./streams/streams.ts"),
      build.media(media.carrier),
    ]);
    return new Streams({
      settings: { ...settings, media },
      carrier,
      limits,
      firstStream,
      emit: post,
      refused,
      now: Date.now,
    });
  }

  async function buildMain(settings: WebhookSettings): Promise<CarrierWebhook> {
    const webhook = await build.webhook(settings);
    // Where nothing is verified, a request needs no signature either.
    return settings.skipSignatureVerification ? { ...webhook, signatureHeaders: [] } : webhook;
  }

  async function close(graceMs: number): Promise<void> {
    await listener?.close(graceMs);
    decisions.close();
    refusals.close();
    bypasses.close();
    post({ type: "closed" });
    port.close();
  }

  function obey(command: EdgeCommand): void {
    switch (command.type) {
      case "listen":
        return void listen(command.settings, command.firstStream);
      case "reply":
        return decisions.settle(command.id, command);
      case "public-url":
        return listener?.setPublicUrl(command.url, command.streamUrl);
      case "ping":
        return post({ type: "pong" });
      case "expect":
        return listener?.expect(command.check);
      case "close":
        return void close(command.graceMs);
      default:
        return streams?.obey(command);
    }
  }

  port.on("message", (command: EdgeCommand) => {
    const isUrgent = command.type === "listen" || command.type === "ping";
    if (listener === null && !isUrgent) early.push(command);
    else obey(command);
  });
}

function describe(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: "UNKNOWN", message: "unknown error" };
  const code = (error as NodeJS.ErrnoException).code ?? error.name;
  return { code, message: error.message };
}
