import type { CarrierFact, WebhookReply } from "../call/ports.ts";
import type { WebhookSettings } from "../carrier/carrier.ts";

/** What the listener needs to run. Plain data: it crosses the thread boundary. */
export interface ListenerSettings {
  readonly bind: string;
  /** 0 = any free port (tests). */
  readonly port: number;
  /** Exact path of the webhook on this listener. */
  readonly path: string;
  /** Provider-facing URL, used as it is for signatures; null = rebuilt as `security` allows. */
  readonly publicUrl: string | null;
  readonly security: {
    readonly allowedHosts: readonly string[];
    readonly trustForwardingHeaders: boolean;
    readonly trustedProxyIPs: readonly string[];
  };
  readonly webhook: WebhookSettings;
}

/** Commands from the main thread down to the worker. */
export type EdgeCommand =
  | { readonly type: "listen"; readonly settings: ListenerSettings }
  /** The answer to fact `id`. Sent after the fact's effects are saved. `remember`: a repeat may be answered at once. */
  | { readonly type: "reply"; readonly id: number; readonly reply: WebhookReply; readonly remember: boolean }
  /** Stop taking requests, finish those in flight for at most `graceMs`, then exit. */
  | { readonly type: "close"; readonly graceMs: number };

/** Facts from the worker up to the main thread. */
export type EdgeEvent =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "listen-failed"; readonly code: string; readonly message: string }
  /** A verified webhook; the worker holds the request open until `reply`, at most `replyTimeoutMs`. */
  | { readonly type: "fact"; readonly id: number; readonly fact: CarrierFact }
  /** Requests refused since the last report, by reason; never any content. */
  | { readonly type: "refused"; readonly counts: Readonly<Record<string, number>> }
  | { readonly type: "closed" };
