import type { Detection } from "./detection.ts";
import type { LiveCall } from "./live-call.ts";

/** An error as Twilio's REST API writes it. */
export class RestError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  body(): object {
    return {
      code: this.code,
      message: this.message,
      more_info: `https://www.twilio.com/docs/errors/${this.code}`,
      status: this.status,
    };
  }
}

const ADDRESS = /^(\+[1-9][0-9]{6,14}|client:.+|sip:.+)$/;
const EVENTS = new Set(["initiated", "ringing", "answered", "completed"]);

export interface NewCall {
  readonly to: string;
  readonly from: string;
  readonly source: { readonly twiml: string } | { readonly url: string };
  readonly sendDigits: string | null;
  readonly detection: Detection | null;
  readonly statusCallback: string | null;
  readonly statusEvents: ReadonlySet<string>;
  readonly timeoutSec: number;
  readonly timeLimitSec: number | null;
}

/** Checks a create request in the order in which Twilio complains. */
export function readNewCall(form: URLSearchParams, ownNumbers: readonly string[] | null): NewCall {
  const to = form.get("To");
  const from = form.get("From");
  if (!to) throw new RestError(400, 21201, "No 'To' number is specified");
  if (!ADDRESS.test(to)) throw new RestError(400, 21211, "Invalid 'To' Phone Number");
  if (!from) throw new RestError(400, 21213, "No 'From' number is specified");
  if (!ADDRESS.test(from)) throw new RestError(400, 21212, "Invalid 'From' Phone Number");
  if (ownNumbers !== null && !ownNumbers.includes(from)) {
    throw new RestError(400, 21210, "'From' phone number not verified");
  }
  const statusEvents = form.getAll("StatusCallbackEvent");
  for (const event of statusEvents) {
    if (!EVENTS.has(event)) throw new RestError(400, 21626, `Invalid status callback event ${event}`);
  }
  const sendDigits = form.get("SendDigits");
  if (sendDigits !== null && !/^[0-9A-D#*wW]{1,32}$/.test(sendDigits)) {
    throw new RestError(400, 21217, "SendDigits is invalid");
  }
  return {
    to,
    from,
    source: readSource(form),
    sendDigits,
    // Keys that are pressed while it listens would deceive it, so Twilio does not detect then.
    detection: sendDigits === null ? readDetection(form) : null,
    statusCallback: readUrl(form, "StatusCallback"),
    statusEvents: new Set(statusEvents.length > 0 ? statusEvents : ["completed"]),
    timeoutSec: readSeconds(form, "Timeout", 600) ?? 60,
    timeLimitSec: readSeconds(form, "TimeLimit", 86_400),
  };
}

/** `MachineDetection` and its thresholds, ms; the time-out in seconds. */
function readDetection(form: URLSearchParams): Detection | null {
  const mode = form.get("MachineDetection");
  if (mode === null) return null;
  if (mode !== "Enable" && mode !== "DetectMessageEnd") refuse("MachineDetection");
  const beside = form.get("AsyncAmd") ?? "false";
  if (beside !== "true" && beside !== "false") refuse("AsyncAmd");
  const method = form.get("AsyncAmdStatusCallbackMethod") ?? "POST";
  if (method !== "POST" && method !== "GET") refuse("AsyncAmdStatusCallbackMethod");
  readRange(form, "MachineDetectionSpeechThreshold", 1000, 6000);
  readRange(form, "MachineDetectionSilenceTimeout", 2000, 10_000);
  return {
    mode,
    timeoutMs: (readRange(form, "MachineDetectionTimeout", 3, 59) ?? 30) * 1000,
    endMs: readRange(form, "MachineDetectionSpeechEndThreshold", 500, 5000) ?? 1200,
    beside: beside === "true",
    callback: readUrl(form, "AsyncAmdStatusCallback"),
  };
}

function refuse(name: string): never {
  throw new RestError(400, 20001, `${name} is invalid`);
}

function readRange(form: URLSearchParams, name: string, min: number, max: number): number | null {
  const value = form.get(name);
  if (value === null) return null;
  const number = Number(value);
  return Number.isInteger(number) && number >= min && number <= max ? number : refuse(name);
}

function readSource(form: URLSearchParams): NewCall["source"] {
  const url = readUrl(form, "Url");
  if (url !== null) return { url };
  return { twiml: readTwiml(form) ?? missing() };
}

function missing(): never {
  throw new RestError(400, 21205, "Url parameter is required");
}

function readTwiml(form: URLSearchParams): string | null {
  const twiml = form.get("Twiml");
  if (twiml !== null && twiml.length > 4000) {
    throw new RestError(400, 21624, "Twiml is longer than 4000 characters");
  }
  return twiml;
}

function readUrl(form: URLSearchParams, name: string): string | null {
  const url = form.get(name);
  if (url === null) return null;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new RestError(400, 21205, `${name} is not a URL`);
  return url;
}

const readSeconds = (form: URLSearchParams, name: string, max: number): number | null =>
  readRange(form, name, 1, max);

/** Applies an update request. */
export function updateCall(call: LiveCall, form: URLSearchParams): void {
  const status = form.get("Status") ?? undefined;
  if (status !== undefined && status !== "completed" && status !== "canceled") {
    throw new RestError(400, 21218, "Invalid Status");
  }
  const done = call.update({
    status,
    twiml: readTwiml(form) ?? undefined,
    url: readUrl(form, "Url") ?? undefined,
    statusCallback: readUrl(form, "StatusCallback") ?? undefined,
    timeLimitSec: readSeconds(form, "TimeLimit", 86_400) ?? undefined,
  });
  if (!done) throw new RestError(400, 21220, "Call is not in-progress. Cannot redirect.");
}

const rfc2822 = (at: number): string => new Date(at).toUTCString().replace("GMT", "+0000");

/** A call as Twilio's REST API shows it. */
export function callResource(call: LiveCall): object {
  const { plan, sid, status } = call;
  const over = !["queued", "initiated", "ringing", "in-progress"].includes(status);
  const uri = `/2010-04-01/Accounts/${plan.accountSid}/Calls/${sid}`;
  return {
    sid,
    account_sid: plan.accountSid,
    api_version: "2010-04-01",
    // REST knows no word `initiated`.
    status: status === "initiated" ? "queued" : status,
    direction: plan.direction,
    to: plan.to,
    to_formatted: plan.to,
    from: plan.from,
    from_formatted: plan.from,
    phone_number_sid: null,
    parent_call_sid: null,
    answered_by: call.answeredBy,
    caller_name: null,
    forwarded_from: null,
    group_sid: null,
    trunk_sid: "",
    annotation: null,
    price: null,
    price_unit: "USD",
    queue_time: "0",
    date_created: rfc2822(call.createdAt),
    date_updated: rfc2822(call.createdAt),
    start_time: rfc2822(call.createdAt),
    end_time: over ? rfc2822(Date.now()) : null,
    duration: over ? String(call.durationSec) : null,
    uri: `${uri}.json`,
    subresource_uris: { recordings: `${uri}/Recordings.json` },
  };
}

/** A number of the account, as the console shows it. */
export interface OwnNumber {
  readonly voiceUrl: string;
  readonly voiceMethod: "POST" | "GET";
  readonly statusCallback: string;
}

export function accountResource(accountSid: string, status: string): object {
  return { sid: accountSid, friendly_name: "Test", status, type: "Full", owner_account_sid: accountSid };
}

/** The account's numbers, or the one that is asked for. */
export function numberPage(
  numbers: ReadonlyMap<string, OwnNumber>,
  query: URLSearchParams,
  uri: string,
): object {
  const wanted = query.get("PhoneNumber");
  const listed = [...numbers].filter(([number]) => wanted === null || number === wanted);
  return {
    incoming_phone_numbers: listed.map(([number, own]) => ({
      phone_number: number,
      voice_url: own.voiceUrl,
      voice_method: own.voiceMethod,
      status_callback: own.statusCallback,
      capabilities: { voice: true, sms: false, mms: false },
    })),
    page: 0,
    page_size: 50,
    next_page_uri: null,
    uri,
  };
}

/** One page of the calls that match, newest first. */
export function callPage(calls: readonly LiveCall[], query: URLSearchParams, uri: string): object {
  const size = Math.min(Number(query.get("PageSize") ?? 50), 1000);
  const matching = calls.filter(({ plan, status }) => {
    const asked = { To: plan.to, From: plan.from, Status: status };
    return Object.entries(asked).every(([name, value]) => !query.has(name) || query.get(name) === value);
  });
  return {
    calls: matching.toReversed().slice(0, size).map(callResource),
    page: 0,
    page_size: size,
    start: 0,
    end: Math.max(0, Math.min(size, matching.length) - 1),
    first_page_uri: uri,
    next_page_uri: null,
    previous_page_uri: null,
    uri,
  };
}
