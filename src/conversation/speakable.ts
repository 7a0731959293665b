import { withoutHidden } from "./hidden.ts";
import { spokenField, withoutJson } from "./json-text.ts";
import { flattened, withoutEmphasis, withoutLinks, withoutTags } from "./markdown.ts";

/** Some eight minutes of speech; also bounds the work on hostile output. */
const MAX_CHARS = 8_000;
/** Taking one layer off may uncover another, such as an entity inside an entity. */
const MAX_LAYERS = 24;

const EMOJI =
  /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u{FE0E}\u{FE0F}\u{20E3}\u{E0020}-\u{E007F}]/gu;
const JOINED_EMOJI =
  /(?<=\p{Extended_Pictographic}[\u{FE0F}\p{Emoji_Modifier}]?)\u200D|\u200D(?=\p{Extended_Pictographic})/gu;
/** Controls and invisible marks; the joiners that Indic and Persian writing needs stay. */
const INVISIBLE = /[\p{Cc}\u00AD\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFFC\uFFFD]/gu;
const HAS_WORDS = /[\p{L}\p{N}]/u;

/**
 * The words of a model's output that are meant for speech: no reasoning, code, JSON, markup, directives, addresses or
 * emoji. "" when nothing is left to say. Never throws; doing it twice changes nothing. `language` (BCP-47) is for the
 * few words put in place of what cannot be said.
 */
export function speakable(text: string, language = "en"): string {
  let words = text.slice(0, MAX_CHARS).toWellFormed();
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const next = stripped(words, language);
    if (next === words) break;
    words = next;
  }
  return words;
}

function stripped(text: string, language: string): string {
  const lines = text.replace(/\r\n?|[\u2028\u2029]/g, "\n");
  const source = spokenField(lines) ?? lines;
  const shown = withoutJson(withoutHidden(source));
  const plain = withoutEmphasis(flattened(withoutTags(withoutLinks(shown, language))));
  const spoken = tidy(
    plain
      .replace(JOINED_EMOJI, "")
      .replace(EMOJI, " ")
      .replace(/\s*(?:[→⇒➜]|[-=]+>)\s*/g, ", "),
  );
  return HAS_WORDS.test(spoken) ? spoken : "";
}

/** Repairs the gaps that removed parts leave. */
function tidy(text: string): string {
  return text
    .replace(/[\t\n]/g, " ")
    .replace(INVISIBLE, "")
    .replace(/\(\s*[,;:.]*\s*\)|\[\s*\]|\{\s*\}/g, " ")
    .replace(/\s+/gu, " ")
    .replace(/ (?=[,;:!?)\]](?:\s|$)|\.(?:\s|$))/g, "")
    .replace(/(?:, ?)+(?=[.!?,])/g, "")
    .replace(/([.!?])(?: ?\.)+(?=\s|$)/g, (whole: string, first: string) =>
      whole.includes(" ") ? first : whole,
    )
    .replace(/^[\s,;:.!?)\]*|>-]+(?=\s)/u, "")
    .trim();
}
