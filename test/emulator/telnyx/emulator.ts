import type { IncomingMessage } from "node:http";
import type { CreateFault, Fields, World } from "../../../src/conformance/world.ts";
import type { Law } from "../audio/g711.ts";
import { noFaults, type StreamFaults } from "../audio/socket-client.ts";
import { RealTicker, type Ticker } from "../audio/ticker.ts";
import { Company, type Arrival, type Refusal, type Requested, type RestFault } from "../company.ts";
import { Callee, People } from "../person.ts";
import { readDial, runAction } from "./commands.ts";
import { Deliveries } from "./delivery.ts";
import { EventMaker } from "./events.ts";
import { checkBody, isObject, type Body, type Command } from "./fields.ts";
import type { EventFaults } from "./line.ts";
import type { LegPlan } from "./leg.ts";
import { LiveCall } from "./live-call.ts";
import * as rest from "./rest.ts";
import { readRoute, refusals, RestError, type Operation, type Route } from "./rest.ts";

export interface TelnyxEmulatorOptions {
  readonly apiKey: string;
  /** The Call Control application, id of the connection. */
  readonly connectionId: string;
  /** Our number, E.164. */
  readonly ours: string;
  /** Numbers that may call; a call from another is hung up with `call_rejected` (403, D35). Default: every number. */
  readonly ownNumbers?: readonly string[];
  /** Numbers that may not be called (403, D41). */
  readonly blocked?: readonly string[];
  /** `webhook_event_url` of the application. Default: none. */
  readonly webhookUrl?: string;
  /** Seconds after which the application drops an inbound call that gets no command. Default: never. */
  readonly firstCommandTimeoutSec?: number;
  /** Real milliseconds per millisecond of call time. Default 0.01: a ten-second pause takes 100 ms. */
  readonly pace?: number;
  /** `false`: `client_state` is null in every event. */
  readonly echoClientState?: boolean;
  /** What `occurred_at` tells, epoch milliseconds; the machine's clock by default. */
  readonly now?: () => number;
  /** Real milliseconds after its end within which a command to a call may have crossed the news. Default 0. */
  readonly crossingMs?: number;
  /** Where a public URL is really served, `http(s)://` also for audio sockets. Default: at itself. */
  readonly reach?: (url: string) => string;
  /** Of live audio. Default: real time, whatever the pace. */
  readonly ticker?: Ticker;
  /** Real milliseconds until the handshake of a stream is given up. Default 5 s. */
  readonly connectMs?: number;
  /** The law of the calls. Default `pcmu`. */
  readonly callLaw?: Law;
  /** `stream_codec` is obeyed. Default true; false: frames come in the call's law ("when transcoding is not possible"). */
  readonly transcodes?: boolean;
  /** Real milliseconds within which a webhook must be answered. Default 2000, as with Telnyx. */
  readonly webhookTimeoutMs?: number;
  /** Real milliseconds before each retry of a webhook. Default 20, 50 and 100; real ones are longer. */
  readonly retriesMs?: readonly number[];
}

/** `code`: Telnyx's own, in the body. */
export type Fault = RestFault<string>;

/** `path`: with its query, as sent. */
export interface RestRequest extends Requested<Operation> {
  readonly body: Body;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const CREATE_FAULTS: Readonly<Record<CreateFault, Fault>> = {
  lost: { kind: "lose-reply" },
  reset: { kind: "reset" },
  refused: { kind: "error", status: 422, code: "10015" },
  busy: { kind: "error", status: 429, code: "10011" },
};

/** A `command_id` counts for a minute. */
const COMMAND_ID_MS = 60_000;

/** Telnyx on 127.0.0.1: REST under `/v2`, signed webhooks, people who do as they are told. A transfer's legs are calls too. */
export class TelnyxEmulator extends Company<RestRequest, string, LiveCall> implements World {
  readonly ours: string;
  readonly webhooks: Deliveries;
  /** Faults of the webhooks of all calls. */
  readonly faults: EventFaults = { reorder: false, delay: () => 0 };
  /** `webhook_event_url` of the application. */
  webhookUrl: string | null;
  /** The application is switched off; calls go on all the same here. */
  isActive = true;
  /** Faults of the caller's frames on all streams. */
  readonly streamFaults: StreamFaults = noFaults();
  readonly #options: TelnyxEmulatorOptions;
  readonly #ticker: Ticker;
  readonly #events: EventMaker;
  readonly #commands = new Map<string, { at: number; operation: Operation; answer: Answer }>();

  constructor(options: TelnyxEmulatorOptions) {
    super(new People(() => new Callee()));
    this.#options = options;
    this.#ticker = options.ticker ?? new RealTicker();
    this.#events = new EventMaker(options.now);
    this.ours = options.ours;
    this.webhookUrl = options.webhookUrl ?? null;
    this.webhooks = new Deliveries({
      reach: options.reach ?? ((url) => url),
      timeoutMs: options.webhookTimeoutMs ?? 2000,
      retriesMs: options.retriesMs ?? [20, 50, 100],
      problem: (text) => void this.problems.push(text),
    });
  }

