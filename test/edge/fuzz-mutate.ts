import type { Headers, Signed, SigningCarrier } from "../security/carriers.ts";
import type { Dice } from "./fuzz-dice.ts";

/** A changed webhook. `stands`: what was signed is still what it says, so it may be taken. */
export interface Mutant {
  readonly kind: string;
  readonly request: Signed;
  readonly stands: "yes" | "no" | "unknown";
}

export type Mutation = (dice: Dice, carrier: SigningCarrier, genuine: Signed) => Mutant;

/** One to three small changes: most bytes stay right. */
export function nibble(dice: Dice, bytes: Buffer): Buffer {
  let changed: Buffer = Buffer.from(bytes);
  for (let left = 1 + dice.upTo(3); left > 0; left -= 1) {
    const at = dice.upTo(changed.length + 1);
    const [before, after] = [changed.subarray(0, at), changed.subarray(at)];
    switch (dice.upTo(5)) {
      case 0:
        if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << dice.upTo(8));
        break;
      case 1:
        changed = Buffer.concat([before, dice.bytes(1 + dice.upTo(3)), after]);
        break;
      case 2:
        changed = Buffer.concat([before, after.subarray(1 + dice.upTo(4))]);
        break;
      case 3:
        changed = Buffer.concat([before, after.subarray(0, dice.upTo(20)), after]);
        break;
      default:
        changed = Buffer.concat([after, before]);
    }
  }
  return changed;
}

/** What a form's signature covers, whatever the form looks like. */
function signedText({ body }: Signed): string {
  const pairs = [...new URLSearchParams(body.toString("utf8"))];
  return pairs
    .map(([name, value]) => name + value)
    .toSorted()
    .join("");
}

const changedBody: Mutation = (dice, carrier, genuine) => {
  const request = { ...genuine, body: nibble(dice, genuine.body) };
  if (request.body.equals(genuine.body)) return { kind: "body changed", request, stands: "yes" };
  if (carrier.name === "telnyx") return { kind: "body changed", request, stands: "no" };
  // The letters may be cut into names and values elsewhere, or come twice: the signature is the judge of that.
  const stands = letters(request) === letters(genuine) || isDoubled(request) ? "unknown" : "no";
  return { kind: "body changed", request, stands };
};

const letters = (one: Signed): string => signedText(one).split("").toSorted().join("");

const isDoubled = ({ body }: Signed): boolean => {
  const names = [...new URLSearchParams(body.toString("utf8")).keys()];
  return new Set(names).size < names.length;
};

const reorderedBody: Mutation = (dice, carrier, genuine) => {
  if (carrier.name === "telnyx") return changedBody(dice, carrier, genuine);
  const pairs = dice.shuffle(genuine.body.toString("utf8").split("&"));
  const request = { ...genuine, body: Buffer.from(pairs.join("&")) };
  return { kind: "body in another order", request, stands: "yes" };
};

const changedSignature: Mutation = (dice, carrier, genuine) => {
  const name = carrier.signatureHeader;
  const given = genuine.headers[name] ?? "";
  const at = dice.upTo(given.length);
  const other = dice.pick("ABCxyz019+/=".split(""));
  const changed = dice.pick([
    given.slice(0, at) + other + given.slice(at + 1),
    given.slice(0, at),
    given + other,
    given.toLowerCase(),
    given.replaceAll("+", "-").replaceAll("/", "_"),
    given.replace(/=+$/, ""),
    Buffer.from(given, "base64").toString("hex"),
    "AAAA",
    "null",
    given.split("").toReversed().join(""),
  ]);
  const same =
    carrier.name === "telnyx"
      ? Buffer.from(changed, "base64").equals(Buffer.from(given, "base64"))
      : changed === given;
  const request = { ...genuine, headers: { ...genuine.headers, [name]: changed } };
  return { kind: "signature changed", request, stands: same ? "unknown" : "no" };
};

/** The timestamp of Telnyx, the nonce of Plivo; Twilio signs no header. */
const changedStamp: Mutation = (dice, carrier, genuine) => {
  const name = Object.keys(genuine.headers).find((one) => one !== carrier.signatureHeader);
  if (name === undefined) return changedSignature(dice, carrier, genuine);
  const given = genuine.headers[name] ?? "";
  const changed = dice.pick([
    `${given}0`,
    `0${given}`,
    given.slice(1),
    "-1",
    "0",
    "99999999999",
    `${given}.1`,
  ]);
  const request = { ...genuine, headers: { ...genuine.headers, [name]: changed } };
  return { kind: "timestamp or nonce changed", request, stands: "no" };
};

const otherKey: Mutation = (_, carrier, genuine) => {
  const request = { ...genuine, headers: carrier.sign(genuine, "another-key-0123456789") };
  return { kind: "signed by somebody else", request, stands: "no" };
};

const changedQuery: Mutation = (dice, _, genuine) => {
  const { query } = genuine;
  const changed = dice.pick([
    `?${query.slice(1).split("&").toReversed().join("&")}`,
    `${query}${query === "" ? "?" : "&"}x=1`,
    query.replace("vc_1", "vc_2"),
    query.replace("tok_1", "tok_2"),
    query.replace("call", "c%61ll"),
    `${query}&${query.slice(1)}`,
    query.replaceAll("&", "%26"),
    `${query}#fragment`,
    "?call=vc_2&turn=tok_9",
    "",
  ]);
  // Anything else would be another path.
  const written = /^[?#]|^$/.test(changed) ? changed : `?${changed}`;
  return { kind: "query changed", request: { ...genuine, query: written }, stands: "unknown" };
};

const LURES: readonly Headers[] = [
  { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http", forwarded: "host=evil.example" },
  { "x-original-url": "/other", "x-rewrite-url": "/other" },
  { "x-http-method-override": "DELETE" },
  { "i-twilio-idempotency-token": "another" },
  { "x-plivo-signature-v2": "AAAA", "x-plivo-signature-v2-nonce": "1" },
  { "content-encoding": "gzip" },
  { "content-type": "multipart/form-data; boundary=x" },
  { "x-real-ip": "127.0.0.1", "x-forwarded-for": "127.0.0.1" },
  { cookie: "a=b", authorization: "Bearer x" },
  { ["__proto__"]: "x", constructor: "y" },
];

const moreHeaders: Mutation = (dice, _, genuine) => {
  const request = { ...genuine, headers: { ...genuine.headers, ...dice.pick(LURES) } };
  return { kind: "unsigned headers added", request, stands: "yes" };
};

export const MUTATIONS: readonly Mutation[] = [
  changedBody,
  changedBody,
  changedBody,
  reorderedBody,
  changedSignature,
  changedSignature,
  changedStamp,
  otherKey,
  changedQuery,
  changedQuery,
  moreHeaders,
];
