/** Builds Plivo's XML: the one place where text is escaped. */

export type Attributes = Readonly<Record<string, string | number>>;

/** An element whose content is text or elements; rendered at once. */
export function element(name: string, attributes: Attributes, ...content: readonly (string | Xml)[]): Xml {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(String(value))}"`);
  const inner = content.map((part) => (part instanceof Xml ? part.text : escape(part))).join("");
  const open = `<${name}${written.join("")}`;
  return new Xml(inner === "" ? `${open}/>` : `${open}>${inner}</${name}>`);
}

export const document = (...content: readonly Xml[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${element("Response", {}, ...content).text}`;

/** Text that is XML already. */
export class Xml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** XML 1.0 `Char`, negated, and the control characters that it would allow; a lone surrogate is none of them. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;

const escape = (text: string): string =>
  text.replace(FORBIDDEN, "").replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? "");
