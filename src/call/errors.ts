/**
 * The one catalogue of everything that can be refused or go wrong: code, what, why, what to do next.
 * Every surface, the log and `docs/errors.md` are made from it. `{name}` in a text is filled from the error's
 * details; details never hold a secret, spoken words, digits or a full phone number.
 */
export interface CatalogueEntry {
  /** What happened, in a few words; the first part of the message. */
  readonly what: string;
  /** Why it happened. */
  readonly why: string;
  /** What the reader can do about it. */
  readonly next: string;
  /** Whether the same request may succeed later without a change. */
  readonly retryable?: true;
}

export const CATALOGUE = {
  VC_NOT_RUNNING: {
    what: "voice-call is not running",
    why: "The plugin's service has not started in this gateway, or it is shutting down.",
    next: "Check `openclaw plugins inspect voice-call` and the gateway log, then try again.",
    retryable: true,
  },
  VC_DISABLED: {
    what: "voice-call is switched off",
    why: "plugins.entries.voice-call.config.enabled is false.",
    next: "Set it to true to place or take calls.",
  },
  VC_CONFIG_INVALID: {
    what: "the voice-call configuration is not valid",
    why: "{problems}",
    next: "Correct the named keys under plugins.entries.voice-call.config; `openclaw doctor --fix` migrates old shapes.",
  },
  VC_CREDENTIALS_MISSING: {
    what: "voice-call is not set up for {provider}",
    why: "These settings are missing: {keys}.",
    next: "Add them under plugins.entries.voice-call.config or in the environment; `openclaw voicecall setup` shows what is left.",
  },
  VC_REQUEST_INVALID: {
    what: "the request is not valid",
    why: "{problem}",
    next: "Correct the named parameter and send the request again.",
  },
  VC_NUMBER_INVALID: {
    what: "not a phone number voice-call can dial",
    why: "{field} must be in E.164 form: a plus sign and 8 to 15 digits, such as +15550001234.",
    next: "Write the number with its country code.",
  },
  VC_NO_CALLEE: {
    what: "nobody to call",
    why: "The request names no number and toNumber is not configured.",
    next: "Pass a number in E.164 form or set plugins.entries.voice-call.config.toNumber.",
  },
  VC_NO_CALLER_NUMBER: {
    what: "no number to call from",
    why: "fromNumber is not configured.",
    next: "Set plugins.entries.voice-call.config.fromNumber to a number of your {provider} account.",
  },
  VC_NO_AGENT: {
    what: "no agent owns this call",
    why: "{problem}",
    next: "Set plugins.entries.voice-call.config.agentId to one of the configured agents.",
  },
  VC_DESTINATION_EMERGENCY: {
    what: "voice-call does not dial emergency numbers",
    why: "The number is an emergency number or another short code, and outbound.allowEmergency is off.",
    next: "In an emergency use a telephone. An administrator can lift this for one call or in the configuration.",
  },
  VC_DESTINATION_PREMIUM: {
    what: "voice-call does not dial expensive numbers",
    why: "It is a {kind} number, and outbound.allowPremium is off.",
    next: "Call another number, or have an administrator lift this for one call or in the configuration.",
  },
  VC_DESTINATION_NOT_ALLOWED: {
    what: "this number may not be called",
    why: "No entry of outbound.allowTo matches it.",
    next: "Call a number that is on the list, or have an administrator add it.",
  },
  VC_QUIET_HOURS: {
    what: "nobody is called during quiet hours",
    why: "Calls may be placed again from {opens}.",
    next: "Try again then; outbound.quietHours sets the hours.",
    retryable: true,
  },
  VC_CALLS_PER_HOUR: {
    what: "too many calls were placed within an hour",
    why: "{made} of {limit} allowed outbound calls were placed in the last 60 minutes.",
    next: "Wait, or raise outbound.maxCallsPerHour.",
    retryable: true,
  },
  VC_MINUTES_PER_DAY: {
    what: "the talking time of a day is used up",
    why: "{used} of {limit} allowed minutes were talked on outbound calls in the last 24 hours.",
    next: "Wait, or raise outbound.maxMinutesPerDay.",
    retryable: true,
  },
  VC_OVERRIDE_NOT_ALLOWED: {
    what: "guards may not be overridden from here",
    why: "Only a client that the gateway granted operator.admin may override them.",
    next: "Leave override out, or ask an administrator to place the call.",
  },
  VC_TOO_MANY_CALLS: {
    what: "all lines are in use",
    why: "{active} of {limit} allowed calls are running.",
    next: "Wait for a call to end, end one, or raise maxConcurrentCalls.",
    retryable: true,
  },
  VC_CALL_NOT_FOUND: {
    what: "call not found",
    why: "No call with this id is on record.",
    next: "Use the callId that the call was started with, or list calls with `openclaw voicecall status`.",
  },
  VC_CALL_NOT_ACTIVE: {
    what: "call is not active",
    why: "The call has ended ({outcome}).",
    next: "Start a new call.",
  },
  VC_CALL_NOT_ANSWERED: {
    what: "nobody has answered yet",
    why: "The call is {state}; there is no one to talk to.",
    next: "Wait for the call to be answered and try again.",
    retryable: true,
  },
  VC_CALL_HANDED_OVER: {
    what: "the call has been handed over",
    why: "The caller is being connected with, or talks to, the number it was transferred to.",
    next: "Wait until that is over, or end the call.",
    retryable: true,
  },
  VC_TURN_BUSY: {
    what: "the call is already waiting for an answer",
    why: "One question is asked at a time, and the caller has not answered the last one.",
    next: "Wait for the running continue to return, or end it with the call.",
    retryable: true,
  },
  VC_TRANSCRIPT_TIMEOUT: {
    what: "the other party said nothing",
    why: "No words arrived within {seconds} seconds.",
    next: "The call is still up: ask again, or end it.",
    retryable: true,
  },
  VC_CALL_ENDED_WAITING: {
    what: "the call ended before an answer came",
    why: "The call is over ({outcome}).",
    next: "Read the transcript with get_status, or start a new call.",
  },
  VC_OPERATION_UNKNOWN: {
    what: "no such operation",
    why: "The operation id is not known to this gateway, or its result was fetched long ago.",
    next: "Start the operation again.",
  },
  VC_STORE_FAILED: {
    what: "the call record could not be written",
    why: "{problem}",
    next: "Nothing was dialled. Check free space and permissions of the gateway's state directory.",
    retryable: true,
  },
  VC_STORE_NEWER: {
    what: "the call records were written by a newer voice-call",
    why: "The file has schema version {found}; this version knows up to {known}.",
    next: "Update the plugin, or point plugins.entries.voice-call.config.store to another place.",
  },
  VC_LISTENER_PORT_TAKEN: {
    what: "the webhook port is in use",
    why: "Something else, perhaps another gateway, listens on {bind}:{port}.",
    next: "Stop it or choose another plugins.entries.voice-call.config.serve.port.",
  },
  VC_LISTENER_FAILED: {
    what: "the webhook listener could not start",
    why: "{problem}",
    next: "Check serve.bind and serve.port, then restart the gateway.",
  },
  VC_PUBLIC_URL_MISSING: {
    what: "{provider} cannot reach this gateway",
    why: "No public webhook URL is configured, so callbacks could not be sent.",
    next: "Set plugins.entries.voice-call.config.publicUrl to the https URL that leads to the webhook.",
  },
  VC_TUNNEL_DOWN: {
    what: "{provider} cannot reach this gateway at the moment",
    why: "The tunnel to the webhook was lost and is being opened again.",
    next: "Try again in a moment; if it stays away, the gateway log says why.",
    retryable: true,
  },
  VC_TUNNEL_MISSING: {
    what: "{program} is not installed",
    why: "The configured way to be reached runs {program}, and no such program is on the gateway's PATH.",
    next: "Install it or choose another way (docs/exposure.md). A running gateway tries again by itself.",
  },
  VC_TUNNEL_LOGIN: {
    what: "{program} waits for a permission that only you can give",
    why: "It asks for the page {url} to be opened once, and waits for it.",
    next: "Open the page and agree there. A running gateway tries again by itself.",
  },
  VC_TUNNEL_NOT_ALLOWED: {
    what: "{program} may not open the way to this gateway",
    why: "{problem}",
    next: "Do this: {remedy}. A running gateway tries again by itself.",
  },
  VC_TUNNEL_CONFLICT: {
    what: "{program} already uses that address for something else",
    why: "{problem}",
    next: "Nothing was changed. Choose another path or port, or {remedy}.",
  },
  VC_TUNNEL_NOT_PUBLIC: {
    what: "{program} opened no address that a carrier can reach",
    why: "It announced {url}, which is not https or leads to this machine or a private network.",
    next: "Check its configuration, or choose another way (docs/exposure.md).",
  },
  VC_TUNNEL_TIMEOUT: {
    what: "{program} did not get ready in time",
    why: "Nothing came of it within {seconds} seconds ({detail}).",
    next: "Check the network and the program itself, then try again.",
    retryable: true,
  },
  VC_TUNNEL_FAILED: {
    what: "{program} failed",
    why: "It said: {detail}.",
    next: "Run the same command by hand (docs/exposure.md) to see more, then try again.",
    retryable: true,
  },
  VC_CARRIER_AUTH: {
    what: "{provider} refused the credentials",
    why: "The carrier answered {detail}.",
    next: "Check the account id and token, and that they belong to the configured region.",
  },
  VC_CARRIER_NUMBER_UNVERIFIED: {
    what: "{provider} will not call this number from a trial account",
    why: "The number is not a verified caller ID of the account ({detail}).",
    next: "Verify the number in the carrier's console or upgrade the account.",
  },
  VC_CARRIER_GEO: {
    what: "{provider} may not call this country",
    why: "The account has no permission for the destination ({detail}).",
    next: "Enable the country in the carrier's geographic permissions.",
  },
  VC_CARRIER_BLOCKED: {
    what: "{provider} blocks this destination",
    why: "The carrier holds it for fraud-prone or unregistered traffic ({detail}).",
    next: "Complete the customer profile or ask the carrier's support.",
  },
  VC_CARRIER_TO_INVALID: {
    what: "{provider} does not accept the number to call",
    why: "The carrier says it is not a valid, reachable number ({detail}).",
    next: "Check the number and its country code.",
  },
  VC_CARRIER_FROM_INVALID: {
    what: "{provider} does not accept the number to call from",
    why: "It is not a number or verified caller ID of the account ({detail}).",
    next: "Set fromNumber to a voice number that the account owns.",
  },
  VC_CARRIER_RATE: {
    what: "{provider} asks to slow down",
    why: "The account's request limit is reached ({detail}).",
    next: "Wait a moment and try again.",
    retryable: true,
  },
  VC_CARRIER_CALL_GONE: {
    what: "the carrier no longer has this call",
    why: "It ended before the request arrived ({detail}).",
    next: "Start a new call if one is still needed.",
  },
  VC_CARRIER_UNCERTAIN: {
    what: "{provider} did not say whether it placed the call",
    why: "The reply was lost or late ({detail}), and the call could not be found at the carrier.",
    next: "Look at the carrier's call log before calling again, so that nobody is called twice.",
  },
  VC_CARRIER_UNREACHABLE: {
    what: "{provider} cannot be reached",
    why: "The request failed before it reached the carrier ({detail}).",
    next: "Check the network and the carrier's status page, then try again.",
    retryable: true,
  },
  VC_CARRIER_REFUSED: {
    what: "{provider} refused the request",
    why: "The carrier answered {detail}.",
    next: "Look the code up in the carrier's error list.",
  },
  VC_UNSUPPORTED: {
    what: "{provider} cannot do this",
    why: "{feature} is not available there.",
    next: "Use another provider or leave it out.",
  },
  VC_LANGUAGE_UNSUPPORTED: {
    what: "{provider} does not know the language {language}",
    why: "No supported tag matches it for {use}.",
    next: "Choose another language tag, such as en-US.",
  },
  VC_PAIRING_UNKNOWN: {
    what: "no such pairing code",
    why: "The code is wrong, was used or has expired.",
    next: "List open codes with `openclaw voicecall pairing list`; the caller gets a new one by calling again.",
  },
  VC_REPLY_TIMEOUT: {
    what: "the agent did not answer in time",
    why: "No complete reply came within {seconds} seconds; the caller heard an apology.",
    next: "Use a faster responseModel or raise responseTimeoutMs.",
    retryable: true,
  },
  VC_REPLY_FAILED: {
    what: "the agent could not answer",
    why: "The model run failed ({detail}); the caller heard an apology.",
    next: "Check the model's credentials and the gateway log.",
    retryable: true,
  },
  VC_STREAM_MISSING: {
    what: "the carrier opened no audio socket",
    why: "None came within 10 seconds of the answer, or the carrier said that it could not open one.",
    next: "Check that every proxy passes WebSocket upgrades on, and that the carrier account has live audio; `openclaw voicecall setup` opens a socket.",
    retryable: true,
  },
  VC_SPEECH_FAILED: {
    what: "no voice could speak",
    why: "The last reason was: {detail}.",
    next: "Check the speech providers of the host (tts) and their keys; `openclaw voicecall setup` names the one in use.",
    retryable: true,
  },
  VC_LISTENING_FAILED: {
    what: "no transcription provider could listen",
    why: "The last reason was: {detail}.",
    next: "Check streaming.provider, streaming.providers and their keys; `openclaw voicecall setup` names the one in use.",
    retryable: true,
  },
  VC_NO_PHONE: {
    what: "there is no terminal phone",
    why: "The terminal phone belongs to the mock provider; {provider} is configured.",
    next: "Set provider to mock to use it.",
  },
  VC_NOBODY_LISTENS: {
    what: "nobody heard that",
    why: "The agent is not listening at this moment.",
    next: "Say it again when it has finished.",
    retryable: true,
  },
  VC_GATEWAY_ERROR: {
    what: "the gateway did not carry out the command",
    why: "{detail}",
    next: "Check `openclaw gateway status` and the gateway log. No second server was started.",
  },
  VC_INTERNAL: {
    what: "voice-call hit an internal error",
    why: "{detail}",
    next: "Please report it with the gateway log around this time.",
  },
} as const satisfies Record<`VC_${string}`, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;
export type ErrorDetails = Readonly<Record<string, string | number>>;

