// What the stand-in model says when nobody scripts it: short answers a person on the phone can follow.

/** @import { Answer, ModelRequest, Script, ToolCall } from "./model.d.mts" */
/** @typedef {{ function?: { name?: string, parameters?: { properties?: { action?: { enum?: string[] } } } } }} Tool */

const FACT = /\bmy ([a-z]+(?: [a-z]+)?) is ([^.,;!?\n"]+)/i;
const QUESTION = /\b(?:what(?:'s| is| was)|tell me|remember|say)\b.*\bmy ([a-z]+(?: [a-z]+)?)\b(?! is)/i;
/** What somebody on the phone said, as the host marks words from outside. */
const MARKED =
  /<<<EXTERNAL_UNTRUSTED_CONTENT[^>]*>>>.*?\n---\n(.*?)\n<<<END_EXTERNAL_UNTRUSTED_CONTENT[^>]*>>>/gs;
/** What stands before this was heard wrongly, and stands there again in the right words. */
const CORRECTION = "That was not taken down right";
const DIGITS = /\[digits ([^\]]+)\]/;
const HANG_UP = "end_call";

/**
 * A script that keeps up a small conversation: it remembers what the caller said of themselves ("my name is Ada"), tells
 * the time, and says goodbye, hanging up when it is offered a tool for that.
 *
 * @param {{ now?: () => Date }} [options]
 * @returns {Script}
 */
export function smallTalk({ now = () => new Date() } = {}) {
  return (request) => {
    if (request.toolResult !== undefined) return { text: "NO_REPLY" };
    const words = spoken(request.lastUser);
    if (/\b(?:goodbye|good bye|bye|hang up)\b/i.test(words)) return farewell(request);
    return { text: answer(words, request.userTurns.slice(0, -1).map(spoken), now()) };
  };
}

/**
 * The words of a message: on the phone those of the caller, which may have come in pieces.
 *
 * @param {string} message
 */
function spoken(message) {
  const valid = message.slice(Math.max(0, message.lastIndexOf(CORRECTION)));
  const pieces = Array.from(valid.matchAll(MARKED), ([, words]) => words);
  return pieces.length === 0 ? message : pieces.join(" ");
}

/** @param {ModelRequest} request @returns {Answer} */
function farewell(request) {
  const text = "Goodbye, and thank you for the call.";
  const call = hangUpCall(request);
  return call === undefined ? { text } : { text, toolCalls: [call] };
}

/**
 * How to hang up with the tools offered: a tool of that name, or one that can do nothing else. A phone tool that can also
 * place calls needs to be told which call is meant, so it does not count.
 *
 * @param {ModelRequest} request
 * @returns {ToolCall | undefined}
 */
function hangUpCall({ body }) {
  for (const tool of /** @type {Tool[]} */ (body["tools"] ?? [])) {
    const { name, parameters } = tool.function ?? {};
    const actions = parameters?.properties?.action?.enum ?? [];
    if (name === HANG_UP) return { name };
    if (name !== undefined && actions.length === 1 && actions[0] === HANG_UP) {
      return { name, arguments: { action: HANG_UP } };
    }
  }
  return undefined;
}

/** @param {string} words @param {readonly string[]} earlier @param {Date} now */
function answer(words, earlier, now) {
  const digits = DIGITS.exec(words)?.[1];
  if (digits !== undefined) return `You pressed ${digits.split("").join(" ")}.`;
  const asked = QUESTION.exec(words)?.[1]
    ?.toLowerCase()
    .replace(/ (?:again|please|then)$/, "");
  if (asked !== undefined) return recall(asked, earlier);
  const [, what, value] = FACT.exec(words) ?? [];
  if (what !== undefined && value !== undefined) {
    if (what.toLowerCase() === "name") return `Nice to meet you, ${value.trim()}. What can I do for you?`;
    return `Good to know. I will remember that your ${what.toLowerCase()} is ${value.trim()}.`;
  }
  if (/\bwhat(?:'s| is)? (?:the )?time\b|\btime is it\b/i.test(words)) {
    return `It is ${now.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}.`;
  }
  if (/\b(?:what day|what date|which day|today's date)\b/i.test(words)) {
    return `Today is ${now.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" })}.`;
  }
  if (/\bhear me\b/i.test(words)) return "Yes, I can hear you well.";
  if (/\bhow are you\b/i.test(words)) return "I am fine, thank you. How can I help you?";
  if (/\bthank/i.test(words)) return "You are welcome. Is there anything else?";
  if (/\b(?:hello|hi|hey|good (?:morning|afternoon|evening))\b/i.test(words))
    return "Hello! How can I help you?";
  return `I heard you say: ${shorten(words)}. Is there anything else?`;
}

/** @param {string} asked @param {readonly string[]} earlier */
function recall(asked, earlier) {
  for (const turn of earlier.toReversed()) {
    const [, what, value] = FACT.exec(turn) ?? [];
    if (what?.toLowerCase() === asked && value !== undefined)
      return `You told me your ${asked} is ${value.trim()}.`;
  }
  return `You have not told me your ${asked} yet.`;
}

/** @param {string} words */
function shorten(words) {
  const all = words
    .trim()
    .replace(/[.!?]+$/, "")
    .split(/\s+/);
  return all.length > 12 ? `${all.slice(0, 12).join(" ")} and so on` : all.join(" ");
}
