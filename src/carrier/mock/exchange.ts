import type { CarrierEvent } from "../../call/event.ts";
import type { CarrierFact, Clock, Ids, Offer, WebhookReply } from "../../call/ports.ts";
import type { Socket } from "./phone-socket.ts";
import { Line, type LineOptions } from "./line.ts";
import { Mailbox } from "./mailbox.ts";
import { Party } from "./party.ts";
import { Screen } from "./screen.ts";
import { scriptFor, type MockCasting, type MockPace, type MockScript, type PartyScript } from "./script.ts";

/** Calls that may run at once, and ended ones that can still be looked up. */
const MAX_CALLS = 2000;
/** Ended calls whose audio can still be listened to: half a minute each. */
const MAX_AUDIBLE = 20;

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly deliver: (fact: CarrierFact) => Promise<WebhookReply>;
  readonly script: MockScript | MockCasting | undefined;
  readonly pace: MockPace;
  readonly connect: ((url: string) => Socket) | undefined;
}

type NewLine = Pick<LineOptions, "callId" | "direction" | "from" | "to" | "ringLimitMs">;

/** Everything the mock carrier knows: its lines, the people at their ends, and the webhooks it sends. */
export class Exchange {
  readonly screen: Screen;
  readonly #options: ExchangeOptions;
  readonly #running = new Map<string, Line>();
  readonly #ended = new Map<string, Line>();
  readonly #audible: Line[] = [];
  readonly #mailboxes = new Map<string, Mailbox>();
  #closed = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.screen = new Screen(options.clock);
  }

  get closed(): boolean {
    return this.#closed;
  }
  get full(): boolean {
    return this.#running.size >= MAX_CALLS;
  }

  /** By the carrier's id. */
  line(carrierCallId: string): Line | null {
    return this.#running.get(carrierCallId) ?? this.#ended.get(carrierCallId) ?? null;
  }

  /** By our call id, for a call whose create reply was lost or is repeated. */
  lineOf(callId: string): Line | null {
    for (const lines of [this.#running, this.#ended]) {
      for (const line of lines.values()) if (line.callId === callId) return line;
    }
    return null;
  }

  /** The behaviour of the party on a call between these numbers; null for an ordinary number. */
  scriptOf(number: string): PartyScript | null {
    return scriptFor(this.#options.script, number);
  }

  /** A new line. With `offer`, the plugin is told of it at once. */
  open(call: NewLine, offer: Offer | null): { readonly line: Line; readonly party: Party } {
    const { clock, deliver, pace, connect } = this.#options;
    const script = this.scriptOf(call.direction === "outbound" ? call.to : call.from);
    const mailbox = new Mailbox({ clock, deliver, webhookMs: pace.webhookMs }, script?.webhooks ?? {});
    const carrierCallId = `mock-${this.#options.ids.token()}`;
    this.#mailboxes.set(carrierCallId, mailbox);
    let facts = 0;
    const post = (events: readonly CarrierEvent[], announced: Offer | null): void => {
      facts += 1;
      const claim = `${carrierCallId}.${facts}`;
      const { callId } = line;
      mailbox.post({
        carrier: "mock",
        claim,
        callId,
        carrierCallId,
        events,
        wants: "nothing",
        offer: announced,
      });
    };
    const line = new Line({
      ...call,
      carrierCallId,
      clock,
      pace,
      audio: script?.audio ?? null,
      connect,
      report: (event) => {
        post([event], null);
        if (event.type !== "ended") return;
        if (script?.webhooks?.late === true) for (const stale of line.stale()) post([stale], null);
        this.#retire(line);
      },
      isReachable: (number) => {
        const { pickUp = "answer", create = "accepted" } = this.scriptOf(number) ?? {};
        return create === "accepted" && (pickUp === "answer" || pickUp === "person");
      },
      show: (kind, text) => {
        this.screen.show(carrierCallId, kind, text);
        party.see(kind, text);
      },
    });
    const party = new Party(line, script ?? {}, pace, script ? () => 0 : () => this.screen.attachedMs());
    this.#running.set(carrierCallId, line);
    if (offer) post([], offer);
    return { line, party };
  }

  /** No more webhooks, no timers. The calls are gone, as they would be with the process. */
  close(): void {
    this.#closed = true;
    for (const line of this.#running.values()) line.close();
    for (const mailbox of this.#mailboxes.values()) mailbox.close();
    this.#running.clear();
    this.#mailboxes.clear();
  }

  #retire(line: Line): void {
    this.#running.delete(line.id);
    this.#ended.set(line.id, line);
    this.#audible.push(line);
    if (this.#audible.length > MAX_AUDIBLE) this.#audible.shift()?.forgetAudio();
    if (this.#ended.size <= MAX_CALLS) return;
    const oldest = this.#ended.keys().next();
    if (oldest.done === true) return;
    this.#ended.delete(oldest.value);
    this.#mailboxes.get(oldest.value)?.close();
    this.#mailboxes.delete(oldest.value);
  }
}
