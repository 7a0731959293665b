import { describe, expect, it } from "vitest";
import { speak } from "../audio/words.ts";
import { Ear, silence } from "./ear.ts";

function bench(endpointMs = 500, partialEveryMs = 0) {
  const told: string[] = [];
  const ear = new Ear(
    { endpointMs, partialEveryMs },
    {
      begin: () => told.push("begin"),
      partial: (text) => told.push(text),
      end: (text) => told.push(`end ${text}`),
    },
  );
  const hear = (...audio: Uint8Array[]): void => ear.push(Buffer.concat(audio));
  return { ear, told, hear };
}

describe("an ear of a stand-in vendor", () => {
  it("hears an utterance end by the silence after it, however fast it is fed", () => {
    const { told, hear } = bench();
    hear(silence(300), speak("hello"), silence(400));
    expect(told).toEqual(["begin"]);
    hear(silence(200), speak("again"), silence(600));
    expect(told).toEqual(["begin", "end hello", "begin", "end again"]);
  });

  it("takes what is said after a short pause for the same utterance", () => {
    const { told, hear } = bench();
    hear(speak("one"), silence(300), speak("two"), silence(600));
    expect(told).toEqual(["begin", "end one two"]);
  });

  it("tells the words so far at its pace, and only when there are more", () => {
    const { told, hear } = bench(500, 120);
    hear(speak("abcd"), silence(400));
    // A letter lasts 60 ms.
    expect(told).toEqual(["begin", "a", "abc", "abcd"]);
  });

  it("ends what is being said when it is told to", () => {
    const { ear, told, hear } = bench();
    ear.finish();
    hear(speak("bye"));
    ear.finish();
    ear.finish();
    expect(told).toEqual(["begin", "end bye"]);
  });

  it("hears on after a long silence", () => {
    const { told, hear } = bench();
    for (let second = 0; second < 25; second++) hear(silence(1000));
    hear(speak("hello"), silence(600));
    expect(told).toEqual(["begin", "end hello"]);
  });
});
