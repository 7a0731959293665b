import { isVoiceCallError } from "../../call/errors.ts";
import type { Instruction } from "../../call/instruction.ts";
import type {
  AccountReport,
  CallRef,
  Carrier,
  CarrierCapabilities,
  CarrierNotes,
  DocumentContent,
  Snapshot,
  WebhookReply,
} from "../../call/ports.ts";
import { isGone, type CarrierContext } from "../carrier.ts";
import { documentReply, isAround, type Page } from "../documents.ts";
import { carrierIdOf } from "../http.ts";
import { Recent } from "../recent.ts";
import type { RemoteCall, TwilioApi } from "./api.ts";
import { NOT_IN_PROGRESS, PROVIDER, refused } from "./errors.ts";
import * as markup from "./markup.ts";
import { evidenceOf, isTwilioStatus, standing } from "./status.ts";
import { callbackUrl } from "../callbacks.ts";

/** What the carrier draws from outside, so that tests are repeatable. */
export interface TwilioTools {
  /** A new unguessable, URL-safe word. */
  nonce(): string;
  /** Resolves after `ms`, or rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const CAPABILITIES: CarrierCapabilities = {
  control: "documents",
  confirmsPlayback: false,
  startsWithWords: true,
  reportsSilence: true,
  needsWebhook: true,
  acknowledge: 204,
  liveAudio: true,
  listening: true,
  dtmfOut: true,
  preConnectDigits: true,
  answeringMachine: "over",
  recording: false,
  transfer: true,
  idempotentCreate: false,
};

const NOTES: CarrierNotes = {
  inboundPlace: "the number's voice webhook (A call comes in)",
  signatureLifeMs: null,
  limitsInbound: true,
  audioPort: 443,
};

/** Longest `SendDigits`. */
const MAX_SEND_DIGITS = 32;

/** How long after "not in progress" a call that we know to be answered is tried again. */
const SETTLE_MS = 300;

/** How long after our first document an inbound call is surely answered. */
const ANSWERED_MS = 1000;

export class TwilioCarrier implements Carrier {
  readonly id = "twilio";
  readonly capabilities = CAPABILITIES;
  readonly notes = NOTES;
  readonly #api: TwilioApi;
  readonly #webhookUrl: CarrierContext["webhookUrl"];
  readonly #openStream: CarrierContext["openStream"];
  readonly #tools: TwilioTools;
  readonly #missed: CarrierContext["missed"];
  /** Ids that belong to other calls of ours. */
  readonly #known = new Recent<true>();
  readonly #closing = new AbortController();

  constructor(
    api: TwilioApi,
    { webhookUrl, openStream, missed }: Pick<CarrierContext, "webhookUrl" | "openStream" | "missed">,
    tools: TwilioTools,
  ) {
    this.#api = api;
    this.#webhookUrl = webhookUrl;
    this.#openStream = openStream;
    this.#missed = missed;
    this.#tools = tools;
  }

  async dial(
    call: CallRef,
    instruction: Instruction,
    signal: AbortSignal,
  ): Promise<{ carrierCallId: string }> {
    const { digits, ...rest } = instruction;
    // `SendDigits` would switch the detection of machines off; a document may press them just as well.
    const sendDigits = digits !== undefined && digits.length <= MAX_SEND_DIGITS && call.screening === null;
    const page = this.#page(call);
    const twiml = markup.renderInstruction(page, sendDigits ? rest : instruction);
    const inline = twiml.length <= markup.MAX_INLINE;
    const placed = await this.#api.create(
      {
        to: call.to,
        from: call.from,
        timeout: seconds(call.limits.ringMs),
        ...this.#terms(call),
        ...this.#detection(call),
        statusCallbackEvent: ["initiated", "ringing", "answered", "completed"],
        ...(inline ? { twiml } : { url: wordsUrl(page, instruction), method: "POST" }),
        // A fetched document presses them itself.
        ...(sendDigits && inline ? { sendDigits: digits } : {}),
      },
      this.#until(signal),
    );
    this.#known.put(placed.sid, true);
    return { carrierCallId: placed.sid };
  }

  /** Calls are answered by their first document. */
  async answer(): Promise<void> {
    throw refused("VC_UNSUPPORTED", { feature: "Answering without words" });
  }

  inspect(number: string | null, signal: AbortSignal): Promise<AccountReport> {
    return this.#api.inspect(number, this.#until(signal));
  }

  async instruct(call: CallRef, instruction: Instruction, signal: AbortSignal): Promise<void> {
    const sid = carrierIdOf(PROVIDER, call);
    const page = this.#page(call);
    const twiml = markup.renderInstruction(page, instruction);
    const inline = twiml.length <= markup.MAX_INLINE;
    const what = inline ? { twiml } : { url: wordsUrl(page, instruction), method: "POST" };
    const until = this.#until(signal);
    try {
      await this.#api.update(sid, what, until);
    } catch (error) {
      if (!isNotInProgress(error)) throw error;
      // The answer may not have reached every part of Twilio yet. Nothing was done, so once more is safe.
      await this.#tools.sleep(SETTLE_MS, until);
      await this.#api.update(sid, what, until);
    }
  }

