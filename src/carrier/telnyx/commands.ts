import type { ActionStartStreamingParams } from "telnyx/resources/calls/actions";
import type { Instruction } from "../../call/instruction.ts";
import type { CallRef } from "../../call/ports.ts";
import { pieces, speakable } from "../speech-text.ts";
import { writeState, type ClientState } from "./client-state.ts";
import type { Json } from "../record.ts";
import { listenLanguage, voiceOf } from "./voice.ts";

/** One command on a live call: `POST /v2/calls/{id}/actions/<action>`, or `PUT` where Telnyx wants that. */
export interface Command {
  /** Names the command within its instruction; part of `command_id`. */
  readonly step: string;
  readonly action: string;
  readonly method: "POST" | "PUT";
  readonly params: Json;
  /** It only clears the way: a refusal means that there was nothing to clear. */
  readonly optional: boolean;
  /** How long the next command waits for this one to be carried out, ms. */
  readonly takesMs: number;
}

/** Whether something that we asked for goes on: `unknown` after a restart, when an earlier run may have asked for it. */
export type Running = "no" | "yes" | "unknown";

/** What the commands of an instruction depend on besides it. */
export interface Circumstances {
  readonly webhookUrl: string;
  readonly transcribing: Running;
  readonly streaming: Running;
  /** Where the call's audio socket is expected under a token. */
  readonly streamUrl: (token: string) => string;
}

/** The instruction before which nothing can be playing. */
const FIRST_GEN = 1;

/** `duration_millis` of a key, and the pause that is left to the next one. */
const KEY_MS = 250;
const KEY_GAP_MS = 100;
/** As many keys as one command takes (`send_digits_on_answer` names the limit). */
const MOST_KEYS = /.{1,64}/g;
/** A `w`. */
const PAUSE_MS = 500;

/** What Telnyx takes; the error 90029 speaks of 60 s at least. */
const TIME_LIMIT_SECS = { least: 60, most: 14_400 };
const RING_SECS = { least: 5, most: 600 };

/**
 * What Telnyx is asked for so that the call does what the instruction says. Throws `VC_LANGUAGE_UNSUPPORTED` before
 * anything is sent. What plays is stopped by a command of its own without a state, so that its end is never taken for
 * the end of the new words.
 */
export function commandsOf(
  call: CallRef,
  instruction: Instruction,
  { webhookUrl, transcribing, streaming, streamUrl }: Circumstances,
): readonly Command[] {
  const { gen, digits, next } = instruction;
  const token = next.kind === "listen" ? next.token : null;
  const texts = pieces(speakable(instruction.say.join(" ")));
  // Of several texts nobody could tell whose end is reported: then the core itself times how long they take.
  const mark = texts.length === 1 ? "words" : "none";
  const state = (more: Partial<ClientState> = {}): string =>
    writeState({ callId: call.id, direction: call.direction, gen, mark: "none", token: null, ...more });

  const commands: Command[] = [];
  const add = (step: string, action: string, params: Json, more: Partial<Command> = {}): void => {
    commands.push({ step, action, method: "POST", params, optional: false, takesMs: 0, ...more });
  };

  // A call has one stream at most; what of an old one is left would be in the way of a new one, and of everything else.
  const isStale =
    next.kind === "stream" || next.kind === "transfer" ? streaming !== "no" : streaming === "yes";
  if (isStale) add("unstream", "streaming_stop", {}, { optional: true });
  // On a stream nothing else plays.
  if (gen > FIRST_GEN && next.kind !== "stream")
    add("stop", "playback_stop", { stop: "all" }, { optional: true });
  const keys = digits?.match(MOST_KEYS) ?? [];
  for (const [index, some] of keys.entries()) {
    const params = { digits: some, duration_millis: KEY_MS, client_state: state() };
    const heardNext = texts.length > 0 || next.kind === "stream" || index < keys.length - 1;
    add(`keys${index + 1}`, "send_dtmf", params, { takesMs: heardNext ? keysMs(some) : 0 });
  }
  if (texts.length > 0) {
    const voice = voiceOf(call.route);
    for (const [index, payload] of texts.entries()) {
      const client_state = state({ token, mark });
      add(`say${index + 1}`, "speak", { payload, payload_type: "text", ...voice, client_state });
    }
  }
  if (next.kind === "listen") {
    const language = listenLanguage(call.route);
    if (transcribing === "unknown") add("deafen", "transcription_stop", {}, { optional: true });
    if (transcribing !== "yes") add("listen", "transcription_start", hearing(language, state({ mark })));
    else if (texts.length === 0) {
      add("token", "client_state_update", { client_state: state({ token }) }, { method: "PUT" });
    }
  }
  if (next.kind === "stream") {
    add("stream", "streaming_start", socket(streamUrl(next.token), state()));
    // Afterwards, so that it costs the caller nothing.
    if (transcribing !== "no") add("deafen", "transcription_stop", {}, { optional: true });
  }
  if (next.kind === "transfer") {
    add("transfer", "transfer", {
      to: next.to,
      from: call.direction === "inbound" ? call.to : call.from,
      ...terms(call, webhookUrl),
      client_state: state({ mark }),
      target_leg_client_state: state({ mark: "other-leg" }),
    });
  }
  return commands;
}

/** What Telnyx is told for a whole leg: where to report, and when to end it even if we are gone. */
export function terms(call: CallRef, webhookUrl: string): Json {
  return {
    timeout_secs: seconds(call.limits.ringMs, RING_SECS),
    time_limit_secs: seconds(call.limits.maxDurationMs, TIME_LIMIT_SECS),
    ...reports(call, webhookUrl),
  };
}

/** Where the events of a leg go. The query is not signed: it is for whoever reads an access log, nobody trusts it. */
export const reports = (call: Pick<CallRef, "id">, webhookUrl: string): Json => ({
  webhook_url: `${webhookUrl}?call=${encodeURIComponent(call.id)}`,
  webhook_url_method: "POST",
});

/**
 * `inbound`: the other party alone, never our own words. The state has no token: it would go stale, since one
 * `transcription_start` serves every listen of the call.
 */
const hearing = (language: string, client_state: string): Json => ({
  transcription_engine: "Google",
  transcription_engine_config: { transcription_engine: "Google", language, interim_results: true },
  transcription_tracks: "inbound",
  client_state,
});

/**
 * The caller's track alone, and a mode in which our audio is not taken for MP3 files. `self`: this leg hears it, there is no
 * other. A-law is turned into µ-law where Telnyx can; the socket's `start` says what became of it.
 */
const socket = (stream_url: string, client_state: string) =>
  ({
    stream_url,
    stream_track: "inbound_track",
    stream_codec: "PCMU",
    stream_bidirectional_mode: "rtp",
    stream_bidirectional_codec: "PCMU",
    stream_bidirectional_sampling_rate: 8000,
    stream_bidirectional_target_legs: "self",
    client_state,
  }) satisfies ActionStartStreamingParams;

const keysMs = (digits: string): number =>
  Array.from(digits, (key) => (key === "w" ? PAUSE_MS : KEY_MS + KEY_GAP_MS)).reduce(
    (sum, ms) => sum + ms,
    0,
  );

const seconds = (ms: number, { least, most }: { readonly least: number; readonly most: number }): number =>
  Math.min(most, Math.max(least, Math.ceil(ms / 1000)));
