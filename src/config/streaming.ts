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
} as const;

const sockets = { minimum: 0, maximum: 100_000, advanced: true };

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
}

export function resolveStreaming(user: Static<typeof streamingSchema>): StreamingConfig {
  return { ...defaults, providers: {}, ...user, provider: filled(user.provider) };
}
