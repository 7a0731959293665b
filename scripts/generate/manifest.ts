/** `openclaw.plugin.json`: what the host knows about the plugin without running it. */

import { configGroups } from "../../src/config/schema.ts";
import { listOptions, schema, secretPaths, withoutNotes } from "./options.ts";

interface UiHint {
  label: string;
  help?: string;
  placeholder?: string;
  sensitive?: true;
  advanced?: true;
  presentation?: "phone-number";
}

function uiHints(): Record<string, UiHint> {
  const hints: Record<string, UiHint> = {};
  for (const { path, schema, notes } of listOptions()) {
    if (schema.title === undefined) continue;
    hints[path] = {
      label: schema.title,
      ...(schema.description === undefined ? {} : { help: schema.description }),
      ...(notes.placeholder === undefined ? {} : { placeholder: notes.placeholder }),
      ...(notes.secret === true ? { sensitive: true } : {}),
      ...(notes.advanced === true ? { advanced: true } : {}),
      ...(notes.phone === true ? { presentation: "phone-number" } : {}),
    };
  }
  for (const path of secretPaths()) hints[path] ??= { label: "API key", sensitive: true, advanced: true };
  return hints;
}

/** The manifest as data. */
export function manifest(): Record<string, unknown> {
  return {
    id: "voice-call",
    name: "Voice Call",
    description: "Places and takes phone calls through Twilio, Telnyx, Plivo or a local mock carrier.",
    categories: ["voice"],
    activation: { onStartup: true },
    skills: ["./skills"],
    contracts: { tools: ["voice_call"] },
    toolMetadata: { voice_call: { sideEffecting: true } },
    cliCommands: [
      { name: "voicecall", description: "Place, follow and end phone calls.", hasSubcommands: true },
    ],
    doctorContract: { configRepair: true },
    backupResources: [{ disposition: "include", scope: "state", relativePath: "voice-call/calls.sqlite" }],
    configContracts: {
      dangerousFlags: listOptions()
        .filter(({ notes }) => notes.dangerous === true)
        .map(({ path }) => ({ path, equals: true })),
      secretInputs: {
        // As a capability, a secret that cannot be resolved leaves the gateway running and the carrier unconfigured.
        paths: secretPaths().map((path) => ({ path, expected: "string", ownerKind: "capability" })),
      },
    },
    configGroups: configGroups.map(({ id, title, properties }, index) => ({
      id,
      title,
      order: (index + 1) * 10,
      properties,
    })),
    uiHints: uiHints(),
    configSchema: withoutNotes(schema),
  };
}
