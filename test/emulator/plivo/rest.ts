import { randomUUID } from "node:crypto";
import { CAUSES } from "./causes.ts";
import type { Hook } from "./delivery.ts";
import { bare, stamp, type CallPlan, type LiveCall, type MachineDetection } from "./live-call.ts";

/** Requests and answers of Plivo's REST API. Sources: plivo `dist/resources/call.js`, Plivo's make-a-call page. */

export interface Answer {
  readonly status: number;
  /** Null: no body. */
  readonly body: object | null;
}

/** A refusal, in Plivo's form `{api_id, error}`. */
export class RestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  answer(): Answer {
    return { status: this.status, body: { api_id: randomUUID(), error: this.message } };
  }
}

export const ok = (body: object, status = 200): Answer => ({
  status,
  body: { api_id: randomUUID(), ...body },
});
export const GONE: Answer = { status: 204, body: null };

export type Json = Readonly<Record<string, unknown>>;

const list = (words: string): readonly string[] => words.split(" ");

/** Fields of every request that has a body. */
export const FIELDS = {
  create: list(
    "from to answer_url answer_method ring_url ring_method hangup_url hangup_method fallback_url fallback_method " +
      "caller_name send_digits send_on_preanswer time_limit hangup_on_ring ring_timeout machine_detection " +
      "machine_detection_time machine_detection_url machine_detection_method machine_detection_maximum_speech_length " +
      "machine_detection_initial_silence machine_detection_maximum_words machine_detection_initial_greeting " +
      "machine_detection_silence machine_detection_answer_time sip_headers parent_call_uuid error_if_parent_not_found",
  ),
  transfer: list("legs aleg_url aleg_method bleg_url bleg_method"),
  speak: list("text voice language legs loop mix type"),
  play: list("urls length legs loop mix"),
  dtmf: list("digits leg"),
} as const;

const ADDRESS = /^(\+?[1-9][0-9]{6,14}|sip:\S+)$/;

/** Plans of the calls that a create request asks for, one per destination. */
export function readCreate(body: Json): readonly Omit<CallPlan, "direction" | "fields" | "refusal">[] {
  const from = textIn(body, "from") ?? missing("from");
  const to = textIn(body, "to") ?? missing("to");
  if (!ADDRESS.test(from)) throw new RestError(400, "from parameter is invalid");
  const destinations = to.split("<");
  if (!destinations.every((one) => ADDRESS.test(one))) throw new RestError(400, "to parameter is invalid");
  const answer = hookIn(body, "answer") ?? missing("answer_url");
  const plan = {
    from: international(from),
    answer,
    fallback: hookIn(body, "fallback"),
    ring: hookIn(body, "ring"),
    hangup: hookIn(body, "hangup"),
    machine: machineIn(body),
    sendDigits: digitsIn(body, "send_digits"),
    ringTimeoutSec: numberIn(body, "ring_timeout", 1, 600) ?? 120,
    timeLimitSec: numberIn(body, "time_limit", 1, 86_400) ?? 14_400,
  };
  return destinations.map((one) => Object.assign({ to: international(one) }, plan));
}

function machineIn(body: Json): MachineDetection | null {
  const wanted = body["machine_detection"] === true ? "true" : body["machine_detection"];
  if (wanted === undefined || wanted === "") return null;
  if (wanted !== "true" && wanted !== "hangup")
    throw new RestError(400, "machine_detection parameter is invalid");
  const timeMs = numberIn(body, "machine_detection_time", 2000, 10_000) ?? 5000;
  return { hangsUp: wanted === "hangup", timeMs, hook: hookIn(body, "machine_detection") };
}

/** `{name}_url` with its `{name}_method`, POST by default. */
export function hookIn(body: Json, name: string): Hook | null {
  const url = textIn(body, `${name}_url`);
  if (url === null) return null;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new RestError(400, `${name}_url parameter is invalid`);
  const method = textIn(body, `${name}_method`) ?? "POST";
  if (method !== "GET" && method !== "POST") throw new RestError(400, `${name}_method parameter is invalid`);
  return { url, method };
}

export function textIn(body: Json, name: string): string | null {
  const value = body[name];
  if (value === undefined || value === null || value === "") return null;
  if (typeof value !== "string") throw new RestError(400, `${name} parameter is invalid`);
  return value;
}

