/** `verifiedCallers`: numbers that get more tools, once the carrier vouches for the caller id. */

import { Type, type Static } from "./shape.ts";
import { choice, phoneNumbers, words } from "./option.ts";
import { TOOL_NAME, TOOL_NAME_FORM } from "./replies.ts";

export const verifiedCallersSchema = Type.Object(
  {
    numbers: phoneNumbers("Numbers", "Your own numbers (E.164, exact match)."),
    tools: words("Tools", "Tools for these callers, instead of phoneTools.", {
      pattern: TOOL_NAME,
      form: TOOL_NAME_FORM,
      fallback: [],
    }),
    requireAttestation: choice(
      "Attestation",
      "What the carrier has to say about the caller id (STIR/SHAKEN). Only A means that the caller may use the number; B and C say nothing about it, and an unattested caller id can be anybody's.",
      ["A"],
      { fallback: "A" },
    ),
  },
  {
    additionalProperties: false,
    title: "Verified callers",
    description:
      "A caller whose number is listed and whose caller id the carrier attests gets these tools. Everybody else, outbound callees included, keeps phoneTools.",
  },
);

export interface VerifiedCallersConfig {
  /** E.164. */
  readonly numbers: readonly string[];
  readonly tools: readonly string[];
  readonly requireAttestation: "A";
}

export function resolveVerifiedCallers(user: Static<typeof verifiedCallersSchema>): VerifiedCallersConfig {
  return {
    numbers: user.numbers ?? [],
    tools: user.tools ?? [],
    requireAttestation: user.requireAttestation ?? "A",
  };
}
