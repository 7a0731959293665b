import type { ErrorCode } from "../../call/errors.ts";
import type { CarrierError } from "../carrier.ts";
import * as http from "../http.ts";
import type { Loss, RequestKind } from "../http.ts";

export const PROVIDER = "twilio";

/** Twilio's codes that ask for something particular; every other refusal is `VC_CARRIER_REFUSED`. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  20003: "VC_CARRIER_AUTH",
  20429: "VC_CARRIER_RATE",
  21201: "VC_CARRIER_TO_INVALID",
  21210: "VC_CARRIER_FROM_INVALID",
  21211: "VC_CARRIER_TO_INVALID",
  21212: "VC_CARRIER_FROM_INVALID",
  21213: "VC_CARRIER_FROM_INVALID",
  21215: "VC_CARRIER_GEO",
  21216: "VC_CARRIER_BLOCKED",
  21217: "VC_CARRIER_TO_INVALID",
  21219: "VC_CARRIER_NUMBER_UNVERIFIED",
  21220: "VC_CARRIER_CALL_GONE",
};

/** "Call is not in-progress": over, or not answered yet as far as this part of Twilio knows. */
export const NOT_IN_PROGRESS = 21220;

/** An answer that is not a success, as an error that says what is known to have happened. */
export const refusal = (kind: RequestKind, status: number, code: number | null): CarrierError =>
  http.refusal(PROVIDER, kind, {
    status,
    code,
    meaning: code === null ? null : (CODES[code] ?? null),
    gone: code === NOT_IN_PROGRESS,
  });

/** A request that got no answer. */
export const loss = (kind: RequestKind, lost: Loss, cause?: unknown): CarrierError =>
  http.loss(PROVIDER, kind, lost, cause);

/** Our own refusals, made before anything is sent. */
export const refused = (code: ErrorCode, details: Record<string, string | number> = {}): CarrierError =>
  http.refusedByUs(PROVIDER, code, details);
