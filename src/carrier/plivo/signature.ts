import { createHmac, timingSafeEqual } from "node:crypto";
import type { Form } from "./form.ts";

/**
 * Plivo's signature V3 of a POST, as its three voice SDKs compute it (plivo 4.79.0, `dist/utils/v3Security.js`); the
 * prose of its documentation and its newer SDKs say something else. V2 covers neither query nor body and counts nothing.
 */

/** Over the account's own token, or the subaccount's. */
export const V3 = "x-plivo-signature-v3";
/** The same over the main account's token. */
export const MAIN_V3 = "x-plivo-signature-ma-v3";
export const NONCE = "x-plivo-signature-v3-nonce";

/** No dot: the last one of the signed text divides it from the nonce, so nothing can be moved across. */
const NONCE_FORM = /^[A-Za-z0-9_-]{1,128}$/;

type Pairs = Form["pairs"];

/**
 * The signed text without its nonce: the URL as it was called (port kept, fragment dropped), its decoded query as
 * sorted `name=value`, then the sorted names and values of the body.
 */
export function canonical(url: string, body: Pairs): string {
  const [whole = ""] = url.split("#", 1);
  const at = whole.indexOf("?");
  const base = at === -1 ? whole : whole.slice(0, at);
  const asked = at === -1 ? [] : [...new URLSearchParams(whole.slice(at + 1))];
  const query = sorted(asked)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const mark = query !== "" || body.length > 0 ? "?" : "";
  const dot = query !== "" && body.length > 0 ? "." : "";
  const fields = sorted(body)
    .map(([name, value]) => name + value)
    .join("");
  return base + mark + query + dot + fields;
}

export const signature = (token: string, text: string, nonce: string): string =>
  createHmac("sha256", token).update(`${text}.${nonce}`).digest("base64");

/**
 * Whether one of the given signatures (lists with commas while tokens are being changed) is ours. Without a token
 * nothing is genuine.
 */
export function isGenuine(
  token: string | undefined,
  text: string,
  headers: Readonly<Record<string, string | undefined>>,
): boolean {
  const nonce = headers[NONCE];
  if (!token || nonce === undefined || !NONCE_FORM.test(nonce)) return false;
  const expected = Buffer.from(signature(token, text, nonce));
  const given = [headers[V3], headers[MAIN_V3]].flatMap((list) => (list ?? "").split(","));
  return given.some((one) => {
    const bytes = Buffer.from(one.trim());
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

/** By code unit, as the SDKs sort: names first, then the values of one name. */
const sorted = (pairs: Pairs): Pairs =>
  pairs.toSorted(([name, value], [other, second]) => compare(name, other) || compare(value, second));

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
