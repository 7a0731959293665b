import type { DeliveryKind, Hook } from "./delivery.ts";
import type { CallTime } from "../call-time.ts";
import { dial, type DialLine } from "./dial.ts";
import type { Handset, Input } from "./handset.ts";
import type { Params } from "./signature.ts";
import { childrenOf, textOf, type Element } from "./xml.ts";

/** A call, as the document that runs on it sees it. */
export interface Line extends DialLine {
  readonly handset: Handset;
  readonly clock: CallTime;
  problem(text: string): void;
  /** Fetches the document at that URL and runs it in place of this one; `answered` is called in between. */
  follow(
    kind: DeliveryKind,
    hook: Hook,
    more: Params,
    signal: AbortSignal,
    answered?: () => void,
  ): Promise<void>;
  /** Runs a `<Stream>` until it is over; false when it could not be opened. */
  stream(element: Element, signal: AbortSignal): Promise<boolean>;
  /** The document has run out behind a stream that kept the call alive: true when the call stays up. */
  readonly staysAfterStream: boolean;
  /** Calls a URL whose answer is not run. */
  tell(kind: DeliveryKind, hook: Hook, more: Params): Promise<void>;
  /** The document hangs up. */
  hangUpByDocument(): void;
  /** The document has run out. */
  runOut(): void;
}

/** Nobody talks longer than this in a test. */
const LONGEST_SPEAK_MS = 5000;

/** How long it takes to say something, in call time. */
export const speakingMs = (text: string): number => Math.min(text.length * 60, LONGEST_SPEAK_MS);

const method = (value: string | undefined): Hook["method"] => (value === "GET" ? "GET" : "POST");

/** Runs a document to its end, which ends the call, or to the element that leads elsewhere. */
export async function run(document: Element, line: Line, signal: AbortSignal): Promise<void> {
  let isKept = false;
  for (const element of childrenOf(document)) {
    if (signal.aborted) return;
    switch (element.name) {
      case "GetInput":
      case "GetDigits":
        if (await listen(element, line, signal)) return;
        break;
      case "Redirect": {
        const hook = { url: textOf(element).trim(), method: method(element.attributes["method"]) };
        return line.follow("redirect", hook, {}, signal);
      }
      case "Hangup":
        if (!schedule(element, line)) return line.hangUpByDocument();
        break;
      case "Dial":
        if (await dialThen(element, line, signal)) return;
        break;
      case "Stream":
        if (element.attributes["keepCallAlive"] === "true") {
          isKept = (await line.stream(element, signal)) && line.staysAfterStream;
        } else void line.stream(element, signal);
        break;
      default:
        isKept = false;
        await utter(element, line, signal);
    }
  }
  if (!signal.aborted && !isKept) line.runOut();
}

/** True when the hang-up is to come later, and the document goes on. */
function schedule(element: Element, line: Line): boolean {
  const seconds = Number(element.attributes["schedule"] ?? 0);
  if (seconds === 0) return false;
  void line.clock.sleep(seconds * 1000, null).then((whole) => whole && line.hangUpByDocument());
  return true;
}

/** Speak, Play, DTMF and Wait. */
async function utter(element: Element, line: Line, signal: AbortSignal): Promise<void> {
  const { attributes } = element;
  const text = textOf(element).trim();
  if (element.name === "Speak") {
    const loop = Number(attributes["loop"] ?? 1);
    for (let left = loop === 0 ? Infinity : loop; left > 0 && !signal.aborted; left--) {
      line.handset.say(text);
      await line.clock.sleep(speakingMs(text), signal);
    }
  } else if (element.name === "DTMF") {
    line.handset.tones(text === "" ? (attributes["digits"] ?? "") : text);
  } else if (element.name === "Wait") {
    await wait(attributes, line, signal);
  } else if (element.name === "Play") {
    await line.clock.sleep(1000, signal);
  }
}

