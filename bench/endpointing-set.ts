/**
 * Turns as callers say them, by language. `|` stands where the caller pauses and goes on; `#` stands for a group of digits
 * and `@` for a group of spelled letters, which the bench fills in.
 */
export type PauseKind = "clause" | "hesitation" | "digits" | "spelling";

export interface Language {
  readonly tag: string;
  /** Said in one go. */
  readonly plain: readonly string[];
  /** A pause where a sentence could be over. */
  readonly clause: readonly string[];
  /** A pause in search of words. */
  readonly hesitation: readonly string[];
  readonly digits: readonly string[];
  readonly spelling: readonly string[];
}

export const LANGUAGES: readonly Language[] = [
  {
    tag: "en",
    plain: [
      "I would like to book a table.",
      "Can you tell me your opening hours?",
      "What does it cost?",
      "Please cancel my appointment.",
      "I have a question about my bill.",
      "Is there parking nearby?",
      "Tomorrow works for me.",
    ],
    clause: ["I called yesterday. | Nobody picked up.", "We are four people | two of them are children."],
    hesitation: [
      "I would like um | a table for two.",
      "My order has not arrived and | I need it today.",
      "I need to move my | appointment to Friday.",
      "It was, let me think | last Tuesday.",
    ],
    digits: ["My number is | # | # | #", "The code is # | #", "You can reach me at # | # | # | #"],
    spelling: ["My name is Miller, | @ | @", "It is spelled @ | @ | @", "The booking is @ | @"],
  },
  {
    tag: "de",
    plain: [
      "Ich möchte einen Tisch reservieren.",
      "Wann haben Sie geöffnet?",
      "Was kostet das?",
      "Bitte sagen Sie meinen Termin ab.",
      "Ich habe eine Frage zu meiner Rechnung.",
      "Gibt es Parkplätze in der Nähe?",
      "Morgen passt es mir.",
    ],
    clause: [
      "Ich habe gestern angerufen. | Niemand hat abgenommen.",
      "Wir sind vier Leute | zwei sind Kinder.",
    ],
    hesitation: [
      "Ich hätte gern ähm | einen Tisch für zwei.",
      "Meine Bestellung ist nicht da und | ich brauche sie heute.",
      "Ich muss meinen | Termin auf Freitag legen.",
      "Das geht nicht, weil | ich dann verreist bin.",
    ],
    digits: ["Meine Nummer ist | # | # | #", "Der Code ist # | #", "Sie erreichen mich unter # | # | # | #"],
    spelling: ["Mein Name ist Müller, | @ | @", "Das schreibt man @ | @ | @", "Die Buchung ist @ | @"],
  },
  {
    tag: "es",
    plain: [
      "Quiero reservar una mesa.",
      "¿A qué hora abren?",
      "¿Cuánto cuesta?",
      "Cancele mi cita, por favor.",
      "Tengo una pregunta sobre mi factura.",
      "¿Hay aparcamiento cerca?",
      "Mañana me viene bien.",
    ],
    clause: ["Llamé ayer. | Nadie contestó.", "Somos cuatro personas | dos son niños."],
    hesitation: [
      "Quisiera eh | una mesa para dos.",
      "Mi pedido no ha llegado y | lo necesito hoy.",
      "Tengo que cambiar mi | cita al viernes.",
      "No puedo porque | estoy de viaje.",
    ],
    digits: ["Mi número es | # | # | #", "El código es # | #", "Me encuentra en el # | # | # | #"],
    spelling: ["Me llamo Pérez, | @ | @", "Se escribe @ | @ | @", "La reserva es @ | @"],
  },
  {
    tag: "fr",
    plain: [
      "Je voudrais réserver une table.",
      "Quels sont vos horaires ?",
      "Combien ça coûte ?",
      "Annulez mon rendez-vous, s'il vous plaît.",
      "J'ai une question sur ma facture.",
      "Y a-t-il un parking à proximité ?",
      "Demain me convient.",
    ],
    clause: [
      "J'ai appelé hier. | Personne n'a répondu.",
      "Nous sommes quatre personnes | deux sont des enfants.",
    ],
    hesitation: [
      "Je voudrais euh | une table pour deux.",
      "Ma commande n'est pas arrivée et | j'en ai besoin aujourd'hui.",
      "Je dois déplacer mon | rendez-vous à vendredi.",
      "Je ne peux pas parce que | je suis en voyage.",
    ],
    digits: ["Mon numéro est le | # | # | #", "Le code est # | #", "Vous me joignez au # | # | # | #"],
    spelling: ["Je m'appelle Lefèvre, | @ | @", "Ça s'écrit @ | @ | @", "La réservation est @ | @"],
  },
  {
    tag: "it",
    plain: [
      "Vorrei prenotare un tavolo.",
      "A che ora aprite?",
      "Quanto costa?",
      "Cancelli il mio appuntamento, per favore.",
      "Ho una domanda sulla bolletta.",
      "C'è un parcheggio vicino?",
      "Domani per me va bene.",
    ],
    clause: ["Ho chiamato ieri. | Non ha risposto nessuno.", "Siamo in quattro | due sono bambini."],
    hesitation: [
      "Vorrei ehm | un tavolo per due.",
      "Il mio ordine non è arrivato e | mi serve oggi.",
      "Devo spostare il | mio appuntamento a venerdì.",
      "Non posso perché | sono in viaggio.",
    ],
    digits: ["Il mio numero è | # | # | #", "Il codice è # | #", "Mi trova al # | # | # | #"],
    spelling: ["Mi chiamo Rossi, | @ | @", "Si scrive @ | @ | @", "La prenotazione è @ | @"],
  },
  {
    tag: "nl",
    plain: [
      "Ik wil graag een tafel reserveren.",
      "Wanneer bent u geopend?",
      "Wat kost dat?",
      "Annuleer mijn afspraak alstublieft.",
      "Ik heb een vraag over mijn rekening.",
      "Kun je daar parkeren?",
      "Morgen komt mij goed uit.",
    ],
    clause: ["Ik heb gisteren gebeld. | Niemand nam op.", "We zijn met vier mensen | twee zijn kinderen."],
    hesitation: [
      "Ik wil graag uhm | een tafel voor twee.",
      "Mijn bestelling is er niet en | ik heb hem vandaag nodig.",
      "Ik moet mijn | afspraak naar vrijdag verzetten.",
      "Dat gaat niet omdat | ik dan op reis ben.",
    ],
    digits: ["Mijn nummer is | # | # | #", "De code is # | #", "U bereikt mij op # | # | # | #"],
    spelling: ["Mijn naam is Bakker, | @ | @", "Je schrijft het @ | @ | @", "De boeking is @ | @"],
  },
  {
    tag: "pt",
    plain: [
      "Quero reservar uma mesa.",
      "A que horas abrem?",
      "Quanto custa?",
      "Cancele a minha consulta, por favor.",
      "Tenho uma dúvida sobre a fatura.",
      "Há estacionamento perto?",
      "Amanhã está bom para mim.",
    ],
    clause: ["Liguei ontem. | Ninguém atendeu.", "Somos quatro pessoas | duas são crianças."],
    hesitation: [
      "Eu queria hum | uma mesa para dois.",
      "O meu pedido não chegou e | preciso dele hoje.",
      "Tenho de mudar a minha | consulta para sexta.",
      "Não posso porque | estou em viagem.",
    ],
    digits: ["O meu número é | # | # | #", "O código é # | #", "Pode ligar para # | # | # | #"],
    spelling: ["Chamo-me Ferreira, | @ | @", "Escreve-se @ | @ | @", "A reserva é @ | @"],
  },
  {
    tag: "pl",
    plain: [
      "Chciałbym zarezerwować stolik.",
      "W jakich godzinach jest otwarte?",
      "Ile to kosztuje?",
      "Proszę odwołać moją wizytę.",
      "Mam pytanie dotyczące rachunku.",
      "Czy w pobliżu jest parking?",
      "Jutro mi pasuje.",
    ],
    clause: ["Dzwoniłem wczoraj. | Nikt nie odebrał.", "Jest nas czworo | dwoje to dzieci."],
    hesitation: [
      "Chciałbym yyy | stolik dla dwóch osób.",
      "Moje zamówienie nie przyszło i | potrzebuję go dzisiaj.",
      "Muszę przełożyć moją wizytę na | piątek.",
      "Nie mogę, bo | jestem w podróży.",
    ],
    digits: ["Mój numer to | # | # | #", "Kod to # | #", "Można dzwonić pod # | # | # | #"],
    spelling: ["Nazywam się Kowalska, | @ | @", "To się pisze @ | @ | @", "Rezerwacja to @ | @"],
  },
  {
    tag: "sv",
    plain: [
      "Jag vill boka ett bord.",
      "När har ni öppet?",
      "Vad kostar det?",
      "Avboka min tid, tack.",
      "Jag har en fråga om fakturan.",
      "Finns det parkering i närheten?",
      "Imorgon passar mig.",
    ],
    clause: ["Jag ringde igår. | Ingen svarade.", "Vi är fyra personer | två är barn."],
    hesitation: [
      "Jag vill ha öh | ett bord för två.",
      "Min beställning har inte kommit och | jag behöver den idag.",
      "Jag måste flytta min | tid till fredag.",
      "Det går inte för att | jag är bortrest.",
    ],
    digits: ["Mitt nummer är | # | # | #", "Koden är # | #", "Ni når mig på # | # | # | #"],
    spelling: ["Jag heter Lindqvist, | @ | @", "Det stavas @ | @ | @", "Bokningen är @ | @"],
  },
  {
    tag: "ja",
    plain: [
      "席を予約したいです。",
      "営業時間を教えてください。",
      "いくらですか。",
      "予約をキャンセルしてください。",
      "請求書について質問があります。",
      "近くに駐車場はありますか。",
      "明日で大丈夫です。",
    ],
    clause: ["昨日電話しました。 | 誰も出ませんでした。", "四人です。 | 二人は子どもです。"],
    hesitation: [
      "えーと | 二人の席をお願いします。",
      "注文が届いていないので | 今日必要です。",
      "予約を | 金曜日に変えたいです。",
      "行けません、その | 旅行中なので。",
    ],
    digits: ["電話番号は | # | # | #", "コードは # | #", "連絡先は # | # | # | #"],
    spelling: ["つづりは @ | @", "名前は @ | @ | @", "予約番号は @ | @"],
  },
];
