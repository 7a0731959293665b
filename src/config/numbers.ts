/** `numbers`: what changes when a particular number of ours is dialled. */

import { Type, type Static } from "./shape.ts";
import { E164, filled, text, type FreeForm } from "./option.ts";
import {
  agentId,
  languageOverride,
  responseModel,
  responseSystemPrompt,
  responseTimeoutOverride,
  voice,
} from "./replies.ts";
import { mergeTts } from "./tts-merge.ts";
import { ttsSettings } from "./tts.ts";

/** None of these has a default: what is absent here is taken from one level up. */
const numberSchema = Type.Object(
  {
    inboundGreeting: text("Greeting", "First words on a call to this number."),
    tts: ttsSettings("Speech", "Merged over the speech settings of all calls."),
    agentId,
    responseModel,
    responseSystemPrompt,
    responseTimeoutMs: responseTimeoutOverride,
    language: languageOverride,
    voice,
  },
  { additionalProperties: false },
);

export const numbersOptions = {
  numbers: Type.Optional(
    Type.Record(E164, numberSchema, {
      additionalProperties: false,
      title: "Numbers",
      description:
        "Overrides for inbound calls by the number that was dialled (E.164), so that one gateway can be several lines.",
      "x-option": { form: "telephone numbers in E.164 form as keys", advanced: true },
    }),
  ),
};

export type NumberOverrides = Static<typeof numberSchema>;

/** What a call to one of our numbers uses. */
export interface NumberRoute {
  /** The key of `numbers` that matched; undefined when none did. */
  readonly number: string | undefined;
  readonly inboundGreeting: string | undefined;
  readonly tts: FreeForm;
  readonly agentId: string | undefined;
  readonly responseModel: string | undefined;
  readonly responseSystemPrompt: string | undefined;
  readonly responseTimeoutMs: number;
  /** BCP-47. */
  readonly language: string;
  /** The carrier's own name for a voice. */
  readonly voice: string | undefined;
}

type RouteBase = Omit<NumberRoute, "number"> & {
  readonly numbers: Readonly<Record<string, NumberOverrides>>;
};

/** Lays the overrides of the dialled number over the settings of all calls. Exact match on the E.164 form. */
export function forNumber(config: RouteBase, dialled: string): NumberRoute {
  const own = Object.hasOwn(config.numbers, dialled) ? config.numbers[dialled] : undefined;
  return {
    number: own === undefined ? undefined : dialled,
    inboundGreeting: filled(own?.inboundGreeting) ?? config.inboundGreeting,
    tts: mergeTts(config.tts, own?.tts ?? {}),
    agentId: filled(own?.agentId) ?? config.agentId,
    responseModel: filled(own?.responseModel) ?? config.responseModel,
    responseSystemPrompt: filled(own?.responseSystemPrompt) ?? config.responseSystemPrompt,
    responseTimeoutMs: own?.responseTimeoutMs ?? config.responseTimeoutMs,
    language: own?.language ?? config.language,
    voice: filled(own?.voice) ?? config.voice,
  };
}
