import type { IncomingMessage, ServerResponse } from "node:http";
import type { CreateFault, Fields, World } from "../../../src/conformance/world.ts";
import { noFaults, type StreamFaults } from "../audio/socket-client.ts";
import { RealTicker, type Ticker } from "../audio/ticker.ts";
import { Company, type Arrival, type Refusal, type Requested, type RestFault } from "../company.ts";
import { Callee, People, type PersonScript } from "../person.ts";
import { Deliveries } from "./delivery.ts";
import { LiveCall, type CallPlan } from "./live-call.ts";

import { RestError, type Answer, type Application, type Json } from "./rest.ts";
import { carryOut, routeOf, type Account, type Operation, type Route } from "./routes.ts";
import type { Method } from "./signature.ts";

export interface PlivoEmulatorOptions {
  readonly authId: string;
  readonly authToken: string;
  /** Real milliseconds per millisecond of call time. Default 0.01: a ten-second pause takes 100 ms. */
  readonly pace?: number;
  /** Our numbers, E.164; a call from another one ends with 3030. Default: one number, and every number may call. */
  readonly ownNumbers?: readonly string[];
  /** Where a public URL is really served, `http(s)://` also for audio sockets. Default: at itself. */
  readonly reach?: (url: string) => string;
  /** Tokens that are being replaced: the V3 header lists their signatures too. */
  readonly oldTokens?: readonly string[];
  /** The calls belong to this subaccount: it signs V3, the main account signs Ma-V3. */
  readonly subaccount?: { readonly authId: string; readonly authToken: string };
  /** Call time until an ended call has a record. Default 0. */
  readonly recordDelayMs?: number;
  /** Real milliseconds until the answer to a webhook is given up. Default 15 s. */
  readonly webhookTimeoutMs?: number;
  /** Gives requests other ids than their calls. */
  readonly separateIds?: boolean;
  /** Of live audio. Default: real time, whatever the pace. */
  readonly ticker?: Ticker;
  /** Real milliseconds until the handshake of a stream is given up. Default 5 s. */
  readonly connectMs?: number;
  /** `clearAudio` is answered by `playedStream` of the checkpoints that waited too. Default: it is not. */
  readonly returnsCleared?: boolean;
  /** A call stays up when its document runs out behind a stream with `keepCallAlive`. Default true; false: it ends (4010). */
  readonly staysAfterStream?: boolean;
}

export type Fault = RestFault;

export interface RestRequest extends Requested<Operation> {
  readonly body: Json;
}

/** URLs of an application; methods are POST unless named. */
export interface ApplicationUrls {
  readonly answerUrl: string;
  readonly answerMethod?: Method;
  readonly fallbackUrl?: string;
  readonly hangupUrl?: string;
  readonly hangupMethod?: Method;
}

/** Longer than `machine_detection_time` is by default (5 s). */
const GREETING_MS = 6000;
const OURS = "+15550101000";
const FAULTS: Readonly<Record<CreateFault, Fault>> = {
  lost: { kind: "lose-reply" },
  reset: { kind: "reset" },
  refused: { kind: "error", status: 403 },
  busy: { kind: "error", status: 429 },
};

/** Plivo on 127.0.0.1: REST, XML, signed webhooks, people who do as they are told. */
export class PlivoEmulator extends Company<RestRequest, never, LiveCall> implements World {
  readonly webhooks: Deliveries;
  /** How calls made from now on are treated: the ring webhook comes last; they stay queued until released. */
  readonly faults = { lateRing: false, queued: false };
  /** Faults of the caller's frames on all streams. */
  readonly streamFaults: StreamFaults = noFaults();
  readonly #options: PlivoEmulatorOptions;
  readonly #ticker: Ticker;
  readonly #numbers: readonly string[];
  readonly #applications = new Map<string, Application>();

  constructor(options: PlivoEmulatorOptions) {
    super(new People(() => new Callee(GREETING_MS)));
    const { authToken, subaccount, oldTokens = [] } = options;
    this.#options = options;
    this.#ticker = options.ticker ?? new RealTicker();
    this.#numbers = options.ownNumbers ?? [OURS];
    this.webhooks = new Deliveries({
      tokens: [subaccount?.authToken ?? authToken, ...oldTokens],
      mainToken: authToken,
      reach: options.reach ?? ((url) => url),
      timeoutMs: options.webhookTimeoutMs ?? 15_000,
      problem: this.#problem,
    });
  }

  get ours(): string {
    return this.#numbers[0] ?? OURS;
  }

  /** The call with that id, or the one that such a request placed. */
  call(uuid: string): LiveCall {
    const found = this.calls.find((call) => call.uuid === uuid || call.requestUuid === uuid);
    if (found === undefined) throw new Error(`no call ${uuid}`);
    return found;
  }

