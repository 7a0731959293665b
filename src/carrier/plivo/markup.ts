import type { Instruction, Next } from "../../call/instruction.ts";
import type { Page } from "../documents.ts";
import { carrierLanguage } from "../languages.ts";
import { pieces, speakable } from "../speech-text.ts";
import { refused } from "./errors.ts";
import { callbackUrl, type Callback } from "../callbacks.ts";
import { voiceOf } from "./voices.ts";
import { document, element, type Xml } from "./xml.ts";

/** Silence between two questions of Plivo what to do now, while there is nothing to do. */
const WAIT_MS = 10_000;

/** How long a machine's greeting may last before the message is left without having heard its beep. */
const GREETING_SEC = 30;

/** How long the other number rings before the caller is asked what else to do. */
const HAND_OVER_RING_SEC = 30;

/** The generation of a call's first instruction. */
const FIRST_GEN = 1;

/** Keys that `<DTMF>` presses, and its pauses of half and one second; with any other the element is ignored. */
const PRESSABLE = /^[0-9*#wW]+$/;

/** Renders what a call should be doing. Throws `VC_LANGUAGE_UNSUPPORTED` or `VC_UNSUPPORTED` rather than lose the call. */
export function renderInstruction(page: Page, instruction: Instruction): string {
  const { gen, digits, say, next } = instruction;
  return document(...limit(page, gen), ...press(digits), ...perform(page, say, next, gen));
}

function perform(page: Page, say: readonly string[], next: Next, gen: number): readonly Xml[] {
  switch (next.kind) {
    case "listen":
      return listen(page, say, next);
    case "wait":
      return [...speak(page, say), ...wait(page)];
    case "transfer":
      return [...speak(page, say), handOver(page, gen, next.to), returnTo(page)];
    case "stream":
      return [...speak(page, say), connect(page, next.token), returnTo(page)];
    case "hangup": {
      const seconds = Math.ceil(next.afterMs / 1000);
      const pause = seconds > 0 ? [element("Wait", { length: seconds })] : [];
      return [...speak(page, say), ...pause, element("Hangup", {})];
    }
  }
}

/** Silence, then the question what to do now. */
export const renderWait = (page: Page, ms?: number): string => document(...wait(page, ms));

/** Refuses a call that is still ringing. Must be the first element: anything before it would answer the call. */
export const renderReject = (reason: "policy" | "busy"): string =>
  document(element("Hangup", { reason: reason === "busy" ? "busy" : "rejected" }));

export const renderHangup = (): string => document(element("Hangup", {}));

/**
 * A call to us was made without us, so no request could limit it: its first document does, and the document goes on.
 * It holds even if we are gone.
 */
function limit({ call }: Page, gen: number): readonly Xml[] {
  if (call.direction !== "inbound" || gen !== FIRST_GEN) return [];
  return [element("Hangup", { schedule: Math.ceil(call.limits.maxDurationMs / 1000) })];
}

function press(digits: string | undefined): readonly Xml[] {
  if (digits === undefined || digits === "") return [];
  if (!PRESSABLE.test(digits)) throw refused("VC_UNSUPPORTED", { feature: "Pressing the keys A to D" });
  // `async="false"`: the words come after the last key.
  return [element("DTMF", { async: "false" }, digits)];
}

/**
 * Words inside the GetInput stop as soon as the caller talks or presses a key. Its time counts from their end.
 * `log="false"`: what the caller says and presses is not kept in Plivo's logs. When nothing was heard, Plivo goes on
 * behind the element, where the silence is told.
 */
function listen(page: Page, say: readonly string[], next: Extract<Next, { kind: "listen" }>): readonly Xml[] {
  const { language } = page.call.route;
  const tag = carrierLanguage("plivo-listen", language);
  if (tag === null) throw refused("VC_LANGUAGE_UNSUPPORTED", { language, use: "listening" });
  const attributes = {
    action: url(page, { kind: "turn", token: next.token }),
    method: "POST",
    inputType: "dtmf speech",
    executionTimeout: within(5, 60, next.timeoutMs),
    speechEndTimeout: within(2, 10, page.call.limits.silenceMs),
    language: tag,
    log: "false",
  };
  return [
    element("GetInput", attributes, ...speak(page, say)),
    redirect(page, { kind: "silence", token: next.token }),
  ];
}

function speak({ call }: Page, say: readonly string[]): readonly Xml[] {
  const texts = say.flatMap((text) => pieces(speakable(text)));
  if (texts.length === 0) return [];
  const attributes = voiceOf(call.route);
  return texts.map((text) => element("Speak", attributes, text));
}

/** Connects the caller with another number, which sees ours; Plivo asks what to do afterwards. */
function handOver(page: Page, gen: number, to: string): Xml {
  const { direction, from, to: called, limits } = page.call;
  const attributes = {
    action: url(page, { kind: "transfer", gen, nonce: page.nonce() }),
    method: "POST",
    callerId: dialable(direction === "inbound" ? called : from),
    timeout: HAND_OVER_RING_SEC,
    timeLimit: Math.ceil(limits.maxDurationMs / 1000),
  };
  return element("Dial", attributes, element("Number", {}, dialable(to)));
}

/**
 * Two-way audio, µ-law whatever else Plivo would send. `keepCallAlive`: the document goes on only when the stream is over,
 * and Plivo asks what to do then (https://docs.plivo.com/docs/voice/xml/audiostream). Of a two-way stream Plivo sends the
 * inbound track alone.
 */
function connect(page: Page, token: string): Xml {
  const attributes = {
    bidirectional: "true",
    audioTrack: "inbound",
    keepCallAlive: "true",
    contentType: "audio/x-mulaw;rate=8000",
    statusCallbackUrl: url(page, { kind: "stream", token }),
    statusCallbackMethod: "POST",
  };
  return element("Stream", attributes, page.streamUrl(token));
}

/** Plivo writes numbers without their plus. */
export const dialable = (number: string): string => number.replace(/^\+/, "");

/** `beep`: the wait is over as soon as a machine's beep is heard. */
function wait(page: Page, ms = WAIT_MS): readonly Xml[] {
  const { screening } = page.call;
  const isGreeted = screening?.policy === "leave-message" && screening.verdict === "machine";
  if (!isGreeted) return [element("Wait", { length: Math.ceil(ms / 1000) }), returnTo(page)];
  return [
    element("Wait", { length: GREETING_SEC, beep: "true" }),
    redirect(page, { kind: "beep", nonce: page.nonce() }),
  ];
}

/** A document that ends hangs up; this one asks again instead. */
const returnTo = (page: Page): Xml => redirect(page, { kind: "fetch", nonce: page.nonce() });

const redirect = (page: Page, callback: Callback): Xml =>
  element("Redirect", { method: "POST" }, url(page, callback));

const url = (page: Page, callback: Callback): string => callbackUrl(page.webhookUrl, page.call.id, callback);

const within = (min: number, max: number, ms: number): number =>
  Math.min(max, Math.max(min, Math.ceil(ms / 1000)));
