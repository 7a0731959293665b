import { primaryOf } from "../language.ts";

/** What a language calls signs that stand between words and numbers. */
export interface Vocabulary {
  /** In an address. */
  readonly dot: string;
  readonly at: string;
  readonly slash: string;
  readonly dash: string;
  readonly underscore: string;
  /** Before the country code of a telephone number, and between numbers. */
  readonly plus: string;
  readonly minus: string;
  readonly equals: string;
  readonly times: string;
  readonly and: string;
  /** From one number to another. */
  readonly to: string;
  readonly number: string;
  readonly about: string;
  readonly version: string;
  /** Between the parts of a version. */
  readonly point: string;
}

type Row = string;

/** dot | at | slash | dash | underscore | plus | minus | equals | times | and | to | number | about | version | point */
const ROWS: Readonly<Record<string, Row>> = {
  en: "dot | at | slash | dash | underscore | plus | minus | equals | times | and | to | number | about | version | point",
  de: "Punkt | at | Schrägstrich | Bindestrich | Unterstrich | plus | minus | gleich | mal | und | bis | Nummer | etwa | Version | Punkt",
  es: "punto | arroba | barra | guion | guion bajo | más | menos | igual a | por | y | a | número | unos | versión | punto",
  fr: "point | arobase | barre oblique | tiret | tiret bas | plus | moins | égale | fois | et | à | numéro | environ | version | point",
  it: "punto | chiocciola | barra | trattino | trattino basso | più | meno | uguale a | per | e | a | numero | circa | versione | punto",
  nl: "punt | apenstaartje | slash | streepje | laag streepje | plus | min | is | keer | en | tot | nummer | ongeveer | versie | punt",
  pt: "ponto | arroba | barra | hífen | sublinhado | mais | menos | igual a | vezes | e | a | número | cerca de | versão | ponto",
  pl: "kropka | małpa | ukośnik | myślnik | podkreślnik | plus | minus | równa się | razy | i | do | numer | około | wersja | kropka",
  ja: "ドット | アットマーク | スラッシュ | ハイフン | アンダーバー | プラス | マイナス | イコール | かける | アンド | から | 番号 | 約 | バージョン | ドット",
  sv: "punkt | snabel-a | snedstreck | bindestreck | understreck | plus | minus | är lika med | gånger | och | till | nummer | ungefär | version | punkt",
  da: "punktum | snabel-a | skråstreg | bindestreg | understreg | plus | minus | er lig med | gange | og | til | nummer | omkring | version | punktum",
  nb: "punktum | krøllalfa | skråstrek | bindestrek | understrek | pluss | minus | er lik | ganger | og | til | nummer | omtrent | versjon | punktum",
  fi: "piste | ät | kauttaviiva | viiva | alaviiva | plus | miinus | on yhtä kuin | kertaa | ja | viiva | numero | noin | versio | piste",
  ru: "точка | собака | слэш | дефис | подчёркивание | плюс | минус | равно | умножить на | и | до | номер | около | версия | точка",
  tr: "nokta | et | eğik çizgi | tire | alt çizgi | artı | eksi | eşittir | çarpı | ve | ila | numara | yaklaşık | sürüm | nokta",
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

function vocabulary(row: Row): Vocabulary {
  const words = row.split(" | ");
  const [dot = "", at = "", slash = "", dash = "", underscore = "", plus = "", minus = "", equals = ""] =
    words;
  const [times = "", and = "", to = "", number = "", about = "", version = "", point = ""] = words.slice(8);
  return {
    dot,
    at,
    slash,
    dash,
    underscore,
    plus,
    minus,
    equals,
    times,
    and,
    to,
    number,
    about,
    version,
    point,
  };
}
