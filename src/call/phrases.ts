/** The few sentences the phone says on its own, in the language of the call. */
export interface Phrases {
  /** First words on an inbound call without a configured greeting. */
  readonly hello: string;
  readonly stillThere: string;
  /** Before hanging up on a silent line. */
  readonly goodbye: string;
  /** The number to hand the call over to did not answer. */
  readonly notReached: string;
  /** The agent failed or was late. */
  readonly sorry: string;
  /** While slow work goes on, one after the other; live audio only. */
  readonly moment: readonly string[];
  /** The agent failed repeatedly; the call ends. */
  readonly giveUp: string;
  /** `{code}` is replaced by the digits, spaced so that they are read one by one. */
  readonly pairing: string;
}

const ENGLISH: Phrases = {
  hello: "Hello, how can I help you?",
  stillThere: "Are you still there?",
  goodbye: "I can't hear you, so I'll hang up now. Goodbye.",
  notReached: "I'm sorry, I couldn't reach anybody there. How else can I help?",
  sorry: "I'm sorry, I couldn't get an answer just now. Could you say that again?",
  moment: ["One moment, please.", "I am still on it.", "This takes a little longer. Thank you for waiting."],
  giveUp: "I'm sorry, I'm having trouble right now. Please call again later. Goodbye.",
  pairing:
    "This number is not known here yet. Your code is {code}. Again, {code}. Please give it to the owner, then call back.",
};

