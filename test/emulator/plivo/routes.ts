import type { Hook } from "./delivery.ts";
import type { CallPlan, LiveCall } from "./live-call.ts";
import {
  accountResource,
  applicationResource,
  digitsIn,
  FIELDS,
  GONE,
  hookIn,
  liveResource,
  missing,
  numberResource,
  ok,
  readCreate,
  recordResource,
  RestError,
  textIn,
  type Answer,
  type Application,
  type Json,
} from "./rest.ts";

export type Operation =
  | "create"
  | "hangup"
  | "cancel"
  | "transfer"
  | "speak"
  | "stop-speak"
  | "play"
  | "stop-play"
  | "dtmf"
  | "live"
  | "queued"
  | "record"
  | "list-live"
  | "list-queued"
  | "list"
  | "number"
  | "application"
  | "account";

/** What a request is about. */
export interface Route {
  readonly operation: Operation;
  /** Call, request, number or application; empty where there is none. */
  readonly id: string;
}

const IN_CALL: Readonly<Record<string, Operation>> = {
  "POST Speak": "speak",
  "DELETE Speak": "stop-speak",
  "POST Play": "play",
  "DELETE Play": "stop-play",
  "POST DTMF": "dtmf",
};

/** Null for a path or method that Plivo does not have. `path` is what follows the account. */
export function routeOf(method: string, path: string, query: URLSearchParams): Route | null {
  const [resource = "", id = "", action = "", ...more] = path.split("/").filter((part) => part !== "");
  const operation =
    more.length > 0 ? undefined : operationOf(method, resource, id, action, query.get("status"));
  return operation === undefined ? null : { operation, id };
}

function operationOf(
  method: string,
  resource: string,
  id: string,
  action: string,
  status: string | null,
): Operation | undefined {
  if (resource === "Call" && action !== "") return IN_CALL[`${method} ${action}`];
  if (resource === "Call" && method === "GET") {
    if (status === "live") return id === "" ? "list-live" : "live";
    if (status === "queued") return id === "" ? "list-queued" : "queued";
    return id === "" ? "list" : "record";
  }
  const whole = `${method} ${resource}${id === "" ? "" : "/"}${action}`;
  const others: Readonly<Record<string, Operation>> = {
    "GET ": "account",
    "POST Call": "create",
    "POST Call/": "transfer",
    "DELETE Call/": "hangup",
    "DELETE Request/": "cancel",
    "GET Number/": "number",
    "GET Application/": "application",
  };
  return others[whole];
}

/** The account as requests see it. */
export interface Account {
  readonly authId: string;
  readonly calls: readonly LiveCall[];
  readonly numbers: readonly string[];
  /** Real milliseconds until an ended call has a record. */
  readonly recordDelayMs: number;
  application(number: string): Application | null;
  /** Null when that number may call. */
  refusal(from: string): number | null;
  place(plan: CallPlan): LiveCall;
  problem(text: string): void;
}

/** Carries out a request. Throws a RestError for a refusal. */
export function carryOut(route: Route, body: Json, query: URLSearchParams, account: Account): Answer {
  const { operation, id } = route;
  if (operation in FIELDS) checkFields(operation as keyof typeof FIELDS, body, account);
  const call = account.calls.find((one) => one.uuid === id);
  switch (operation) {
    case "account":
      return ok(accountResource(account.authId));
    case "create":
      return create(body, account);
    case "cancel":
      return done(waiting(account, id)?.endByApi(), GONE);
    case "hangup":
      return done(call?.endByApi(), GONE);
    case "transfer":
      return done(
        call?.transfer(transferHook(body)),
        ok({ call_uuids: [id], message: "call transferred" }, 202),
      );
    case "speak":
      return done(
        call?.speakByApi(textIn(body, "text") ?? missing("text")),
        ok({ message: "speak started" }, 202),
      );
    case "play":
      return done(
        call?.playByApi(textIn(body, "urls") ?? missing("urls")),
        ok({ message: "play started" }, 202),
      );
    case "stop-speak":
    case "stop-play":
      return done(call?.stopByApi(), GONE);
    case "dtmf":
      return done(
        call?.tonesByApi(digitsIn(body, "digits") ?? missing("digits")),
        ok({ message: "digits sent" }, 202),
      );
    case "number":
      return ok(numberResource(known(account, id), account.application(known(account, id)), account.authId));
    case "application":
      return ok(applicationResource(applicationBy(account, id), account.authId));
    default:
      return look(route, query, account);
  }
}

