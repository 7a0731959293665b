import { request, type RequestKind } from "../http.ts";
import { PROVIDER, readFault, refusal, unreadable } from "./errors.ts";
import { asRecord, field, type Json } from "../record.ts";

export interface ApiSettings {
  readonly apiKey: string;
  /** Another server that speaks the same API. */
  readonly apiBaseUrl?: string | undefined;
}

export interface Asked {
  readonly kind: RequestKind;
  readonly method: "GET" | "POST" | "PUT";
  /** Below `/v2/`, escaped. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

/** Sends one request with the account's key; `data` is the answer's. Throws `CarrierError`s only. */
export type TelnyxApi = (asked: Asked, signal: AbortSignal) => Promise<{ readonly data: unknown }>;

const HOST = "https://api.telnyx.com";

/** What paths are appended to. */
export const apiRoot = (apiBaseUrl: string | undefined): string =>
  `${(apiBaseUrl ?? HOST).replace(/\/+$/, "")}/v2/`;

/** The official package sends a create up to three times by itself (telnyx 7.24.0), so it is not used for requests. */
export function createTelnyxApi(settings: ApiSettings, fetch: typeof globalThis.fetch): TelnyxApi {
  const root = apiRoot(settings.apiBaseUrl);
  return async ({ kind, method, path, query, body }, signal) => {
    const url = new URL(root + path);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.append(name, value);
    const { status, text } = await request(
      { provider: PROVIDER, fetch },
      {
        kind,
        method,
        url,
        headers: {
          accept: "application/json",
          authorization: `Bearer ${settings.apiKey}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal,
      },
    );
    const read = parse(text);
    if (status < 200 || status > 299) throw refusal(kind, status, readFault(read));
    const answer = asRecord(read);
    if (answer === null) throw unreadable(kind);
    return { data: field(answer, "data") };
  };
}

/** The id as the official package writes it into a path: `v3:…` keeps its colon. */
export const callPath = (callControlId: string): string =>
  `calls/${encodeURIComponent(callControlId).replaceAll("%3A", ":")}`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
