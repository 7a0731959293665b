/** The fields of Telnyx's requests, from `resources/calls/*.d.ts` of the SDK: which there are, and what may be in them. */

export type Body = Readonly<Record<string, unknown>>;

export const ACTIONS = [
  "answer",
  "reject",
  "hangup",
  "speak",
  "playback_stop",
  "send_dtmf",
  "gather",
  "gather_stop",
  "transcription_start",
  "transcription_stop",
  "streaming_start",
  "streaming_stop",
  "transfer",
] as const;

export type Action = (typeof ACTIONS)[number];

/** Requests with a body. */
export type Command = "dial" | "client_state_update" | Action;

type Check = (value: unknown) => boolean;

interface Shape {
  readonly required: readonly string[];
  readonly checks: Readonly<Record<string, Check>>;
  /** Fields of the SDK's types that the emulator takes and does nothing about. */
  readonly idle: string;
}

const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === "string" && pattern.test(value);

const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    typeof value === "string" && values.includes(value);

const whole =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;

export const isObject = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const flag: Check = (value) => typeof value === "boolean";
const text = matches(/./s);
const base64: Check = (value) =>
  typeof value === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0;
const url: Check = (value) => typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);

/** E.164 or SIP, perhaps with digits to be sent on answer. */
const ADDRESS = /^(\+[1-9][0-9]{6,14}|sips?:[^,]+)(,[0-9A-DwW*#]{1,64})?$/;
const DIGITS = /^[0-9A-DwW*#]{1,64}$/;
const STOP = oneOf("current", "all");

const AMD_CONFIG = new Set(
  `after_greeting_silence_millis beep_detection_profile beep_max_frequency_hz beep_min_frequency_hz
  beep_min_tone_duration_millis beep_spectral_confirmation beep_spectral_min_purity beep_spectral_reject_fax_cng
  beep_spectral_window_millis between_words_silence_millis greeting_duration_millis greeting_silence_duration_millis
  greeting_total_analysis_time_millis initial_silence_millis maximum_number_of_words maximum_word_length_millis
  silence_threshold total_analysis_time_millis`.split(/\s+/),
);

const amdConfig: Check = (value) => isObject(value) && Object.keys(value).every((key) => AMD_CONFIG.has(key));

/** At most five retries, sixty seconds in all. */
const retries: Check = (value) =>
  isObject(value) &&
  Object.values(value).every((policy) => {
    const waits = isObject(policy) ? policy["retries_ms"] : null;
    if (!Array.isArray(waits) || waits.length > 5 || !waits.every(whole(0, 60_000))) return false;
    return waits.reduce((sum: number, wait: number) => sum + wait, 0) <= 60_000;
  });

const common = { client_state: base64, command_id: text };

const webhook = {
  webhook_url: url,
  webhook_url_method: oneOf("POST"),
  webhook_retries_policies: retries,
};

const transcriptionFields = {
  transcription_tracks: oneOf("inbound", "outbound", "both"),
  transcription_engine: oneOf(
    ..."Google Telnyx Deepgram Azure xAI AssemblyAI Speechmatics Soniox Parakeet Humain Reson8 Cohere A B".split(
      " ",
    ),
  ),
  transcription_engine_config: isObject,
};

const transcription = {
  transcription: flag,
  transcription_config: (value: unknown) =>
    isObject(value) &&
    violations({ required: [], checks: { ...common, ...transcriptionFields }, idle: "" }, value).length === 0,
};

const outgoing = {
  from_display_name: matches(/^[A-Za-z0-9 \-_~!.+]{1,128}$/),
  answering_machine_detection: oneOf(
    ..."premium detect detect_beep detect_words greeting_end disabled".split(" "),
  ),
  answering_machine_detection_config: amdConfig,
  send_digits_on_answer: matches(DIGITS),
  timeout_secs: whole(5, 600),
  time_limit_secs: whole(1, 14_400),
};

const socket: Check = (value) => typeof value === "string" && /^wss?:\/\//.test(value) && URL.canParse(value);

/** What dial, answer and `streaming_start` have in common. G722, OPUS, AMR-WB and L16 are Telnyx's too, but not spoken here. */
const stream = {
  stream_url: socket,
  stream_track: oneOf("inbound_track", "outbound_track", "both_tracks"),
  stream_codec: oneOf("PCMU", "PCMA", "default"),
  stream_bidirectional_mode: oneOf("mp3", "rtp"),
  stream_bidirectional_codec: oneOf("PCMU", "PCMA"),
  stream_bidirectional_target_legs: oneOf("both", "self", "opposite"),
};
/** `answer` has neither of these. */
const moreStream = {
  stream_auth_token: matches(/^.{1,4000}$/s),
  stream_bidirectional_sampling_rate: (value: unknown) => value === 8000,
};
const RECORD = `record record_channels record_custom_file_name record_format record_max_length record_timeout_secs
  record_track record_trim`;
const SIP = "sip_auth_password sip_auth_username sip_headers sip_region sip_transport_protocol";
const OUTGOING = `audio_url diversion media_encryption media_name preferred_codecs privacy route_to_mobile
  sound_modifications ${SIP} ${RECORD}`;
const EITHER = "custom_headers webhook_urls webhook_urls_method";

const SHAPES: Readonly<Record<Command, Shape>> = {
  dial: {
    required: ["connection_id", "to", "from"],
    checks: {
      ...common,
      ...webhook,
      ...transcription,
      ...outgoing,
      ...stream,
      ...moreStream,
      connection_id: text,
      to: matches(ADDRESS),
      from: matches(ADDRESS),
      retry_on_timeout: flag,
    },
    idle: `${OUTGOING} ${EITHER} stream_establish_before_call_originate assistant billing_group_id bridge_intent bridge_on_answer conference_config
      conversation_relay_config deepfake_detection dialogflow_config enable_dialogflow link_to park_after_unbridge
      prevent_double_bridge send_silence_when_idle supervise_call_control_id supervisor_role`,
  },
  answer: {
    required: [],
    checks: { ...common, ...webhook, ...transcription, ...stream },
    idle: `${EITHER} ${RECORD} assistant billing_group_id conversation_relay_config deepfake_detection
      preferred_codecs send_silence_when_idle sip_headers sound_modifications`,
  },
  reject: {
    required: ["cause"],
    checks: { ...common, cause: oneOf("CALL_REJECTED", "USER_BUSY") },
    idle: "",
  },
  hangup: { required: [], checks: common, idle: "custom_headers" },
  speak: {
    required: ["payload", "voice"],
    checks: {
      ...common,
      payload: matches(/^.{1,3000}$/s),
      voice: text,
      payload_type: oneOf("text", "ssml"),
      service_level: oneOf("basic", "premium"),
      // The SDK's list; Soniox voices take a two-letter code.
      language: oneOf(
        ..."arb cmn-CN cy-GB da-DK de-DE en-AU en-GB en-GB-WLS en-IN en-US es-ES es-MX es-US fr-CA fr-FR".split(
          " ",
        ),
        ..."hi-IN is-IS it-IT ja-JP ko-KR nb-NO nl-NL pl-PL pt-BR pt-PT ro-RO ru-RU sv-SE tr-TR".split(" "),
      ),
      stop: STOP,
      voice_settings: isObject,
    },
    idle: "loop target_legs",
  },
  playback_stop: { required: [], checks: { ...common, stop: STOP }, idle: "overlay" },
  send_dtmf: {
    required: ["digits"],
    checks: { ...common, digits: matches(DIGITS), duration_millis: whole(100, 500) },
    idle: "",
  },
  gather: {
    required: [],
    checks: {
      ...common,
      initial_timeout_millis: whole(0, 600_000),
      inter_digit_timeout_millis: whole(0, 600_000),
      timeout_millis: whole(0, 600_000),
      maximum_digits: whole(1, 128),
      minimum_digits: whole(1, 128),
      terminating_digit: matches(/^[0-9A-D*#]?$/),
      valid_digits: matches(/^[0-9A-D*#]+$/),
    },
    idle: "gather_id",
  },
  gather_stop: { required: [], checks: common, idle: "" },
  transcription_start: { required: [], checks: { ...common, ...transcriptionFields }, idle: "" },
  transcription_stop: { required: [], checks: common, idle: "" },
  streaming_start: {
    required: ["stream_url"],
    checks: {
      ...common,
      ...stream,
      ...moreStream,
      custom_parameters: (value) => Array.isArray(value) && value.every(isObject),
    },
    idle: "dialogflow_config enable_dialogflow",
  },
  streaming_stop: { required: [], checks: { ...common, stream_id: text }, idle: "" },
  transfer: {
    required: ["to"],
    checks: {
      ...common,
      ...webhook,
      ...outgoing,
      to: matches(ADDRESS),
      from: matches(ADDRESS),
      park_after_unbridge: oneOf("self"),
      target_leg_client_state: base64,
    },
    idle: `${OUTGOING} ${EITHER} early_media mute_dtmf`,
  },
  client_state_update: { required: ["client_state"], checks: { client_state: base64 }, idle: "" },
};

/** Names of fields that are missing or hold something that Telnyx does not take. */
function violations({ required, checks }: Shape, body: Body): readonly string[] {
  const missing = required.filter((name) => body[name] === undefined);
  const wrong = Object.entries(body).flatMap(([name, value]) =>
    checks[name] === undefined || checks[name](value) ? [] : [name],
  );
  return [...missing, ...wrong];
}

/** What is wrong with a request's body. */
export interface Complaints {
  /** Missing or wrong: Telnyx refuses the request. */
  readonly wrong: readonly string[];
  /** No such field; what Telnyx does about it is not documented. */
  readonly unknown: readonly string[];
  /** Fields of Telnyx that this emulator does nothing about. */
  readonly idle: readonly string[];
}

export function checkBody(command: Command, body: Body): Complaints {
  const shape = SHAPES[command];
  const others = Object.keys(body).filter((name) => shape.checks[name] === undefined);
  const idle = new Set(shape.idle.split(/\s+/));
  return {
    wrong: violations(shape, body),
    unknown: others.filter((name) => !idle.has(name)),
    idle: others.filter((name) => idle.has(name)),
  };
}
