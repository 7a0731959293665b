import { partyOf } from "../../../src/call/call.ts";
import type { CallRef, Carrier, CarrierFact, WebhookReply } from "../../../src/call/ports.ts";
import { CarrierError, type CarrierContext } from "../../../src/carrier/carrier.ts";
import { createMockCarrier, NATURAL, type MockCarrier } from "../../../src/carrier/mock/carrier.ts";
import type { Subject } from "../../../src/conformance/bench.ts";
import type { CreateFault, FarEnd, Webhooks, World } from "../../../src/conformance/world.ts";
import { Untaken } from "../untaken.ts";
import { MockFarEnd } from "./far-end.ts";
import { LineAudio } from "./line-audio.ts";
import { MockPerson } from "./people.ts";

const OURS = "+15550001111";

/** The mock hands its facts over inside the process: nothing is sent, so there is nothing to repeat or to forge. */
const NO_WEBHOOKS: Webhooks = {
  duplicate: false,
  all: [],
  replay: () => Promise.reject(new Error("the mock carrier sends no webhooks")),
  forge: () => Promise.reject(new Error("the mock carrier sends no webhooks")),
  settled: async () => {},
};

type MockContext = Pick<CarrierContext, "clock" | "ids" | "deliver" | "openStream">;

/** The mock carrier and its people. They outlive the plugin, as a real carrier does. */
export class MockWorld implements World {
  readonly ours = OURS;
  readonly problems: readonly string[] = [];
  readonly webhooks = NO_WEBHOOKS;
  readonly #people = new Map<string, MockPerson>();
  readonly #faults: CreateFault[] = [];
  readonly #ends = new Set<MockFarEnd>();
  readonly #placed = new Set<string>();
  readonly #untaken = new Untaken<FarEnd>();
  readonly #reach: (url: string) => string;
  /** Telephones by their numbers, and by the URLs of the sockets that they are to open. */
  readonly #phones = new Map<string, LineAudio>();
  readonly #expected = new Map<string, LineAudio>();
  #creates = 0;
  #mock: MockCarrier | null = null;
  #openStream: MockContext["openStream"] = () => "";
  #deliver: (fact: CarrierFact) => Promise<WebhookReply> = () => Promise.reject(new Error("nobody is there"));

  /** `reach`: where a public URL is really served. */
  constructor(reach: (url: string) => string) {
    this.#reach = reach;
  }

  callee(number: string): MockPerson {
    const person = new MockPerson();
    this.#people.set(number, person);
    return person;
  }

  nextCall(): Promise<FarEnd> {
    return this.#untaken.next();
  }

  ring(from: string, { withheld = false }: { readonly withheld?: boolean } = {}): FarEnd {
    const shown = withheld ? "" : from;
    return this.#endOf(this.#carrier.phone.call(shown, OURS), shown);
  }

  failCreate(fault: CreateFault): void {
    this.#faults.push(fault);
  }

  creates(): number {
    return this.#creates;
  }

  async close(): Promise<void> {
    for (const end of this.#ends) end.close();
    await this.#mock?.close();
  }

  /** The carrier as one run of the plugin sees it. */
  connect({ clock, ids, deliver, openStream }: MockContext): MockCarrier {
    this.#deliver = deliver;
    this.#openStream = openStream;
    this.#mock ??= createMockCarrier({
      clock,
      ids,
      deliver: (fact) => this.#deliver(fact),
      openStream: (call, token) => this.#expect(call, token),
      connect: (url) => this.#connect(url),
      script: (number) => ({ ...this.#people.get(number)?.script, audio: this.#phoneAt(number) }),
      pace: NATURAL,
    });
    const mock = this.#mock;
    return {
      ...mock,
      dial: (...request) => this.#dial(mock, ...request),
      close: async () => {
        this.#deliver = () => Promise.reject(new Error("nobody is there"));
      },
    };
  }

  get #carrier(): MockCarrier {
    if (this.#mock === null) throw new Error("nothing is connected yet");
    return this.#mock;
  }

  async #dial(
    mock: MockCarrier,
    ...request: Parameters<Carrier["dial"]>
  ): Promise<{ carrierCallId: string }> {
    this.#creates += 1;
    const fault = this.#faults.shift();
    if (fault === "reset" || fault === "refused" || fault === "busy") throw FAILURES[fault];
    const placed = await mock.dial(...request);
    if (!this.#placed.has(placed.carrierCallId)) this.#announce(placed, request[0].to);
    if (fault === "lost") throw FAILURES.reset;
    return placed;
  }

  #announce(placed: { readonly carrierCallId: string }, number: string): void {
    this.#placed.add(placed.carrierCallId);
    this.#untaken.add(this.#endOf(Promise.resolve(placed), number));
  }

  #phoneAt(number: string): LineAudio {
    const phone = this.#phones.get(number) ?? new LineAudio();
    this.#phones.set(number, phone);
    return phone;
  }

  #expect(call: CallRef, token: string): string {
    const url = this.#openStream(call, token);
    this.#expected.set(url, this.#phoneAt(partyOf(call)));
    return url;
  }

  #connect(url: string): WebSocket {
    const phone = this.#expected.get(url);
    if (phone === undefined) throw new Error("nobody has a socket there");
    return phone.open(this.#reach(url));
  }

  #endOf(placed: Promise<{ readonly carrierCallId: string }>, number: string): MockFarEnd {
    const end = new MockFarEnd(this.#carrier, placed, this.#phoneAt(number));
    this.#ends.add(end);
    return end;
  }
}

const detail = { provider: "mock", detail: "as the test says" };
const FAILURES = {
  reset: new CarrierError("VC_CARRIER_UNCERTAIN", "unknown", detail),
  refused: new CarrierError("VC_CARRIER_TO_INVALID", "refused", detail),
  busy: new CarrierError("VC_CARRIER_RATE", "not-sent", detail),
};

export const mockSubject: Subject = {
  startWorld: async (options) => new MockWorld((url) => options.reach(url)),
  async connect(world, context) {
    const carrier = (world as MockWorld).connect(context);
    return { carrier, webhook: null, phone: carrier.phone };
  },
};
