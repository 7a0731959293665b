import type { CallRoute } from "../../call/call.ts";
import { carrierLanguage } from "../languages.ts";
import { refused } from "./errors.ts";

/**
 * A voice of Amazon Polly for every tag of `telnyx-speak`, the neural one where there is one
 * (https://docs.aws.amazon.com/polly/latest/dg/available-voices.html).
 */
const VOICES: Readonly<Record<string, string>> = {
  arb: "Zeina",
  "cmn-CN": "Zhiyu-Neural",
  "cy-GB": "Gwyneth",
  "da-DK": "Sofie-Neural",
  "de-DE": "Vicki-Neural",
  "en-AU": "Olivia-Neural",
  "en-GB": "Amy-Neural",
  "en-GB-WLS": "Geraint",
  "en-IN": "Kajal-Neural",
  "en-US": "Joanna-Neural",
  "es-ES": "Lucia-Neural",
  "es-MX": "Mia-Neural",
  "es-US": "Lupe-Neural",
  "fr-CA": "Gabrielle-Neural",
  "fr-FR": "Lea-Neural",
  "hi-IN": "Kajal-Neural",
  "is-IS": "Dora",
  "it-IT": "Bianca-Neural",
  "ja-JP": "Kazuha-Neural",
  "ko-KR": "Seoyeon-Neural",
  "nb-NO": "Ida-Neural",
  "nl-NL": "Laura-Neural",
  "pl-PL": "Ola-Neural",
  "pt-BR": "Camila-Neural",
  "pt-PT": "Ines-Neural",
  "ro-RO": "Carmen",
  "ru-RU": "Tatyana",
  "sv-SE": "Elin-Neural",
  "tr-TR": "Burcu-Neural",
};

/**
 * `voice` and `language` of a `speak`. A voice that is named with its maker (`Azure.…`, `AWS.Polly.…`) speaks its own
 * language and takes none beside it; `male` and `female` need one.
 */
export function voiceOf({ language, voice }: CallRoute): {
  readonly voice: string;
  readonly language?: string;
} {
  if (voice?.includes(".")) return { voice };
  const tag = carrierLanguage("telnyx-speak", language);
  if (tag === null) throw refused("VC_LANGUAGE_UNSUPPORTED", { language, use: "speaking" });
  return { voice: voice ?? `AWS.Polly.${VOICES[tag] ?? VOICES["en-US"]}`, language: tag };
}

/** The language of `transcription_start`, for the engine `Google`: the one that knows most and reports interim words. */
export function listenLanguage({ language }: CallRoute): string {
  const tag = carrierLanguage("telnyx-listen", language);
  if (tag === null) throw refused("VC_LANGUAGE_UNSUPPORTED", { language, use: "listening" });
  return tag;
}
