/**
 * Language tags that the carriers understand. Users write BCP-47; every carrier has its own list and its own
 * spellings, and most answer an unknown tag with silent English. So a tag is mapped here or refused.
 */

/** Where a tag is used. One row of the table each. */
export type LanguageUse =
  | "twilio-listen"
  | "twilio-speak"
  | "plivo-listen"
  | "plivo-speak"
  | "telnyx-listen"
  | "telnyx-speak";

/** The tags of one use. A carrier that this table does not know brings its own row. */
export interface LanguageRow {
  /** What is accepted, spelled as the carrier spells it. */
  readonly tags: readonly string[];
  /** BCP-47 tags, in canonical form, whose counterpart has another name. */
  readonly aliases: Readonly<Record<string, string>>;
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const ROWS: Readonly<Record<LanguageUse, LanguageRow>> = {
  /** `<Gather language>`: twilio 6.2.0, `lib/twiml/VoiceResponse.d.ts`, `GatherLanguage`. */
  "twilio-listen": {
    tags: words(`
    af-ZA am-ET ar-AE ar-BH ar-DZ ar-EG ar-IL ar-IQ ar-JO ar-KW ar-LB ar-MA ar-OM ar-PS ar-QA ar-SA
    ar-TN az-AZ bg-BG bn-BD bn-IN ca-ES cs-CZ da-DK de-DE el-GR en-AU en-CA en-GB en-GH en-IE en-IN
    en-KE en-NG en-NZ en-PH en-SG en-TZ en-US en-ZA es-AR es-BO es-CL es-CO es-CR es-DO es-EC es-ES
    es-GT es-HN es-MX es-NI es-PA es-PE es-PR es-PY es-SV es-US es-UY es-VE et-EE eu-ES fa-IR fi-FI
    fil-PH fr-CA fr-FR gl-ES gu-IN he-IL hi-IN hr-HR hu-HU hy-AM id-ID is-IS it-IT ja-JP jv-ID ka-GE
    km-KH kn-IN ko-KR lo-LA lt-LT lv-LV mk-MK ml-IN mn-MN mr-IN ms-MY my-MM nar-IQ nb-NO ne-NP nl-BE
    nl-NL pa-guru-IN pl-PL pt-BR pt-PT ro-RO ru-RU si-LK sk-SK sl-SI sq-AL sr-RS su-ID sv-SE sw-KE sw-TZ
    ta-IN ta-LK ta-MY ta-SG te-IN th-TH tr-TR uk-UA ur-IN ur-PK uz-UZ vi-VN yue-Hant-HK zh cmn-Hans-CN
    zh-TW cmn-Hant-TW zu-ZA
    `),
    aliases: {
      ar: "ar-SA",
      "es-419": "es-MX",
      nn: "nb-NO",
      no: "nb-NO",
      pa: "pa-guru-IN",
      "pa-IN": "pa-guru-IN",
      yue: "yue-Hant-HK",
      "yue-HK": "yue-Hant-HK",
      zh: "cmn-Hans-CN",
      "zh-CN": "cmn-Hans-CN",
      "zh-HK": "yue-Hant-HK",
      "zh-Hans": "cmn-Hans-CN",
      "zh-Hans-CN": "cmn-Hans-CN",
      "zh-Hant": "cmn-Hant-TW",
      "zh-Hant-HK": "yue-Hant-HK",
      "zh-Hant-TW": "cmn-Hant-TW",
      "zh-TW": "cmn-Hant-TW",
    },
  },
  /** `<Say language>`: the same file, `SayLanguage`. */
  "twilio-speak": {
    tags: words(`
    af-ZA am-ET ar-AE ar-XA arb bg-BG bn-IN ca-ES cmn-CN cmn-TW cs-CZ cy-GB da-DK de-AT de-DE el-GR
    en-AU en-CA en-GB en-GB-WLS en-IE en-IN en-NZ en-US en-ZA es-ES es-MX es-US fi-FI fil-PH fr-CA fr-FR
    fr-BE gu-IN he-IL hi-IN hu-HU id-ID is-IS it-IT ja-JP kn-IN ko-KR lv-LV ml-IN mr-IN ms-MY nb-NO
    nl-BE nl-NL pa-IN pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sr-RS sv-SE ta-IN te-IN th-TH tr-TR uk-UA
    vi-VN yue-HK zh-CN zh-HK zh-TW
    `),
    aliases: {
      ar: "arb",
      "es-419": "es-MX",
      nn: "nb-NO",
      no: "nb-NO",
      yue: "yue-HK",
      zh: "cmn-CN",
      "zh-CN": "cmn-CN",
      "zh-Hans": "cmn-CN",
      "zh-Hans-CN": "cmn-CN",
      "zh-Hant": "cmn-TW",
      "zh-Hant-HK": "zh-HK",
      "zh-Hant-TW": "cmn-TW",
      "zh-TW": "cmn-TW",
    },
  },
  /** `transcription_start`, engine `Google`: telnyx 7.24.0, `resources/calls/actions.d.ts`, `GoogleTranscriptionLanguage`. */
  "telnyx-listen": {
    tags: words(`
    af sq am ar hy az eu bn bs bg my ca yue zh hr cs da nl en et fil fi fr gl ka de el gu iw hi hu is id it ja jv
    kn kk km ko lo lv lt mk ms ml mr mn ne no fa pl pt pa ro ru rw sr si sk sl ss st es su sw sv ta te th tn tr ts
    uk ur uz ve vi xh zu
    `),
    aliases: { he: "iw", nb: "no", nn: "no", tl: "fil", "zh-HK": "yue", "zh-Hant-HK": "yue" },
  },
  /** `speak`, `language`: the same file, `ActionSpeakParams`. */
  "telnyx-speak": {
    tags: words(`
    arb cmn-CN cy-GB da-DK de-DE en-AU en-GB en-GB-WLS en-IN en-US es-ES es-MX es-US fr-CA fr-FR hi-IN is-IS
    it-IT ja-JP ko-KR nb-NO nl-NL pl-PL pt-BR pt-PT ro-RO ru-RU sv-SE tr-TR
    `),
    aliases: { ar: "arb", "es-419": "es-MX", nn: "nb-NO", no: "nb-NO", zh: "cmn-CN" },
  },
  /** `<GetInput language>`: the tags that Plivo's input page prints, which it calls the common ones; more are untested. */
  "plivo-listen": {
    tags: words("de-DE en-AU en-GB en-US es-ES es-US fr-FR it-IT ja-JP pt-BR zh-CN"),
    aliases: { "es-419": "es-US", "es-MX": "es-US", zh: "zh-CN", "zh-Hans": "zh-CN", "zh-Hans-CN": "zh-CN" },
  },
  /** `<Speak language>`: Plivo's audio output page for `WOMAN`, Amazon Polly's standard voices for the rest. */
  "plivo-speak": {
    tags: words(`
    arb cmn-CN cy-GB da-DK de-DE en-AU en-GB en-GB-WLS en-IN en-US es-ES es-MX es-US fr-CA fr-FR hi-IN
    is-IS it-IT ja-JP ko-KR nb-NO nl-NL pl-PL pt-BR pt-PT ro-RO ru-RU sv-SE tr-TR
    `),
    aliases: {
      ar: "arb",
      "es-419": "es-MX",
      nn: "nb-NO",
      no: "nb-NO",
      zh: "cmn-CN",
      "zh-CN": "cmn-CN",
      "zh-Hans": "cmn-CN",
      "zh-Hans-CN": "cmn-CN",
    },
  },
};

/** The region meant by a bare language where the likeliest one is not the one that carriers know best. */
const HOME_REGION: Readonly<Record<string, string>> = { en: "US", es: "ES", pt: "BR", fr: "FR", de: "DE" };

/** The carrier's tag for the BCP-47 tag `language`, or null when it has none for that language. */
export function carrierLanguage(use: LanguageUse | LanguageRow, language: string): string | null {
  const row = typeof use === "string" ? ROWS[use] : use;
  for (const candidate of candidates(language)) {
    const lower = candidate.toLowerCase();
    const tag = row.tags.find((known) => known.toLowerCase() === lower);
    if (tag !== undefined) return tag;
    const alias = Object.hasOwn(row.aliases, candidate) ? row.aliases[candidate] : undefined;
    if (alias !== undefined) return alias;
  }
  return null;
}

/** Tags to look for, best first: as written, canonical, without script, the language at home, the bare language. */
function candidates(language: string): readonly string[] {
  const written = language.trim();
  const locale = parse(written);
  // A few carrier spellings, such as `en-GB-WLS`, are not BCP-47 but may be written as they are.
  if (locale === null) return [written];
  const bare = locale.language;
  const home = HOME_REGION[bare] ?? new Intl.Locale(bare).maximize().region;
  const found = [written, locale.baseName];
  if (locale.script !== undefined) {
    found.push(locale.region === undefined ? `${bare}-${locale.script}` : `${bare}-${locale.region}`);
    found.push(`${bare}-${locale.script}`);
  }
  found.push(bare);
  if (home !== undefined) found.push(`${bare}-${home}`);
  return found;
}

function parse(tag: string): Intl.Locale | null {
  try {
    return new Intl.Locale(tag);
  } catch {
    return null;
  }
}
