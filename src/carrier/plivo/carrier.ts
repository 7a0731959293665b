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
import type { CallFields, PlivoApi, RemoteCall, Standing } from "./api.ts";
import { PROVIDER, refused } from "./errors.ts";
import * as markup from "./markup.ts";
import { ending, stateOf } from "./status.ts";
import { callbackUrl, type Callback } from "../callbacks.ts";

/** What the carrier draws from outside, so that tests are repeatable. */
export interface PlivoTools {
  /** A new unguessable, URL-safe word. */
  nonce(): string;
  /** Resolves after `ms`, or rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  inspect(number: string | null, signal: AbortSignal): Promise<AccountReport>;
}

const CAPABILITIES: CarrierCapabilities = {
  control: "documents",
  confirmsPlayback: false,
  startsWithWords: true,
  reportsSilence: true,
  needsWebhook: true,
  acknowledge: 200,
  liveAudio: true,
  listening: true,
  dtmfOut: true,
  preConnectDigits: true,
  // The detector itself tells the verdict only; the end of a greeting is heard by `<Wait beep>`.
  answeringMachine: "over",
  recording: false,
  transfer: true,
  idempotentCreate: false,
};

const NOTES: CarrierNotes = {
  inboundPlace: "the answer URL of the number's application",
  reportPlace: "the hangup URL of the number's application",
  signatureLifeMs: null,
  limitsInbound: true,
};

/** Longest `time_limit` that Plivo takes, seconds. */
const MAX_TIME_LIMIT = 14_400;

/** Pauses between looks for a call that is nowhere: one that has just ended gets its record only after some seconds. */
const RECORD_AFTER_MS = [1000, 2000, 4000, 8000];

/** Calls looked at one by one when one is searched for; Plivo lists no more at once. */
const MAX_LISTED = 20;

export class PlivoCarrier implements Carrier {
  readonly id = "plivo";
  readonly capabilities = CAPABILITIES;
  readonly notes = NOTES;
  readonly #api: PlivoApi;
  readonly #webhookUrl: CarrierContext["webhookUrl"];
  readonly #openStream: CarrierContext["openStream"];
  readonly #tools: PlivoTools;
  /** Calls by the id of their request. Only where the two differ; as a rule they are the same. */
  readonly #uuids = new Recent<string>();
  /** Ids that belong to other calls of ours. */
  readonly #known = new Recent<true>();
  readonly #closing = new AbortController();

  constructor(
    api: PlivoApi,
    { webhookUrl, openStream }: Pick<CarrierContext, "webhookUrl" | "openStream">,
    tools: PlivoTools,
  ) {
    this.#api = api;
    this.#webhookUrl = webhookUrl;
    this.#openStream = openStream;
    this.#tools = tools;
  }

  /** The first document is fetched when the call is answered. */
  async dial(
    call: CallRef,
    instruction: Instruction,
    signal: AbortSignal,
  ): Promise<{ carrierCallId: string }> {
    const page = this.#page(call);
    // What cannot be said is refused now, not when somebody has picked up.
    markup.renderInstruction(tried(page), instruction);
    const to = (callback: Callback): string => callbackUrl(page.webhookUrl, call.id, callback);
    const words = (): string => to({ kind: "words", gen: instruction.gen, nonce: page.nonce() });
    const fields = {
      from: markup.dialable(call.from),
      to: markup.dialable(call.to),
      ...hook("answer", words()),
      ...hook("fallback", words()),
      ...hook("ring", to({ kind: "status" })),
      ...hook("hangup", to({ kind: "status" })),
      ring_timeout: seconds(call.limits.ringMs),
      time_limit: Math.min(MAX_TIME_LIMIT, seconds(call.limits.maxDurationMs)),
      // With a URL of its own the detection runs beside the call: a person hears the first words at once.
      ...(call.screening === null
        ? {}
        : { machine_detection: "true", ...hook("machine_detection", to({ kind: "status" })) }),
    };
    const requestId = await this.#api.create(fields, this.#until(signal));
    this.#known.put(requestId, true);
    return { carrierCallId: requestId };
  }

  /** Calls are answered by their first document. */
  async answer(): Promise<void> {
    throw refused("VC_UNSUPPORTED", { feature: "Answering without words" });
  }

  async instruct(call: CallRef, instruction: Instruction, signal: AbortSignal): Promise<void> {
    const page = this.#page(call);
    markup.renderInstruction(tried(page), instruction);
    const url = callbackUrl(page.webhookUrl, call.id, {
      kind: "words",
      gen: instruction.gen,
      nonce: page.nonce(),
    });
    const until = this.#until(signal);
    await this.#onCall(call, (uuid) => this.#api.redirect(uuid, url, until), until);
  }

  /** An unanswered call is ended by its request, an answered one by itself; which of the two it is may just change. */
  async hangup(call: CallRef, signal: AbortSignal): Promise<void> {
    const id = carrierIdOf(PROVIDER, call);
    const until = this.#until(signal);
    const end = (): Promise<void> => this.#onCall(call, (uuid) => this.#api.end(uuid, until), until);
    const cancel = (): Promise<void> => this.#api.cancel(id, until);
    if (call.direction === "inbound") return unlessGone(end).then(() => undefined);
    const isUp = call.state === "answered" || call.state === "live";
    const [first, second] = isUp ? [end, cancel] : [cancel, end];
    if (!(await unlessGone(first))) await unlessGone(second);
  }