  /** Base64 of the raw 32 bytes. */
  get publicKey(): string {
    return this.webhooks.publicKey;
  }

  call(id: string): LiveCall {
    const found = this.calls.find((call) => call.id === id);
    if (found === undefined) throw new Error(`no call ${id}`);
    return found;
  }

  /** That a withheld number comes as the word `anonymous` is assumed; no captured webhook shows one. */
  ring(
    from: string,
    { withheld = false, fields = {} }: { readonly withheld?: boolean; readonly fields?: Fields } = {},
  ): LiveCall {
    const shown = withheld ? "anonymous" : from;
    return this.#begin(
      {
        direction: "incoming",
        connectionId: this.#options.connectionId,
        from: shown,
        to: this.ours,
        sessionId: null,
        clientState: null,
        webhookUrl: null,
        retries: {},
        timeoutSec: 60,
        endsAsNoAnswer: false,
        timeLimitSec: 14_400,
        digits: null,
        detection: null,
        transcription: null,
        stream: null,
        fields: typed(fields),
        firstCommandSec: this.#options.firstCommandTimeoutSec ?? null,
        refusal: null,
      },
      this.people.scriptOf(from),
    );
  }

  failCreate(fault: CreateFault): void {
    this.fail("dial", CREATE_FAULTS[fault]);
  }

  creates(): number {
    return this.requestsOf("dial").length;
  }

  /** As if more than a minute had passed since the last command. */
  forgetCommandIds(): void {
    this.#commands.clear();
  }

  override close(): Promise<void> {
    this.webhooks.close();
    return super.close();
  }

  protected override async webhooksOver(): Promise<void> {
    await Promise.all(this.calls.map((call) => call.streamsOver()));
    await this.webhooks.settled();
  }

