import type { Log, LogFields } from "../call/ports.ts";

/** What the gateway gives a plugin to log with. */
export interface HostLogger {
  debug?(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

const HIDDEN = "•••••";

/** Values under these names are somebody's number. */
const PARTY = /^(from|to|caller|callee|party|phone|number)$|(Number|Phone)$/;
/** Values under these names are words, digits or secrets. */
const PRIVATE =
  /^(text|words?|digits|say|speech|transcript|utterance|prompt|body|headers|cookie|authorization)$|(token|secret|password|(api|access|private|secret)_?key|signature)$/i;
/** Numbers under these names count something, however long they are. */
const COUNTS = /^(ms|at|pid|cursor)$|(Ms|At|Sec|Bytes|Count|Size|Cursor)$/;

/** Id shapes that are kept although they may hold many digits. None of them can hold a phone number. */
const KEPT = [
  // Ours, also with the version and index of an effect.
  String.raw`vc_[\w-]+`,
  // Twilio.
  String.raw`[A-Z]{2}[0-9a-f]{32}`,
  // Telnyx call control ids.
  String.raw`v\d:[\w-]{16,}`,
  // Plivo and Telnyx ids.
  String.raw`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`,
  // Pages that Tailscale asks to be opened.
  String.raw`https://login\.tailscale\.com/[\w/?=&-]+`,
  // Digests.
  String.raw`(?=\d*[a-f])[0-9a-f]{32,}`,
  // Dates, with or without a time, and versions made of them.
  String.raw`20\d\d-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?`,
  String.raw`20\d\d\.\d{1,2}\.\d{1,2}`,
  // IPv4 addresses.
  String.raw`(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)`,
];
/** Seven digits or more in any script, with at most two separators between them. */
const NUMBER = String.raw`\+?\p{Nd}(?:[ \u00a0().\-–]{0,2}\p{Nd}){6,}`;
const KEPT_OR_NUMBER = new RegExp(`(?<![\\w+])(?:${KEPT.join("|")})(?!\\w)|(${NUMBER})`, "gu");

const CREDENTIALS = /(:\/\/)[^\s/@]+@|\b((?:Bearer|Basic) )[\w+/=.~-]+/g;

/** `+15550001234` becomes `+15•••••34`; anything but an E.164 number is hidden whole, "" reads `withheld`. */
export function redactNumber(number: string): string {
  if (number === "") return "withheld";
  return /^\+[1-9]\d{7,14}$/.test(number) ? number.slice(0, 3) + HIDDEN + number.slice(-2) : HIDDEN;
}

/** Hides what looks like a phone number or a credential in a line of text; ids, dates and addresses stay. */
export function redactText(text: string): string {
  return text
    .replace(CREDENTIALS, (_, url?: string, scheme?: string) =>
      url ? `${url}${HIDDEN}@` : `${scheme}${HIDDEN}`,
    )
    .replace(KEPT_OR_NUMBER, (match, number?: string) =>
      number === undefined ? match : redactNumber(number.replace(/(?!^\+)[^\p{Nd}]/gu, "")),
    );
}

/** The same fields, with whatever their name or look gives away hidden. */
export function redactFields(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactValue(name, value)]));
}

/**
 * The gateway's log for the rest of the plugin: `message name=value …` on one line. Callers keep private things out
 * of their messages; the redaction here is what stands between a mistake of theirs and the log file.
 */
export function safeLog(host: HostLogger): Log {
  return {
    debug: (message, fields) => host.debug?.(line(message, fields)),
    info: (message, fields) => host.info(line(message, fields)),
    warn: (message, fields) => host.warn(line(message, fields)),
    error: (message, fields) => host.error(line(message, fields)),
  };
}

function redactValue(name: string, value: LogFields[string]): LogFields[string] {
  if (value === null || value === undefined || typeof value === "boolean") return value;
  if (PARTY.test(name)) return redactNumber(String(value));
  if (PRIVATE.test(name)) return HIDDEN;
  if (typeof value === "string") return redactText(value);
  return COUNTS.test(name) || Math.abs(value) < 1_000_000 ? value : HIDDEN;
}

function line(message: string, fields: LogFields = {}): string {
  const pairs = Object.entries(redactFields(fields))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${written(value)}`);
  return [oneLine(redactText(message)), ...pairs].join(" ");
}

/** A string stands bare while it cannot be mistaken for more than one value. */
function written(value: LogFields[string]): string {
  if (typeof value !== "string") return String(value);
  return /^[^\s"=\p{Cc}]+$/u.test(value) ? value : oneLine(JSON.stringify(value));
}

/** Text from outside cannot begin a line of its own in the log. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
