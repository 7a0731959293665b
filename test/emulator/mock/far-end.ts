import { isVoiceCallError } from "../../../src/call/errors.ts";
import type { MockCarrier } from "../../../src/carrier/mock/carrier.ts";
import type { FarEnd, LiveAudio } from "../../../src/conformance/world.ts";
import type { LineAudio } from "./line-audio.ts";

type Ended = Awaited<FarEnd["ended"]>;

/** Time for the world to go on before it is looked at again. */
const LOOK_MS = 2;

/** The person's end of one call of the mock carrier, by what the phone's screen shows. */
export class MockFarEnd implements FarEnd {
  readonly ended: Promise<Ended>;
  readonly #carrier: MockCarrier;
  readonly #audio: LineAudio;
  /** "" until the call is placed. */
  #id = "";
  #lines: readonly { readonly kind: string; readonly text: string }[] = [];
  #end: Ended | null = null;
  #isClosed = false;

  constructor(carrier: MockCarrier, placed: Promise<{ readonly carrierCallId: string }>, audio: LineAudio) {
    this.#carrier = carrier;
    this.#audio = audio;
    this.ended = this.#watch();
    void placed.then(({ carrierCallId }) => (this.#id = carrierCallId));
  }

  get id(): string {
    return this.#id;
  }

  heard(): readonly string[] {
    return this.#of("spoken");
  }

  pressed(): readonly string[] {
    return this.#of("digits");
  }

  transferredTo(): string | null {
    return this.#of("transferred").at(-1) ?? null;
  }

  async hears(words: string | RegExp): Promise<string> {
    const find = (): string | undefined =>
      this.heard().find((text) => (typeof words === "string" ? text.includes(words) : words.test(text)));
    await this.#until(`hears ${String(words)}`, () => find() !== undefined);
    return find() ?? "";
  }

  listening(): Promise<void> {
    return this.#until("listens", () => this.#lines.at(-1)?.kind === "listening");
  }

  speak(text: string): Promise<void> {
    return this.#utter(() => this.#carrier.phone.say(this.#id, text));
  }

  press(digits: string): Promise<void> {
    return this.#utter(() => this.#carrier.phone.press(this.#id, digits));
  }

  async hangUp(): Promise<Ended> {
    await this.#carrier.phone.hangUp(this.#id);
    return this.ended;
  }

  audio(): LiveAudio {
    return this.#audio;
  }

  /** Nothing is watched any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** Tries again until somebody listens or the call is over. */
  async #utter(utter: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await utter();
      } catch (error) {
        if (this.#end !== null || this.#isClosed) return;
        const code = isVoiceCallError(error) ? error.code : "";
        if (this.#id !== "" && code !== "VC_NOBODY_LISTENS" && code !== "VC_CALL_NOT_ANSWERED") throw error;
        await moment();
      }
    }
  }

  async #until(what: string, test: () => boolean): Promise<void> {
    for (;;) {
      await this.#look();
      if (test()) return;
      if (this.#end !== null || this.#isClosed) throw new Error(`the call was over before: ${what}`);
      await moment();
    }
  }

  async #watch(): Promise<Ended> {
    for (;;) {
      await this.#look();
      if (this.#end !== null) return this.#end;
      if (this.#isClosed) return { by: "carrier" };
      await moment();
    }
  }

  async #look(): Promise<void> {
    if (this.#id === "") return;
    const { lines } = await this.#carrier.phone.screen(0);
    this.#lines = lines.filter(({ carrierCallId }) => carrierCallId === this.#id);
    const seen = await this.#carrier.lookup(this.#id, NEVER);
    if (!seen.found || seen.state !== "ended") return;
    const { hungUpBy } = seen.evidence ?? {};
    this.#audio.end();
    this.#end = { by: hungUpBy === "us" ? "api" : hungUpBy === "them" ? "callee" : "carrier" };
  }

  #of(kind: string): readonly string[] {
    return this.#lines.filter((line) => line.kind === kind).map(({ text }) => text);
  }
}

const NEVER = new AbortController().signal;

const moment = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, LOOK_MS);
  });
