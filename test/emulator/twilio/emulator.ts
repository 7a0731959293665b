import type { IncomingMessage } from "node:http";
import { noFaults, type StreamFaults } from "../audio/socket-client.ts";
import { RealTicker, type Ticker } from "../audio/ticker.ts";
import { Company, type Arrival, type Refusal, type Requested, type RestFault } from "../company.ts";
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
  /** Where a public URL is really served, `http(s)://` also for audio sockets. Default: at itself. */
  readonly reach?: (url: string) => string;
  /** Of live audio. Default: real time, whatever the pace. */
  readonly ticker?: Ticker;
  /** Real milliseconds until the handshake of a stream is given up. Default 5 s. */
  readonly connectMs?: number;
  /** A trial account: `<Stream>` and `<Record>` are taken out of documents. */
  readonly trial?: boolean;
}

export type Operation = "create" | "update" | "fetch" | "list" | "account" | "numbers";

/** `code`: Twilio's own, in the body. */
export type Fault = RestFault<number>;

export interface RestRequest extends Requested<Operation> {
  readonly params: URLSearchParams;
}

/** Twilio on 127.0.0.1: REST, TwiML, signed webhooks, callees that do as they are told. */
export class TwilioEmulator extends Company<RestRequest, number, LiveCall, Callee> {
  readonly deliveries: Deliveries;
  /** Faults of the status callbacks of calls made from now on. */
  readonly faults = { reorder: false, lateAnswer: false };
  /** Faults of the caller's frames on all streams. */
  readonly streamFaults: StreamFaults = noFaults();
  /** The account as REST shows it; `clockSkewMs`: its `Date` header minus the true time. */
  readonly account = { status: "active", clockSkewMs: 0 };
  /** The account's numbers and where calls to them go. */
  readonly numbers = new Map<string, OwnNumber>();
  readonly #options: TwilioEmulatorOptions;
  readonly #ticker: Ticker;

  constructor(options: TwilioEmulatorOptions) {
    super(new People(() => new Callee()));
    this.#options = options;
    this.#ticker = options.ticker ?? new RealTicker();
    this.deliveries = new Deliveries({
      authToken: options.authToken,
      reach: options.reach ?? ((url) => url),
    });
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

  protected override async webhooksOver(): Promise<void> {
    await Promise.all(this.calls.map((call) => call.streamsOver()));
    await this.deliveries.settled();
  }

  #begin(plan: Omit<CallPlan, "accountSid">): LiveCall {
    const party = plan.direction === "inbound" ? plan.from : plan.to;
    const person = (number: string) => this.people.scriptOf(number);
    const { ownNumbers, pace = 0.01, connectMs = 5000, trial = false } = this.#options;
    const call = new LiveCall({ ...plan, accountSid: this.#options.accountSid }, person(party), {
      deliveries: this.deliveries,
      pace,
      connectMs,
      trial,
      ticker: this.#ticker,
      streamFaults: this.streamFaults,
      ...this.faults,
      person,
      owns: (number) => ownNumbers?.includes(number) ?? true,
      problem: (text) => void this.problems.push(text),
    });
    this.run(call);
    return plan.direction === "inbound" ? call : this.placed(call);
  }

  protected override async serve({ request, response, url, text }: Arrival): Promise<void> {
    const { method = "" } = request;
    const isPost = method === "POST";
    const params = isPost ? new URLSearchParams(text) : url.searchParams;
    const one = /\/Calls\/(\w+)\.json$/.exec(url.pathname)?.[1];
    const operation = operationOf(url.pathname, isPost, one !== undefined);
    const answer = await this.treat(
      request,
      { operation, method, path: url.pathname, params, status: 0 },
      () => this.#answer(request, url, operation, one, params),
      failure,
    );
    if (answer === null) return;
    const date = new Date(Date.now() + this.account.clockSkewMs).toUTCString();
    response
      .writeHead(answer.status, { "content-type": "application/json", date })
      .end(JSON.stringify(answer.body));
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
}

function operationOf(pathname: string, isPost: boolean, isOne: boolean): Operation {
  if (isPost) return isOne ? "update" : "create";
  if (isOne) return "fetch";
  if (pathname.endsWith("/Calls.json")) return "list";
  return pathname.endsWith("/IncomingPhoneNumbers.json") ? "numbers" : "account";
}

function failure({ status, code }: Refusal<number>): { status: number; body: object } {
  return { status, body: code === undefined ? {} : new RestError(status, code, "Refused").body() };
}
