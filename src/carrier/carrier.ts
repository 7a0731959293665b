import type { CarrierFact, CarrierFault } from "../call/ports.ts";
import { VoiceCallError, type ErrorCode, type ErrorDetails } from "../call/errors.ts";

/**
 * The seam every carrier implements. A carrier is a folder with up to four parts: `api` (requests to the carrier),
 * `webhook` (verify and parse, runs in the edge worker), `markup` (documents), `media` (audio frames).
 * The `Carrier` interface itself belongs to the call core, which calls it.
 */
export type { Carrier, CarrierCapabilities, CarrierFact, Snapshot, WebhookReply } from "../call/ports.ts";

/** A coded error that also says how certain it is that nothing happened at the carrier. */
export class CarrierError extends VoiceCallError implements CarrierFault {
  readonly certainty: CarrierFault["certainty"];

  constructor(
    code: ErrorCode,
    certainty: CarrierFault["certainty"],
    details: ErrorDetails,
    options?: ErrorOptions,
  ) {
    super(code, details, options);
    this.name = "CarrierError";
    this.certainty = certainty;
  }
}

/** A webhook request as the edge has read it: raw bytes, nothing decoded. */
export interface RawWebhook {
  readonly method: string;
  /** The request target exactly as sent: path and query. */
  readonly target: string;
  /** Lower-case names; repeated headers joined by `, ` as Node does. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/**
 * The edge's part of a carrier. Pure and synchronous: no I/O, no clock but the one passed in. Runs in a worker,
 * so it is built there from `WebhookSettings`, plain data that survives `postMessage`.
 */
export interface CarrierWebhook {
  readonly carrier: string;
  /** Without all of these headers a request is refused before its body is read. Lower case. */
  readonly signatureHeaders: readonly string[];
  /**
   * Checks the signature over `publicUrl` + `raw` and reads the facts. `publicUrl` is the full URL the carrier
   * called, as rebuilt by the edge from what the configuration allows.
   */
  receive(raw: RawWebhook, publicUrl: string, now: number): WebhookVerdict;
}

export type WebhookVerdict =
  | { readonly ok: true; readonly fact: CarrierFact }
  /** 401/403: not from the carrier; 400: from the carrier but not understood. */
  | { readonly ok: false; readonly status: 400 | 401 | 403; readonly reason: string };

/** What the edge worker needs to build a carrier's webhook part. Structured-cloneable. */
export interface WebhookSettings {
  readonly carrier: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly skipSignatureVerification: boolean;
  /** Accept requests with an invalid signature from loopback (the ngrok free-tier development switch). */
  readonly loopbackBypass: boolean;
}

/** What every carrier is built from in the main thread. */
export interface CarrierContext {
  /** The public webhook URL without query; callbacks are `${webhookUrl}?call=<id>&…`. Null when none is configured. */
  readonly webhookUrl: string | null;
  readonly fetch: typeof globalThis.fetch;
  /** A live call turned out to be over, or unknown, at the carrier without any webhook that said so. */
  readonly missed?: (carrierCallId: string) => void;
}