const PHRASES: Readonly<Record<string, Phrases>> = {
  en: ENGLISH,
  de: {
    hello: "Hallo, wie kann ich helfen?",
    stillThere: "Sind Sie noch da?",
    goodbye: "Ich höre Sie nicht und lege jetzt auf. Auf Wiederhören.",
    notReached: "Ich habe dort leider niemanden erreicht. Wie kann ich sonst helfen?",
    sorry: "Entschuldigung, das hat gerade nicht geklappt. Können Sie das bitte noch einmal sagen?",
    moment: [
      "Einen Moment bitte.",
      "Ich bin noch dabei.",
      "Es dauert noch einen Augenblick. Danke für Ihre Geduld.",
    ],
    giveUp:
      "Entschuldigung, ich habe gerade Schwierigkeiten. Bitte rufen Sie später noch einmal an. Auf Wiederhören.",
    pairing:
      "Diese Nummer ist hier noch nicht bekannt. Ihr Code ist {code}. Noch einmal: {code}. Bitte geben Sie ihn weiter und rufen Sie dann wieder an.",
  },
  es: {
    hello: "Hola, ¿en qué puedo ayudarle?",
    stillThere: "¿Sigue ahí?",
    goodbye: "No le oigo, así que voy a colgar. Adiós.",
    notReached: "Lo siento, no he podido comunicarle. ¿En qué más puedo ayudarle?",
    sorry: "Lo siento, ahora no he podido responder. ¿Puede repetirlo?",
    moment: ["Un momento, por favor.", "Sigo en ello.", "Tarda un poco más. Gracias por esperar."],
    giveUp: "Lo siento, tengo problemas en este momento. Llame más tarde, por favor. Adiós.",
    pairing:
      "Este número aún no es conocido. Su código es {code}. Repito: {code}. Indíquelo al propietario y vuelva a llamar.",
  },
  fr: {
    hello: "Bonjour, comment puis-je vous aider ?",
    stillThere: "Êtes-vous toujours là ?",
    goodbye: "Je ne vous entends pas, je vais raccrocher. Au revoir.",
    notReached: "Désolé, personne n'a répondu. Puis-je vous aider autrement ?",
    sorry: "Désolé, je n'ai pas pu répondre. Pouvez-vous répéter ?",
    moment: [
      "Un instant, s'il vous plaît.",
      "Je m'en occupe toujours.",
      "Cela prend un peu plus de temps. Merci de patienter.",
    ],
    giveUp: "Désolé, je rencontre un problème. Veuillez rappeler plus tard. Au revoir.",
    pairing:
      "Ce numéro n'est pas encore connu ici. Votre code est {code}. Je répète : {code}. Donnez-le au propriétaire, puis rappelez.",
  },
  it: {
    hello: "Buongiorno, come posso aiutarla?",
    stillThere: "È ancora in linea?",
    goodbye: "Non la sento, quindi chiudo la chiamata. Arrivederci.",
    notReached: "Mi dispiace, non risponde nessuno. Posso aiutarla in altro modo?",
    sorry: "Mi dispiace, non sono riuscito a rispondere. Può ripetere?",
    moment: [
      "Un momento, per favore.",
      "Ci sto ancora lavorando.",
      "Ci vuole ancora un attimo. Grazie per la pazienza.",
    ],
    giveUp: "Mi dispiace, in questo momento ho un problema. Richiami più tardi. Arrivederci.",
    pairing:
      "Questo numero non è ancora conosciuto. Il suo codice è {code}. Ripeto: {code}. Lo comunichi al proprietario e richiami.",
  },
  ja: {
    hello: "お電話ありがとうございます。ご用件をどうぞ。",
    stillThere: "もしもし、聞こえていますか。",
    goodbye: "お声が聞こえないため、電話を切ります。失礼します。",
    notReached: "申し訳ありません、おつなぎできませんでした。ほかにご用件はございますか。",
    sorry: "申し訳ありません、うまくお答えできませんでした。もう一度お話しください。",
    moment: ["少々お待ちください。", "ただいま確認しております。", "もう少しお時間をいただいております。"],
    giveUp: "申し訳ありません、現在問題が起きています。後ほどおかけ直しください。失礼します。",
    pairing:
      "この番号はまだ登録されていません。コードは {code} です。もう一度、{code} です。持ち主に伝えて、おかけ直しください。",
  },
  nl: {
    hello: "Hallo, waarmee kan ik u helpen?",
    stillThere: "Bent u er nog?",
    goodbye: "Ik hoor u niet, dus ik hang nu op. Tot ziens.",
    notReached: "Sorry, ik kon daar niemand bereiken. Kan ik u op een andere manier helpen?",
    sorry: "Sorry, dat lukte even niet. Kunt u het herhalen?",
    moment: [
      "Een ogenblik alstublieft.",
      "Ik ben er nog mee bezig.",
      "Het duurt nog even. Bedankt voor het wachten.",
    ],
    giveUp: "Sorry, er is nu een probleem. Belt u later nog eens. Tot ziens.",
    pairing:
      "Dit nummer is hier nog niet bekend. Uw code is {code}. Nogmaals: {code}. Geef hem door aan de eigenaar en bel dan terug.",
  },
  pt: {
    hello: "Olá, como posso ajudar?",
    stillThere: "Ainda está aí?",
    goodbye: "Não consigo ouvir, por isso vou desligar. Até logo.",
    notReached: "Desculpe, não consegui contactar ninguém. Posso ajudar de outra forma?",
    sorry: "Desculpe, não consegui responder agora. Pode repetir?",
    moment: [
      "Um momento, por favor.",
      "Ainda estou a tratar disso.",
      "Demora mais um pouco. Obrigado por esperar.",
    ],
    giveUp: "Desculpe, estou com um problema neste momento. Ligue mais tarde, por favor. Até logo.",
    pairing:
      "Este número ainda não é conhecido. O seu código é {code}. Repito: {code}. Informe o proprietário e ligue novamente.",
  },
};

/** Phrases for a BCP-47 tag; English where we have none. */
export function phrasesFor(language: string): Phrases {
  const [primary = "en"] = language.toLowerCase().split("-");
  return PHRASES[primary] ?? ENGLISH;
}

/** Spaces the digits so that every voice reads them one by one. */
export function pairingWords(language: string, code: string): string {
  return phrasesFor(language).pairing.replaceAll("{code}", code.split("").join(", "));
}
