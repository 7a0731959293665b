import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { People } from "../person.ts";
import { Callee } from "./callee.ts";
import { Deliveries, type Params } from "./delivery.ts";
import { LiveCall, type CallPlan } from "./live-call.ts";
import {
  accountResource,
  callPage,
  callResource,
  numberPage,
  readNewCall,
  RestError,
  updateCall,
  type OwnNumber,
} from "./rest.ts";

export interface TwilioEmulatorOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** Real milliseconds per millisecond of call time. Default 0.01: a ten-second pause takes 100 ms. */
  readonly pace?: number;
  /** Numbers that may call; anything else is refused with 21210. Default: every number. */
  readonly ownNumbers?: readonly string[];
  /** Where a public webhook URL is really served. Default: at itself. */
  readonly reach?: (url: string) => string;
}

export type Operation = "create" | "update" | "fetch" | "list" | "account" | "numbers";

/** What goes wrong with a REST request. */
export type Fault =
  /** The request is carried out, its reply is lost. */
  | { readonly kind: "lose-reply" }
  /** The connection is reset before anything happens. */
  | { readonly kind: "reset" }
  /** An answer of that HTTP status; `carriedOut` says whether it was done all the same. */
  | { readonly kind: "error"; readonly status: number; readonly code?: number; readonly carriedOut?: boolean }
  | { readonly kind: "delay"; readonly ms: number }
  /** No answer ever; the request is carried out. */
  | { readonly kind: "silence" };

export interface RestRequest {
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
  readonly params: URLSearchParams;
  /** HTTP status of the answer; 0 when there was none. */
  status: number;
}

/** Twilio on 127.0.0.1: REST, TwiML, signed webhooks, callees that do as they are told. */
export class TwilioEmulator {
  readonly requests: RestRequest[] = [];
  readonly calls: LiveCall[] = [];
  /** What Twilio's debugger would show: broken documents, failed webhooks, unknown attributes. */
  readonly problems: string[] = [];
  readonly deliveries: Deliveries;
  /** Faults of the status callbacks of calls made from now on. */
  readonly faults = { reorder: false, lateAnswer: false };
  /** The account as REST shows it; `clockSkewMs`: its `Date` header minus the true time. */
  readonly account = { status: "active", clockSkewMs: 0 };
  /** The account's numbers and where calls to them go. */
  readonly numbers = new Map<string, OwnNumber>();
  readonly #options: TwilioEmulatorOptions;
  readonly #server: Server;
  readonly #people = new People(() => new Callee());
  readonly #restFaults: { operation: Operation; fault: Fault }[] = [];
  readonly #waiting: ((call: LiveCall) => void)[] = [];
  readonly #untaken: LiveCall[] = [];
  readonly #closing = new AbortController();

  constructor(options: TwilioEmulatorOptions) {
    this.#options = options;
    this.deliveries = new Deliveries({
      authToken: options.authToken,
      reach: options.reach ?? ((url) => url),
    });
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  /** For `twilio.apiBaseUrl`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The person at that number. Describe them before they are called. */
  callee(number: string): Callee {
    return this.#people.describe(number);
  }

  /** The next call that is created, or the first one that nobody has taken yet. */
  nextCall(): Promise<LiveCall> {
    const untaken = this.#untaken.shift();
    if (untaken !== undefined) return Promise.resolve(untaken);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  call(sid: string): LiveCall {
    const found = this.calls.find((call) => call.sid === sid);
    if (found === undefined) throw new Error(`no call ${sid}`);
    return found;
  }

  /** Somebody calls one of our numbers, whose voice URL is `voiceUrl`. */
  inbound(call: {
    from: string;
    to: string;
    voiceUrl: string;
    /** A status callback configured for the number. */
    statusUrl?: string;
    /** More fields, such as `StirVerstat`. */
    fields?: Params;
  }): LiveCall {
    return this.#begin({
      direction: "inbound",
      from: call.from,
      to: call.to,
      source: { url: call.voiceUrl },
      statusCallback: call.statusUrl ?? null,
      statusEvents: new Set(["completed"]),
      sendDigits: null,
      detection: null,
      timeoutSec: 60,
      timeLimitSec: null,
      fields: call.fields ?? {},
    });
  }

  /** Lets the next `times` requests of that kind go wrong. */
  fail(operation: Operation, fault: Fault, times = 1): void {
    for (let count = 0; count < times; count++) this.#restFaults.push({ operation, fault });
  }

