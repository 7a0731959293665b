import * as fc from "fast-check";
import { expect } from "vitest";
import type { MediaFact, MediaProtocol, MediaStreamName } from "../../src/media/protocol.ts";

/** What the tests of all carriers' audio frames share. */

export const frame = (value: object): string => JSON.stringify(value);

/** What is sent, as its reader sees it. */
export const parsed = (text: string): unknown => JSON.parse(text);

/** 20 ms. */
export const AUDIO = Buffer.from(Array.from({ length: 160 }, (_, at) => (at * 7) & 0xff));

const KEYS = /^[0-9A-D*#]$/;
const MARK = /^[A-Za-z0-9.-]{1,32}$/;
const PRINTABLE = /^[!-~]{1,256}$/;

/** Fails for anything that whoever reads facts could stumble over. */
function expectSound(fact: MediaFact | null): void {
  switch (fact?.type) {
    case "start":
      expect(fact.streamId).toMatch(PRINTABLE);
      expect(fact.carrierCallId).toMatch(PRINTABLE);
      expect(["pcmu", "pcma", null]).toContain(fact.encoding);
      return;
    case "media":
      expect(Buffer.isBuffer(fact.payload)).toBe(true);
      for (const count of [fact.chunk, fact.timestampMs])
        expect(count === null || (Number.isSafeInteger(count) && count >= 0)).toBe(true);
      return;
    case "mark":
      return expect(fact.name).toMatch(MARK);
    case "dtmf":
      return expect(fact.digit).toMatch(KEYS);
    case "complaint":
      return expect(fact.code).toMatch(/^([0-9]{1,16}|unknown)$/);
    case "connected":
    case "cleared":
    case "stop":
    case "nothing":
      return expect(Object.keys(fact)).toEqual(["type"]);
    case undefined:
      expect(fact).toBe(null);
  }
}

/** Frames that no carrier would send: anything, and genuine ones with a part changed. */
function hostile(genuine: readonly object[]): fc.Arbitrary<string> {
  const changed = fc
    .tuple(fc.constantFrom(...genuine), fc.nat(), fc.oneof(fc.jsonValue(), odd))
    .map(([value, at, other]) => JSON.stringify(withPart(value, at, other)));
  const broken = fc
    .tuple(fc.constantFrom(...genuine), fc.nat(), fc.string({ maxLength: 3 }))
    .map(([value, at, other]) => {
      const text = JSON.stringify(value);
      const cut = at % text.length;
      return text.slice(0, cut) + other + text.slice(cut + 1);
    });
  return fc.oneof(fc.string(), fc.json(), changed, broken);
}

/** What careless readers take for something else. */
const odd: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  "__proto__",
  "constructor",
  "AAAA=",
  "AA AA",
  "\u0000",
  "99999999999999999999",
  "-1",
  "1e3",
  -1,
  0.5,
  1e300,
  { toString: 1 },
  { length: 160 },
  [[]],
  undefined,
);

/** The value with its `at`th part, counted depth first, replaced; never the whole of it. */
function withPart(value: object, at: number, other: unknown): unknown {
  const paths: string[][] = [];
  const walk = (part: unknown, path: string[]): void => {
    if (path.length > 0) paths.push(path);
    if (typeof part !== "object" || part === null) return;
    for (const [key, inner] of Object.entries(part)) walk(inner, [...path, key]);
  };
  walk(value, []);
  const replace = (part: unknown, path: readonly string[]): unknown => {
    const [key, ...rest] = path;
    if (key === undefined) return other;
    const inner = part as Record<string, unknown>;
    return { ...inner, [key]: replace(inner[key], rest) };
  };
  return replace(value, paths[at % paths.length] ?? []);
}

/** Frames that cost more to read than anybody would send. */
const BOMBS: readonly string[] = [
  "[".repeat(60_000),
  `{"event":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
  `{"event":"media","media":{"payload":"${"A".repeat(70_000)}"}}`,
  `{"event":"start","start":{${Array.from({ length: 9000 }, (_, at) => `"k${at}":0`).join(",")}}}`,
  " ".repeat(1_000_000),
];

/** A frame that the reader breaks on, or of which it says something that is not there; undefined = none was found. */
export const breaks = (protocol: MediaProtocol, genuine: readonly object[]): string | undefined =>
  fc.defaultReportMessage(
    fc.check(
      fc.property(hostile(genuine), (text) => {
        expectSound(protocol.read(text));
      }),
      { numRuns: 2000, examples: BOMBS.map((bomb): [string] => [bomb]) },
    ),
  );

/** Audio that a frame does not hold exactly, whatever view it comes in; undefined = none was found. */
export const garbles = (
  protocol: MediaProtocol,
  stream: MediaStreamName,
  payloadOf: (sent: unknown) => unknown,
): string | undefined =>
  fc.defaultReportMessage(
    fc.check(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(8), (bytes, before) => {
        const roomy = new Uint8Array(bytes.length + before + 3).fill(0x55);
        roomy.set(bytes, before);
        const expected = Buffer.from(bytes).toString("base64");
        for (const view of [bytes, Buffer.from(bytes), roomy.subarray(before, before + bytes.length)]) {
          expect(payloadOf(parsed(protocol.media(stream, view)))).toBe(expected);
        }
      }),
    ),
  );
