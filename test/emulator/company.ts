import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Callee, People } from "./person.ts";
import { Untaken } from "./untaken.ts";

/** What goes wrong with a REST request. `Code`: the carrier's own code of a refusal. */
export type RestFault<Code = never> =
  /** The request is carried out, its reply is lost. */
  | { readonly kind: "lose-reply" }
  /** The connection is reset before anything happens. */
  | { readonly kind: "reset" }
  | Refusal<Code>
  /** Real milliseconds. */
  | { readonly kind: "delay"; readonly ms: number }
  /** No answer ever; the request is carried out. */
  | { readonly kind: "silence" };

/** An answer of that HTTP status; `carriedOut` says whether the request was done all the same. */
export interface Refusal<Code = never> {
  readonly kind: "error";
  readonly status: number;
  readonly code?: Code;
  readonly carriedOut?: boolean;
}

/** A REST request with its whole body, and where its answer goes. */
export interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly text: string;
}

/** A REST request as the test sees it. */
export interface Requested<Operation> {
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
  /** HTTP status of the answer; 0 when there was none. */
  status: number;
}

interface Leg {
  start(): unknown;
  close(): void;
}

/** What all carriers' emulators have: a REST server on 127.0.0.1 whose requests can go wrong, people, calls. */
export abstract class Company<
  Request extends Requested<string>,
  Code,
  Call extends Leg,
  Person extends Callee = Callee,
> {
  readonly requests: Request[] = [];
  readonly calls: Call[] = [];
  /** What the carrier's console would show: broken documents, failed webhooks, unknown fields. */
  readonly problems: string[] = [];
  protected readonly people: People<Person>;
  readonly #server: Server;
  readonly #faults: { operation: Request["operation"]; fault: RestFault<Code> }[] = [];
  readonly #untaken = new Untaken<Call>();
  readonly #closing = new AbortController();

  constructor(people: People<Person>) {
    this.people = people;
    this.#server = createServer((request, response) => void this.#read(request, response));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  /** For `apiBaseUrl` of the carrier's settings. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The person at that number. Describe them before they are called. */
  callee(number: string): Person {
    return this.people.describe(number);
  }

  /** The next call that is placed over REST, or the first one that nobody has taken yet. */
  nextCall(): Promise<Call> {
    return this.#untaken.next();
  }

  /** Lets the next `times` requests of that kind go wrong. */
  fail(operation: Request["operation"], fault: RestFault<Code>, times = 1): void {
    for (let count = 0; count < times; count++) this.#faults.push({ operation, fault });
  }

  requestsOf(operation: Request["operation"]): readonly Request[] {
    return this.requests.filter((request) => request.operation === operation);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const call of this.calls) call.close();
    await this.webhooksOver();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Answers a request, with the help of `treat`. */
  protected abstract serve(arrival: Arrival): Promise<void>;

  /** Settles once no webhook is on its way. */
  protected abstract webhooksOver(): Promise<void>;

  /** Lets a call run, from the next turn of the event loop on. */
  protected run(call: Call): Call {
    this.calls.push(call);
    setImmediate(() => void call.start());
    return call;
  }

  /** Offers a call to `nextCall`. */
  protected placed(call: Call): Call {
    this.#untaken.add(call);
    return call;
  }

  /** Notes a request and carries it out, unless a fault forbids it. Null: nothing is answered. */
  protected async treat<Answer extends { readonly status: number }>(
    request: IncomingMessage,
    entry: Request,
    carryOut: () => Answer,
    refuse: (refusal: Refusal<Code>) => Answer,
  ): Promise<Answer | null> {
    this.requests.push(entry);
    const fault = this.#takeFault(entry.operation);
    if (fault?.kind === "reset") return reset(request);
    if (fault?.kind === "delay" && !(await this.#pause(fault.ms))) return null;
    const isSpared = fault?.kind === "error" && fault.carriedOut !== true;
    const done = isSpared ? null : carryOut();
    if (fault?.kind === "lose-reply") return reset(request);
    if (fault?.kind === "silence") return null;
    const answer = fault?.kind === "error" ? refuse(fault) : done;
    if (answer !== null) entry.status = answer.status;
    return answer;
  }

  async #read(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", this.url);
    await this.serve({ request, response, url, text: Buffer.concat(chunks).toString("utf8") });
  }

  #takeFault(operation: Request["operation"]): RestFault<Code> | null {
    const index = this.#faults.findIndex((planned) => planned.operation === operation);
    return index === -1 ? null : (this.#faults.splice(index, 1)[0]?.fault ?? null);
  }

  /** False when everything is over by then. */
  #pause(ms: number): Promise<boolean> {
    return delay(ms, true, { signal: this.#closing.signal }).catch(() => false);
  }
}

function reset(request: IncomingMessage): null {
  request.socket.resetAndDestroy();
  return null;
}
