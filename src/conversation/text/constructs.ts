import { HIDDEN_NAME, IS_DIRECTIVE } from "../hidden.ts";
import { couldBeData, isCutOff, isData } from "../json-text.ts";
import { WAIT } from "./reading.ts";

/** In place of an index: no construct after all; the character that seemed to open one is text. */
export const LITERAL = -3;

/** A stretch of a text inside which nothing is cut: markup, code, data, reasoning. */
export interface Construct {
  /** What is heard in its place; null when its own words are. */
  readonly instead: string | null;
  /** The index behind it, `LITERAL`, or `WAIT`. With `whole`, nothing follows `text`. Called with ever longer texts. */
  close(text: string, whole: boolean): number;
}

const TAG_CHARS = 400;
const LABEL_CHARS = 300;
const ADDRESS_CHARS = 2_000;
const CODE_CHARS = 200;
const TOKEN_CHARS = 64;
/** Data that has not ended by now is not read to its end. */
const DATA_CHARS = 20_000;

const OPENER = /[<[{`~|:]/;

/** True for a character at which a construct may begin. */
export const mayOpen = (char: string): boolean => OPENER.test(char);

/** What begins at `at`, in the line that begins at `line`; null when it is plain text. */
export function constructAt(
  text: string,
  line: number,
  at: number,
  whole: boolean,
): Construct | null | "wait" {
  const atLineStart = /^[ \t]*$/.test(text.slice(Math.max(line, at - 8), at));
  switch (text[at]) {
    case "<":
      return tagAt(text, at, whole);
    case "[":
      return bracketAt(text, at, whole);
    case "{":
      return dataAt(text, at, whole);
    case "`":
    case "~":
      return codeAt(text, at, atLineStart, whole);
    case "|":
      return atLineStart ? shown(restOfLine(at)) : null;
    case ":":
      return /^[ \t]*(?:MEDIA|AUDIO|FILE|IMAGE)$/.test(text.slice(line, Math.min(at, line + 40)))
        ? shown(restOfLine(at))
        : null;
    default:
      return null;
  }
}

const shown = (close: Construct["close"]): Construct => ({ instead: null, close });
const hidden = (close: Construct["close"], instead = " "): Construct => ({ instead, close });

const TAG = /<\s{0,8}(\/?)\s{0,8}([A-Za-z][\w:-]{0,40})?/y;

function tagAt(text: string, at: number, whole: boolean): Construct | null | "wait" {
  TAG.lastIndex = at;
  const [head = "<", slash = "", name = ""] = TAG.exec(text) ?? [];
  const behind = at + head.length;
  if (behind >= text.length) return whole ? null : "wait";
  if (!slash && HIDDEN_NAME.test(name) && /[\s>]/.test(text[behind] ?? "")) {
    return hidden(search(new RegExp(`<\\s{0,8}/\\s{0,8}${name}\\s{0,8}>`, "gi"), behind, name.length + 30));
  }
  const start = text.slice(at, at + 4);
  if (start === "<!--") return hidden(search(/-->/g, at + 4, 3));
  if (start.length < 4 && "<!--".startsWith(start) && !whole) return "wait";
  if (text[at + 1] === "|") return shown(within(at + 2, TOKEN_CHARS, "|>", "\n"));
  if (!/[A-Za-z/!?]/.test(text[at + 1] ?? "")) return null;
  return shown(within(at + 1, TAG_CHARS, ">", "<", "\n"));
}

function bracketAt(text: string, at: number, whole: boolean): Construct | null | "wait" {
  const [head = "["] = /^\[\s{0,8}/.exec(text.slice(at, at + 9)) ?? [];
  const next = text[at + head.length];
  if (next === undefined) return whole ? null : "wait";
  if (text[at + 1] === "[") return double(at);
  if (next === "{" || next === '"') return dataAt(text, at, whole);
  return shown(link(at));
}

/** `[[…]]`. A directive is hidden however long it is and even if it never ends; of anything else the words are heard. */
function double(at: number): Construct {
  let isDirective = false;
  const ends = { directive: search(/\]\]/g, at + 2, 2), words: within(at + 2, LABEL_CHARS, "]]", "\n") };
  return {
    get instead() {
      return isDirective ? " " : null;
    },
    close(text, whole) {
      isDirective = IS_DIRECTIVE.test(text.slice(at, at + TOKEN_CHARS));
      return isDirective ? ends.directive(text, whole) : ends.words(text, whole);
    },
  };
}

