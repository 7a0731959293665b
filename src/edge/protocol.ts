import type { CarrierFact, WebhookReply } from "../call/ports.ts";
import type { WebhookSettings } from "../carrier/carrier.ts";
import type { StreamCommand, StreamEvent } from "../media/commands.ts";
import type { SelfCheck } from "./self-check.ts";

/** What the listener needs to run. Plain data: it crosses the thread boundary. */
export interface ListenerSettings {
  readonly bind: string;
  /** 0 = any free port (tests). */
  readonly port: number;
  /** Exact path of the webhook on this listener. */
  readonly path: string;
  /** Audio sockets are opened at exactly `<streamPath>/<token>`. */
  readonly streamPath: string;
  /** Provider-facing URL of the webhook, used as it is for signatures; null = rebuilt as `security` allows. */
  readonly publicUrl: string | null;
  /** Provider-facing `wss://…` of `streamPath`; null = put together from `publicUrl` and the two paths. */
  readonly streamUrl: string | null;
  /** The public URL is still to come, from a tunnel: until it is known, webhooks are asked to come again. */
  readonly awaitsPublicUrl: boolean;
  readonly security: {
    readonly allowedHosts: readonly string[];
    readonly trustForwardingHeaders: boolean;
    readonly trustedProxyIPs: readonly string[];
  };
  /** Null: there are no webhooks, and every POST is refused. */
  readonly webhook: WebhookSettings | null;
  /** Null: there is no live audio, and every audio socket is refused. */
  readonly media: MediaSettings | null;
}

/** The audio sockets. Explicit zeros count. */
export interface MediaSettings {
  /** What the carrier's media part is built from. */
  readonly carrier: WebhookSettings;
  /** From the upgrade to a valid `start`, milliseconds. */
  readonly preStartTimeoutMs: number;
  /** Sockets in all that have not proved to be a call's own. */
  readonly maxPendingConnections: number;
  /** The same from one client address. */
  readonly maxPendingConnectionsPerIp: number;
  /** Open audio sockets, pending and live. */
  readonly maxConnections: number;
}

/** What the main thread decided about one fact. */
export interface FactAnswer {
  /** For the request that brought the fact. */
  readonly reply: WebhookReply;
  /** The fact is saved: the worker may answer a repeat of its claim at once. */
  readonly remember: boolean;
  /**
   * For every repeat. Without it a repeat of a fact that wanted nothing gets `reply` again, and a repeat of a fact
   * that wanted a document is asked anew, since a document may hold a token that must not be handed out twice.
   */
  readonly replay?: WebhookReply;
}

/** Commands from the main thread down to the worker. */
export type EdgeCommand =
  /** Streams are numbered from `firstStream` on. */
  | { readonly type: "listen"; readonly settings: ListenerSettings; readonly firstStream: number }
  /** The answer to fact `id`. Sent after the fact's effects are saved. */
  | ({ readonly type: "reply"; readonly id: number } & FactAnswer)
  /** The tunnel has these URLs now; null = it is down, or not told. */
  | { readonly type: "public-url"; readonly url: string | null; readonly streamUrl: string | null }
  /** Answer this check when it arrives from outside. */
  | { readonly type: "expect"; readonly check: SelfCheck }
  /** Are you there? */
  | { readonly type: "ping" }
  /** Stop taking requests, finish those in flight for at most `graceMs`, then exit. */
  | { readonly type: "close"; readonly graceMs: number }
  | StreamCommand;

/** Facts from the worker up to the main thread. */
export type EdgeEvent =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "listen-failed"; readonly code: string; readonly message: string }
  /** A verified webhook; the worker holds the request open until `reply`, at most `EdgeLimits.replyTimeoutMs`. */
  | { readonly type: "fact"; readonly id: number; readonly fact: CarrierFact }
  /** Requests refused since the last report, by reason; never any content. */
  | { readonly type: "refused"; readonly counts: Readonly<Record<string, number>> }
  /** Requests accepted despite an invalid signature since the last report, because `loopbackBypass` is on. */
  | { readonly type: "bypassed"; readonly count: number }
  | { readonly type: "pong" }
  | { readonly type: "closed" }
  | StreamEvent;
