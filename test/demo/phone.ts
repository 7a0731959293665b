import type { PhoneLine, PhonePort } from "../../src/call/service.ts";

/** A phone with an agent on the line that answers by the given words, and hangs up once it has none left. */
export class FakePhone implements PhonePort {
  readonly said: string[] = [];
  readonly done: string[] = [];
  looks = 0;
  readonly #lines: PhoneLine[] = [];
  readonly #replies: string[];
  readonly #now: () => number;

  constructor(replies: readonly string[], now: () => number = () => 0) {
    this.#replies = [...replies];
    this.#now = now;
    this.show("ringing", "+15550100000");
  }

  show(kind: PhoneLine["kind"], text: string, carrierCallId = "mock-1"): void {
    this.#lines.push({ cursor: this.#lines.length + 1, at: this.#now(), carrierCallId, kind, text });
  }

  async call() {
    return { carrierCallId: "mock-1" };
  }
  async answer() {
    this.done.push("answer");
    this.show("answered", "");
    this.#speak();
  }
  async decline() {
    this.done.push("decline");
  }
  async say(_id: string, text: string) {
    this.said.push(text);
    this.#speak();
  }
  async press(_id: string, digits: string) {
    this.said.push(digits);
    this.#speak();
  }
  async play() {
    return { ms: 0 };
  }
  async listen(_id: string, after: number) {
    return { cursor: after, audio: new Uint8Array() };
  }
  async hangUp() {
    this.done.push("hangUp");
    this.show("ended", "completed");
  }
  async screen(after: number) {
    this.looks += 1;
    return { cursor: this.#lines.length, lines: this.#lines.filter(({ cursor }) => cursor > after) };
  }

  #speak(): void {
    const words = this.#replies.shift();
    if (words === undefined) return this.show("ended", "completed");
    this.show("spoken", words);
    this.show("listening", "");
  }
}
