import { listField, question, textField, unaccepted, type Answer } from "../account.ts";
import type { AccountReport } from "../carrier.ts";
import { PROVIDER } from "./errors.ts";

interface AccountSettings {
  readonly base: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly fetch: typeof globalThis.fetch;
}

/** Asks for the account itself, then for the number among its own: `voice_url` is where calls to it go. */
export async function inspectAccount(
  { base, accountSid, authToken, fetch }: AccountSettings,
  number: string | null,
  signal: AbortSignal,
): Promise<AccountReport> {
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  const ask = (path: string): Promise<Answer> =>
    question(
      { provider: PROVIDER, fetch },
      { url: `${base}/2010-04-01/Accounts/${accountSid}${path}`, headers: { authorization }, signal },
    );
  const account = await ask(".json");
  if (account.kind !== "answered") return unaccepted(account);
  const { clockSkewMs } = account;
  const status = textField(account.body, "status");
  if (status !== undefined && status !== "active")
    return { credentials: "refused", detail: `the account is ${status}`, ownsNumber: null, clockSkewMs };
  if (number === null) return { credentials: "accepted", ownsNumber: null, clockSkewMs };
  const listed = await ask(`/IncomingPhoneNumbers.json?PhoneNumber=${encodeURIComponent(number)}`);
  if (listed.kind !== "answered") return { credentials: "accepted", ownsNumber: null, clockSkewMs };
  const own = listField(listed.body, "incoming_phone_numbers").find(
    (one) => textField(one, "phone_number") === number,
  );
  if (own === undefined) return { credentials: "accepted", ownsNumber: false, clockSkewMs };
  const inboundUrl = textField(own, "voice_url") || null;
  const inboundMethod = textField(own, "voice_method");
  return { credentials: "accepted", ownsNumber: true, inboundUrl, inboundMethod, clockSkewMs };
}
