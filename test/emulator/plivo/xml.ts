/** A small XML reader: enough to run a document, strict enough to notice a broken one. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Text and elements in order. */
  readonly content: readonly (string | Element)[];
}

/** XML 1.0 `Char`, negated. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const ATTRIBUTE = /([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: (string | Element)[];
}

/** Parses a document whose root is `<Response>`. Throws a SyntaxError on anything that is not well-formed. */
export function parseXml(source: string): Element {
  if (FORBIDDEN.test(source)) throw new SyntaxError("a character that XML 1.0 forbids");
  const token =
    /<\?xml [^>]*\?>|<!--[^]*?-->|<\/([A-Za-z][\w:.-]*)\s*>|<([A-Za-z][\w:.-]*)((?:\s+[A-Za-z_][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;
  const stack: Open[] = [];
  let root: Element | null = null;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    if (match === null) throw new SyntaxError(`not well-formed at ${at}`);
    const [whole, closing, opening, attributes = "", selfClosing, text] = match;
    if (whole.startsWith("<?") && at > 0) throw new SyntaxError("something before the XML declaration");
    const open = stack.at(-1);
    if (text !== undefined) {
      if (open !== undefined) open.content.push(decode(text));
      else if (text.trim() !== "") throw new SyntaxError("text outside the root");
    } else if (opening !== undefined) {
      if (root !== null) throw new SyntaxError("two roots");
      stack.push({ name: opening, attributes: readAttributes(attributes), content: [] });
    }
    if (closing !== undefined || selfClosing === "/") {
      const done = stack.pop();
      if (done === undefined || (closing !== undefined && closing !== done.name)) {
        throw new SyntaxError(`</${closing}> closes nothing`);
      }
      const parent = stack.at(-1);
      if (parent === undefined) root = done;
      else parent.content.push(done);
    }
  }
  if (root === null || root.name !== "Response") throw new SyntaxError("no <Response>");
  return root;
}

export const childrenOf = (element: Element): readonly Element[] =>
  element.content.filter((part) => typeof part !== "string");

/** All text inside, that of SSML elements included. */
export const textOf = (element: Element): string =>
  element.content.map((part) => (typeof part === "string" ? part : textOf(part))).join("");

function readAttributes(source: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", double, single] of source.matchAll(ATTRIBUTE)) {
    if (name in found) throw new SyntaxError(`${name} twice`);
    found[name] = decode(double ?? single ?? "");
  }
  return found;
}

function decode(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]+|#[0-9]+|\w+)?;?/g, (whole, name: string | undefined) => {
    if (name === undefined || !whole.endsWith(";")) throw new SyntaxError("an & that is not escaped");
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    const letter = ENTITIES[name];
    if (letter === undefined) throw new SyntaxError(`unknown entity ${whole}`);
    return letter;
  });
}
