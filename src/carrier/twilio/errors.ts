import type { ErrorCode } from "../../call/errors.ts";
import { CarrierError } from "../carrier.ts";

/** What we asked for; decides what an unclear answer means. `create` and `update` may have happened, `read` changes nothing. */
export type Request = "create" | "update" | "read";

/** Why no answer came. `not-sent`: it certainly never left; `lost`: it may have arrived. */
export type Loss = { readonly kind: "not-sent" | "lost"; readonly cause: string };

const PROVIDER = "twilio";

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
export function refusal(request: Request, status: number, code: number | null): CarrierError {
  const detail = code === null ? `HTTP ${status}` : `${code}, HTTP ${status}`;
  const details = { provider: PROVIDER, detail, status, ...(code === null ? {} : { code }) };
  if (status === 429 || code === 20429) return new CarrierError("VC_CARRIER_RATE", "not-sent", details);
  if (isFinal(status)) {
    const gone = request !== "create" && (status === 404 || code === NOT_IN_PROGRESS);
    if (gone) return new CarrierError("VC_CARRIER_CALL_GONE", "gone", details);
    const known = code === null ? undefined : CODES[code];
    const fallback = status === 401 ? "VC_CARRIER_AUTH" : "VC_CARRIER_REFUSED";
    return new CarrierError(known ?? fallback, "refused", details);
  }
  if (request === "create") return new CarrierError("VC_CARRIER_UNCERTAIN", "unknown", details);
  return new CarrierError("VC_CARRIER_REFUSED", unlessRead(request), details);
}

/** A request that got no answer. */
export function loss(request: Request, lost: Loss, cause?: unknown): CarrierError {
  const details = { provider: PROVIDER, detail: lost.cause };
  const options = cause === undefined ? {} : { cause };
  if (lost.kind === "not-sent") {
    return new CarrierError("VC_CARRIER_UNREACHABLE", "not-sent", details, options);
  }
  if (request === "create") return new CarrierError("VC_CARRIER_UNCERTAIN", "unknown", details, options);
  return new CarrierError("VC_CARRIER_UNREACHABLE", unlessRead(request), details, options);
}

/** Reading changes nothing at Twilio, so it may always be repeated. */
const unlessRead = (request: Request): "unknown" | "not-sent" =>
  request === "read" ? "not-sent" : "unknown";

/** 4xx says that nothing was done, except 408: a time-out inside Twilio. Anything else leaves it open. */
const isFinal = (status: number): boolean => status >= 400 && status < 500 && status !== 408;

/** Our own refusals, made before anything is sent. */
export const refused = (code: ErrorCode, details: Record<string, string | number> = {}): CarrierError =>
  new CarrierError(code, "refused", { provider: PROVIDER, ...details });
