import { describe, expect, it } from "vitest";
import { KeyHearing, keyTone } from "./keys.ts";
import { speak } from "./words.ts";

const pause = new Uint8Array(400).fill(0xff);

function keysIn(...parts: readonly Uint8Array[]): string {
  const hearing = new KeyHearing();
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 160) hearing.push(part.subarray(at, at + 160));
  }
  return hearing.keys;
}

describe("keys as tones", () => {
  it("are read, each once however long it is pressed", () => {
    const digits = "0123456789*#ABCD";
    expect(keysIn(...digits.split("").flatMap((digit) => [keyTone(digit), pause]))).toBe(digits);
    expect(keysIn(keyTone("5", 1000))).toBe("5");
  });

  it("are read twice when they are pressed twice", () => {
    expect(keysIn(keyTone("5", 60), pause, keyTone("5", 60), pause, keyTone("6", 60))).toBe("556");
  });

  it("are not found in speech, nor in silence", () => {
    expect(keysIn(speak("Press 5 now, please: 0123456789*#ABCD!", { msPerChar: 40 }), pause)).toBe("");
  });
});
