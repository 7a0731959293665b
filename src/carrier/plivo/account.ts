import { question, textField, unaccepted, type Answer } from "../account.ts";
import type { AccountReport } from "../carrier.ts";
import { accountUrl, authorization, type ApiSettings } from "./api.ts";
import { PROVIDER } from "./errors.ts";
import { dialable } from "./markup.ts";

/**
 * Asks for the account itself, then for the number among its own, then for the application that takes its calls:
 * `answer_url` is where calls go, `hangup_url` where their end is told.
 */
export async function inspectAccount(
  settings: ApiSettings,
  fetch: typeof globalThis.fetch,
  number: string | null,
  signal: AbortSignal,
): Promise<AccountReport> {
  const base = accountUrl(settings);
  const headers = { authorization: authorization(settings) };
  const ask = (path: string): Promise<Answer> =>
    question({ provider: PROVIDER, fetch }, { url: base + path, headers, signal });

  const account = await ask("");
  if (account.kind !== "answered") return unaccepted(account);
  const accepted = { credentials: "accepted", ownsNumber: null, clockSkewMs: account.clockSkewMs } as const;
  if (number === null) return accepted;
  const own = await ask(`Number/${encodeURIComponent(dialable(number))}/`);
  if (own.kind === "unreachable" && own.detail === "HTTP 404") return { ...accepted, ownsNumber: false };
  if (own.kind !== "answered") return accepted;
  // `/v1/Account/<auth id>/Application/<id>/`, or only the id.
  const application = /([^/]+)\/?$/.exec(textField(own.body, "application") ?? "")?.[1];
  if (application === undefined) return { ...accepted, ownsNumber: true, inboundUrl: null, reportUrl: null };
  const taken = await ask(`Application/${encodeURIComponent(application)}/`);
  if (taken.kind !== "answered") return { ...accepted, ownsNumber: true };
  return {
    ...accepted,
    ownsNumber: true,
    inboundUrl: textField(taken.body, "answer_url") || null,
    inboundMethod: textField(taken.body, "answer_method"),
    reportUrl: textField(taken.body, "hangup_url") || null,
    reportMethod: textField(taken.body, "hangup_method"),
  };
}