/** Waits for the length, a beep or a silence, whichever is first. */
async function wait(attributes: Element["attributes"], line: Line, signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const waited = AbortSignal.any([signal, enough.signal]);
  const { beep = "false", minSilence, length = "1" } = attributes;
  if (beep !== "false") void line.handset.beeps().then(() => enough.abort());
  if (minSilence !== undefined) {
    void line.handset
      .fallsSilent()
      .then(() => line.clock.sleep(Number(minSilence), waited))
      .then(() => enough.abort());
  }
  await line.clock.sleep(Number(length) * 1000, waited);
}

/** True when the action URL has taken over; false goes on with the next element. */
async function listen(element: Element, line: Line, signal: AbortSignal): Promise<boolean> {
  const { attributes } = element;
  const prompt = new AbortController();
  line.handset.onBargeIn(() => prompt.abort());
  for (const child of childrenOf(element)) {
    // Words and keys of the person stop the prompt.
    if (signal.aborted || prompt.signal.aborted) break;
    await utter(child, line, AbortSignal.any([signal, prompt.signal]));
  }
  if (signal.aborted) return true;
  const inputType = element.name === "GetDigits" ? "dtmf" : (attributes["inputType"] ?? "dtmf");
  const accepts = { speech: inputType.includes("speech"), digits: inputType.includes("dtmf") };
  const timeoutMs = Number(attributes["executionTimeout"] ?? attributes["timeout"] ?? 15) * 1000;
  const heard = await line.handset.listen(element, accepts, timeoutMs, signal);
  if (heard === null) return true;
  const { input, done } = heard;
  const { action } = attributes;
  if ("nothing" in input || action === undefined) {
    done();
    return false;
  }
  await interim(element, input, line);
  const hook = { url: action, method: method(attributes["method"]) };
  const result = element.name === "GetDigits" ? digitsOf(input, element) : resultOf(input, element);
  return handOn(attributes, hook, result, line, signal, done);
}

/** Calls an `action`; its document takes over unless `redirect` says no. */
async function handOn(
  attributes: Element["attributes"],
  hook: Hook,
  result: Params,
  line: Line,
  signal: AbortSignal,
  done: () => void,
): Promise<boolean> {
  if (attributes["redirect"] === "false") {
    await line.tell("action", hook, result);
    done();
    return signal.aborted;
  }
  await line.follow("action", hook, result, signal, done);
  return true;
}

/** Words on the way, for `interimSpeechResultsCallback`. */
async function interim(element: Element, input: Input, line: Line): Promise<void> {
  const { interimSpeechResultsCallback: url, interimSpeechResultsCallbackMethod: how } = element.attributes;
  if (url === undefined || !("speech" in input)) return;
  await line.tell(
    "callback",
    { url, method: method(how) },
    { StableSpeech: input.speech, UnstableSpeech: "", Stability: "0.9", SequenceNumber: "1" },
  );
}

function digitsOf(input: Input, element: Element): Params {
  if (!("digits" in input)) return { Digits: "" };
  const { finishOnKey = "#", numDigits = "99" } = element.attributes;
  const [digits = ""] =
    finishOnKey === "none" || finishOnKey === "" ? [input.digits] : input.digits.split(finishOnKey);
  return { Digits: digits.slice(0, Number(numDigits)) };
}

function resultOf(input: Input, element: Element): Params {
  if ("speech" in input) {
    const { speech, confidence } = input;
    return {
      InputType: "speech",
      Digits: "",
      Speech: speech,
      SpeechConfidenceScore: String(confidence),
      BilledAmount: "0.00500",
    };
  }
  return {
    InputType: "dtmf",
    ...digitsOf(input, element),
    Speech: "",
    SpeechConfidenceScore: "",
    BilledAmount: "0.00000",
  };
}

/** True when the call is over or an action URL has taken over. */
async function dialThen(element: Element, line: Line, signal: AbortSignal): Promise<boolean> {
  const result = await dial(element, line, signal);
  if (result === null || signal.aborted) return true;
  const { action } = element.attributes;
  if (action === undefined) return false;
  const hook = { url: action, method: method(element.attributes["method"]) };
  return handOn(element.attributes, hook, result, line, signal, () => undefined);
}
