/** Parts of a model's output that were never meant for the user: reasoning, tool traffic, directives, code. */

const REASONING =
  "think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad|planning|antthinking";
const MACHINERY =
  "tool_call|tool_calls|tool_use|tool_result|tool_response|function|function_call|function_calls|function_results|invoke|parameter|script|style|svg";
const HIDDEN = `(?:\\w{1,20}:)?(?:${REASONING}|${MACHINERY})`;
/** The name of an element whose content is not meant for the user. */
export const HIDDEN_NAME = new RegExp(`^${HIDDEN}$`, "i");

/** An element with its content; without a closing tag, up to the end. */
const ELEMENT = new RegExp(
  `<\\s{0,8}(${HIDDEN})(?=[\\s>])[^>]*(?:>[\\s\\S]*?(?:<\\s{0,8}/\\s{0,8}\\1\\s{0,8}>|$)|$)`,
  "gi",
);
/** A closing tag whose opening tag came before this text began. */
const ORPHAN = new RegExp(`^[\\s\\S]*<\\s{0,8}/\\s{0,8}(?:\\w{1,20}:)?(?:${REASONING})\\s*>`, "i");
const FENCE = /^[ \t]*(`{3,}|~{3,})[\s\S]*?(?:^[ \t]*\1[`~]*[ \t]*$|$(?![\s\S]))/gm;
const INLINE_FENCE = /```[\s\S]*?(?:```|$)/g;
const DIRECTIVE =
  /\[\[\s{0,8}\/?\s{0,8}(?:[a-z][\w-]{0,40}\s{0,8}:[^[\]]{0,2000}|[a-z]+(?:_[a-z]+)+|audio|tts)\s{0,8}\]\]/gi;
/** One that was cut off. */
const OPEN_DIRECTIVE = /\[\[\s{0,8}\/?\s{0,8}[a-z][\w-]{0,40}(?:\s{0,8}:[^[\]]{0,2000})?\]?$/i;
/** The beginning of a directive, as far as it tells one from a link. */
export const IS_DIRECTIVE = /^\[\[\s*\/?\s*(?:[a-z][\w-]*\s*:|[a-z]+_|(?:audio|tts)\s*\]|[a-z]*$)/i;
const WIKI_LINK = /\[\[([^[\]]*)\]\]/g;
const MEDIA = /^[ \t]*(?:MEDIA|AUDIO|FILE|IMAGE):.*$/gm;
const TOKENS = /NO_REPLY|HEARTBEAT_OK|ANNOUNCE_SKIP|REPLY_SKIP/g;
/** Control tokens of chat templates, such as <|im_end|>. */
const CONTROL = /<\|[^|>\n]{0,60}\|>/g;

export function withoutHidden(text: string): string {
  return text
    .replace(FENCE, "\n")
    .replace(INLINE_FENCE, " ")
    .replace(ELEMENT, " ")
    .replace(ORPHAN, " ")
    .replace(CONTROL, " ")
    .replace(DIRECTIVE, " ")
    .replace(OPEN_DIRECTIVE, "")
    .replace(WIKI_LINK, "$1")
    .replace(MEDIA, "")
    .replace(TOKENS, " ");
}
