import type { Detection } from "./amd.ts";
import type { Transcription } from "./ear.ts";
import { isObject, type Action, type Body } from "./fields.ts";
import type { Law } from "../audio/g711.ts";
import type { LegPlan } from "./leg.ts";
import type { LiveCall } from "./live-call.ts";
import { refusals } from "./rest.ts";
import type { StreamPlan } from "./stream.ts";
import type { StopScope } from "./voice.ts";

/** Turns the bodies of requests, already checked, into what calls do. */

const string = (body: Body, name: string): string | null => {
  const value = body[name];
  return typeof value === "string" ? value : null;
};

const number = (body: Body, name: string, fallback: number): number => {
  const value = body[name];
  return typeof value === "number" ? value : fallback;
};

/** What dial and transfer have in common. `to` may end in `,digits`, which `send_digits_on_answer` overrules. */
function readLeg(
  body: Body,
): Omit<LegPlan, "connectionId" | "from" | "sessionId" | "clientState" | "refusal"> {
  const [to = "", digits = null] = (string(body, "to") ?? "").split(",", 2);
  const detection = string(body, "answering_machine_detection");
  return {
    direction: "outgoing",
    to,
    webhookUrl: string(body, "webhook_url"),
    retries: readRetries(body),
    timeoutSec: number(body, "timeout_secs", 30),
    endsAsNoAnswer: body["retry_on_timeout"] === false,
    timeLimitSec: number(body, "time_limit_secs", 14_400),
    digits: string(body, "send_digits_on_answer") ?? digits,
    detection: detection === null || detection === "disabled" ? null : (detection as Detection),
    transcription: readAutoTranscription(body),
    stream: readStream(body),
    fields: {},
    firstCommandSec: null,
  };
}

export function readDial(body: Body, refuse: (from: string, to: string) => string | null): LegPlan {
  const leg = readLeg(body);
  const from = string(body, "from") ?? "";
  return {
    ...leg,
    from,
    connectionId: string(body, "connection_id") ?? "",
    sessionId: null,
    clientState: string(body, "client_state"),
    refusal: refuse(from, leg.to),
  };
}

function readRetries(body: Body): LegPlan["retries"] {
  const policies = body["webhook_retries_policies"];
  if (!isObject(policies)) return {};
  const read = Object.entries(policies).map(([event, policy]) => [
    event,
    (policy as { readonly retries_ms: readonly number[] }).retries_ms,
  ]);
  return Object.fromEntries(read);
}

function readAutoTranscription(body: Body): Transcription | null {
  if (body["transcription"] !== true) return null;
  const config = body["transcription_config"];
  return readTranscription(isObject(config) ? config : {});
}

/** Null: none is asked for. */
function readStream(body: Body): StreamPlan | null {
  const url = string(body, "stream_url");
  if (url === null) return null;
  const law = (name: string): Law | null => LAWS[string(body, name) ?? ""] ?? null;
  const parameters = body["custom_parameters"];
  return {
    url,
    track: string(body, "stream_track") ?? "inbound_track",
    wanted: law("stream_codec"),
    isRtp: string(body, "stream_bidirectional_mode") === "rtp",
    ours: law("stream_bidirectional_codec") ?? "pcmu",
    isForOther: string(body, "stream_bidirectional_target_legs") === "opposite",
    authToken: string(body, "stream_auth_token"),
    parameters: Array.isArray(parameters) ? parameters : [],
  };
}

const LAWS: Readonly<Record<string, Law>> = { PCMU: "pcmu", PCMA: "pcma" };

function readTranscription(body: Body): Transcription {
  const config = body["transcription_engine_config"];
  const engine = string(body, "transcription_engine") ?? "Google";
  return {
    tracks: (string(body, "transcription_tracks") ?? "inbound") as Transcription["tracks"],
    interim: isObject(config) && config["interim_results"] === true,
    namesTrack: engine === "B" || engine === "Telnyx",
  };
}

/** Commands that a call takes before it is answered. A parked inbound call can be transferred at once. */
const BEFORE_ANSWER: ReadonlySet<Action> = new Set(["answer", "reject", "hangup", "transfer"]);

/** Carries out a command, or throws the `RestError` that Telnyx would answer. */
export function runAction(
  call: LiveCall,
  action: Action,
  body: Body,
  refuse: (from: string, to: string) => string | null,
): void {
  if (!call.isAlive) throw refusals.ended();
  if (call.state !== "answered" && !BEFORE_ANSWER.has(action)) throw refusals.unanswered();
  if (action === "transfer" && call.state === "ringing") throw refusals.unanswered();
  // What Telnyx says to these two at the wrong time is assumed.
  if ((action === "answer" || action === "reject") && call.state !== "parked") {
    throw refusals.badValue(`${action}: not an inbound call that waits for an answer`);
  }
  call.commanded(string(body, "client_state"), string(body, "webhook_url"));
  perform(call, action, body, refuse);
}

function perform(
  call: LiveCall,
  action: Action,
  body: Body,
  refuse: (from: string, to: string) => string | null,
): void {
  const stop = string(body, "stop") as StopScope | null;
  switch (action) {
    case "answer":
      return call.answer(readAutoTranscription(body), readStream(body));
    case "reject":
      return call.reject(string(body, "cause") as "CALL_REJECTED" | "USER_BUSY");
    case "hangup":
      return call.hangUpByApi();
    case "speak":
      return call.say(spoken(body), stop);
    case "playback_stop":
      // Without `stop` it is taken to mean all.
      return call.stopSpeaking(stop ?? "all");
    case "send_dtmf":
      return call.sendDigits(string(body, "digits") ?? "");
    case "gather":
      return call.gather({
        minimum: number(body, "minimum_digits", 1),
        maximum: number(body, "maximum_digits", 128),
        terminator: string(body, "terminating_digit") ?? "#",
        accepted: string(body, "valid_digits") ?? "0123456789ABCD*#",
        initialMs: number(body, "initial_timeout_millis", 5000),
        betweenMs: number(body, "inter_digit_timeout_millis", 5000),
        wholeMs: number(body, "timeout_millis", 60_000),
      });
    case "gather_stop":
      return call.stopGathering();
    case "transcription_start":
      return call.transcribe(readTranscription(body));
    case "transcription_stop":
      return call.transcribe(null);
    case "streaming_start": {
      const plan = readStream(body);
      return plan === null ? undefined : call.startStreaming(plan);
    }
    case "streaming_stop":
      return call.stopStreaming();
    case "transfer":
      return transfer(call, body, refuse);
  }
}

/** The words without their SSML. */
function spoken(body: Body): string {
  const payload = string(body, "payload") ?? "";
  return body["payload_type"] === "ssml" ? payload.replaceAll(/<[^>]*>/g, "").trim() : payload;
}

/** `from` is the first call's `to` unless given (SDK doc). That the new leg uses the first one's URL is assumed. */
function transfer(call: LiveCall, body: Body, refuse: (from: string, to: string) => string | null): void {
  const leg = readLeg(body);
  const from = string(body, "from") ?? call.plan.to;
  call.transfer({
    parks: body["park_after_unbridge"] === "self",
    leg: {
      ...leg,
      from,
      webhookUrl: leg.webhookUrl ?? call.plan.webhookUrl,
      connectionId: call.plan.connectionId,
      sessionId: call.sessionId,
      clientState: string(body, "target_leg_client_state"),
      refusal: refuse(from, leg.to),
    },
  });
}