  requestsOf(operation: Operation): readonly RestRequest[] {
    return this.requests.filter((request) => request.operation === operation);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const call of this.calls) call.close();
    await this.deliveries.settled();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #begin(plan: Omit<CallPlan, "accountSid">): LiveCall {
    const party = plan.direction === "inbound" ? plan.from : plan.to;
    const person = (number: string) => this.#people.scriptOf(number);
    const { ownNumbers } = this.#options;
    const call = new LiveCall({ ...plan, accountSid: this.#options.accountSid }, person(party), {
      deliveries: this.deliveries,
      pace: this.#options.pace ?? 0.01,
      ...this.faults,
      person,
      owns: (number) => ownNumbers?.includes(number) ?? true,
      problem: (text) => void this.problems.push(text),
    });
    this.calls.push(call);
    setImmediate(() => void call.start());
    if (plan.direction === "inbound") return call;
    const taker = this.#waiting.shift();
    if (taker === undefined) this.#untaken.push(call);
    else taker(call);
    return call;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", this.url);
    const isPost = request.method === "POST";
    const params = isPost ? new URLSearchParams(Buffer.concat(chunks).toString("utf8")) : url.searchParams;
    const one = /\/Calls\/(\w+)\.json$/.exec(url.pathname)?.[1];
    const operation = operationOf(url.pathname, isPost, one !== undefined);
    const entry: RestRequest = {
      operation,
      method: request.method ?? "",
      path: url.pathname,
      params,
      status: 0,
    };
    this.requests.push(entry);

    const fault = this.#takeFault(operation);
    if (fault?.kind === "reset") return void request.socket.resetAndDestroy();
    if (fault?.kind === "delay" && !(await this.#pause(fault.ms))) return;
    const spared = fault?.kind === "error" && fault.carriedOut !== true;
    const answer = spared ? { status: 500, body: {} } : this.#answer(request, url, operation, one, params);
    if (fault?.kind === "lose-reply") return void request.socket.resetAndDestroy();
    if (fault?.kind === "silence") return;
    const { status, body } = fault?.kind === "error" ? failure(fault) : answer;
    entry.status = status;
    const date = new Date(Date.now() + this.account.clockSkewMs).toUTCString();
    response.writeHead(status, { "content-type": "application/json", date }).end(JSON.stringify(body));
  }

  #answer(
    request: IncomingMessage,
    url: URL,
    operation: Operation,
    sid: string | undefined,
    params: URLSearchParams,
  ): { status: number; body: object } {
    try {
      this.#authorize(request, url);
      if (operation === "account") {
        return { status: 200, body: accountResource(this.#options.accountSid, this.account.status) };
      }
      if (operation === "numbers") {
        return { status: 200, body: numberPage(this.numbers, params, url.pathname + url.search) };
      }
      if (operation === "list") {
        return { status: 200, body: callPage(this.calls, params, url.pathname + url.search) };
      }
      if (operation === "create") {
        if (params.has("SendDigits") && params.has("MachineDetection")) {
          this.problems.push("SendDigits switches the answering machine detection off");
        }
        const call = this.#begin({
          ...readNewCall(params, this.#options.ownNumbers ?? null),
          direction: "outbound-api",
          fields: {},
        });
        return { status: 201, body: callResource(call) };
      }
      const call = this.calls.find((known) => known.sid === sid);
      if (call === undefined) throw new RestError(404, 20404, "The requested resource was not found");
      if (operation === "update") updateCall(call, params);
      return { status: 200, body: callResource(call) };
    } catch (error) {
      if (error instanceof RestError) return { status: error.status, body: error.body() };
      throw error;
    }
  }

  #authorize(request: IncomingMessage, url: URL): void {
    const { accountSid, authToken } = this.#options;
    const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    if (request.headers.authorization !== expected) throw new RestError(401, 20003, "Authenticate");
    const path = url.pathname.replace(`/2010-04-01/Accounts/${accountSid}`, "");
    if (!/^(\.json|\/Calls(\/\w+)?\.json|\/IncomingPhoneNumbers\.json)$/.test(path)) {
      throw new RestError(404, 20404, "The requested resource was not found");
    }
  }

  #takeFault(operation: Operation): Fault | null {
    const index = this.#restFaults.findIndex((planned) => planned.operation === operation);
    return index === -1 ? null : (this.#restFaults.splice(index, 1)[0]?.fault ?? null);
  }

  async #pause(ms: number): Promise<boolean> {
    return delay(ms, true, { signal: this.#closing.signal }).catch(() => false);
  }
}

function operationOf(pathname: string, isPost: boolean, isOne: boolean): Operation {
  if (isPost) return isOne ? "update" : "create";
  if (isOne) return "fetch";
  if (pathname.endsWith("/Calls.json")) return "list";
  return pathname.endsWith("/IncomingPhoneNumbers.json") ? "numbers" : "account";
}

function failure(fault: Extract<Fault, { kind: "error" }>): { status: number; body: object } {
  const { status, code } = fault;
  return { status, body: code === undefined ? {} : new RestError(status, code, "Refused").body() };
}