  /** Attaches an application to one of our numbers; calls to a number without one are not taken. */
  setApplication(urls: ApplicationUrls, number = this.ours): Application {
    const { answerUrl, answerMethod = "POST", fallbackUrl, hangupUrl, hangupMethod = "POST" } = urls;
    const application: Application = {
      id: String(10_000_000_000 + this.#applications.size),
      answer: { url: answerUrl, method: answerMethod },
      fallback: fallbackUrl === undefined ? null : { url: fallbackUrl, method: "POST" },
      hangup: hangupUrl === undefined ? null : { url: hangupUrl, method: hangupMethod },
    };
    this.#applications.set(number, application);
    return application;
  }

  /** No Plivo page names the `From` of a withheld number; the word is what SIP has (RFC 3323). */
  ring(from: string, more: { withheld?: boolean; fields?: Fields; to?: string } = {}): LiveCall {
    const to = more.to ?? this.ours;
    const application = this.#applications.get(to);
    if (application?.answer === undefined || application.answer === null)
      throw new Error(`${to} has no application`);
    return this.#begin(
      {
        direction: "inbound",
        from: more.withheld === true ? "anonymous" : from,
        to,
        answer: application.answer,
        fallback: application.fallback,
        hangup: application.hangup,
        ring: null,
        machine: null,
        sendDigits: null,
        ringTimeoutSec: 120,
        timeLimitSec: 14_400,
        refusal: null,
        fields: more.fields ?? {},
      },
      this.people.scriptOf(from),
    );
  }

  failCreate(fault: CreateFault): void {
    this.fail("create", FAULTS[fault]);
  }

  creates(): number {
    return this.requestsOf("create").length;
  }

  protected override async webhooksOver(): Promise<void> {
    await Promise.all(this.calls.map((call) => call.streamsOver()));
    await this.webhooks.stop();
  }

  readonly #problem = (text: string): void => void this.problems.push(text);

  #begin(plan: CallPlan, caller?: PersonScript): LiveCall {
    const personAt = (number: string): PersonScript => this.people.scriptOf(number);
    const call = new LiveCall(plan, {
      mainAuthId: this.#options.authId,
      deliveries: this.webhooks,
      pace: this.#options.pace ?? 0.01,
      ...this.faults,
      separateIds: this.#options.separateIds ?? false,
      ticker: this.#ticker,
      streamFaults: this.streamFaults,
      connectMs: this.#options.connectMs ?? 5000,
      returnsCleared: this.#options.returnsCleared ?? false,
      staysAfterStream: this.#options.staysAfterStream ?? true,
      // A withheld caller is still somebody.
      personAt: (number) => (number === plan.from && caller !== undefined ? caller : personAt(number)),
      problem: this.#problem,
    });
    this.run(call);
    return plan.direction === "inbound" ? call : this.placed(call);
  }

  protected override async serve({ request, response, url, text }: Arrival): Promise<void> {
    const { method = "" } = request;
    const [, account = "", rest = ""] = /^\/v1\/Account\/([^/]+)\/?(.*)$/.exec(url.pathname) ?? [];
    const route = routeOf(method, rest, url.searchParams);
    if (route === null || !this.#isOurs(account)) {
      this.#problem(`${method} ${url.pathname}: no such resource`);
      return send(response, new RestError(404, "not found").answer());
    }
    const body = this.#read(request, text);
    const answer = await this.treat(
      request,
      { operation: route.operation, method, path: url.pathname, body: body ?? {}, status: 0 },
      () => this.#answer(request, route, body, url),
      failure,
    );
    if (answer !== null) send(response, answer);
  }

  #answer(request: IncomingMessage, route: Route, body: Json | null, url: URL): Answer {
    try {
      if (!this.#authorized(request)) throw new RestError(401, "authentication failed");
      if (!url.pathname.endsWith("/"))
        this.#problem(`${request.method} ${url.pathname}: no slash at the end`);
      if (!url.pathname.endsWith("/") && request.method !== "GET") throw new RestError(404, "not found");
      if (body === null) throw new RestError(400, "the body is not JSON");
      return carryOut(route, body, url.searchParams, this.#account());
    } catch (error) {
      if (error instanceof RestError) return error.answer();
      throw error;
    }
  }

  #account(): Account {
    const { authId, pace = 0.01, recordDelayMs = 0, ownNumbers } = this.#options;
    return {
      authId,
      calls: this.calls,
      numbers: this.#numbers,
      recordDelayMs: recordDelayMs * pace,
      application: (number) => this.#applications.get(number) ?? null,
      refusal: (from) => (ownNumbers === undefined || ownNumbers.includes(from) ? null : 3030),
      place: (plan) => this.#begin(plan),
      problem: this.#problem,
    };
  }

  /** Null when it is no JSON object. */
  #read(request: IncomingMessage, text: string): Json | null {
    // The official package sends `""` as the body of some GETs.
    if (text === "" || request.method === "GET") return {};
    if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
      this.#problem(`${request.method} ${request.url}: content type ${request.headers["content-type"]}`);
    }
    try {
      const body: unknown = JSON.parse(text);
      return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Json) : null;
    } catch {
      return null;
    }
  }

  #isOurs(account: string): boolean {
    return account === this.#options.authId || account === this.#options.subaccount?.authId;
  }

  #authorized(request: IncomingMessage): boolean {
    const { authId, authToken, subaccount } = this.#options;
    const pairs = [{ authId, authToken }, ...(subaccount === undefined ? [] : [subaccount])];
    return pairs.some((pair) => basic(pair) === request.headers.authorization);
  }
}

const basic = (pair: { readonly authId: string; readonly authToken: string }): string =>
  `Basic ${Buffer.from(`${pair.authId}:${pair.authToken}`).toString("base64")}`;

function failure({ status }: Refusal): Answer {
  const words: Readonly<Record<number, string>> = {
    401: "authentication failed",
    403: "calls to this destination are not enabled for your account",
    404: "not found",
    429: "too many requests",
  };
  return new RestError(status, words[status] ?? "internal error").answer();
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (body === null) response.writeHead(status).end();
  else response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
