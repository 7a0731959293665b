import type {
  CallRef,
  CarrierFact,
  CarrierFault,
  Carrier,
  Clock,
  Ids,
  Log,
  WebhookReply,
} from "../call/ports.ts";
import { isVoiceCallError, VoiceCallError, type ErrorCode, type ErrorDetails } from "../call/errors.ts";
import type { PhonePort } from "../call/service.ts";
import type { Environment } from "../config/option.ts";
import type { Shape } from "../config/shape.ts";
import type { CarrierMedia } from "../media/protocol.ts";

/**
 * The seam every carrier implements. A carrier is a folder: `settings` (its section of the configuration), `index`
 * (connects it), `carrier` and `api` (requests to the carrier), `webhook` (verify and parse) and `media` (frames of its
 * audio sockets), which run in the edge worker, `markup` (documents). `list.ts` names it. The `Carrier` interface belongs to the call core, which calls it.
 */
export type {
  AccountReport,
  Carrier,
  CarrierCapabilities,
  CarrierFact,
  CarrierNotes,
  CallRef,
  Snapshot,
  WebhookReply,
} from "../call/ports.ts";

export { carrierLanguage, type LanguageRow } from "./languages.ts";

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

/** What is certain about an error of a carrier's request; null for any other error. */
export const certaintyOf = (error: unknown): CarrierFault["certainty"] | null =>
  isVoiceCallError(error) ? ((error as Partial<CarrierFault>).certainty ?? null) : null;

/** The call is over, or the carrier does not know it. */
export const isGone = (error: unknown): boolean => certaintyOf(error) === "gone";

// ---------------------------------------------------------------- settings

/** A carrier's section of the configuration. */
export interface CarrierSettings<User, Resolved extends CarrierAddress> {
  /** What a user may write: every key optional, credentials as text or SecretRef. */
  readonly schema: Shape<User>;
  /** Applies defaults and the environment. */
  resolve(user: User, env: Environment): Resolved;
  /** What must be there before the carrier can be used, by key of the section. */
  needs(resolved: Resolved, security: Pick<CarrierSecurity, "skipSignatureVerification">): readonly Need[];
}

/** What every section has. */
export interface CarrierAddress {
  /** Another server that speaks the same API; undefined = the carrier's own. */
  readonly apiBaseUrl: string | undefined;
}

export interface Need {
  readonly path: string;
  /** The variable that may fill it. */
  readonly env?: string;
  readonly value: string | undefined;
}

export interface CarrierSecurity {
  readonly skipSignatureVerification: boolean;
  /** Accept requests with an invalid signature from loopback (the ngrok free-tier development switch). */
  readonly loopbackBypass: boolean;
}

// ---------------------------------------------------------------- connecting

/** What every carrier is built from in the main thread. */
export interface CarrierContext {
  /**
   * The public webhook URL without query; callbacks are `${webhookUrl}?call=<id>&…`. Null when there is none. Asked
   * for every request: a tunnel that was opened anew may have another URL. Throws a `CarrierFault` of a request that was
   * not sent while a tunnel is closed.
   */
  webhookUrl(): string | null;
  /**
   * Expects the call's audio socket under the instruction's token and tells its URL, `wss://host/voice/stream/<token>`.
   * Asked whenever that instruction is written for the carrier, so one token may be asked for several times; still one
   * socket is let in. Throws a `CarrierFault` of a request that was not sent when there is no way to us.
   */
  openStream(call: CallRef, token: string): string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly security: CarrierSecurity;
  /** For carriers inside the process: takes their facts without a listener. */
  deliver(fact: CarrierFact): Promise<WebhookReply>;
  /** A live call turned out to be over, or unknown, at the carrier without any webhook that said so. */
  missed(carrierCallId: string): void;
}

/** A carrier that has been set up from its settings. */
export interface Connected {
  readonly carrier: Carrier;
  /** What the edge needs to take its webhooks; null when it has none. */
  readonly webhook: WebhookSettings | null;
  /** The terminal phone, where the carrier has one. */
  readonly phone: PhonePort | null;
}

export type Connect<Settings> = (settings: Settings, context: CarrierContext) => Promise<Connected>;

// ---------------------------------------------------------------- webhooks

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
 * The edge's part of a carrier. Pure: no I/O, no clock but the one passed in. Runs in a worker, so it is built there
 * from `WebhookSettings`, plain data that survives `postMessage`.
 */
export interface CarrierWebhook {
  readonly carrier: string;
  /** Without all of these headers a request is refused before its body is read. Lower case. */
  readonly signatureHeaders: readonly string[];
  /**
   * Checks the signature over `publicUrl` + `raw` and reads the facts. `publicUrl` is the full URL the carrier
   * called, as rebuilt by the edge from what the configuration allows. A promise only where verifying needs one.
   */
  receive(raw: RawWebhook, publicUrl: string, now: number): WebhookVerdict | Promise<WebhookVerdict>;
  /**
   * Signs a form-encoded POST as the carrier would, for the self-check that sends itself a webhook from outside.
   * Absent where only the carrier can sign.
   */
  sign?(request: { readonly url: string; readonly body: string }): Readonly<Record<string, string>>;
}

/** A webhook part that decides at once. */
export interface SyncWebhook extends CarrierWebhook {
  receive(raw: RawWebhook, publicUrl: string, now: number): WebhookVerdict;
}

export type CreateWebhook = (settings: WebhookSettings) => CarrierWebhook;

/** Builds a carrier's part of the audio sockets, in the worker too and from the same settings. */
export type CreateMedia = (settings: WebhookSettings) => CarrierMedia;

export type WebhookVerdict =
  | { readonly ok: true; readonly fact: CarrierFact }
  /** 401/403: not from the carrier; 400: from the carrier but not understood. */
  | { readonly ok: false; readonly status: 400 | 401 | 403; readonly reason: string };

/** What the edge worker needs to build a carrier's webhook part. Structured-cloneable. */
export interface WebhookSettings extends CarrierSecurity {
  readonly carrier: string;
  readonly secrets: Readonly<Record<string, string>>;
  /**
   * For a carrier outside this package: URL of a module that exports `createWebhook: CreateWebhook` and, if it has audio
   * sockets, `createMedia: CreateMedia`, loaded in the worker. Set by its `connect`, never by configuration.
   */
  readonly module?: string;
}
