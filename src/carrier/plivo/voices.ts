import type { CallRoute } from "../../call/call.ts";
import { carrierLanguage } from "../languages.ts";
import { refused } from "./errors.ts";

/** What the plain voices speak. Any other language with one of them ends the call (code 8011). Source: Plivo's audio output page. */
const PLAIN: ReadonlySet<string> = new Set(
  "da-DK de-DE en-AU en-GB en-US es-ES es-US fr-CA fr-FR it-IT nl-NL pl-PL pt-BR pt-PT ru-RU sv-SE".split(
    " ",
  ),
);

/**
 * A standard Amazon Polly voice for every other language. Sources: Plivo's SSML page (`Polly.<Name>`, 27 languages),
 * https://docs.aws.amazon.com/polly/latest/dg/available-voices.html (the names).
 */
const POLLY: Readonly<Record<string, string>> = {
  arb: "Zeina",
  "cmn-CN": "Zhiyu",
  "cy-GB": "Gwyneth",
  "en-GB-WLS": "Geraint",
  "en-IN": "Aditi",
  "es-MX": "Mia",
  "hi-IN": "Aditi",
  "is-IS": "Dora",
  "ja-JP": "Mizuki",
  "ko-KR": "Seoyeon",
  "nb-NO": "Liv",
  "ro-RO": "Carmen",
  "tr-TR": "Filiz",
};

const NAMED = /^Polly\.[\p{L}-]{1,40}$/u;

/** Attributes of `<Speak>`. Throws rather than end the call with a voice or language that Plivo does not have. */
export function voiceOf({
  language,
  voice,
}: Pick<CallRoute, "language" | "voice">): Readonly<Record<string, string>> {
  // A named voice speaks its own language; naming another one beside it would end the call.
  if (voice !== undefined && NAMED.test(voice)) return { voice };
  if (voice !== undefined && voice !== "WOMAN" && voice !== "MAN") {
    throw refused("VC_UNSUPPORTED", { feature: "A voice other than WOMAN, MAN or Polly.<Name>" });
  }
  const tag = carrierLanguage("plivo-speak", language);
  if (tag === null) throw refused("VC_LANGUAGE_UNSUPPORTED", { language, use: "speaking" });
  if (PLAIN.has(tag)) return { voice: voice ?? "WOMAN", language: tag };
  return { voice: `Polly.${POLLY[tag]}`, language: tag };
}
