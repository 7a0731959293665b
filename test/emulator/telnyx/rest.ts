import { ACTIONS, type Action, type Command } from "./fields.ts";
import type { LiveCall } from "./live-call.ts";

/** An error as Telnyx writes it: `{errors: [{code, title, detail}]}`. */
export class RestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;

  constructor(status: number, code: string, title: string, detail = title) {
    super(title);
    this.status = status;
    this.code = code;
    this.detail = detail;
  }

  body(): object {
    return { errors: [{ code: this.code, title: this.message, detail: this.detail }] };
  }
}

/** The errors there are reasons for; statuses other than 401, 404, 422 (90018) and 429 are taken to be 422. */
export const refusals = {
  unauthorized: () => new RestError(401, "10009", "Authentication failed"),
  notFound: () => new RestError(404, "10005", "Resource not found"),
  badValue: (detail: string) => new RestError(422, "10015", "Invalid parameter value", detail),
  ended: () => new RestError(422, "90018", "Call has already ended"),
  streaming: () =>
    new RestError(
      422,
      "90045",
      "Media Streaming is used",
      "This command can't be issued when media streaming is used",
    ),
  notStreaming: () => new RestError(422, "90048", "Media Streaming is not used"),
  unanswered: () => new RestError(422, "90034", "Call not answered yet"),
};

/** What a request asks for. */
export type Operation =
  | Command
  | "status"
  | "active_calls"
  | "phone_numbers"
  | "application"
  | "balance"
  | "unknown";

export interface Route {
  readonly operation: Operation;
  /** The call, connection or application; empty when there is none. */
  readonly id: string;
}

const isAction = (name: string): name is Action => ACTIONS.some((known) => known === name);

/** Reads method and path. The SDK leaves the `:` of a call's id as it is; others write `%3A`. */
export function readRoute(method: string, path: string): Route {
  const [version, resource, id = "", part, action = "", ...rest] = path
    .slice(1)
    .split("/")
    .map(decodeURIComponent);
  const known = version === "v2" && rest.length === 0;
  const at = known
    ? `${method} ${resource}${id === "" ? "" : "/*"}${part === undefined ? "" : `/${part}`}`
    : "";
  if (at === "POST calls") return { operation: "dial", id };
  if (at === "GET calls/*") return { operation: "status", id };
  if (at === "POST calls/*/actions" && isAction(action)) return { operation: action, id };
  if (at === "PUT calls/*/actions" && action === "client_state_update") return { operation: action, id };
  if (at === "GET connections/*/active_calls") return { operation: "active_calls", id };
  if (at === "GET phone_numbers") return { operation: "phone_numbers", id };
  if (at === "GET call_control_applications/*") return { operation: "application", id };
  if (at === "GET balance") return { operation: "balance", id };
  return { operation: "unknown", id };
}

/** The answer to a dial, in which no call is alive yet. */
export function dialResult(call: LiveCall): object {
  return { data: { ...identity(call), is_alive: false } };
}

/** A call as the look-up shows it. That a call that rings is alive is assumed. */
export function callStatus(call: LiveCall): object {
  const { isAlive, startedAt, endedAt, durationSec } = call;
  return {
    data: {
      ...identity(call),
      is_alive: isAlive,
      start_time: startedAt.toISOString(),
      ...(endedAt === null ? {} : { end_time: endedAt.toISOString(), call_duration: durationSec }),
    },
  };
}

export function activeCall(call: LiveCall): object {
  return { ...identity(call), call_duration: call.durationSec };
}

function identity(call: LiveCall): object {
  return {
    record_type: "call",
    call_control_id: call.id,
    call_leg_id: call.legId,
    call_session_id: call.sessionId,
    client_state: call.clientState,
  };
}

/** One page of a list, as `page[number]` and `page[size]` ask for it. */
export function page(items: readonly object[], query: URLSearchParams): object {
  const size = Number(query.get("page[size]") ?? 20);
  const number = Number(query.get("page[number]") ?? 1);
  return {
    data: items.slice((number - 1) * size, number * size),
    meta: {
      page_number: number,
      page_size: size,
      total_pages: Math.max(1, Math.ceil(items.length / size)),
      total_results: items.length,
    },
  };
}

export function phoneNumber(number: string, connectionId: string): object {
  return {
    id: `pn-${number.slice(1)}`,
    record_type: "phone_number",
    phone_number: number,
    status: "active",
    connection_id: connectionId,
    country_iso_alpha2: "US",
    phone_number_type: "local",
    deletion_lock_enabled: false,
    external_pin: null,
    tags: [],
    created_at: "2026-01-01T00:00:00Z",
    purchased_at: "2026-01-01T00:00:00Z",
  };
}
