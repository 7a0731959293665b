import { onTestFinished } from "vitest";
import type { Call } from "../../src/call/call.ts";
import type { CarrierEvent, OwnEvent } from "../../src/call/event.ts";
import type { DocumentContent, Offer } from "../../src/call/ports.ts";
import type { LiveConversations } from "../../src/conversation/live/calls.ts";
import type { StreamCommand, StreamEvent } from "../../src/media/commands.ts";
import { OURS } from "../call/bench.ts";
import { world, type Office, type World } from "../call/world.ts";
import { fakeAgent } from "../conversation/fake-agent.ts";
import { conversations } from "../conversation/live/conversations.ts";
import { FakeEars, type FakeSession } from "../conversation/live/fake-ears.ts";
import { FakeVoices } from "../conversation/live/fake-voices.ts";
import { settled, type VirtualClock } from "../support/clock.ts";
import { contentOf, documentCarrier, paperFact } from "../support/document-carrier.ts";
import { recordedLog, type LogLine } from "../support/recorded-log.ts";

type OfStream<T> = T extends { readonly stream: number } ? Omit<T, "stream"> : never;
type Who = Pick<Call, "id">;

/** What callers are greeted with. */
export const GREETING = "Hello, this is the clinic.";

/** They have hung up, says the carrier. */
export const GONE: CarrierEvent = {
  type: "ended",
  outcome: "completed",
  evidence: { source: "carrier", hungUpBy: "them" },
};

/** The call core and its conversations over live audio, in virtual time; carrier, sockets, ears and voices are the test's. */
export class LiveHouse {
  readonly agent = fakeAgent();
  readonly ears = new FakeEars();
  readonly voices = new FakeVoices();
  readonly carrier = documentCarrier({ liveAudio: true });
  /** Commands to the media plane. */
  readonly sent: StreamCommand[] = [];
  readonly it: World;
  readonly office: Office;
  readonly #live: LiveConversations;
  readonly #log = recordedLog();
  /** The number of each call's socket. */
  readonly #streams = new Map<string, number>();

  constructor() {
    this.voices.quick = true;
    const parts = {
      agent: this.agent,
      ears: this.ears,
      voices: this.voices,
      log: this.#log,
      clock: {
        now: () => this.clock.now(),
        at: (at: number, fn: () => void) => this.clock.at(at, fn),
      },
      send: (command: StreamCommand) => void this.sent.push(command),
      report: (id: string, event: OwnEvent) => void this.office.manager.apply(id, event).catch(() => {}),
      find: (id: string) => this.office.manager.active.find((call) => call.id === id) ?? null,
    };
    this.#live = conversations(parts);
    const config = { streaming: { enabled: true }, inboundPolicy: "open", inboundGreeting: GREETING };
    this.it = world({ carrier: this.carrier, config, live: this.#live });
    this.office = this.it.start();
    onTestFinished(async () => {
      const stopped = this.office.stop();
      await this.clock.runAll();
      await stopped;
    });
  }

  get clock(): VirtualClock {
    return this.it.clock;
  }

  /** What was told of trouble. */
  get warnings(): readonly LogLine[] {
    const lines = [...this.it.log.lines, ...this.#log.lines];
    return lines.filter(({ level }) => level === "warn" || level === "error");
  }

  // ------------------------------------------------------------ the carrier
  /** Somebody calls; the record, and what the carrier is told to do. */
  async rings(from: string): Promise<{ readonly call: Call; readonly content: DocumentContent }> {
    const offer: Offer = { direction: "inbound", from, to: OURS, attestation: null };
    const stranger = { id: "vc_unknown", carrierCallId: `carrier-${from}` };
    const reply = await this.office.receive(paperFact(stranger, [], { callId: null, offer }));
    await settled();
    const call = this.it.store.dump().calls.find((one) => one.from === from);
    if (call === undefined) throw new Error("there is no record of the call");
    return { call, content: contentOf(reply) };
  }

  /** Somebody calls, and has heard the greeting. */
  async talks(from: string): Promise<Call> {
    const { call } = await this.rings(from);
    await this.connects(call);
    await this.plays(call);
    return call;
  }

  /** Somebody is called. */
  async dials(to: string, message: string): Promise<Call> {
    const requester = { surface: "tool" } as const;
    const call = await this.office.switchboard.initiate({ to, message, mode: "conversation", requester });
    await settled();
    return call;
  }

  async tells({ id }: Who, ...events: readonly CarrierEvent[]): Promise<void> {
    await this.office.receive(paperFact(this.it.call(id), events, { wants: "nothing" }));
    await settled();
  }

  /** It asks what to do. */
  async asks({ id }: Who): Promise<void> {
    await this.office.receive(paperFact(this.it.call(id), [{ type: "fetched" }]));
    await settled();
  }

  /** It opens the socket that it was told to open. */
  async connects({ id }: Who): Promise<void> {
    const next = this.it.call(id).instruction?.next;
    if (next?.kind !== "stream") throw new Error("no socket was asked for");
    const stream = this.#streams.size + 1;
    this.#streams.set(id, stream);
    const { token } = next;
    this.#live.event({ type: "stream-started", stream, callId: id, token, carrierCallId: `carrier-${id}` });
    await this.clock.advance(0);
  }

  // ------------------------------------------------------------ the caller
  /** The media plane tells that of the call's socket. */
  async hears({ id }: Who, event: OfStream<StreamEvent>): Promise<void> {
    this.#live.event({ ...event, stream: this.#streams.get(id) ?? 0 });
    await this.clock.advance(0);
  }

  /** The caller's audio, as it comes. */
  audio({ id }: Who, ...bytes: readonly number[]): void {
    const stream = this.#streams.get(id) ?? 0;
    this.#live.event({ type: "stream-audio", heard: [{ stream, bytes: Uint8Array.from(bytes) }] });
  }

  /** Says that on these ears and falls silent: the turn is over. */
  async says(call: Who, text: string, session: FakeSession = this.ears.last): Promise<void> {
    await this.hears(call, { type: "speech", on: true, at: this.clock.now() });
    await this.clock.advance(600);
    await this.hears(call, { type: "speech", on: false, at: this.clock.now() });
    session.on.final(text);
    await this.clock.advance(1_500);
    await settled();
  }

  /** Texts that were given to the call's socket. */
  spoken({ id }: Who): readonly string[] {
    const stream = this.#streams.get(id);
    return this.sent.flatMap((one) =>
      one.type === "piece-audio" && one.stream === stream ? [new TextDecoder().decode(one.bytes)] : [],
    );
  }

  /** The newest piece that was given to the call's socket. */
  newest(call: Who): number {
    return this.#pieces(call).at(-1) ?? 0;
  }

  /** The caller begins to hear it. */
  async begins(call: Who, piece: number = this.newest(call)): Promise<void> {
    const at = this.clock.now();
    await this.hears(call, { type: "piece-started", piece, at, readyAt: at, trimmedMs: 0 });
  }

  /** The caller hears all that was given to the call's socket. */
  async plays(call: Who): Promise<void> {
    for (const piece of this.#pieces(call)) {
      await this.begins(call, piece);
      await this.hears(call, { type: "piece-played", piece, at: this.clock.now() });
    }
  }

  #pieces({ id }: Who): readonly number[] {
    const stream = this.#streams.get(id);
    return this.sent.flatMap((one) => (one.type === "piece" && one.stream === stream ? [one.piece] : []));
  }
}
