import { afterEach, describe, expect, it, vi } from "vitest";
import { Tokens } from "../../../src/edge/streams/tokens.ts";

const TOKEN = "AbCdEfGhIjKlMnOpQrStUvWx";

afterEach(() => void vi.restoreAllMocks());

/** Looks a token up. `keys`: what is asked of a table for that. */
function lookUp(tokens: Tokens, token: string) {
  const looked = vi.spyOn(Map.prototype, "get");
  const found = tokens.find(token);
  const keys = looked.mock.calls.map(([key]) => String(key));
  vi.restoreAllMocks();
  return { found, keys };
}

function armed(): Tokens {
  const tokens = new Tokens(() => 0);
  const bargeIn = { pauseMs: 1, commitMs: 2, resumeMs: 3 };
  tokens.expect({ token: TOKEN, callId: "vc_1", carrierCallId: null, expiresAt: 1, bargeIn });
  return tokens;
}

describe("a guessed token", () => {
  it("S15: is looked up by a digest of its own, so that no time tells how much of it is right", () => {
    const tokens = armed();
    const genuine = lookUp(tokens, TOKEN);
    expect(genuine.found).toMatchObject({ callId: "vc_1" });
    expect(genuine.keys).toHaveLength(1);
    const seen = new Set([TOKEN, ...genuine.keys]);
    for (let at = 0; at < TOKEN.length; at += 1) {
      const guess = `${TOKEN.slice(0, at)}-${TOKEN.slice(at + 1)}`;
      const { found, keys } = lookUp(tokens, guess);
      expect([found, keys.length]).toEqual([null, 1]);
      const [digest = guess] = keys;
      expect(digest).not.toBe(guess);
      expect(seen.has(digest)).toBe(false);
      seen.add(digest);
    }
  });

  it("has another digest in every process, so that none can be worked out ahead", () => {
    expect(lookUp(armed(), TOKEN).keys).not.toEqual(lookUp(armed(), TOKEN).keys);
  });
});