  async hangup(call: CallRef, signal: AbortSignal): Promise<void> {
    try {
      await this.#api.update(carrierIdOf(PROVIDER, call), { status: "completed" }, this.#until(signal));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** The answer to the call's first webhook has refused it: asking again here would end it twice. */
  async reject(): Promise<void> {}

  async lookup(carrierCallId: string, signal: AbortSignal): Promise<Snapshot> {
    try {
      return snapshot(await this.#api.fetch(carrierCallId, this.#until(signal)));
    } catch (error) {
      if (isGone(error)) return { found: false };
      throw error;
    }
  }

  /** Twilio keeps no reference of ours, so a call is known by its numbers and the time it was made. */
  async find(call: CallRef & { readonly createdAt: number }, signal: AbortSignal): Promise<Snapshot> {
    const listed = await this.#api.list({ to: call.to, from: call.from }, this.#until(signal));
    const apart = (remote: RemoteCall): number => Math.abs((remote.createdAt ?? 0) - call.createdAt);
    const [nearest] = listed
      .filter((remote) => remote.direction === "outbound-api" && !this.#known.has(remote.sid))
      .filter(({ createdAt }) => isAround(call.createdAt, createdAt ?? 0))
      .toSorted((one, other) => apart(one) - apart(other));
    if (nearest === undefined) return { found: false };
    this.#known.put(nearest.sid, true);
    return snapshot(nearest);
  }

  document(call: CallRef | null, content: DocumentContent): WebhookReply {
    if (call !== null && content.kind === "instruction") this.#watch(call);
    return documentReply(markup, (one) => this.#page(one), call, content);
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  /**
   * An inbound call was made without us: nobody reports its end and nothing limits its length. Asks for both
   * once per call, a moment after it was answered. Should that fail, the next document tries again; a caller who
   * was gone by then is told of, since nobody else will.
   */
  #watch(call: CallRef): void {
    const sid = call.carrierCallId;
    if (call.direction !== "inbound" || sid === null || this.#known.has(sid)) return;
    this.#known.put(sid, true);
    const { signal } = this.#closing;
    const ask = async (): Promise<void> => {
      await this.#tools.sleep(ANSWERED_MS, signal);
      await this.#api.update(sid, this.#terms(call), signal);
    };
    ask().catch((error: unknown) => {
      this.#known.delete(sid);
      if (isGone(error)) this.#missed(sid);
    });
  }

  /** What Twilio is told for the whole call: where to report, and when to end it even if we are gone. */
  #terms(call: CallRef) {
    return {
      statusCallback: callbackUrl(this.#page(call).webhookUrl, call.id, { kind: "status" }),
      statusCallbackMethod: "POST",
      timeLimit: seconds(call.limits.maxDurationMs),
    };
  }

  /** Beside the call, so that a person hears the first words at once and not after the verdict. */
  #detection(call: CallRef) {
    const { screening } = call;
    if (screening === null) return {};
    return {
      machineDetection: screening.policy === "leave-message" ? "DetectMessageEnd" : "Enable",
      asyncAmd: "true",
      asyncAmdStatusCallback: callbackUrl(this.#page(call).webhookUrl, call.id, { kind: "machine" }),
      asyncAmdStatusCallbackMethod: "POST",
    };
  }

  #page(call: CallRef): Page {
    const webhookUrl = this.#webhookUrl();
    if (webhookUrl === null) throw refused("VC_PUBLIC_URL_MISSING");
    return {
      call,
      webhookUrl,
      nonce: () => this.#tools.nonce(),
      streamUrl: (token) => this.#openStream(call, token),
    };
  }

  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal]);
  }
}

/** Where Twilio fetches a document that is too long for a request of ours. */
const wordsUrl = (page: Page, { gen }: Instruction): string =>
  callbackUrl(page.webhookUrl, page.call.id, { kind: "words", gen, nonce: page.nonce() });

const seconds = (ms: number): number => Math.ceil(ms / 1000);

const isNotInProgress = (error: unknown): boolean =>
  isVoiceCallError(error) && error.details["code"] === NOT_IN_PROGRESS;

function snapshot(remote: RemoteCall): Snapshot {
  const { sid: carrierCallId, status, durationSec } = remote;
  if (!isTwilioStatus(status)) throw refused("VC_CARRIER_REFUSED", { detail: "an unknown call status" });
  const { state, outcome } = standing(status);
  if (outcome === null) return { found: true, carrierCallId, state };
  const evidence = evidenceOf({ source: "look-up", status, durationSec, sipCode: null });
  return { found: true, carrierCallId, state, outcome, evidence };
}
