import { createHmac } from "node:crypto";

export type Method = "GET" | "POST";
export type Params = Readonly<Record<string, string>>;

const hmac = (token: string, text: string): string =>
  createHmac("sha256", token).update(text).digest("base64");

/** Code unit order, as the official packages sort. */
const ordered = (pairs: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] =>
  pairs.toSorted(([a, x], [b, y]) => (a === b ? (x < y ? -1 : Number(x > y)) : a < b ? -1 : 1));

const split = (url: string): { readonly base: string; readonly query: string } => {
  const [whole = ""] = url.split("#", 1);
  const at = whole.indexOf("?");
  return at === -1 ? { base: whole, query: "" } : { base: whole.slice(0, at), query: whole.slice(at + 1) };
};

/**
 * `X-Plivo-Signature-V3`: the URL as it is called (port kept, fragment dropped), its decoded and sorted query, the
 * sorted body after a dot, the nonce after another. Source: plivo `dist/utils/v3Security.js`.
 */
export function signV3(token: string, method: Method, url: string, params: Params, nonce: string): string {
  const { base, query } = split(url);
  const asked = ordered([...new URLSearchParams(query)])
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const body = method === "POST" ? ordered(Object.entries(params)).map((pair) => pair.join("")) : [];
  const question = asked === "" && body.length === 0 ? "" : `?${asked}`;
  const dot = asked !== "" && body.length > 0 ? "." : "";
  return hmac(token, `${base}${question}${dot}${body.join("")}.${nonce}`);
}

/** `X-Plivo-Signature-V2`: neither query nor body. Source: plivo `dist/utils/security.js`. */
export function signV2(token: string, url: string, nonce: string): string {
  return hmac(token, split(url).base + nonce);
}
