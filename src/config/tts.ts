/** `tts`: the host's speech settings, overridden for calls. */

import { Type } from "./shape.ts";
import type { FreeForm } from "./option.ts";
import { POLLUTING_KEYS } from "./option.ts";

/**
 * Speech settings in the host's own shape. Both `providers.<id>.…` and the older `<id>.…` are taken; carrierTts
 * brings them into one. Everything but the two named keys belongs to the host, so it stays open.
 */
export function ttsSettings(title: string, description: string) {
  return Type.Optional(
    Type.Unsafe<FreeForm>({
      title,
      description,
      "x-option": { otherwise: "the host's own speech settings" },
      type: "object",
      propertyNames: { not: { enum: [...POLLUTING_KEYS] } },
      properties: {
        provider: {
          type: "string",
          title: "Speech provider",
          description: "Id of a speech provider of the host.",
        },
        providers: {
          type: "object",
          title: "Speech provider settings",
          description: "Settings by provider id. `apiKey` may be a SecretRef.",
          additionalProperties: { type: "object", additionalProperties: true },
        },
      },
      additionalProperties: true,
    }),
  );
}

export const ttsOptions = {
  tts: ttsSettings(
    "Speech",
    "Same shape as the host's speech settings and merged over them, for calls only. Microsoft (Edge) speech is never used on a call: it has no telephone audio.",
  ),
};
