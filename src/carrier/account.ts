import { isVoiceCallError } from "../call/errors.ts";
import type { AccountReport } from "./carrier.ts";
import { request, type HttpContext, type HttpReply } from "./http.ts";

/** One harmless authenticated question after the other, for `inspect`. */
export interface Question {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export type Answer =
  | { readonly kind: "answered"; readonly body: unknown; readonly clockSkewMs: number | null }
  | {
      readonly kind: "refused" | "unreachable";
      readonly detail: string;
      readonly clockSkewMs: number | null;
    };

/** Sends a GET. Never throws; `refused` is a 401 or 403, whatever else is no answer counts as `unreachable`. */
export async function question(context: HttpContext, { url, headers, signal }: Question): Promise<Answer> {
  let reply: HttpReply;
  try {
    reply = await request(context, { kind: "read", method: "GET", url, headers, body: null, signal });
  } catch (error) {
    const detail = isVoiceCallError(error) ? String(error.details["detail"] ?? error.code) : "no answer";
    return { kind: "unreachable", detail, clockSkewMs: null };
  }
  const { status, text } = reply;
  const clockSkewMs = skewOf(reply.headers["date"]);
  if (status === 401 || status === 403) return { kind: "refused", detail: `HTTP ${status}`, clockSkewMs };
  if (status < 200 || status > 299) return { kind: "unreachable", detail: `HTTP ${status}`, clockSkewMs };
  try {
    return { kind: "answered", body: JSON.parse(text) as unknown, clockSkewMs };
  } catch {
    return { kind: "unreachable", detail: "an unreadable answer", clockSkewMs };
  }
}

/** A report about credentials that were not accepted. */
export function unaccepted(answer: Exclude<Answer, { kind: "answered" }>): AccountReport {
  const { kind, detail, clockSkewMs } = answer;
  return { credentials: kind, detail, ownsNumber: null, clockSkewMs };
}

/** A field of an untrusted JSON value that is text; undefined when it is not. */
export function textField(value: unknown, name: string): string | undefined {
  const field: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof field === "string" ? field : undefined;
}

/** A list in a field of an untrusted JSON value; empty when there is none. */
export function listField(value: unknown, name: string): readonly unknown[] {
  const field: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return Array.isArray(field) ? field : [];
}

/** The Date header has whole seconds: what it names was true up to a second ago. */
function skewOf(date: string | undefined): number | null {
  const at = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(at) ? null : at + 500 - Date.now();
}
