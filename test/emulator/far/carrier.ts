import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { FarAnswer, FarOrder, FarPerson } from "./person.ts";

export interface FarAccount {
  readonly accountSid: string;
  readonly authToken: string;
  readonly publicUrl: string;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A carrier in a process of its own, and the people at its phones. */
export class FarCarrier {
  /** For `apiBaseUrl` of the carrier's settings. */
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    child.on("message", (answer: FarAnswer) => this.#take(answer));
    child.once("exit", () => this.#fail(new Error("the carrier's process is gone")));
  }

  static async start({ accountSid, authToken, publicUrl }: FarAccount): Promise<FarCarrier> {
    const file = new URL("process.ts", import.meta.url);
    const child = fork(file, [accountSid, authToken, publicUrl], { stdio: "inherit" });
    const [ready] = (await once(child, "message")) as [FarAnswer];
    if (ready.type !== "ready") throw new Error(`the carrier began with ${ready.type}`);
    return new FarCarrier(child, ready.url);
  }

  /** Where our public address is really served. */
  reach(port: number): void {
    this.#send({ type: "reach", port });
  }

  person(to: string): FarPerson {
    const ask = (what: keyof FarPerson, ...args: readonly unknown[]): Promise<unknown> =>
      this.#ask((id) => ({ type: "ask", id, to, what, args }));
    return {
      speak: ask.bind(null, "speak") as FarPerson["speak"],
      hears: ask.bind(null, "hears") as FarPerson["hears"],
      heard: ask.bind(null, "heard") as FarPerson["heard"],
      asks: ask.bind(null, "asks") as FarPerson["asks"],
      hangUp: ask.bind(null, "hangUp") as FarPerson["hangUp"],
      ended: ask.bind(null, "ended") as FarPerson["ended"],
    };
  }

  /** What the carrier's console shows. */
  problems(): Promise<readonly string[]> {
    return this.#ask((id) => ({ type: "problems", id })) as Promise<readonly string[]>;
  }

  async close(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  #ask(order: (id: number) => FarOrder): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send(order(id));
    });
  }

  #send(order: FarOrder): void {
    this.#child.send(order);
  }

  #take(answer: FarAnswer): void {
    if (answer.type === "ready") return;
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.type === "answer") waiting?.resolve(answer.value);
    else waiting?.reject(new Error(answer.message));
  }

  #fail(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
