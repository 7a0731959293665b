/**
 * Longest text that every carrier speaks at once: Telnyx's `speak` and Plivo's `<Speak>` take 3000 characters, Twilio's
 * `<Say>` a little more (3000 to 4096, depending on the voice).
 */
const MAX_SPOKEN = 3000;

/** What XML 1.0 cannot hold, lone surrogates included, and the control characters that no voice can read. */
const UNSPEAKABLE = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]+/gu;

/** Text as a carrier may be given it: one line, nothing that XML forbids or no voice can read. */
export const speakable = (text: string): string => text.replace(UNSPEAKABLE, " ").replace(/\s+/g, " ").trim();

/** Cuts long text into pieces of at most `max` characters: at ends of sentences, else between words, else anywhere. */
export function pieces(text: string, max: number = MAX_SPOKEN): readonly string[] {
  if (text.length <= max) return text === "" ? [] : [text];
  const found: string[] = [];
  let current = "";
  for (const part of parts(text, max)) {
    if (current !== "" && current.length + part.length > max) {
      found.push(current.trim());
      current = "";
    }
    current += part;
  }
  if (current.trim() !== "") found.push(current.trim());
  return found;
}

/** Sentences, or where one is too long, its words, or where a word is too long, its letters. */
function* parts(text: string, max: number): Generator<string> {
  for (const sentence of segments(text, "sentence")) {
    if (sentence.length <= max) yield sentence;
    else {
      for (const word of sentence.split(/(?<=\s)/)) {
        if (word.length <= max) yield word;
        else yield* segments(word, "grapheme");
      }
    }
  }
}

function* segments(text: string, granularity: "sentence" | "grapheme"): Generator<string> {
  const segmenter = new Intl.Segmenter(undefined, { granularity });
  for (const { segment } of segmenter.segment(text)) yield segment;
}
