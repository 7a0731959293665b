/** A small reader for TwiML: enough XML to run a document, strict enough to notice a broken one. */
export interface Verb {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Verb[];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** XML 1.0 `Char`, negated. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Parses a document whose root is `<Response>`. Throws on anything that is not well-formed. */
export function parseTwiml(source: string): Verb {
  if (FORBIDDEN.test(source)) throw new SyntaxError("a character that XML 1.0 forbids");
  const token = /<\?[^>]*\?>|<\/([A-Za-z]+)\s*>|<([A-Za-z]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  const stack: { name: string; attributes: Record<string, string>; text: string; children: Verb[] }[] = [];
  let root: Verb | null = null;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    if (match === null) throw new SyntaxError(`not well-formed at ${at}`);
    const [, closing, opening, attributes = "", selfClosing, text] = match;
    const open = stack.at(-1);
    if (text !== undefined) {
      if (open !== undefined) open.text += decode(text);
      else if (text.trim() !== "") throw new SyntaxError("text outside the root");
    } else if (opening !== undefined) {
      if (root !== null) throw new SyntaxError("two roots");
      stack.push({ name: opening, attributes: readAttributes(attributes), text: "", children: [] });
    }
    if (closing !== undefined || (opening !== undefined && selfClosing === "/")) {
      const done = stack.pop();
      if (done === undefined || (closing !== undefined && closing !== done.name)) {
        throw new SyntaxError(`</${closing}> closes nothing`);
      }
      const parent = stack.at(-1);
      if (parent === undefined) root = done;
      else parent.children.push(done);
    }
  }
  if (root === null || root.name !== "Response") throw new SyntaxError("no <Response>");
  return root;
}

function readAttributes(source: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", value = ""] of source.matchAll(/([\w:]+)="([^"]*)"/g)) found[name] = decode(value);
  return found;
}

function decode(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]+|#[0-9]+|\w+);?/g, (whole, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    const letter = ENTITIES[name];
    if (letter === undefined) throw new SyntaxError(`unknown entity ${whole}`);
    return letter;
  });
}

/** What a trial account gets to run: `<Stream>` and `<Record>` are taken out (https://www.twilio.com/docs/usage/trials). */
export function withoutPaid(verb: Verb): Verb {
  const children = verb.children.filter(({ name }) => name !== "Stream" && name !== "Record");
  return { ...verb, children: children.map(withoutPaid) };
}

/** Attributes of the verbs that calls use here; anything else is reported as a warning, as Twilio does (12200). */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  Response: [],
  Say: ["voice", "language", "loop"],
  Play: ["digits", "loop"],
  Pause: ["length"],
  Gather: (
    "input action method timeout speechTimeout maxSpeechTime finishOnKey numDigits language hints " +
    "speechModel enhanced bargeIn actionOnEmptyResult profanityFilter partialResultCallback"
  ).split(" "),
  Dial: "action method timeout callerId answerOnBridge timeLimit hangupOnStar ringTone record".split(" "),
  Number: ["sendDigits"],
  Connect: ["action", "method"],
  Stream: ["url", "name", "statusCallback", "statusCallbackMethod"],
  Parameter: ["name", "value"],
  Redirect: ["method"],
  Hangup: [],
  Reject: ["reason"],
};

const NESTED: Readonly<Record<string, readonly string[]>> = {
  Response: ["Say", "Play", "Pause", "Gather", "Dial", "Connect", "Redirect", "Hangup", "Reject"],
  Connect: ["Stream"],
  Stream: ["Parameter"],
  Dial: ["Number"],
  Gather: ["Say", "Play", "Pause"],
};

/** What Twilio would warn about. */
export function lint(verb: Verb): readonly string[] {
  const problems: string[] = [];
  const known = KNOWN[verb.name];
  if (known === undefined) return [`12200: unknown verb ${verb.name}`];
  for (const name of Object.keys(verb.attributes)) {
    if (!known.includes(name)) problems.push(`12200: ${verb.name} has no attribute ${name}`);
  }
  for (const name of ["timeout", "length"]) {
    const value = verb.attributes[name];
    if (value !== undefined && !/^[0-9]+$/.test(value))
      problems.push(`12200: ${verb.name} ${name}="${value}"`);
  }
  const { speechTimeout } = verb.attributes;
  if (speechTimeout !== undefined && !/^(auto|[1-9][0-9]*)$/.test(speechTimeout)) {
    problems.push(`13335: speechTimeout="${speechTimeout}"`);
  }
  if (verb.name === "Say" && verb.text.length > 4096) problems.push("13520: text of Say is too long");
  if (verb.name === "Reject" && !["rejected", "busy"].includes(verb.attributes["reason"] ?? "rejected")) {
    problems.push("13710: reason of Reject");
  }
  for (const child of verb.children) {
    if (!(NESTED[verb.name] ?? []).includes(child.name))
      problems.push(`12200: ${child.name} in ${verb.name}`);
    problems.push(...lint(child));
  }
  return problems;
}