  #begin(plan: LegPlan, script = this.people.scriptOf(plan.to)): LiveCall {
    const call = new LiveCall(plan, script, {
      deliveries: this.webhooks,
      events: this.#events,
      faults: this.faults,
      pace: this.#options.pace ?? 0.01,
      echoClientState: this.#options.echoClientState ?? true,
      streams: {
        ticker: this.#ticker,
        faults: this.streamFaults,
        connectMs: this.#options.connectMs ?? 5000,
        callLaw: this.#options.callLaw ?? "pcmu",
        transcodes: this.#options.transcodes ?? true,
        reach: this.#options.reach ?? ((url) => url),
      },
      applicationUrl: () => this.webhookUrl,
      dialLeg: (leg) => this.#begin(leg),
      problem: (text) => void this.problems.push(text),
    });
    return this.run(call);
  }

  #dial(body: Body): LiveCall {
    const plan = readDial(body, (from, to) => this.#refuse(from, to));
    if (plan.connectionId !== this.#options.connectionId) throw refusals.badValue("connection_id: unknown");
    return this.placed(this.#begin(plan));
  }

  /** Telnyx takes such a call at first and hangs it up at once (SIP 403). */
  #refuse(from: string, to: string): string | null {
    const { ownNumbers, blocked } = this.#options;
    if (ownNumbers !== undefined && !ownNumbers.includes(from)) return "D35";
    return blocked?.includes(to) === true ? "D41" : null;
  }

  protected override async serve({ request, response, url, text }: Arrival): Promise<void> {
    const { method = "", url: path = "/" } = request;
    const route = readRoute(method, url.pathname);
    const body = readBody(text);
    const answer = await this.treat(
      request,
      { operation: route.operation, method, path, body: body ?? {}, status: 0 },
      () => this.#answer(request, route, body, url.searchParams),
      failure,
    );
    if (answer === null) return;
    response.writeHead(answer.status, headersOf(answer.status)).end(JSON.stringify(answer.body));
  }

  #answer(request: IncomingMessage, route: Route, body: Body | null, query: URLSearchParams): Answer {
    try {
      if (request.headers.authorization !== `Bearer ${this.#options.apiKey}`) throw refusals.unauthorized();
      switch (route.operation) {
        case "unknown":
          this.problems.push(`${request.method} ${request.url}: nothing there`);
          throw refusals.notFound();
        case "status":
          return { status: 200, body: rest.callStatus(this.#known(route.id)) };
        case "active_calls":
        case "application":
          if (route.id !== this.#options.connectionId) throw refusals.notFound();
          return { status: 200, body: this.#application(route.operation, query) };
        case "phone_numbers":
          return { status: 200, body: this.#phoneNumbers(query) };
        case "balance":
          return {
            status: 200,
            body: { data: { record_type: "balance", balance: "10.00", currency: "USD" } },
          };
        default:
          if (body === null) throw refusals.badValue("the body is not a JSON object");
          return this.#command(route.operation, route.id, body);
      }
    } catch (error) {
      if (error instanceof RestError) return { status: error.status, body: error.body() };
      throw error;
    }
  }

  /** Carries out a command once, however often it comes with the same `command_id` within a minute. */
  #command(operation: Command, id: string, body: Body): Answer {
    const call = operation === "dial" ? null : this.#known(id);
    const commandId = body["command_id"];
    const key = `${id} ${String(commandId)}`;
    const earlier = typeof commandId === "string" ? this.#commands.get(key) : undefined;
    if (earlier !== undefined && Date.now() - earlier.at < COMMAND_ID_MS) {
      if (earlier.operation !== operation) {
        this.problems.push(`${operation}: its command_id was used for ${earlier.operation}`);
      }
      // Documented is that the command is ignored; that the answer is the same again is assumed.
      return earlier.answer;
    }
    this.#complain(operation, body);
    const crossing = (call?.endedAt?.getTime() ?? 0) > Date.now() - (this.#options.crossingMs ?? 0);
    if (call?.isAlive === false && operation !== "hangup" && !crossing) {
      this.problems.push(`${operation}: the call has ended`);
    }
    const answer = { status: 200, body: this.#perform(operation, call, body) };
    if (typeof commandId === "string") this.#commands.set(key, { at: Date.now(), operation, answer });
    return answer;
  }

  #perform(operation: Command, call: LiveCall | null, body: Body): object {
    if (operation === "dial" || call === null) return rest.dialResult(this.#dial(body));
    if (operation === "client_state_update") {
      if (!call.isAlive) throw refusals.ended();
      call.commanded(String(body["client_state"]), null);
    } else {
      runAction(call, operation, body, (from, to) => this.#refuse(from, to));
    }
    return { data: { result: "ok" } };
  }

  #complain(operation: Command, body: Body): void {
    const { wrong, unknown, idle } = checkBody(operation, body);
    const complaints = [
      ...unknown.map((name) => `there is no field ${name}`),
      ...idle.map((name) => `${name} is not emulated`),
      ...wrong.map((name) => `${name} is missing or wrong`),
    ];
    if (body["command_id"] === undefined && operation !== "client_state_update") {
      complaints.push("no command_id");
    }
    this.problems.push(...complaints.map((complaint) => `${operation}: ${complaint}`));
    if (wrong.length > 0) throw refusals.badValue(wrong.join(", "));
  }

  #known(id: string): LiveCall {
    const call = this.calls.find((known) => known.id === id);
    if (call === undefined) throw refusals.notFound();
    return call;
  }

  #application(operation: "active_calls" | "application", query: URLSearchParams): object {
    const { connectionId, firstCommandTimeoutSec, webhookTimeoutMs = 2000 } = this.#options;
    if (operation === "active_calls") {
      const live = this.calls.filter((call) => call.isAlive && call.plan.connectionId === connectionId);
      return rest.page(live.map(rest.activeCall), query);
    }
    return {
      data: {
        record_type: "call_control_application",
        id: connectionId,
        active: this.isActive,
        application_name: "emulated",
        webhook_api_version: "2",
        webhook_event_url: this.webhookUrl,
        webhook_event_failover_url: null,
        webhook_timeout_secs: webhookTimeoutMs / 1000,
        first_command_timeout: firstCommandTimeoutSec !== undefined,
        first_command_timeout_secs: firstCommandTimeoutSec ?? 30,
      },
    };
  }

  /** The filter finds parts of numbers, takes three digits or more, and finds nothing with a `+` (SDK doc). */
  #phoneNumbers(query: URLSearchParams): object {
    const wanted = query.get("filter[phone_number]");
    const numbers = this.#options.ownNumbers ?? [this.ours];
    const isUsable = wanted === null || /^[0-9]{3,}$/.test(wanted);
    const found = isUsable ? numbers.filter((number) => number.includes(wanted ?? "")) : [];
    const { connectionId } = this.#options;
    return rest.page(
      found.map((number) => rest.phoneNumber(number, connectionId)),
      query,
    );
  }
}

/** Fields of `call.initiated` that are not strings. */
function typed(fields: Fields): Readonly<Record<string, unknown>> {
  const { shaken_stir_validated: validated, ...others } = fields;
  return { ...others, ...(validated === undefined ? {} : { shaken_stir_validated: validated === "true" }) };
}

/** Null: not a JSON object. A request without a body has an empty one. */
function readBody(raw: string): Body | null {
  if (raw === "") return {};
  try {
    const body: unknown = JSON.parse(raw);
    return isObject(body) ? body : null;
  } catch {
    return null;
  }
}

function failure({ status, code }: Refusal<string>): Answer {
  return { status, body: code === undefined ? {} : new RestError(status, code, "Refused").body() };
}

function headersOf(status: number): Record<string, string> {
  const json = { "content-type": "application/json" };
  if (status !== 429) return json;
  return { ...json, "x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" };
}