const MARK = Symbol.for("openclaw.voice-call.error");

/** An error of the catalogue. `message` is complete on its own: what, why, what to do, and the code. */
export class VoiceCallError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly [MARK] = true;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(describe(code, details), options);
    this.name = "VoiceCallError";
    this.code = code;
    this.details = details;
  }

  get retryable(): boolean {
    const entry: CatalogueEntry = CATALOGUE[this.code];
    return entry.retryable === true;
  }

  toJSON(): { code: ErrorCode; what: string; why: string; next: string; retryable: boolean } {
    const entry: CatalogueEntry = CATALOGUE[this.code];
    return {
      code: this.code,
      what: fill(entry.what, this.details),
      why: fill(entry.why, this.details),
      next: fill(entry.next, this.details),
      retryable: this.retryable,
    };
  }
}

/** True for an error of any copy of this module: the gateway loads the plugin more than once. */
export function isVoiceCallError(value: unknown): value is VoiceCallError {
  return typeof value === "object" && value !== null && MARK in value;
}

/** Any thrown value as an error of the catalogue; unknown ones become `VC_INTERNAL` and keep their cause. */
export function toVoiceCallError(value: unknown): VoiceCallError {
  if (isVoiceCallError(value)) return value;
  const detail = value instanceof Error ? value.name : typeof value;
  return new VoiceCallError("VC_INTERNAL", { detail }, { cause: value });
}

function describe(code: ErrorCode, details: ErrorDetails): string {
  const entry = CATALOGUE[code];
  return `${fill(entry.what, details)}: ${fill(entry.why, details)} ${fill(entry.next, details)} [${code}]`;
}

function fill(text: string, details: ErrorDetails): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? "unknown"));
}
