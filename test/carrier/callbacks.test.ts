import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callbackUrl, readCallback, type Callback, type CallbackKind } from "../../src/carrier/callbacks.ts";

const WEBHOOK = "https://voice.example.test/voice/webhook";
const KINDS: ReadonlySet<CallbackKind> = new Set<CallbackKind>([
  "status",
  "machine",
  "turn",
  "silence",
  "fetch",
  "beep",
  "words",
  "transfer",
  "stream",
]);

const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
const gen = fc.nat({ max: 999_999_999 });
const callbacks: fc.Arbitrary<Callback> = fc.oneof(
  fc.record({ kind: fc.constantFrom("status" as const, "machine" as const) }),
  fc.record({
    kind: fc.constantFrom("turn" as const, "silence" as const, "stream" as const),
    token: word,
  }),
  fc.record({ kind: fc.constantFrom("fetch" as const, "beep" as const), nonce: word }),
  fc.record({ kind: fc.constantFrom("words" as const, "transfer" as const), gen, nonce: word }),
);

const read = (url: string): unknown => readCallback(new URL(url).searchParams, KINDS);

describe("a callback URL", () => {
  it("says what it was made of, in whatever order its query comes", () => {
    fc.assert(
      fc.property(word, callbacks, (callId, callback) => {
        const url = callbackUrl(WEBHOOK, callId, callback);
        expect(read(url)).toEqual({ callId, callback });
        const [call, detail] = new URL(url).search.slice(1).split("&");
        expect(read(`${WEBHOOK}?${detail}&${call}`)).toEqual({ callId, callback });
      }),
    );
  });

  it("has nothing that a URL or an XML attribute would change on the way", () => {
    fc.assert(
      fc.property(word, callbacks, (callId, callback) => {
        const url = callbackUrl(WEBHOOK, callId, callback);
        expect(new URL(url).href).toBe(url);
        expect(url).toMatch(/^https:\/\/[a-z.]+\/voice\/webhook\?call=[\w-]+&[a-z]+=[\w-]+$/);
      }),
    );
  });

  it("is another one for every turn, fetch and generation", () => {
    const urls = [
      callbackUrl(WEBHOOK, "vc_1", { kind: "turn", token: "a" }),
      callbackUrl(WEBHOOK, "vc_1", { kind: "silence", token: "a" }),
      callbackUrl(WEBHOOK, "vc_1", { kind: "stream", token: "a" }),
      callbackUrl(WEBHOOK, "vc_1", { kind: "fetch", nonce: "a" }),
      callbackUrl(WEBHOOK, "vc_1", { kind: "beep", nonce: "a" }),
      callbackUrl(WEBHOOK, "vc_1", { kind: "words", gen: 1, nonce: "a" }),
      callbackUrl(WEBHOOK, "vc_1", { kind: "words", gen: 2, nonce: "a" }),
      callbackUrl(WEBHOOK, "vc_1", { kind: "transfer", gen: 1, nonce: "a" }),
      callbackUrl(WEBHOOK, "vc_2", { kind: "turn", token: "a" }),
    ];
    expect(new Set(urls).size).toBe(urls.length);
  });

  it("is nothing to a carrier that does not call back about such a thing", () => {
    const some = new Set(["status", "turn"] as const);
    const readSome = (query: string): unknown => readCallback(new URLSearchParams(query), some);
    expect(readSome("call=vc_1&turn=a")).toMatchObject({ callback: { kind: "turn" } });
    for (const query of ["call=vc_1&beep=a", "call=vc_1&event=machine", "call=vc_1&event=other"]) {
      expect(readSome(query)).toBe(null);
    }
  });

  it("is nobody's when it has no name of ours, and nothing when it has but half of one", () => {
    expect(read(WEBHOOK)).toEqual({ kind: "number" });
    expect(read(`${WEBHOOK}?tenant=7&x`)).toEqual({ kind: "number" });
    for (const query of ["call=vc_1", "turn=a", "call=&turn=a", "call=vc_1&turn=", "call=vc_1&turn=a&x=1"]) {
      expect(read(`${WEBHOOK}?${query}`)).toBe(null);
    }
  });
});
