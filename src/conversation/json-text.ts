/** Fields in which a model that answers in JSON puts the words to be said. */
const SPOKEN_FIELDS = ["spoken", "speech", "say", "text", "reply", "message", "response", "answer"];
/** Fields of a tool call; its text is not for anybody's ears. */
const CALL_FIELDS = ["name", "tool", "tool_calls", "function", "arguments", "args", "parameters", "input"];

/** The words inside a reply that is JSON from start to end; "" when it holds none, null when it is no JSON. */
export function spokenField(text: string): string | null {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return null;
  const value = parsed(trimmed);
  if (value === undefined) return null;
  if (value === null || Array.isArray(value)) return "";
  const fields = new Map(Object.entries(value));
  if (CALL_FIELDS.some((name) => fields.has(name))) return "";
  const found = SPOKEN_FIELDS.map((name) => fields.get(name)).filter((field) => typeof field === "string");
  return found.length === 1 ? (found[0] ?? "") : "";
}

/** So many brackets that never close are nobody's JSON; the rest of the text is prose then. */
const MAX_UNCLOSED = 16;

/** Takes JSON objects, arrays of them and JSON that was cut off out of a text. Brackets in prose stay. */
export function withoutJson(text: string): string {
  const bracket = /[[{]/g;
  let kept = "";
  let at = 0;
  let unclosed = 0;
  for (let found = bracket.exec(text); found && unclosed < MAX_UNCLOSED; found = bracket.exec(text)) {
    const start = found.index;
    const end = closing(text, start);
    if (end === null) unclosed += 1;
    if (end === null ? isCutOff(text.slice(start)) : isData(text.slice(start, end))) {
      kept += `${text.slice(at, start)} `;
      at = end ?? text.length;
      bracket.lastIndex = at;
    }
  }
  return kept + text.slice(at);
}

/** Index behind the bracket that closes the one at `start`; null when none does. */
function closing(text: string, start: number): number | null {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}

/** JSON, or close enough to it that nobody would say it: a quoted or bare key with a colon right behind the bracket. */
export function isData(text: string): boolean {
  const value = parsed(text);
  if (value === undefined) return /^\{\s*(?:"[^"]*"|'[^']*'|\w+)\s*:/.test(text);
  if (value === null) return false;
  // "[1]" and "[]" are a footnote and a typing slip.
  return !Array.isArray(value) || value.some((item) => typeof item === "object" || typeof item === "string");
}

/** JSON whose end is missing. */
export const isCutOff = (text: string): boolean =>
  /^(?:\[\s*)?\{\s*(?:"[^"]*"?|'[^']*'?|\w+)\s*(?::|$)|^\[\s*"[^"]*"?\s*(?:,|$)/.test(text);

/** Whether a text that begins with a bracket may be JSON; "wait" when its beginning is too short to tell. */
export function couldBeData(head: string, complete: boolean): "yes" | "no" | "wait" {
  if (/^(?:\[\s*)?\{\s*(?:["'}]|\w+\s*:)|^\[\s*"/.test(head)) return "yes";
  return !complete && /^(?:\[\s*)?(?:\{\s*\w*\s*)?$/.test(head) ? "wait" : "no";
}

function parsed(text: string): object | null | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}