export function digitsIn(body: Json, name: string): string | null {
  const digits = textIn(body, name);
  if (digits !== null && !/^[0-9*#ABCDwW]+(@[0-9]+)?$/.test(digits)) {
    throw new RestError(400, `${name} parameter is invalid`);
  }
  return digits;
}

function numberIn(body: Json, name: string, min: number, max: number): number | null {
  const value = body[name];
  if (value === undefined) return null;
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < min || number > max) {
    throw new RestError(400, `${name} parameter is invalid`);
  }
  return number;
}

export function missing(name: string): never {
  throw new RestError(400, `${name} parameter not present`);
}

const international = (number: string): string => (/^[0-9]+$/.test(number) ? `+${number}` : number);

/** A call that is live or queued. */
export function liveResource(call: LiveCall): object {
  const { plan, uuid, requestUuid, status } = call;
  return {
    call_status: status,
    call_uuid: uuid,
    caller_name: bare(plan.from),
    direction: plan.direction,
    from: bare(plan.from),
    request_uuid: requestUuid ?? uuid,
    session_start: stamp(call.createdAt),
    stir_attestation: "",
    stir_verification: "Not Applicable",
    to: bare(plan.to),
  };
}

const zoned = (at: number): string => `${stamp(at)}+00:00`;

/** Call detail record of a call that is over. */
export function recordResource(call: LiveCall, authId: string): object {
  const { plan, uuid, durationSec, answeredAt, end } = call;
  const code = end?.code ?? 0;
  return {
    answer_time: answeredAt === 0 ? null : zoned(answeredAt),
    bill_duration: durationSec,
    billed_duration: Math.ceil(durationSec / 60) * 60,
    call_direction: plan.direction,
    call_duration: durationSec,
    call_state: answeredAt === 0 ? (CAUSES[code]?.cause ?? "") : "ANSWER",
    call_uuid: uuid,
    conference_uuid: null,
    end_time: zoned(call.endedAt),
    from_number: bare(plan.from),
    hangup_cause_code: code,
    hangup_cause_name: CAUSES[code]?.name ?? "",
    hangup_source: end?.source ?? "",
    initiation_time: zoned(call.createdAt),
    parent_call_uuid: null,
    resource_uri: `/v1/Account/${authId}/Call/${uuid}/`,
    stir_attestation: "",
    stir_verification: "Not Applicable",
    to_number: bare(plan.to),
    total_amount: (Math.ceil(durationSec / 60) * 0.0085).toFixed(5),
    total_rate: "0.00850",
  };
}

/** The application that takes the calls of a number. */
export interface Application {
  readonly id: string;
  readonly answer: Hook | null;
  readonly fallback: Hook | null;
  readonly hangup: Hook | null;
}

export function applicationResource(application: Application, authId: string): object {
  const { id, answer, fallback, hangup } = application;
  return {
    answer_method: answer?.method ?? "POST",
    answer_url: answer?.url ?? "",
    app_id: id,
    app_name: "voice",
    default_app: false,
    enabled: true,
    fallback_answer_url: fallback?.url ?? "",
    fallback_method: fallback?.method ?? "POST",
    hangup_method: hangup?.method ?? "POST",
    hangup_url: hangup?.url ?? "",
    message_method: "POST",
    message_url: "",
    public_uri: false,
    resource_uri: `/v1/Account/${authId}/Application/${id}/`,
    sip_uri: `sip:${id}@app.plivo.com`,
    sub_account: null,
  };
}

export function numberResource(number: string, application: Application | null, authId: string): object {
  return {
    added_on: "2026-01-01",
    alias: null,
    application: application === null ? null : `/v1/Account/${authId}/Application/${application.id}/`,
    carrier: "Plivo",
    monthly_rental_rate: "0.80000",
    number: bare(number),
    number_type: "local",
    region: "California, UNITED STATES",
    resource_uri: `/v1/Account/${authId}/Number/${bare(number)}/`,
    sms_enabled: true,
    sms_rate: "0.00000",
    sub_account: null,
    voice_enabled: true,
    voice_rate: "0.00850",
  };
}

export const accountResource = (authId: string): object => ({
  account_type: "standard",
  address: "",
  auth_id: authId,
  auto_recharge: false,
  billing_mode: "prepaid",
  cash_credits: "10.00000",
  city: "",
  name: "Example",
  resource_uri: `/v1/Account/${authId}/`,
  state: "",
  timezone: "UTC",
});