/** `[words](address)`, `[words][name]`; plain words in brackets are literal. */
function link(at: number): Construct["close"] {
  const label = within(at + 1, LABEL_CHARS, "]", "\n\n");
  return (text, whole) => {
    const end = label(text, whole);
    if (end < 0) return end;
    const next = text[end];
    if (next === undefined) return whole ? LITERAL : WAIT;
    if (next === "[") return within(end + 1, LABEL_CHARS, "]", "\n")(text, whole);
    if (next === "(") return address(end + 1)(text, whole);
    return next === ":" || text[at + 1] === "^" ? end : LITERAL;
  };
}

/** JSON, or what looks like it. */
function dataAt(text: string, at: number, whole: boolean): Construct | null | "wait" {
  const possible = couldBeData(text.slice(at, at + TOKEN_CHARS), whole || text.length - at > TOKEN_CHARS);
  if (possible !== "yes") return possible === "no" ? null : "wait";
  let depth = 0;
  let quoted = false;
  let next = at;
  let end: number | null = null;
  return {
    instead: " ",
    close(text, whole) {
      if (end !== null) return end;
      for (; next < text.length; next += 1) {
        const char = text[next];
        if (quoted) {
          if (char === "\\") next += 1;
          else if (char === '"') quoted = false;
        } else if (char === '"') quoted = true;
        else if (char === "{" || char === "[") depth += 1;
        else if (char === "}" || char === "]") {
          depth -= 1;
          if (depth > 0 || next - at >= DATA_CHARS) continue;
          end = isData(text.slice(at, next + 1)) ? next + 1 : LITERAL;
          return end;
        }
      }
      if (!whole) return WAIT;
      return next - at > DATA_CHARS || isCutOff(text.slice(at)) ? text.length : LITERAL;
    },
  };
}

function codeAt(text: string, at: number, atLineStart: boolean, whole: boolean): Construct | null | "wait" {
  const char = text[at] ?? "";
  let end = at;
  while (text[end] === char && end - at < TOKEN_CHARS) end += 1;
  if (end === text.length && !whole) return "wait";
  const marks = end - at;
  if (char === "~" && (marks < 3 || !atLineStart)) return null;
  if (marks < 3) return shown(within(end, CODE_CHARS, char.repeat(marks), "\n"));
  const fence = char.repeat(marks);
  return atLineStart
    ? hidden(search(new RegExp(`^[ \\t]*${fence}[\`~]*[ \\t]*(?:\\n|$(?![\\s\\S]))`, "gm"), end, -1), "\n")
    : hidden(search(/```/g, end, 3));
}

/** Up to the end of the line. */
function restOfLine(at: number): Construct["close"] {
  return (text, whole) => {
    const end = text.indexOf("\n", at);
    return end >= 0 ? end : whole ? text.length : WAIT;
  };
}

/** Up to `closer`, however far away; what never ends reaches to the end. `reach`: how long `closer` may be. */
function search(closer: RegExp, from: number, reach: number): Construct["close"] {
  let next = from;
  return (text, whole) => {
    closer.lastIndex = next;
    const found = closer.exec(text);
    // What the end of the text seems to end may go on.
    if (found && (whole || reach >= 0 || found[0].endsWith("\n"))) return closer.lastIndex;
    const seen = reach >= 0 ? text.length - reach : text.lastIndexOf("\n") + 1;
    next = Math.max(next, seen);
    return whole ? text.length : WAIT;
  };
}

/** Up to `closer`, if it comes within `chars` and before any of `barriers`. */
function within(
  from: number,
  chars: number,
  closer: string,
  ...barriers: readonly string[]
): Construct["close"] {
  return (text, whole) => {
    const part = text.slice(from, from + chars);
    const found = part.indexOf(closer);
    const stop = Math.min(
      ...barriers.map((barrier) => part.indexOf(barrier)).map((at) => (at < 0 ? chars : at)),
    );
    if (found >= 0 && found < stop) return from + found + closer.length;
    return stop < chars || whole || part.length >= chars ? LITERAL : WAIT;
  };
}

/** Up to the parenthesis that closes a link's address, which may hold a pair of its own. */
function address(from: number): Construct["close"] {
  return (text, whole) => {
    let depth = 0;
    for (let at = from; at < Math.min(text.length, from + ADDRESS_CHARS); at += 1) {
      const char = text[at];
      if (char === "(") depth += 1;
      else if (char === "\n" || depth > 1) return LITERAL;
      else if (char === ")") {
        if (depth === 0) return at + 1;
        depth -= 1;
      }
    }
    return whole || text.length - from >= ADDRESS_CHARS ? LITERAL : WAIT;
  };
}
