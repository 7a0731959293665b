import type { Socket } from "../../../src/carrier/mock/phone-socket.ts";

type Listener = (event: { readonly data: unknown }) => void;

/** Our end of a phone's audio socket, in a test's hands: it opens, speaks and closes when the test says so. */
export class FakeSocket implements Socket {
  readonly url: string;
  /** Frames that the phone has sent. */
  readonly sent: Record<string, unknown>[] = [];
  /** Whether the phone has closed it. */
  closed = false;
  readonly #listeners = new Map<string, Listener[]>();

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(text: string): void {
    if (this.closed) throw new Error("the socket is closed");
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.closed = true;
    this.#emit("close");
  }

  // ------------------------------------------------------------ our side

  open(): void {
    this.#emit("open");
  }

  /** Sends the phone a frame; text goes as it is. */
  say(frame: object | string): void {
    this.#emit("message", typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** As a network that breaks: an error, then the end. */
  drop(): void {
    this.#emit("error");
    this.#emit("close");
  }

  of(event: string): readonly Record<string, unknown>[] {
    return this.sent.filter((frame) => frame["event"] === event);
  }

  #emit(type: string, data: unknown = null): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }
}
