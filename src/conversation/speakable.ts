import { withoutHidden } from "./hidden.ts";
import { spokenField, withoutJson } from "./json-text.ts";
import { flattened, withoutEmphasis, withoutLinks, withoutTags, type Place } from "./markdown.ts";
import { spokenForms } from "./text/forms.ts";

/** Some eight minutes of speech; also bounds the work on hostile output. */
export const MAX_SPOKEN = 8_000;
/** Reasoning is looked for, and left out, in so much. */
const MAX_WRITTEN = 50_000;
/** Taking one layer off may uncover another, such as an entity inside an entity. */
const MAX_LAYERS = 24;

const EMOJI =
  /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u{FE0E}\u{FE0F}\u{20E3}\u{E0020}-\u{E007F}]/gu;
const JOINED_EMOJI =
  /(?<=\p{Extended_Pictographic}[\u{FE0F}\p{Emoji_Modifier}]?)\u200D|\u200D(?=\p{Extended_Pictographic})/gu;
/** Controls and invisible marks; the joiners that Indic and Persian writing needs stay. */
const INVISIBLE = /[\p{Cc}\u00AD\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFFC\uFFFD]/gu;
const HAS_WORDS = /[\p{L}\p{N}]/u;

const WHOLE: Place = { atLineStart: true, item: 0 };

/**
 * The words of a model's output that are meant for speech: no reasoning, code, JSON, markup, directives, addresses or
 * emoji, and numbers, amounts, dates and symbols as the language says them. "" when nothing is left to say. Never
 * throws; doing it twice changes nothing. `language` is BCP-47.
 */
export function speakable(text: string, language = "en"): string {
  const written = unified(text.slice(0, MAX_WRITTEN));
  const shown = withoutHidden(spokenField(written) ?? written).slice(0, MAX_SPOKEN);
  return layered(shown, language, WHOLE).words;
}

/**
 * The same for a part of a message from which what is hidden has been taken out. `item` in the answer belongs into the
 * next part's place.
 */
export function speakablePart(text: string, language: string, place: Place): { words: string; item: number } {
  return layered(unified(text).slice(0, MAX_SPOKEN), language, place);
}

const unified = (text: string): string => text.replace(/\r\n?|[\u2028\u2029]/g, "\n").toWellFormed();

function layered(text: string, language: string, place: Place): { words: string; item: number } {
  let { words, item } = stripped(text, language, place);
  for (let layer = 1; layer < MAX_LAYERS && words !== ""; layer += 1) {
    const next = stripped(spokenField(words) ?? words, language, {
      ...WHOLE,
      atLineStart: place.atLineStart,
    }).words;
    if (next === words) break;
    words = next;
  }
  return { words, item };
}

function stripped(text: string, language: string, place: Place): { words: string; item: number } {
  const shown = withoutJson(withoutHidden(text));
  const { words, item } = flattened(withoutTags(withoutLinks(shown, language)), place);
  const plain = tidy(
    withoutEmphasis(words)
      .replace(JOINED_EMOJI, "")
      .replace(EMOJI, " ")
      .replace(/\s*(?:[→⇒➜]|[-=]+>)\s*/g, ", "),
  );
  return { words: HAS_WORDS.test(plain) ? tidy(spokenForms(plain, language)) : "", item };
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
