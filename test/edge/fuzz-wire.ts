import { PATH, type Signed, type SigningCarrier } from "../security/carriers.ts";
import type { Dice } from "./fuzz-dice.ts";
import { nibble } from "./fuzz-mutate.ts";

interface Frame {
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  readonly host?: string | null;
  readonly more?: readonly string[];
}

const CRLF = "\r\n";

/** The head of a request, its end included. */
function head(carrier: SigningCarrier, request: Signed, frame: Frame = {}): string {
  const { method = "POST", target = PATH + request.query, version = "HTTP/1.1", more = [] } = frame;
  const { host = "voice.example.test" } = frame;
  const lines = [
    `${method} ${target} ${version}`,
    ...(host === null ? [] : [`Host: ${host}`]),
    `Content-Type: ${carrier.contentType}`,
    ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
    ...more,
  ];
  return lines.join(CRLF) + CRLF + CRLF;
}

const length = ({ body }: Signed): string => `Content-Length: ${body.length}`;

/** As every client sends it. */
export function plain(carrier: SigningCarrier, request: Signed, more: readonly string[] = []): Buffer {
  return Buffer.concat([
    Buffer.from(head(carrier, request, { more: [length(request), ...more] }), "latin1"),
    request.body,
  ]);
}

/** The same body in chunks of awkward sizes, with extensions and trailers. */
export function chunked(dice: Dice, carrier: SigningCarrier, request: Signed): Buffer {
  const parts: Buffer[] = [
    Buffer.from(head(carrier, request, { more: ["Transfer-Encoding: chunked"] }), "latin1"),
  ];
  let rest: Buffer = request.body;
  while (rest.length > 0) {
    const size = Math.min(rest.length, 1 + dice.upTo(dice.chance(0.2) ? 2 : 200));
    const extension = dice.chance(0.1) ? ";a=b" : "";
    const zeros = dice.chance(0.1) ? "000" : "";
    parts.push(Buffer.from(`${zeros}${size.toString(16)}${extension}${CRLF}`), rest.subarray(0, size));
    parts.push(Buffer.from(CRLF));
    rest = rest.subarray(size);
  }
  parts.push(Buffer.from(`0${CRLF}${dice.chance(0.2) ? `X-Trailer: 1${CRLF}` : ""}${CRLF}`));
  return Buffer.concat(parts);
}

const HOSTS = ["", "[", "a/b", "u@a", "a:70000", "[::1", "a b", "a,b", "\u00FF", "x".repeat(300), null];
const METHODS = ["GET", "HEAD", "PUT", "OPTIONS", "TRACE", "post", "CONNECT", "PRI", "", "PATCH"];
const TARGETS = [
  `${PATH}-x`,
  `${PATH}/`,
  "/voice/%77ebhook",
  "//voice/webhook",
  `http://evil.example${PATH}`,
  "*",
  "/voice/stream",
  "/voice/stream?check=x",
  `${PATH}?check=`,
  `${PATH}?check=__proto__`,
  `${PATH}?${"a=1&".repeat(2_000)}`,
  "/",
];

type Trick = (dice: Dice, carrier: SigningCarrier, request: Signed) => Buffer | string;