  /** The answer to the call's first webhook has refused it: asking again here would end it twice. */
  async reject(): Promise<void> {}

  /** Live, then queued, then on record; whoever is nowhere may be between two of these, so it is looked for again. */
  async lookup(carrierCallId: string, signal: AbortSignal): Promise<Snapshot> {
    const until = this.#until(signal);
    for (const pause of [...RECORD_AFTER_MS, null]) {
      const seen = await this.#see(carrierCallId, until);
      if (seen !== null || pause === null) return seen ?? { found: false };
      await this.#tools.sleep(pause, until);
    }
    return { found: false };
  }

  /** Plivo keeps no reference of ours, so a call is known by its numbers and the time it was made. */
  async find(call: CallRef & { readonly createdAt: number }, signal: AbortSignal): Promise<Snapshot> {
    const until = this.#until(signal);
    const isIt = (remote: RemoteCall): boolean => {
      const { direction, from, to, requestId, startedAt } = remote;
      return (
        direction === "outbound" &&
        from === markup.dialable(call.from) &&
        to === markup.dialable(call.to) &&
        !this.#known.has(requestId) &&
        isAround(call.createdAt, startedAt ?? call.createdAt)
      );
    };
    const found = (await this.#search("live", isIt, until)) ?? (await this.#search("queued", isIt, until));
    if (found === null) return { found: false };
    this.#known.put(found.requestId, true);
    return { found: true, carrierCallId: found.requestId, state: stateOf(found.status) };
  }

  inspect(number: string | null, signal: AbortSignal): Promise<AccountReport> {
    return this.#tools.inspect(number, this.#until(signal));
  }

  document(call: CallRef | null, content: DocumentContent): WebhookReply {
    return documentReply(markup, (one) => this.#page(one), call, content);
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  async #see(id: string, signal: AbortSignal): Promise<Snapshot | null> {
    const uuid = this.#uuids.get(id) ?? id;
    const up =
      (await orNull(() => this.#api.get(uuid, "live", signal))) ??
      (await orNull(() => this.#api.get(uuid, "queued", signal)));
    if (up !== null) return { found: true, carrierCallId: id, state: stateOf(up.status) };
    const over = await orNull(() => this.#api.record(uuid, signal));
    if (over === null) {
      const other = await this.#elsewhere(id, signal);
      return other === null ? null : { found: true, carrierCallId: id, state: stateOf(other.status) };
    }
    const { hangupSource: by, ...known } = over;
    const end = ending({ source: "look-up", status: null, by, ...known });
    return { found: true, carrierCallId: id, state: "ended", ...end };
  }

  /** Commands a live call. Where its own id is not that of its request, it is found among the live ones. */
  async #onCall(call: CallRef, command: (uuid: string) => Promise<void>, signal: AbortSignal): Promise<void> {
    const id = carrierIdOf(PROVIDER, call);
    try {
      await command(this.#uuids.get(id) ?? id);
    } catch (error) {
      if (!isGone(error) || call.direction === "inbound") throw error;
      const other = await this.#elsewhere(id, signal);
      if (other === null) throw error;
      await command(other.uuid);
    }
  }

  /** The live call of that request, if it goes by another id. */
  async #elsewhere(requestId: string, signal: AbortSignal): Promise<RemoteCall | null> {
    const isIt = (remote: RemoteCall): boolean => remote.requestId === requestId && remote.uuid !== requestId;
    const found = await this.#search("live", isIt, signal);
    if (found !== null) {
      this.#uuids.put(requestId, found.uuid);
    }
    return found;
  }

  async #search(
    standing: Standing,
    isIt: (remote: RemoteCall) => boolean,
    signal: AbortSignal,
  ): Promise<RemoteCall | null> {
    const listed = (await orNull(() => this.#api.list(standing, signal))) ?? [];
    for (const uuid of listed.slice(0, MAX_LISTED)) {
      // It may have ended since it was listed.
      const remote = await orNull(() => this.#api.get(uuid, standing, signal));
      if (remote !== null && isIt(remote)) return remote;
    }
    return null;
  }

  #page(call: CallRef): Page {
    const webhookUrl = this.#webhookUrl();
    if (webhookUrl === null) throw refused("VC_PUBLIC_URL_MISSING");
    // The socket will name the call by an id that an outbound one is not known by here.
    const known = call.direction === "inbound" ? call : { ...call, carrierCallId: null };
    return {
      call,
      webhookUrl,
      nonce: () => this.#tools.nonce(),
      streamUrl: (token) => this.#openStream(known, token),
    };
  }

  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal]);
  }
}

/** The same page, to see whether it can be written: nobody is going to fetch it, so no socket is expected. */
const tried = (page: Page): Page => ({ ...page, streamUrl: () => "" });

const hook = (name: string, url: string): CallFields => ({
  [`${name}_url`]: url,
  [`${name}_method`]: "POST",
});

const seconds = (ms: number): number => Math.ceil(ms / 1000);

/** Null for what Plivo does not have. */
async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** False when what was to be ended is over. */
async function unlessGone(command: () => Promise<void>): Promise<boolean> {
  return (await orNull(async () => (await command(), true))) ?? false;
}
