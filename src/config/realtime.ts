/** `realtime`: full-duplex speech-to-speech through a realtime voice provider of the host. */

import { Type, type Static } from "./shape.ts";
import { choice, filled, flag, type FreeForm, integer, providerSettings, text, words } from "./option.ts";

const REALTIME_TOOL_POLICIES = ["safe-read-only", "owner", "none"] as const;
const CONSULT_POLICIES = ["auto", "substantive", "always"] as const;

const agentContextDefaults = {
  enabled: false,
  maxChars: 6000,
  includeIdentity: true,
  includeWorkspaceFiles: true,
  files: ["SOUL.md", "IDENTITY.md", "USER.md"] as readonly string[],
};
const fastContextDefaults = { enabled: false, timeoutMs: 800, fallbackToConsult: true };

const agentContextSchema = Type.Object(
  {
    enabled: flag("Agent context", "Gives the voice model a short portrait of the agent at session start.", {
      fallback: agentContextDefaults.enabled,
    }),
    maxChars: integer("Length", "Characters of the portrait at most, since it is paid for on every call.", {
      minimum: 0,
      maximum: 100_000,
      fallback: agentContextDefaults.maxChars,
    }),
    includeIdentity: flag("Identity", "Includes the agent's name and identity.", {
      fallback: agentContextDefaults.includeIdentity,
    }),
    includeWorkspaceFiles: flag("Workspace files", "Includes the workspace files named in `files`.", {
      fallback: agentContextDefaults.includeWorkspaceFiles,
    }),
    files: words("Files", "Workspace files to include, in this order.", {
      pattern: "^[^\\s/\\\\][^/\\\\]*$",
      form: "a file name without a folder",
      fallback: agentContextDefaults.files,
    }),
  },
  {
    additionalProperties: false,
    title: "Agent context",
    description: "What the voice model knows of the agent.",
  },
);

const fastContextSchema = Type.Object(
  {
    enabled: flag("Fast context", "Answers consults from indexed memory first.", {
      fallback: fastContextDefaults.enabled,
    }),
    timeoutMs: integer("Time-out", "Milliseconds the memory search may take; a caller is waiting.", {
      minimum: 1,
      maximum: 60_000,
      fallback: fastContextDefaults.timeoutMs,
    }),
    fallbackToConsult: flag("Fall back to the agent", "Asks the full agent when memory has no answer.", {
      fallback: fastContextDefaults.fallbackToConsult,
    }),
  },
  { additionalProperties: true, title: "Fast context", description: "Quick answers from indexed memory." },
);

export const realtimeSchema = Type.Object(
  {
    enabled: flag(
      "Speech-to-speech",
      "Lets a realtime voice model hold the call. Excludes streaming.enabled.",
      {
        fallback: false,
      },
    ),
    provider: text("Voice provider", "Id of a realtime voice provider of the host.", {
      otherwise: "the first configured one, in the host's order",
    }),
    providers: providerSettings(
      "Voice settings",
      "Settings by provider id, handed to that provider as they are. `apiKey` may be a SecretRef.",
      { advanced: true },
    ),
    instructions: text("Instructions", "How the voice model should speak and behave.", { advanced: true }),
    toolPolicy: choice(
      "Tool policy",
      "Tools of the agent that the voice model may consult: read-only ones, all the owner's, or no agent at all.",
      REALTIME_TOOL_POLICIES,
      { fallback: "safe-read-only", advanced: true },
    ),
    consultPolicy: choice(
      "Consult policy",
      "When the voice model should ask the agent: when it thinks fit, before anything of substance, or always.",
      CONSULT_POLICIES,
      { fallback: "auto", advanced: true },
    ),
    consultThinkingLevel: text(
      "Consult thinking level",
      "Thinking level of the agent when it is consulted.",
      {
        otherwise: "the agent's own",
        advanced: true,
      },
    ),
    consultFastMode: flag("Consult fast mode", "Fast mode of the agent when it is consulted.", {
      otherwise: "the agent's own",
      advanced: true,
    }),
    agentContext: Type.Optional(agentContextSchema),
    fastContext: Type.Optional(fastContextSchema),
    tools: Type.Optional(
      Type.Array(Type.Unsafe<FreeForm>({ type: "object", additionalProperties: true }), {
        title: "Extra tools",
        description: "Function tools of the voice model, in its provider's own form.",
        default: [],
        "x-option": { advanced: true },
      }),
    ),
  },
  {
    additionalProperties: false,
    title: "Realtime voice",
    description: "Full-duplex conversation with a speech-to-speech model.",
  },
);

export interface RealtimeConfig {
  readonly enabled: boolean;
  readonly provider: string | undefined;
  readonly providers: Readonly<Record<string, FreeForm>>;
  readonly instructions: string | undefined;
  readonly toolPolicy: (typeof REALTIME_TOOL_POLICIES)[number];
  readonly consultPolicy: (typeof CONSULT_POLICIES)[number];
  readonly consultThinkingLevel: string | undefined;
  readonly consultFastMode: boolean | undefined;
  readonly agentContext: Readonly<typeof agentContextDefaults>;
  readonly fastContext: Readonly<typeof fastContextDefaults>;
  readonly tools: readonly FreeForm[];
}

export function resolveRealtime(user: Static<typeof realtimeSchema>): RealtimeConfig {
  return {
    enabled: user.enabled ?? false,
    provider: filled(user.provider),
    providers: user.providers ?? {},
    instructions: filled(user.instructions),
    toolPolicy: user.toolPolicy ?? "safe-read-only",
    consultPolicy: user.consultPolicy ?? "auto",
    consultThinkingLevel: filled(user.consultThinkingLevel),
    consultFastMode: user.consultFastMode,
    agentContext: { ...agentContextDefaults, ...user.agentContext },
    fastContext: { ...fastContextDefaults, ...user.fastContext },
    tools: user.tools ?? [],
  };
}
