import { request, type HttpReply, type RequestKind } from "../http.ts";
import { PROVIDER, refusal, unreadable } from "./errors.ts";
import { isLiveStatus, type LiveStatus } from "./status.ts";

export interface ApiSettings {
  readonly authId: string;
  readonly authToken: string;
  /** Another server that speaks the same API. */
  readonly apiBaseUrl?: string | undefined;
}

const HOST = "https://api.plivo.com";

export const accountUrl = ({ authId, apiBaseUrl }: ApiSettings): string =>
  `${(apiBaseUrl ?? HOST).replace(/\/+$/, "")}/v1/Account/${encodeURIComponent(authId)}/`;

export const authorization = ({ authId, authToken }: ApiSettings): string =>
  `Basic ${Buffer.from(`${authId}:${authToken}`).toString("base64")}`;

/** A create request's fields. `to` and `from` without plus, every URL with its `_method`. Source: Plivo's make-a-call page. */
export type CallFields = Readonly<Record<string, string | number>>;

/** A call that is live or queued. */
export interface RemoteCall {
  readonly uuid: string;
  /** The id that the create request was answered with; that of the call where Plivo names none. */
  readonly requestId: string;
  readonly direction: string;
  /** Without plus. */
  readonly from: string;
  readonly to: string;
  readonly status: LiveStatus;
  /** Epoch ms; null when it is missing. */
  readonly startedAt: number | null;
}

/** The record of a call that is over. */
export interface CallRecord {
  readonly direction: "inbound" | "outbound";
  readonly code: number | null;
  readonly hangupSource: string | undefined;
  readonly durationSec: number | null;
  readonly wasAnswered: boolean;
}

export type Standing = "live" | "queued";

/** Calls of one account. Every method sends one request and throws `CarrierError`s only. */
export interface PlivoApi {
  /** The request's id. */
  create(fields: CallFields, signal: AbortSignal): Promise<string>;
  /** Has a live call fetch another document. */
  redirect(uuid: string, url: string, signal: AbortSignal): Promise<void>;
  /** Ends a live call. */
  end(uuid: string, signal: AbortSignal): Promise<void>;
  /** Takes back a request whose call has not been answered. */
  cancel(requestId: string, signal: AbortSignal): Promise<void>;
  /** The ids of all calls that are live or queued. */
  list(standing: Standing, signal: AbortSignal): Promise<readonly string[]>;
  get(uuid: string, standing: Standing, signal: AbortSignal): Promise<RemoteCall>;
  /** Calls that are over; a new one is there only after some seconds. */
  record(uuid: string, signal: AbortSignal): Promise<CallRecord>;
}

interface Asked {
  readonly kind: RequestKind;
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly fields?: CallFields;
  readonly signal: AbortSignal;
}

export function createPlivoApi(settings: ApiSettings, fetch: typeof globalThis.fetch): PlivoApi {
  const base = accountUrl(settings);
  const headers = { authorization: authorization(settings), accept: "application/json" };

  async function send({ kind, method, path, fields, signal }: Asked): Promise<unknown> {
    const reply = await request(
      { provider: PROVIDER, fetch },
      {
        kind,
        method,
        url: base + path,
        headers: fields === undefined ? headers : { ...headers, "content-type": "application/json" },
        body: fields === undefined ? null : JSON.stringify(fields),
        signal,
      },
    );
    return read(kind, reply);
  }

  return {
    create: async (fields, signal) => {
      const reply = await send({ kind: "create", method: "POST", path: "Call/", fields, signal });
      const id = text(reply, "request_uuid");
      if (id === "") throw unreadable("create");
      return id;
    },
    redirect: async (uuid, url, signal) => {
      const fields = { legs: "aleg", aleg_url: url, aleg_method: "POST" };
      await send({ kind: "update", method: "POST", path: call(uuid), fields, signal });
    },
    end: async (uuid, signal) => {
      await send({ kind: "update", method: "DELETE", path: call(uuid), signal });
    },
    cancel: async (requestId, signal) => {
      const path = `Request/${encodeURIComponent(requestId)}/`;
      await send({ kind: "update", method: "DELETE", path, signal });
    },
    list: async (standing, signal) => {
      const path = `Call/?status=${standing}`;
      const calls = field(await send({ kind: "read", method: "GET", path, signal }), "calls");
      return Array.isArray(calls) ? calls.filter((one) => typeof one === "string") : [];
    },
    get: async (uuid, standing, signal) => {
      const path = `${call(uuid)}?status=${standing}`;
      return remote(await send({ kind: "read", method: "GET", path, signal }));
    },
    record: async (uuid, signal) =>
      record(await send({ kind: "read", method: "GET", path: call(uuid), signal })),
  };
}

/** Never without an id: `DELETE Call/` would end every call of the account. */
function call(uuid: string): string {
  if (uuid === "") throw new RangeError("a call without an id");
  return `Call/${encodeURIComponent(uuid)}/`;
}

function read(kind: RequestKind, { status, text: body }: HttpReply): unknown {
  if (status < 200 || status > 299) throw refusal(kind, status, text(parsed(body), "error"));
  if (body === "") return null;
  const value = parsed(body);
  // A command is done whatever the answer says; only what is asked for must be readable.
  if (value === undefined && kind !== "update") throw unreadable(kind);
  return value;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function remote(value: unknown): RemoteCall {
  const uuid = text(value, "call_uuid");
  const status = text(value, "call_status");
  if (uuid === "" || !isLiveStatus(status)) throw unreadable("read");
  return {
    uuid,
    requestId: text(value, "request_uuid") || uuid,
    direction: text(value, "direction"),
    from: text(value, "from").replace(/^\+/, ""),
    to: text(value, "to").replace(/^\+/, ""),
    status,
    startedAt: instant(text(value, "session_start")),
  };
}

function record(value: unknown): CallRecord {
  if (text(value, "call_uuid") === "") throw unreadable("read");
  return {
    direction: text(value, "call_direction") === "inbound" ? "inbound" : "outbound",
    code: whole(text(value, "hangup_cause_code")),
    hangupSource: text(value, "hangup_source") || undefined,
    durationSec: whole(text(value, "call_duration")),
    wasAnswered: text(value, "answer_time") !== "",
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
}

/** A field as text; "" when it is missing or of another kind. Plivo writes numbers both ways. */
function text(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : typeof found === "number" ? String(found) : "";
}

const whole = (word: string): number | null => (/^[0-9]{1,7}$/.test(word) ? Number(word) : null);

/** `2026-10-01 12:00:00`, UTC, with or without fraction and zone. */
function instant(word: string): number | null {
  const [, day, time, zone] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)\s*(Z|[+-]\d\d:?\d\d)?$/.exec(word) ?? [];
  if (day === undefined || time === undefined) return null;
  const at = Date.parse(`${day}T${time}${zone ?? "Z"}`);
  return Number.isNaN(at) ? null : at;
}
