import { until } from "./process.ts";
import type { TestGateway } from "./gateway.ts";

export type ScreenLine = {
  cursor: number;
  carrierCallId: string;
  kind: "ringing" | "answered" | "spoken" | "listening" | "digits" | "refused" | "ended";
  text: string;
};

/**
 * The person at the other end of the mock carrier's calls. Reading the screen keeps the phone attached, so that a call
 * rings until this person answers; `lines` is everything seen so far.
 */
export class Person {
  readonly lines: ScreenLine[] = [];
  readonly #gateway: TestGateway;
  #cursor: number;

  private constructor(gateway: TestGateway, cursor: number) {
    this.#gateway = gateway;
    this.#cursor = cursor;
  }

  /** Picks up the phone as of now: what was on the screen before is not seen. */
  static async at(gateway: TestGateway): Promise<Person> {
    const { cursor } = await gateway.rpc<{ cursor: number }>("voicecall.phone.screen");
    return new Person(gateway, cursor);
  }

  async look(): Promise<void> {
    const after = this.#cursor;
    const screen = await this.#gateway.rpc<{ cursor: number; lines: ScreenLine[] }>(
      "voicecall.phone.screen",
      { after },
    );
    // A phone that was set up anew begins a new screen.
    if (screen.cursor < after) {
      this.#cursor = 0;
      return;
    }
    this.#cursor = screen.cursor;
    this.lines.push(...screen.lines);
  }

  /** The first line after position `from` of `lines` that matches; waits for it. */
  async sees(
    kind: ScreenLine["kind"],
    options: { text?: RegExp | string; from?: number; timeoutMs?: number; call?: string } = {},
  ): Promise<ScreenLine> {
    const { text = "", from = 0, call } = options;
    const wanted = (line: ScreenLine): boolean =>
      line.kind === kind &&
      (call === undefined || line.carrierCallId === call) &&
      (typeof text === "string" ? line.text.includes(text) : text.test(line.text));
    return until(
      () => `${kind} ${String(text)} on the screen\n${this.#shown()}\n${this.#gateway.output().slice(-3000)}`,
      options.timeoutMs ?? 45_000,
      async () => {
        const found = this.lines.slice(from).find(wanted);
        if (found !== undefined) return found;
        await this.look();
        return this.lines.slice(from).find(wanted);
      },
      100,
    );
  }

  /** Answers the next call that rings; its carrier id. */
  async answers(): Promise<string> {
    const { carrierCallId } = await this.sees("ringing", { from: this.lines.length });
    await this.#do("answer", { carrierCallId });
    return carrierCallId;
  }

  /** Rings the agent's number; the carrier's id. With "" the caller withholds theirs. */
  async calls(from: string, to: string): Promise<string> {
    const placed = await this.#gateway.rpc<{ carrierCallId: string }>("voicecall.phone.call", {
      from: from || null,
      to,
    });
    return placed.carrierCallId;
  }

  /** Waits until the agent listens, then speaks; what is seen from then on begins at the position returned. */
  async says(carrierCallId: string, text: string): Promise<number> {
    await this.#listenedTo(carrierCallId);
    const from = this.lines.length;
    await this.#do("say", { carrierCallId, text });
    return from;
  }

  async presses(carrierCallId: string, digits: string): Promise<number> {
    await this.#listenedTo(carrierCallId);
    const from = this.lines.length;
    await this.#do("press", { carrierCallId, digits });
    return from;
  }

  async hangsUp(carrierCallId: string): Promise<void> {
    await this.#do("hangup", { carrierCallId });
    await this.sees("ended", { call: carrierCallId });
  }

  /** What the agent has said on a call so far. */
  heard(carrierCallId: string): string[] {
    return this.lines
      .filter((line) => line.kind === "spoken" && line.carrierCallId === carrierCallId)
      .map((line) => line.text);
  }

  async #listenedTo(carrierCallId: string): Promise<void> {
    await until(
      () => `the agent listens\n${this.#shown()}`,
      45_000,
      async () => {
        await this.look();
        const last = this.lines.findLast((line) => line.carrierCallId === carrierCallId);
        return last?.kind === "listening" ? true : undefined;
      },
      100,
    );
  }

  async #do(action: string, params: object): Promise<void> {
    await this.#gateway.rpc(`voicecall.phone.${action}`, params);
  }

  #shown(): string {
    return this.lines.map((line) => `${line.carrierCallId} ${line.kind} ${line.text}`).join("\n");
  }
}
