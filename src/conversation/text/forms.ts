import { addresses } from "./forms/addresses.ts";
import { dates, times } from "./forms/dates.ts";
import { codes, versions } from "./forms/digits.ts";
import { money } from "./forms/money.ts";
import { telephones } from "./forms/phone.ts";
import { fullForms } from "./forms/short.ts";
import { fractions, ranges, symbols } from "./forms/symbols.ts";
import { units } from "./forms/units.ts";
import { vocabularyOf } from "./forms/vocabulary.ts";

/**
 * One line of prose as it is said: addresses, telephone numbers, dates, times, money, units, codes, versions, signs and
 * short forms. What could mean several things stays as it is. Doing it twice changes nothing. `language` is BCP-47;
 * in a language that is not known here only dates and units change.
 */
export function spokenForms(text: string, language: string): string {
  const words = vocabularyOf(language);
  let said = text;
  if (words) said = addresses(said, language, words);
  if (/\d/.test(said)) {
    said = telephones(said, language, words);
    said = dates(said, language);
    if (words) said = ranges(said, words);
    said = times(said, language);
    said = money(said, language, words);
    said = units(said, language, words?.minus);
    if (words) said = versions(said, words);
    said = codes(said, language);
  }
  said = fractions(said, language);
  if (words) said = symbols(said, words);
  return fullForms(said, language);
}
