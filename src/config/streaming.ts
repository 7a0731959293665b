/** `streaming`: live audio through a realtime transcription provider of the host. */

import { Type, type Static } from "./shape.ts";
import { filled, flag, type FreeForm, integer, providerSettings, text } from "./option.ts";
import { URL_PATH, URL_PATH_FORM } from "./serve.ts";

const defaults = {
  enabled: false,
  streamPath: "/voice/stream",
  preStartTimeoutMs: 5000,
  maxPendingConnections: 32,
  maxPendingConnectionsPerIp: 4,
  maxConnections: 128,
  fallback: true,
  idlePromptMs: 10_000,
} as const;

const interruptionDefaults = { enabled: true, pauseMs: 120, commitMs: 500, resumeMs: 2000 } as const;

const sockets = { minimum: 0, maximum: 100_000, advanced: true };
const span = { minimum: 0, maximum: 60_000, advanced: true };

const interruptionSchema = Type.Object(
  {
    enabled: flag("Interruption", "Lets the caller interrupt the agent by speaking.", {
      fallback: interruptionDefaults.enabled,
    }),
    pauseMs: integer(
      "Pause",
      "Milliseconds of speech after which the agent falls silent, without giving up what it was saying. A cough is shorter.",
      { ...span, fallback: interruptionDefaults.pauseMs },
    ),
    commitMs: integer(
      "Stop",
      "Milliseconds of speech after which the agent drops the rest of what it was saying. Shorter than any answer, longer than a noise.",
      { ...span, fallback: interruptionDefaults.commitMs },
    ),
    resumeMs: integer(
      "Resume",
      "Milliseconds of quiet after which a paused agent goes on where it stopped, because nobody was interrupting.",
      { ...span, fallback: interruptionDefaults.resumeMs },
    ),
  },
  {
    additionalProperties: false,
    title: "Interruption",
    description:
      "How the caller's voice interrupts the agent: first a pause, then, if the caller speaks on, a stop.",
  },
);

export const streamingSchema = Type.Object(
  {
    enabled: flag("Live audio", "Streams the call's audio to a transcription provider while it runs.", {
      fallback: defaults.enabled,
    }),
    provider: text("Transcription provider", "Id of a realtime transcription provider of the host.", {
      otherwise: "the first configured one, in the host's order",
    }),
    providers: providerSettings(
      "Transcription settings",
      "Settings by provider id, handed to that provider as they are. `apiKey` may be a SecretRef.",
      { advanced: true },
    ),
    streamPath: text("Stream path", "Path on which the carrier opens its audio sockets.", {
      pattern: URL_PATH,
      form: URL_PATH_FORM,
      fallback: defaults.streamPath,
      advanced: true,
    }),
    preStartTimeoutMs: integer(
      "Start time-out",
      "Milliseconds a socket may stay open without a valid `start`. Bounds what a stranger can hold open.",
      { minimum: 1, maximum: 60_000, fallback: defaults.preStartTimeoutMs, advanced: true },
    ),
    maxPendingConnections: integer(
      "Pending sockets",
      "Sockets in all that have not yet proved which call they belong to.",
      { ...sockets, fallback: defaults.maxPendingConnections },
    ),
    maxPendingConnectionsPerIp: integer(
      "Pending sockets per address",
      "The same per source address, so that one client cannot use up the others' share.",
      { ...sockets, fallback: defaults.maxPendingConnectionsPerIp },
    ),
    maxConnections: integer("Open sockets", "All open audio sockets, pending and in use.", {
      ...sockets,
      fallback: defaults.maxConnections,
    }),
    fallback: flag(
      "Fallback",
      "Another configured provider takes over when one fails to listen or to speak. Switched off, the call keeps its voice and an outage is told to the caller instead.",
      { fallback: defaults.fallback, advanced: true },
    ),
    interruption: Type.Optional(interruptionSchema),
    idlePromptMs: integer(
      "Idle prompt",
      "Milliseconds of silence on both sides after which the caller is asked whether they are still there; 0 = never. Most people think for less than this.",
      { minimum: 0, maximum: 600_000, fallback: defaults.idlePromptMs, advanced: true },
    ),
  },
  {
    additionalProperties: false,
    title: "Streaming transcription",
    description: "Live audio: the host transcribes the caller and speaks with its own voices.",
  },
);

export interface StreamingConfig {
  readonly enabled: boolean;
  readonly provider: string | undefined;
  readonly providers: Readonly<Record<string, FreeForm>>;
  readonly streamPath: string;
  readonly preStartTimeoutMs: number;
  readonly maxPendingConnections: number;
  readonly maxPendingConnectionsPerIp: number;
  readonly maxConnections: number;
  /** Another configured provider takes over when one fails. */
  readonly fallback: boolean;
  readonly interruption: InterruptionConfig;
  /** Milliseconds; 0 = never. */
  readonly idlePromptMs: number;
}

/** Milliseconds. */
export interface InterruptionConfig {
  readonly enabled: boolean;
  readonly pauseMs: number;
  readonly commitMs: number;
  readonly resumeMs: number;
}

export function resolveStreaming(user: Static<typeof streamingSchema>): StreamingConfig {
  return {
    ...defaults,
    providers: {},
    ...user,
    provider: filled(user.provider),
    interruption: { ...interruptionDefaults, ...user.interruption },
  };
}