/** What may end the connection. Each begins from a genuine webhook. */
const TRICKS: Readonly<Record<string, Trick>> = {
  "head changed": (dice, carrier, request) =>
    Buffer.concat([
      nibble(dice, Buffer.from(head(carrier, request, { more: [length(request)] }), "latin1")),
      request.body,
    ]),
  "bad host": (dice, carrier, request) =>
    head(carrier, request, { host: dice.pick(HOSTS), more: [length(request)] }) +
    request.body.toString("latin1"),
  "two hosts": (_, carrier, request) =>
    head(carrier, request, { more: ["Host: evil.example", length(request)] }) +
    request.body.toString("latin1"),
  "other method": (dice, carrier, request) =>
    head(carrier, request, { method: dice.pick(METHODS), more: [length(request)] }) +
    request.body.toString("latin1"),
  "other target": (dice, carrier, request) =>
    head(carrier, request, { target: dice.pick(TARGETS), more: [length(request)] }) +
    request.body.toString("latin1"),
  "other version": (dice, carrier, request) =>
    head(carrier, request, {
      version: dice.pick(["HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.1 ", "http/1.1", ""]),
      more: [length(request)],
    }) + request.body.toString("latin1"),
  "wrong length": (dice, carrier, request) =>
    head(carrier, request, {
      more: [
        `Content-Length: ${dice.pick([0, 1, request.body.length - 1, request.body.length + 1, 65_537, "1e3", "-1", "+5", "0x10", " ", "99999999999999999999"])}`,
      ],
    }) + request.body.toString("latin1"),
  "length and chunks": (dice, carrier, request) =>
    head(carrier, request, {
      more: dice.shuffle([
        length(request),
        dice.pick([
          "Transfer-Encoding: chunked",
          "Transfer-Encoding: gzip, chunked",
          "Transfer-Encoding: identity",
          "Transfer-Encoding : chunked",
          "Transfer-Encoding: chunked, chunked",
        ]),
      ]),
    }) + request.body.toString("latin1"),
  "broken chunks": (dice, carrier, request) => nibbleAfterHead(dice, chunked(dice, carrier, request)),
  "body too large": (dice, carrier, request) =>
    head(carrier, request, {
      more: [dice.chance(0.5) ? "Content-Length: 70000" : "Transfer-Encoding: chunked"],
    }) + `11170${CRLF}${"x".repeat(70_000)}`,
  "headers too large": (dice, carrier, request) =>
    head(carrier, request, {
      more: dice.chance(0.5)
        ? [`X: ${"x".repeat(17_000)}`]
        : Array.from({ length: 1_500 }, (_, at) => `x${at}: ${at}`),
    }),
  "asks to continue": (dice, carrier, request) =>
    head(carrier, request, {
      more: [length(request), `Expect: ${dice.pick(["100-continue", "200-ok", "", "100-continue, x"])}`],
    }) + request.body.toString("latin1"),
  "asks for a socket": (dice, carrier, request) =>
    head(carrier, request, {
      method: dice.pick(["GET", "POST"]),
      target: dice.pick(["/voice/stream", PATH, "/voice/stream?check=x"]),
      more: [
        "Connection: Upgrade",
        `Upgrade: ${dice.pick(["websocket", "h2c", "x"])}`,
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ],
    }) + "frames",
  "signature sent twice": (_, carrier, request) => {
    const name = carrier.signatureHeader;
    return (
      head(carrier, request, { more: [`${name}: AAAA`, length(request)] }) + request.body.toString("latin1")
    );
  },
  "bare line feeds": (_, carrier, request) =>
    head(carrier, request, { more: [length(request)] }).replaceAll(CRLF, "\n") +
    request.body.toString("latin1"),
  "folded header": (_, carrier, request) =>
    head(carrier, request, { more: [`X-Fold: a${CRLF} b`, length(request)] }) +
    request.body.toString("latin1"),
  "cut short": (dice, carrier, request) => {
    const whole = plain(carrier, request);
    return whole.subarray(0, 1 + dice.upTo(whole.length - 1));
  },
  noise: (dice) => dice.bytes(1 + dice.upTo(300)),
};

export const TRICK_NAMES: readonly string[] = Object.keys(TRICKS);

export function trick(name: string, dice: Dice, carrier: SigningCarrier, request: Signed): Buffer {
  const made = TRICKS[name]?.(dice, carrier, request) ?? "";
  return typeof made === "string" ? Buffer.from(made, "latin1") : made;
}

function nibbleAfterHead(dice: Dice, whole: Buffer): Buffer {
  const end = whole.indexOf(CRLF + CRLF) + 4;
  return Buffer.concat([whole.subarray(0, end), nibble(dice, whole.subarray(end))]);
}
