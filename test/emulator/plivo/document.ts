import type { DeliveryKind, Reply } from "./delivery.ts";
import { judge } from "./rules.ts";
import { parseXml, type Element } from "./xml.ts";

/** An answer that is no document; `code` is the hangup code it ends the call with. */
export class FaultyDocument extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Last digit of the hangup code: 701x unreachable, 801x no document. */
const PLACE: Readonly<Partial<Record<DeliveryKind, number>>> = {
  answer: 1,
  fallback: 1,
  action: 2,
  transfer: 3,
  redirect: 4,
};

/** Plivo reads at most this much, bytes. */
const LONGEST = 100 * 1024;

/** The document in that answer. Throws a FaultyDocument; smaller matters are told to `problem`. */
export function readDocument(kind: DeliveryKind, reply: Reply, problem: (text: string) => void): Element {
  const place = PLACE[kind] ?? 1;
  const no = (why: string): never => {
    throw new FaultyDocument(8010 + place, why);
  };
  if (reply.status !== 200) throw new FaultyDocument(7010 + place, `HTTP ${reply.status}`);
  if (!/^(text|application)\/xml\b/.test(reply.contentType)) no(`content type ${reply.contentType}`);
  if (Buffer.byteLength(reply.body) > LONGEST) no("longer than 100 KB");
  const document = parse(reply.body, no);
  const { problems, fatal } = judge(document);
  for (const text of problems) problem(`${kind}: ${text}`);
  if (fatal !== null) no(fatal);
  return document;
}

function parse(body: string, no: (why: string) => never): Element {
  try {
    return parseXml(body);
  } catch (error) {
    return no(error instanceof Error ? error.message : "?");
  }
}
