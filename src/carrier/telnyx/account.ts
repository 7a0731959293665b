import type { Log } from "../../call/ports.ts";
import { listField, question, textField, unaccepted, type Answer } from "../account.ts";
import type { AccountReport } from "../carrier.ts";
import type { ApiSettings } from "./api.ts";
import { PROVIDER } from "./errors.ts";

interface AccountSettings extends Pick<ApiSettings, "apiKey"> {
  /** With `/v2/`. */
  readonly base: string;
  readonly connectionId: string;
  readonly fetch: typeof globalThis.fetch;
  readonly log: Log;
}

/**
 * Asks for the Call Control application, then for the number among the account's own. A number leads to the application
 * it is assigned to (`connection_id`), and that to its `webhook_event_url`.
 */
export async function inspectAccount(
  settings: AccountSettings,
  number: string | null,
  signal: AbortSignal,
): Promise<AccountReport> {
  const { base, apiKey, connectionId, fetch, log } = settings;
  const ask = (path: string): Promise<Answer> =>
    question(
      { provider: PROVIDER, fetch },
      {
        url: `${base}${path}`,
        headers: { accept: "application/json", authorization: `Bearer ${apiKey}` },
        signal,
      },
    );
  const application = await ask(`call_control_applications/${encodeURIComponent(connectionId)}`);
  if (application.kind !== "answered") {
    const missing = application.kind === "unreachable" && application.detail === "HTTP 404";
    if (!missing) return unaccepted(application);
    const detail = "no Call Control application has this connectionId";
    return { ...unaccepted(application), credentials: "refused", detail };
  }
  const { clockSkewMs } = application;
  const found = dataOf(application.body);
  if (textField(found, "webhook_api_version") === "1") {
    log.warn("the Call Control application sends webhooks of API version 1; set it to version 2");
  }
  if (number === null) return { credentials: "accepted", ownsNumber: null, clockSkewMs };
  // The filter takes digits alone and finds parts of numbers (telnyx 7.24.0, `PhoneNumberListParams`).
  const listed = await ask(`phone_numbers?filter[phone_number]=${number.replace(/\D/g, "")}`);
  if (listed.kind !== "answered") return { credentials: "accepted", ownsNumber: null, clockSkewMs };
  const own = listField(listed.body, "data").find((one) => textField(one, "phone_number") === number);
  if (own === undefined) return { credentials: "accepted", ownsNumber: false, clockSkewMs };
  const assigned = textField(own, "connection_id");
  const report = { credentials: "accepted", ownsNumber: true, clockSkewMs } as const;
  if (!assigned) return { ...report, inboundUrl: null };
  if (assigned === connectionId)
    return { ...report, inboundUrl: textField(found, "webhook_event_url") || null };
  const other = await ask(`call_control_applications/${encodeURIComponent(assigned)}`);
  // Assigned to something else than a Call Control application: nobody of ours gets its calls.
  return { ...report, inboundUrl: (other.kind === "answered" && webhookOf(other.body)) || null };
}

const dataOf = (body: unknown): unknown =>
  typeof body === "object" && body !== null ? Reflect.get(body, "data") : undefined;

const webhookOf = (body: unknown): string | undefined => textField(dataOf(body), "webhook_event_url");
