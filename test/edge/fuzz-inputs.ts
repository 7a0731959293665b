import type { CarrierFact } from "../../src/call/ports.ts";
import type { CarrierWebhook } from "../../src/carrier/carrier.ts";
import { judge, signed, type SigningCarrier } from "../security/carriers.ts";
import { Dice } from "./fuzz-dice.ts";
import { hostile } from "./fuzz-hostile.ts";
import { MUTATIONS, type Mutant } from "./fuzz-mutate.ts";
import { chunked, plain, trick, TRICK_NAMES } from "./fuzz-wire.ts";

/** One request on the wire. */
export interface Input {
  readonly kind: string;
  readonly bytes: Buffer;
  /** The only answers that are right; null: whatever a listener may say. */
  readonly expected: readonly number[] | null;
}

/** Requests for one connection, in their order. */
export interface Batch {
  readonly inputs: readonly Input[];
  /** Every input is a whole request, so each is answered, and the last one ends the connection. */
  readonly whole: boolean;
  /** The facts that were genuinely signed in it; no other may come of it. */
  readonly facts: readonly CarrierFact[];
}

const REFUSED = [401, 403];

/** Makes batches of requests around genuine webhooks of one carrier. */
export class Inputs {
  readonly #carrier: SigningCarrier;
  readonly #webhook: CarrierWebhook;
  readonly #dice: Dice;
  readonly #facts: CarrierFact[] = [];

  constructor(carrier: SigningCarrier, seed: number) {
    this.#carrier = carrier;
    this.#webhook = carrier.create(carrier.settings);
    this.#dice = new Dice(seed);
  }

  /** About `size` inputs. */
  async batch(size: number): Promise<Batch> {
    const inputs: Input[] = [];
    while (inputs.length < size - 1) inputs.push(await this.#request());
    const whole = this.#dice.chance(0.5);
    if (!whole) inputs.push(await this.#trick());
    inputs.push(await this.#last());
    return { inputs, whole, facts: this.#facts.splice(0) };
  }

  async #genuine(isHostile = false) {
    const carrier = this.#carrier;
    const draft = this.#dice.pick(carrier.drafts(carrier.callId(this.#dice.hex(32))));
    const written = isHostile ? hostile(this.#dice, draft, carrier.name === "telnyx") : draft;
    const request = signed(carrier, written);
    const verdict = await judge(carrier, request, this.#webhook);
    if (verdict.ok) this.#facts.push(verdict.fact);
    const status = !verdict.ok ? verdict.status : verdict.fact.wants === "document" ? 200 : 204;
    if (!isHostile && !verdict.ok) throw new Error(`a genuine webhook is refused: ${verdict.reason}`);
    return { request, status };
  }

  /** A whole request, after which others may follow. */
  async #request(): Promise<Input> {
    const isHostile = this.#dice.chance(0.25);
    const { request, status } = await this.#genuine(isHostile);
    if (isHostile) return this.#write({ kind: "genuinely signed, hostile", request, stands: "yes" }, status);
    if (this.#dice.chance(0.1)) return this.#write({ kind: "genuine", request, stands: "yes" }, status);
    return this.#write(this.#dice.pick(MUTATIONS)(this.#dice, this.#carrier, request), status);
  }

  #write({ kind, request, stands }: Mutant, status: number): Input {
    const isChunked = this.#dice.chance(0.2);
    const bytes = isChunked ? chunked(this.#dice, this.#carrier, request) : plain(this.#carrier, request);
    if (request.body.length > 65_536) return { kind, bytes, expected: null };
    const expected = { yes: [status], no: REFUSED, unknown: [status, 400, ...REFUSED] }[stands];
    return { kind: isChunked ? `${kind}, in chunks` : kind, bytes, expected };
  }

  async #trick(): Promise<Input> {
    const kind = this.#dice.pick(TRICK_NAMES);
    const { request } = await this.#genuine();
    return { kind, bytes: trick(kind, this.#dice, this.#carrier, request), expected: null };
  }

  /** Whatever came before it, the listener ends the connection after this one. */
  async #last(): Promise<Input> {
    const { request, status } = await this.#genuine();
    return {
      kind: "genuine, the last of its connection",
      bytes: plain(this.#carrier, request, ["Connection: close"]),
      expected: [status],
    };
  }
}
