/** Words that decide about turns, by language (ISO 639-1); "*" counts in every language. Phrases apart by " | ". */

type Lists = Readonly<Record<string, string>>;

/** What a listener says without wanting to speak. */
export const BACKCHANNELS: Lists = {
  "*": "mm | mhm | mmhm | m hm | mm hm | mm hmm | m hmm | hm | hmm | m | uh huh | uhuh | uhhuh | ah | aha | ah ha | oh | ok | okay | okey | o k",
  en: "yes | yeah | yep | yup | yea | right | sure | alright | all right | i see | of course | got it | exactly | absolutely | great | good | cool | fine | true | indeed | wow | really | go on | makes sense",
  de: "ja | jaja | jo | joa | genau | stimmt | richtig | klar | gut | alles klar | in ordnung | ach so | achso | verstehe | ich verstehe | natürlich | sicher | super | prima | gerne | eben | na ja | ach",
  es: "sí | si | vale | claro | ya | bueno | bien | muy bien | de acuerdo | entiendo | exacto | ajá | dale | por supuesto | perfecto | correcto | eso",
  fr: "oui | ouais | d'accord | voilà | bien | très bien | bien sûr | je vois | exactement | entendu | parfait | ben oui | tout à fait | c'est ça | ah bon | bon | hein",
  it: "sì | si | certo | va bene | bene | d'accordo | capisco | ho capito | esatto | giusto | già | eh | perfetto | ah ecco",
  nl: "ja | jaja | jawel | oké | goed | prima | precies | klopt | juist | natuurlijk | tuurlijk | ik snap het | begrepen | top | zeker",
  pt: "sim | tá | tá bom | tá bem | está bem | certo | claro | pois | pois é | entendi | ótimo | isso | perfeito | beleza | exato | é",
  pl: "tak | no | no tak | dobrze | dobra | jasne | aha | rozumiem | oczywiście | pewnie | właśnie | zgadza się | racja | super",
  ja: "はい | うん | ええ | へえ | へー | ふーん | ふうん | そう | そうですか | そうですね | なるほど | 了解 | 了解です | わかりました | 分かりました | ほんと | 本当 | うーん | おお | あー | ああ | はあ",
  zh: "嗯 | 嗯嗯 | 对 | 对对 | 是 | 是的 | 好 | 好的 | 哦 | 噢 | 啊 | 行 | 没错 | 明白 | 明白了 | 知道了 | 可以 | 當然 | 当然 | 對 | 呃",
  ko: "네 | 예 | 응 | 음 | 아 | 아 네 | 그래 | 그래요 | 그렇군요 | 맞아요 | 알겠습니다 | 알겠어요 | 좋아요 | 오",
  ru: "да | ага | угу | так | хорошо | ладно | понятно | ясно | конечно | верно | точно | именно | окей | понял | поняла | ну да | м",
  uk: "так | ага | угу | добре | гаразд | зрозуміло | звичайно | вірно | точно | авжеж",
  sv: "ja | jo | jaha | jaså | okej | precis | just det | visst | bra | mm | självklart | förstår",
  da: "ja | jo | jamen | okay | præcis | nemlig | fint | godt | selvfølgelig | klart | nå",
  nb: "ja | jo | jaha | ok | nettopp | akkurat | greit | fint | bra | selvfølgelig | skjønner",
  fi: "joo | juu | kyllä | niin | aivan | selvä | okei | hyvä | just | totta",
  cs: "ano | jo | jasně | dobře | aha | rozumím | přesně | jistě | no jo | dobrá",
  tr: "evet | tamam | hı hı | tabii | peki | anladım | doğru | iyi | olur | aynen | he",
  el: "ναι | εντάξει | μάλιστα | σωστά | βέβαια | καλά | ωραία | αχά | ακριβώς",
  ar: "نعم | أيوه | ايوه | اه | آه | طيب | تمام | حسنا | أكيد | صحيح | ماشي",
  he: "כן | אוקיי | בסדר | נכון | טוב | אה | בטח | ברור | הבנתי",
  hi: "हाँ | हां | जी | जी हाँ | अच्छा | ठीक | ठीक है | सही | हम्म | बिल्कुल",
  th: "ครับ | ค่ะ | คะ | อืม | ใช่ | ใช่ครับ | ใช่ค่ะ | โอเค | เข้าใจ | เข้าใจแล้ว | อ๋อ | ได้",
  vi: "vâng | dạ | ừ | ờ | đúng | đúng rồi | được | rồi | à | tốt",
  id: "ya | iya | oke | baik | betul | benar | oh | tentu | siap | paham",
  hu: "igen | ja | aha | jó | rendben | értem | persze | pontosan | úgy van",
  ro: "da | bine | sigur | desigur | aha | înțeleg | exact | corect | așa",
};

