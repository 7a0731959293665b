import type { Client, RequestOpts } from "twilio/lib/base/BaseTwilio.js";
import { request, type RequestKind } from "../http.ts";
import { PROVIDER } from "./errors.ts";

export interface TransportSettings {
  readonly accountSid: string;
  readonly authToken: string;
  readonly fetch: typeof globalThis.fetch;
}

/**
 * One request of the official package, sent as every carrier's requests are. Takes the place of the package's own
 * HTTP client, which costs the gateway ten times as much to load and says of a failure neither whether the request
 * left nor why.
 */
export function transport(settings: TransportSettings, kind: RequestKind, signal: AbortSignal): Client {
  const send = async (options: RequestOpts) => {
    const { status, headers, text } = await request(
      { provider: PROVIDER, fetch: settings.fetch },
      {
        kind,
        method: (options.method ?? "get").toUpperCase(),
        url: urlOf(options),
        headers: {
          ...(options.headers as Record<string, string>),
          authorization: basic(settings),
        },
        body: options.data === undefined ? null : form(options.data),
        signal,
      },
    );
    return { statusCode: status, body: text, headers };
  };
  // The package's resources ask nothing of a client but `request`.
  return { request: send } as unknown as Client;
}

function urlOf(options: RequestOpts): URL {
  const url = new URL(options.uri ?? "");
  for (const [name, value] of Object.entries(options.params ?? {}))
    url.searchParams.append(name, String(value));
  return url;
}

/** Repeated parameters are repeated names (`StatusCallbackEvent`). */
function form(data: object): URLSearchParams {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries(data)) {
    for (const one of Array.isArray(value) ? value : [value]) encoded.append(name, String(one));
  }
  return encoded;
}

const basic = (settings: TransportSettings): string =>
  `Basic ${Buffer.from(`${settings.accountSid}:${settings.authToken}`).toString("base64")}`;
