import { primaryOf } from "../language.ts";

/**
 * The order of the rows: signs in addresses; before a country code and between numbers; between the ends of a range;
 * before a number that names something or is a guess; before a version and between its parts; between an amount and
 * what it is for ("" where a voice says the stroke).
 */
const KEYS = [
  ...(["dot", "at", "slash", "dash", "underscore"] as const),
  ...(["plus", "minus", "equals", "times", "and", "to"] as const),
  ...(["number", "about", "version", "point", "per"] as const),
];

/** What a language calls signs that stand between words and numbers. */
export type Vocabulary = Readonly<Record<(typeof KEYS)[number], string>>;

const ROWS: Readonly<Record<string, string>> = {
  en: "dot | at | slash | dash | underscore | plus | minus | equals | times | and | to | number | about | version | point | per",
  de: "Punkt | at | Schrägstrich | Bindestrich | Unterstrich | plus | minus | gleich | mal | und | bis | Nummer | etwa | Version | Punkt | pro",
  es: "punto | arroba | barra | guion | guion bajo | más | menos | igual a | por | y | a | número | unos | versión | punto | por",
  fr: "point | arobase | barre oblique | tiret | tiret bas | plus | moins | égale | fois | et | à | numéro | environ | version | point | par",
  it: "punto | chiocciola | barra | trattino | trattino basso | più | meno | uguale a | per | e | a | numero | circa | versione | punto | a",
  nl: "punt | apenstaartje | slash | streepje | laag streepje | plus | min | is | keer | en | tot | nummer | ongeveer | versie | punt | per",
  pt: "ponto | arroba | barra | hífen | sublinhado | mais | menos | igual a | vezes | e | a | número | cerca de | versão | ponto | por",
  pl: "kropka | małpa | ukośnik | myślnik | podkreślnik | plus | minus | równa się | razy | i | do | numer | około | wersja | kropka | za",
  ja: "ドット | アットマーク | スラッシュ | ハイフン | アンダーバー | プラス | マイナス | イコール | かける | アンド | から | 番号 | 約 | バージョン | ドット | ",
  sv: "punkt | snabel-a | snedstreck | bindestreck | understreck | plus | minus | är lika med | gånger | och | till | nummer | ungefär | version | punkt | per",
  da: "punktum | snabel-a | skråstreg | bindestreg | understreg | plus | minus | er lig med | gange | og | til | nummer | omkring | version | punktum | per",
  nb: "punktum | krøllalfa | skråstrek | bindestrek | understrek | pluss | minus | er lik | ganger | og | til | nummer | omtrent | versjon | punktum | per",
  fi: "piste | ät | kauttaviiva | viiva | alaviiva | plus | miinus | on yhtä kuin | kertaa | ja | viiva | numero | noin | versio | piste | per",
  ru: "точка | собака | слэш | дефис | подчёркивание | плюс | минус | равно | умножить на | и | до | номер | около | версия | точка | за",
  tr: "nokta | et | eğik çizgi | tire | alt çizgi | artı | eksi | eşittir | çarpı | ve | ila | numara | yaklaşık | sürüm | nokta | ",
};

const known = new Map<string, Vocabulary | null>();

/** `language` is BCP-47; null for languages whose words are not known here. */
export function vocabularyOf(language: string): Vocabulary | null {
  const primary = primaryOf(language);
  const found = known.get(primary);
  if (found !== undefined) return found;
  const row = ROWS[primary];
  const made = row === undefined ? null : vocabulary(row);
  known.set(primary, made);
  return made;
}

function vocabulary(row: string): Vocabulary {
  const words = row.split(" | ");
  return Object.fromEntries(KEYS.map((key, at) => [key, words[at] ?? ""])) as Vocabulary;
}
