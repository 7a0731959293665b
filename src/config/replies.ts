/** How the agent answers on the phone: which agent, which model, which memory, which tools. */

import { choice, filled, integer, text, words } from "./option.ts";

const SESSION_SCOPES = ["per-phone", "per-call", "main"] as const;
export type SessionScope = (typeof SESSION_SCOPES)[number];

/** Exact tool names; neither groups nor wildcards, so that the list says what it grants. */
export const TOOL_NAME = "^[A-Za-z][A-Za-z0-9_.-]{0,127}$";
export const TOOL_NAME_FORM = "the exact name of one tool, without groups or wildcards";

const defaults = {
  sessionScope: "per-phone",
  responseTimeoutMs: 30_000,
  language: "en-US",
  phoneTools: ["web_search", "web_fetch", "memory_search", "memory_get"] as readonly string[],
} as const;

export const agentId = text("Agent", "The agent that owns the calls.", { otherwise: "the sole agent" });
export const responseModel = text("Reply model", "Model for replies on the phone.", {
  otherwise: "the agent's own",
});
export const responseSystemPrompt = text("Reply instructions", "System prompt for replies on the phone.", {
  otherwise: "generated",
  advanced: true,
});

const replyTimeout = { minimum: 1, maximum: 600_000, advanced: true };
const REPLY_TIMEOUT = "Milliseconds a reply may take before the caller hears an apology instead of silence.";

/** The option without its default, for places where absence means the value one level up. */
export const responseTimeoutOverride = integer("Reply time-out", REPLY_TIMEOUT, replyTimeout);

const LANGUAGE = {
  pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
  form: "a BCP-47 language tag, such as en-US",
  placeholder: "en-US",
};
const LANGUAGE_HELP =
  "Language spoken on the call (BCP-47): the carrier listens and speaks in it where it does either.";

/** The option without its default, for places where absence means the value one level up. */
export const languageOverride = text("Language", LANGUAGE_HELP, LANGUAGE);

export const voice = text(
  "Carrier voice",
  "The carrier's own name for the voice it speaks with, used on calls without live audio.",
  { otherwise: "chosen by language", placeholder: "Polly.Joanna-Neural", advanced: true },
);

export const repliesOptions = {
  agentId,
  sessionScope: choice(
    "Conversation memory",
    "`per-phone` remembers each caller from call to call, `per-call` starts afresh every time, `main` shares the agent's main conversation, which every caller can then ask about.",
    SESSION_SCOPES,
    { fallback: defaults.sessionScope },
  ),
  responseModel,
  responseSystemPrompt,
  responseTimeoutMs: integer("Reply time-out", REPLY_TIMEOUT, {
    ...replyTimeout,
    fallback: defaults.responseTimeoutMs,
  }),
  language: text("Language", LANGUAGE_HELP, { ...LANGUAGE, fallback: defaults.language }),
  voice,
  phoneTools: words(
    "Phone tools",
    "Tools the agent may use for whoever is on the phone. Keep to tools that only read: a voice proves nothing. Memory tools let the other party ask about your notes; leave them out if strangers are on the line.",
    { pattern: TOOL_NAME, form: TOOL_NAME_FORM, fallback: defaults.phoneTools, advanced: true },
  ),
};

export interface RepliesConfig {
  readonly agentId: string | undefined;
  readonly sessionScope: SessionScope;
  readonly responseModel: string | undefined;
  readonly responseSystemPrompt: string | undefined;
  readonly responseTimeoutMs: number;
  /** BCP-47. */
  readonly language: string;
  /** The carrier's own name for a voice. */
  readonly voice: string | undefined;
  readonly phoneTools: readonly string[];
}

interface UserReplies {
  agentId?: string;
  sessionScope?: SessionScope;
  responseModel?: string;
  responseSystemPrompt?: string;
  responseTimeoutMs?: number;
  language?: string;
  voice?: string;
  phoneTools?: string[];
}

export function resolveReplies(user: UserReplies): RepliesConfig {
  return {
    agentId: filled(user.agentId),
    sessionScope: user.sessionScope ?? defaults.sessionScope,
    responseModel: filled(user.responseModel),
    responseSystemPrompt: filled(user.responseSystemPrompt),
    responseTimeoutMs: user.responseTimeoutMs ?? defaults.responseTimeoutMs,
    language: user.language ?? defaults.language,
    voice: filled(user.voice),
    phoneTools: user.phoneTools ?? defaults.phoneTools,
  };
}
