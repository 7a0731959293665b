import type { ErrorCode, ErrorDetails } from "../../call/errors.ts";
import { CarrierError } from "../carrier.ts";
import * as http from "../http.ts";
import type { RequestKind } from "../http.ts";
import { asRecord, field, textField } from "../record.ts";

export const PROVIDER = "telnyx";

/** Telnyx's codes that ask for something particular; every other refusal is `VC_CARRIER_REFUSED`. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  10009: "VC_CARRIER_AUTH",
  10010: "VC_CARRIER_AUTH",
  10011: "VC_CARRIER_RATE",
  10038: "VC_CARRIER_BLOCKED",
  10039: "VC_CARRIER_BLOCKED",
  20012: "VC_CARRIER_AUTH",
  20013: "VC_CARRIER_AUTH",
  20014: "VC_CARRIER_AUTH",
  20015: "VC_CARRIER_AUTH",
  20016: "VC_CARRIER_AUTH",
  20017: "VC_CARRIER_AUTH",
  90015: "VC_CARRIER_CALL_GONE",
  90018: "VC_CARRIER_CALL_GONE",
  // Channel limits: as many calls are up as the account, the application or the profile may have.
  90041: "VC_CARRIER_RATE",
  90042: "VC_CARRIER_RATE",
  90043: "VC_CARRIER_RATE",
};

/** "Invalid Call Control ID" and "Call has already ended". */
const GONE: ReadonlySet<string> = new Set(["90015", "90018"]);

/** "Call not answered yet": the answer may not have reached every part of Telnyx; nothing was done. */
const NOT_ANSWERED = "90034";

/** One error of `{errors: [{code, title, detail, source}]}`. */
export interface Fault {
  readonly code: string;
  /** The part of the request that is wrong, such as `/to`. */
  readonly pointer: string;
}

const CODE = /^[0-9A-Za-z]{1,10}$/;
const POINTER = /^[!-~]{1,100}$/;

/** The first error of an answer's body; null when it says none. */
export function readFault(body: unknown): Fault | null {
  const errors = field(asRecord(body) ?? {}, "errors");
  const first = asRecord(Array.isArray(errors) ? errors[0] : null);
  if (first === null) return null;
  const number = field(first, "code");
  const code = typeof number === "number" ? String(number) : textField(first, "code", CODE);
  if (!code) return null;
  const pointer = textField(asRecord(field(first, "source")) ?? {}, "pointer", POINTER);
  return { code, pointer: pointer ?? "" };
}

/** An answer that is not a success, as an error that says what is known to have happened. */
export function refusal(kind: RequestKind, status: number, fault: Fault | null): CarrierError {
  const code = fault?.code ?? null;
  const gone = code !== null && GONE.has(code);
  const error = http.refusal(PROVIDER, kind, { status, code, meaning: meaningOf(fault), gone });
  if (code !== NOT_ANSWERED) return error;
  return new CarrierError("VC_CARRIER_REFUSED", "not-sent", error.details);
}

function meaningOf(fault: Fault | null): ErrorCode | null {
  if (fault === null) return null;
  const known = Object.hasOwn(CODES, fault.code) ? CODES[fault.code] : undefined;
  if (known !== undefined) return known;
  if (/(^|\/)to$/.test(fault.pointer)) return "VC_CARRIER_TO_INVALID";
  return /(^|\/)from$/.test(fault.pointer) ? "VC_CARRIER_FROM_INVALID" : null;
}

/** A success whose body is not what was asked for. */
export const unreadable = (kind: RequestKind, cause?: unknown): CarrierError =>
  http.loss(PROVIDER, kind, { kind: "lost", cause: "unreadable answer" }, cause);

/** Our own refusals, made before anything is sent. */
export const refused = (code: ErrorCode, details: ErrorDetails = {}): CarrierError =>
  http.refusedByUs(PROVIDER, code, details);
