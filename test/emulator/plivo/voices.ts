/** Which languages a `<Speak voice>` has. Source: Plivo's audio output and SSML pages. */

const list = (words: string): readonly string[] => words.split(" ");

/** `WOMAN` and `MAN`. */
const STANDARD = list(
  "da-DK nl-NL en-AU en-GB en-US fr-FR fr-CA de-DE it-IT pl-PL pt-PT pt-BR ru-RU es-ES es-US sv-SE",
);

/** Amazon Polly's standard voices by language. */
const POLLY: Readonly<Record<string, string>> = {
  arb: "Zeina",
  "cmn-CN": "Zhiyu",
  "cy-GB": "Gwyneth",
  "da-DK": "Mads Naja",
  "de-DE": "Hans Marlene Vicki",
  "en-AU": "Nicole Olivia Russell",
  "en-GB": "Amy Brian Emma",
  "en-GB-WLS": "Geraint",
  "en-IN": "Aditi Raveena",
  "en-US": "Ivy Joanna Joey Justin Kendra Kimberly Matthew Salli",
  "es-ES": "Conchita Enrique Lucia",
  "es-MX": "Mia",
  "es-US": "Lupe Miguel Penelope",
  "fr-CA": "Chantal",
  "fr-FR": "Celine Lea Mathieu",
  "hi-IN": "Aditi",
  "is-IS": "Dora Karl",
  "it-IT": "Bianca Carla Giorgio",
  "ja-JP": "Mizuki Takumi",
  "ko-KR": "Seoyeon",
  "nb-NO": "Liv",
  "nl-NL": "Lotte Ruben",
  "pl-PL": "Ewa Jacek Jan Maja",
  "pt-BR": "Camila Ricardo Vitoria",
  "pt-PT": "Cristiano Ines",
  "ro-RO": "Carmen",
  "ru-RU": "Maxim Tatyana",
  "sv-SE": "Astrid",
  "tr-TR": "Filiz",
};

/** Null for a voice nobody knows. */
export function languagesOf(voice: string): readonly string[] | null {
  if (voice === "WOMAN" || voice === "MAN") return STANDARD;
  const name = /^Polly\.(\w+)$/.exec(voice)?.[1];
  if (name === undefined) return null;
  const found = Object.keys(POLLY).filter((language) => POLLY[language]?.split(" ").includes(name));
  return found.length === 0 ? null : found;
}
