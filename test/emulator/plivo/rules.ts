import { languagesOf } from "./voices.ts";
import { childrenOf, textOf, type Element } from "./xml.ts";

/** What Plivo's XML allows. Source: plivo `dist/utils/plivoxml.js`. */

const words = (text: string): readonly string[] => (text === "" ? [] : text.split(" "));

/** Attributes of every element that Plivo's XML has. */
export const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  Response: [],
  Speak: words("voice language loop"),
  Play: words("loop"),
  Wait: words("length silence min_silence minSilence beep"),
  GetInput: words(
    "action method inputType executionTimeout digitEndTimeout speechEndTimeout finishOnKey numDigits speechModel " +
      "hints language interimSpeechResultsCallback interimSpeechResultsCallbackMethod log redirect profanityFilter",
  ),
  GetDigits: words(
    "action method timeout digitTimeout finishOnKey numDigits retries invalidDigitsSound validDigits playBeep " +
      "redirect log",
  ),
  DTMF: words("digits async"),
  Redirect: words("method"),
  Stream: words(
    "bidirectional audioTrack streamTimeout statusCallbackUrl statusCallbackMethod contentType extraHeaders keepCallAlive",
  ),
  Hangup: words("schedule reason"),
  Dial: words(
    "action method timeout hangupOnStar timeLimit callerId callerName confirmSound dialMusic confirmKey redirect " +
      "callbackUrl callbackMethod digitsMatch digitsMatchBLeg sipHeaders confirmTimeout",
  ),
  Number: words("sendDigits sendOnPreanswer sendDigitsMode callerId callerName"),
  User: words("sendDigits sendOnPreanswer sipHeaders callerId callerName"),
};

/** Elements of Plivo's XML that are not run here. */
export const NOT_RUN = words("Conference Message MultiPartyCall PreAnswer Record");

/** Speech marks inside `<Speak>`, with Polly voices only. */
const SSML = words("break emphasis lang p phoneme prosody s say-as sub w");

export const NESTED: Readonly<Record<string, readonly string[]>> = {
  Response: words("Speak Play GetDigits GetInput Dial Redirect Wait Hangup DTMF Stream"),
  GetInput: words("Speak Play Wait"),
  GetDigits: words("Speak Play Wait"),
  Dial: words("Number User"),
  Speak: SSML,
  // So the package says, of an element that holds a URL.
  Stream: SSML,
};

export interface Verdict {
  /** What the console would warn about. */
  readonly problems: readonly string[];
  /** Why the document is none, and ends the call. */
  readonly fatal: string | null;
}

/** Checks a whole document, before anything of it is run. */
export function judge(document: Element): Verdict {
  const problems: string[] = [];
  const fatal: string[] = [];
  inspect(document, problems, fatal);
  return { problems, fatal: fatal[0] ?? null };
}

function inspect(element: Element, problems: string[], fatal: string[]): void {
  const { name, attributes } = element;
  const known = ATTRIBUTES[name];
  if (known === undefined) {
    if (NOT_RUN.includes(name)) problems.push(`${name} is not run here`);
    else fatal.push(`unknown element ${name}`);
    return;
  }
  for (const attribute of Object.keys(attributes)) {
    if (!known.includes(attribute)) problems.push(`${name} has no attribute ${attribute}`);
  }
  for (const [attribute, allowed] of Object.entries(VALUES[name] ?? {})) {
    const value = attributes[attribute];
    if (value !== undefined && !allowed(value)) problems.push(`${name} ${attribute}="${value}"`);
  }
  if (name === "Speak") return inspectSpeak(element, problems, fatal);
  if ((name === "GetInput" || name === "Redirect") && target(element) === "")
    problems.push(`${name} leads nowhere`);
  if (name === "Redirect" && target(element) !== "" && !URL_LIKE(target(element)))
    problems.push("Redirect is not absolute");
  if (name === "Number" && textOf(element).trim() === "") fatal.push("an empty Number");
  for (const child of childrenOf(element)) {
    const nested = NESTED[name]?.includes(child.name) ?? false;
    if (!nested && ATTRIBUTES[child.name] !== undefined) problems.push(`${child.name} in ${name}`);
    inspect(child, problems, fatal);
  }
}

