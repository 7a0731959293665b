import VoiceResponse from "twilio/lib/twiml/VoiceResponse.js";
import type { Instruction, Next } from "../../call/instruction.ts";
import type { Page } from "../documents.ts";
import { carrierLanguage } from "../languages.ts";
import { pieces, speakable } from "../speech-text.ts";
import { refused } from "./errors.ts";
import { callbackUrl, type Callback } from "../callbacks.ts";

/** Longest document that Twilio takes in a request of ours (`Twiml`). */
export const MAX_INLINE = 4000;

/** Silence between two questions of Twilio what to do now, while there is nothing to do. */
const WAIT_MS = 10_000;

/** How long the other number rings before the caller is asked what else to do. */
const HAND_OVER_RING_SEC = 30;

/** Renders what a call should be doing. Throws `VC_LANGUAGE_UNSUPPORTED` rather than be understood in English. */
export function renderInstruction(page: Page, instruction: Instruction): string {
  const response = new VoiceResponse();
  if (instruction.digits) response.play({ digits: instruction.digits });
  const { next } = instruction;
  if (next.kind === "listen") {
    // Words inside the Gather stop as soon as the caller talks or presses a key.
    speak(response.gather(listening(page, next)), page, instruction.say);
    returnTo(response, page);
    return response.toString();
  }
  speak(response, page, instruction.say);
  switch (next.kind) {
    case "wait":
      wait(response, page);
      break;
    case "transfer":
      handOver(response, page, { gen: instruction.gen, to: next.to });
      break;
    case "stream":
      connect(response, page, next.token);
      break;
    case "hangup": {
      const pauseSec = Math.ceil(next.afterMs / 1000);
      if (pauseSec > 0) response.pause({ length: pauseSec });
      response.hangup();
    }
  }
  return response.toString();
}

/** Silence, then the question what to do now. */
export function renderWait(page: Page, ms?: number): string {
  const response = new VoiceResponse();
  wait(response, page, ms);
  return response.toString();
}

/** Refuses a call that is still ringing. Must be the first verb: anything before it would answer the call. */
export function renderReject(reason: "policy" | "busy"): string {
  const response = new VoiceResponse();
  response.reject({ reason: reason === "busy" ? "busy" : "rejected" });
  return response.toString();
}

export function renderHangup(): string {
  const response = new VoiceResponse();
  response.hangup();
  return response.toString();
}

/**
 * `actionOnEmptyResult`: silence is reported too. `speechTimeout` is the silence that ends the caller's words, in
 * whole seconds. No `speechModel`: the default one is the only one that knows every language.
 */
function listening(page: Page, next: Extract<Next, { kind: "listen" }>): VoiceResponse.GatherAttributes {
  const { language } = page.call.route;
  const tag = carrierLanguage("twilio-listen", language);
  if (tag === null) throw refused("VC_LANGUAGE_UNSUPPORTED", { language, use: "listening" });
  return {
    input: ["speech", "dtmf"],
    action: url(page, { kind: "turn", token: next.token }),
    method: "POST",
    actionOnEmptyResult: true,
    timeout: wholeSeconds(next.timeoutMs),
    speechTimeout: String(wholeSeconds(page.call.limits.silenceMs)),
    language: tag as NonNullable<VoiceResponse.GatherAttributes["language"]>,
    bargeIn: true,
  };
}

interface Speaker {
  say(attributes: VoiceResponse.SayAttributes, text: string): unknown;
}

function speak(speaker: Speaker, page: Page, say: readonly string[]): void {
  const texts = say.flatMap((text) => pieces(speakable(text)));
  if (texts.length === 0) return;
  const attributes = voice(page);
  for (const text of texts) speaker.say(attributes, text);
}

type SayVoice = NonNullable<VoiceResponse.SayAttributes["voice"]>;
type SayLanguage = NonNullable<VoiceResponse.SayAttributes["language"]>;

/** A named voice speaks its own language; naming another one beside it is an error at Twilio. */
function voice(page: Page): VoiceResponse.SayAttributes {
  const { language, voice: name } = page.call.route;
  const named = name === undefined ? {} : { voice: name as SayVoice };
  if (name !== undefined && /^(Polly|Google)\./.test(name)) return named;
  const tag = carrierLanguage("twilio-speak", language);
  if (tag === null) throw refused("VC_LANGUAGE_UNSUPPORTED", { language, use: "speaking" });
  return { ...named, language: tag as SayLanguage };
}

/** Connects the caller with another number, which sees ours; Twilio asks what to do afterwards. */
function handOver(response: VoiceResponse, page: Page, { gen, to }: { gen: number; to: string }): void {
  const { direction, from, to: called } = page.call;
  const dial = response.dial({
    action: url(page, { kind: "transfer", gen, nonce: page.nonce() }),
    method: "POST",
    callerId: direction === "inbound" ? called : from,
    timeout: HAND_OVER_RING_SEC,
  });
  dial.number(to);
}

/**
 * Two-way audio; the document goes on when the stream is over without the call, and Twilio asks what to do then. The URL
 * has no query, which Twilio does not support there (https://www.twilio.com/docs/voice/twiml/stream).
 */
function connect(response: VoiceResponse, page: Page, token: string): void {
  response.connect().stream({
    url: page.streamUrl(token),
    statusCallback: url(page, { kind: "stream", token }),
    statusCallbackMethod: "POST",
  });
  returnTo(response, page);
}

function wait(response: VoiceResponse, page: Page, ms = WAIT_MS): void {
  response.pause({ length: wholeSeconds(ms) });
  returnTo(response, page);
}

/** A document that ends hangs up; this one asks again instead. */
function returnTo(response: VoiceResponse, page: Page): void {
  response.redirect({ method: "POST" }, url(page, { kind: "fetch", nonce: page.nonce() }));
}

const url = (page: Page, callback: Callback): string => callbackUrl(page.webhookUrl, page.call.id, callback);

const wholeSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