function look({ operation, id }: Route, query: URLSearchParams, account: Account): Answer {
  const { calls, authId } = account;
  const call = calls.find((one) => one.uuid === id);
  switch (operation) {
    case "list-live":
      return ok({ calls: calls.filter(isLive).map(({ uuid }) => uuid) });
    case "list-queued":
      return ok({ calls: calls.filter(isQueued).map(({ uuid }) => uuid) });
    case "live":
      return ok(liveResource(call !== undefined && isLive(call) ? call : gone()));
    case "queued":
      return ok(liveResource(call !== undefined && isQueued(call) ? call : gone()));
    case "record":
      return ok(recordResource(call !== undefined && hasRecord(call, account) ? call : gone(), authId));
    default: {
      const objects = calls
        .filter((one) => hasRecord(one, account))
        .map((one) => recordResource(one, authId) as Readonly<Record<string, unknown>>)
        .filter((record) => FILTERS.every((name) => !query.has(name) || record[name] === query.get(name)))
        .toReversed();
      const meta = { limit: 20, next: null, offset: 0, previous: null, total_count: objects.length };
      return ok({ meta, objects: objects.slice(0, 20) });
    }
  }
}

const FILTERS = ["from_number", "to_number", "call_direction"] as const;

const isQueued = (call: LiveCall): boolean => call.status === "queued";
const isLive = (call: LiveCall): boolean => call.end === null && !isQueued(call);
const hasRecord = (call: LiveCall, { recordDelayMs }: Account): boolean =>
  call.end !== null && Date.now() >= call.endedAt + recordDelayMs;

function waiting(account: Account, requestUuid: string): LiveCall | undefined {
  return account.calls.find((one) => one.requestUuid === requestUuid && one.answeredAt === 0);
}

function gone(): never {
  throw new RestError(404, "not found");
}

/** The answer, unless nothing could be done. */
const done = (success: boolean | undefined, answer: Answer): Answer => (success === true ? answer : gone());

function create(body: Json, account: Account): Answer {
  const placed = readCreate(body).map((plan) =>
    account.place({ ...plan, direction: "outbound", refusal: account.refusal(plan.from), fields: {} }),
  );
  const ids = placed.map(({ requestUuid }) => requestUuid);
  const message = placed.some((call) => call.isHeld) ? "call queued" : "call fired";
  return ok(
    ids.length === 1 ? { message, request_uuid: ids[0] } : { message: "calls fired", request_uuid: ids },
    201,
  );
}

function transferHook(body: Json): Hook {
  if ((textIn(body, "legs") ?? "aleg") !== "aleg")
    throw new RestError(400, "only the a leg is transferred here");
  return hookIn(body, "aleg") ?? missing("aleg_url");
}

function known(account: Account, number: string): string {
  const wanted = `+${decodeURIComponent(number).replace(/^\+/, "")}`;
  return account.numbers.includes(wanted) ? wanted : gone();
}

function applicationBy(account: Account, id: string): Application {
  const all = account.numbers.map((number) => account.application(number));
  return all.find((application) => application?.id === id) ?? gone();
}

function checkFields(operation: keyof typeof FIELDS, body: Json, account: Account): void {
  for (const name of Object.keys(body)) {
    if (!FIELDS[operation].includes(name)) account.problem(`${operation}: unknown field ${name}`);
  }
}