const target = (element: Element): string =>
  element.name === "Redirect" ? textOf(element).trim() : (element.attributes["action"] ?? "");

function inspectSpeak(element: Element, problems: string[], fatal: string[]): void {
  const { voice = "WOMAN", language } = element.attributes;
  const languages = languagesOf(voice);
  if (languages === null) problems.push(`unknown voice ${voice}`);
  else if (language !== undefined && !languages.includes(language))
    fatal.push(`${voice} does not speak ${language}`);
  const text = textOf(element);
  if (text.trim() === "") problems.push("an empty Speak");
  if (text.length > 3000) problems.push("Speak is longer than 3000 characters");
  for (const child of childrenOf(element)) {
    if (!SSML.includes(child.name)) fatal.push(`${child.name} in Speak`);
    else if (!voice.startsWith("Polly.")) problems.push(`SSML with the voice ${voice}`);
  }
}

type Check = (value: string) => boolean;

const between =
  (from: number, to: number): Check =>
  (value) =>
    /^[0-9]+$/.test(value) && Number(value) >= from && Number(value) <= to;
const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value);
const orAuto =
  (check: Check): Check =>
  (value) =>
    value === "auto" || check(value);

const FLAG = oneOf("true", "false");
const METHOD = oneOf("GET", "POST");
const COUNT = between(0, 86_400);
const URL_LIKE: Check = (value) => URL.canParse(value) && /^https?:/.test(value);

/** Tag of a language and a region or script, as speech recognition wants it. */
const TAG: Check = (value) => /^[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}$/.test(value);

/** Values that attributes take. Source: Plivo's input, routing and audio output pages. */
const VALUES: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  Speak: { loop: COUNT },
  Play: { loop: COUNT },
  Wait: { length: between(1, 86_400), silence: FLAG, minSilence: COUNT },
  GetInput: {
    action: URL_LIKE,
    method: METHOD,
    inputType: oneOf("dtmf", "speech", "dtmf speech"),
    executionTimeout: between(5, 60),
    digitEndTimeout: orAuto(between(2, 10)),
    speechEndTimeout: orAuto(between(2, 10)),
    numDigits: between(1, 32),
    finishOnKey: (value) => /^([0-9*#]|none|)$/.test(value),
    speechModel: oneOf("default", "command_and_search", "phone_call"),
    language: TAG,
    hints: (value) => value.length <= 10_000 && value.split(",").length <= 500,
    interimSpeechResultsCallback: URL_LIKE,
    interimSpeechResultsCallbackMethod: METHOD,
    log: FLAG,
    redirect: FLAG,
    profanityFilter: FLAG,
  },
  GetDigits: {
    action: URL_LIKE,
    method: METHOD,
    timeout: COUNT,
    digitTimeout: COUNT,
    numDigits: between(1, 99),
    redirect: FLAG,
    log: FLAG,
  },
  Stream: {
    bidirectional: FLAG,
    audioTrack: oneOf("inbound", "outbound", "both"),
    streamTimeout: between(1, 86_400),
    statusCallbackUrl: URL_LIKE,
    statusCallbackMethod: METHOD,
    contentType: (value) => /^audio\/(x-mulaw;rate=8000|x-l16;rate=(8000|16000|24000))$/.test(value),
    keepCallAlive: FLAG,
  },
  DTMF: { async: FLAG },
  Redirect: { method: METHOD },
  Hangup: { reason: oneOf("rejected", "busy"), schedule: COUNT },
  Dial: {
    action: URL_LIKE,
    method: METHOD,
    timeout: COUNT,
    timeLimit: COUNT,
    redirect: FLAG,
    callbackUrl: URL_LIKE,
    callbackMethod: METHOD,
  },
};