/** Words after which more follows, whatever the recognition's punctuation says. */
export const OPEN_WORDS: Lists = {
  "*": "uh | uhm | um | umm | erm | ehm | ähm | euh | eee",
  en: "er | and | but | because | or | the | a | an | my | your | our | their | i'm | i'd | i'll | we're | it's | let me see | let me think | i mean | um so | and then | would be | number is | name is | address is",
  de: "äh | hm | und | oder | aber | weil | dass | wenn | denn | dem | ein | eine | einen | einem | mein | meine | sozusagen | also ich | für | von | am | um | bei | nummer ist | name ist | und dann",
  es: "eh | este | y | e | o | pero | porque | que | de | del | con | en | el | la | los | las | un | una | mi | para | por | o sea | a ver",
  fr: "heu | et | ou | mais | parce que | que | qui | de | du | des | à | au | le | la | les | un | une | mon | ma | je | pour | avec | c'est | donc euh | et puis",
  it: "eh | e | o | ma | perché | che | di | del | della | con | il | lo | la | i | le | un | una | mio | mia | per | da | cioè",
  nl: "eh | uhm | en | of | maar | want | omdat | dat | de | het | een | mijn | ik | van | met | voor | als | en dan | dus eh",
  pt: "hum | e | ou | mas | porque | que | de | do | da | com | em | o | a | os | as | um | uma | meu | minha | para | por | tipo | quer dizer",
  pl: "yyy | y | i | lub | albo | ale | bo | że | z | w | na | do | od | dla | jak | mój | moja | to znaczy | więc",
  ja: "えーと | ええと | えっと | えと | あの | あのー | その | そのー | えー | まあ | けど | から | ので | って | それで | で | と | は | が | を | に",
  zh: "嗯 | 那个 | 这个 | 就是 | 然后 | 和 | 但是 | 可是 | 因为 | 所以 | 的话 | 如果 | 还有 | 在 | 我想 | 把",
  ko: "음 | 어 | 그 | 저 | 그리고 | 근데 | 그런데 | 그래서 | 하지만 | 왜냐하면 | 그러니까",
  ru: "э | эм | ну | и | а | но | или | потому что | что | чтобы | если | в | на | с | для | от | мой | моя | значит | как бы",
  uk: "е | ну | і | й | та | але | або | бо | тому що | що | щоб | якщо | в | на | з | для | від | мій | моя | я",
  sv: "eh | öh | och | men | eller | för att | att | som | en | ett | min | jag | på | med | till | om",
  da: "øh | og | men | eller | fordi | at | som | en | et | min | jeg | på | med | til | hvis",
  nb: "eh | øh | og | men | eller | fordi | at | som | en | et | min | jeg | på | med | til | hvis",
  fi: "öö | tota | niinku | ja | mutta | tai | koska | että | jos | minun",
  cs: "eee | ehm | a | ale | nebo | protože | že | když | v | na | s | pro | od | můj | moje | já",
  tr: "ıı | eee | şey | ve | ama | veya | çünkü | ki | yani | ile | benim | bir",
  el: "εε | και | αλλά | ή | γιατί | ότι | αν | το | η | ο | με | από | για | μου",
  ar: "يعني | و | أو | لكن | لأن | في | من | على | إلى | أن",
  he: "אה | אמ | ו | או | אבל | כי | של | את | אני | עם",
  hi: "और | या | लेकिन | क्योंकि | कि | मतलब | तो | मेरा | मेरी",
};

/** Words that end a sentence as well: more follows only where no full stop stands behind them. */
export const WEAK_WORDS: Lists = {
  en: "so | to | with | that | in | on | for | well | then | hmm | hm | have | was | will | can | not | very | just | about | this | i | is | are | like | at | from | of | than | when | if",
  de: "so | also | mit | zu | auf | in | an | aus | bis | nach | sehr | noch | ist | sind | war | habe | hm | die | der | den | ich",
  es: "a | pues | bueno | entonces | como | más | muy | no | es | si",
  fr: "donc | alors | bon | dans | sur | par | est | suis | très | ben",
  it: "a | allora | quindi | come | non | molto | in | su | è",
  nl: "dus | in | op | aan | bij | is | was | om | te | hm",
  pt: "então | bom | é | como | não | muito | pra",
  pl: "no | tak jak | jest | po | za | o | się | czyli | ja",
  ja: "うーん | の | も | や | ね",
  zh: "呃 | 那 | 就 | 很 | 是",
  ru: "вот | так | как | по | у | к | не | я | это",
};

/** The names of the digits. */
export const DIGIT_WORDS: Lists = {
  en: "zero | oh | o | one | two | three | four | five | six | seven | eight | nine | double | triple",
  de: "null | eins | zwei | zwo | drei | vier | fünf | sechs | sieben | acht | neun | doppel",
  es: "cero | uno | dos | tres | cuatro | cinco | seis | siete | ocho | nueve",
  fr: "zéro | un | deux | trois | quatre | cinq | six | sept | huit | neuf",
  it: "zero | uno | due | tre | quattro | cinque | sei | sette | otto | nove",
  nl: "nul | een | één | twee | drie | vier | vijf | zes | zeven | acht | negen",
  pt: "zero | um | dois | três | quatro | cinco | seis | meia | sete | oito | nove",
  pl: "zero | jeden | dwa | trzy | cztery | pięć | sześć | siedem | osiem | dziewięć",
  ja: "ゼロ | れい | いち | に | さん | よん | ご | ろく | なな | はち | きゅう | 零 | 一 | 二 | 三 | 四 | 五 | 六 | 七 | 八 | 九",
  zh: "零 | 一 | 幺 | 二 | 两 | 三 | 四 | 五 | 六 | 七 | 八 | 九",
  ko: "영 | 공 | 일 | 이 | 삼 | 사 | 오 | 육 | 칠 | 팔 | 구",
  ru: "ноль | один | два | три | четыре | пять | шесть | семь | восемь | девять",
  sv: "noll | ett | två | tre | fyra | fem | sex | sju | åtta | nio",
};

/** Between a letter and the word that stands for it: "D as in dog". For a pattern. */
export const SPELLING_WORDS: Lists = {
  en: "as in|for|like",
  de: "wie",
  es: "de|como",
  fr: "comme",
  it: "come|di",
  nl: "van|als",
  pt: "de|como",
  pl: "jak",
  ru: "как",
};
