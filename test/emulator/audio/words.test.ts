import { assert, integer, nat, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode, transcode } from "./g711.ts";
import { hear, Hearing, NATURAL_MS, speak, speakPcm } from "./words.ts";

const TEXT = "Hello, what time is it? aaaa 112233 Grüße 你好";

const texts = string({ unit: "grapheme", minLength: 1, maxLength: 30 }).filter(
  (text) => !text.includes("\u0002"),
);

/** Some samples of silence before. */
function after(silence: number, samples: Int16Array): Int16Array {
  const all = new Int16Array(silence + samples.length);
  all.set(samples, silence);
  return all;
}

/** To 8 kHz through a filter of 31 taps that ends at 3.4 kHz. */
function down(samples: Int16Array, rate: number): Int16Array {
  const middle = 15;
  const taps = Array.from({ length: 2 * middle + 1 }, (_, tap) => {
    const x = tap - middle;
    const cutoff = (2 * 3400) / rate;
    const sinc = x === 0 ? cutoff : Math.sin(Math.PI * cutoff * x) / (Math.PI * x);
    return sinc * (0.54 + 0.46 * Math.cos((Math.PI * x) / middle));
  });
  return Int16Array.from({ length: Math.floor((samples.length * 8000) / rate) }, (_, at) => {
    const centre = Math.round((at * rate) / 8000);
    return taps.reduce((sum, tap, index) => sum + tap * (samples[centre + index - middle] ?? 0), 0);
  });
}

describe("spoken words", () => {
  it("are heard as they were said, at any pace and from any sample on", () => {
    const paces = integer({ min: 20, max: 80 });
    assert(
      property(texts, paces, nat(400), (text, msPerChar, silence) => {
        const said = after(silence, speakPcm(text, 8000, { msPerChar }));
        expect(hear(encode("pcmu", said))).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it("last as long as they are said to", () => {
    const bytes = new TextEncoder().encode(TEXT).length + 1;
    expect(speak(TEXT)).toHaveLength(bytes * NATURAL_MS * 8);
    expect(speakPcm(TEXT, 24_000, { msPerChar: 40 })).toHaveLength(bytes * 40 * 24);
  });

  it("have the level of speech", () => {
    const samples = speakPcm(TEXT, 8000);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    const level = 10 * Math.log10(power / 32_768 ** 2);
    expect(level).toBeGreaterThan(-20);
    expect(level).toBeLessThan(-15);
  });

  it.each([16_000, 22_050, 24_000, 48_000])("are heard after %i Hz became 8 kHz", (rate) => {
    const heard = down(speakPcm(TEXT, rate, { msPerChar: 30 }), rate);
    expect(hear(encode("pcmu", heard))).toBe(TEXT);
  });

  it("are heard through A-law, through noise and at another level", () => {
    let seed = 1;
    const noise = (): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return (seed / 2_147_483_647 - 0.5) * 1000;
    };
    const far = speakPcm(TEXT, 8000, { msPerChar: 40 }).map((sample) => sample / 4 + noise());
    expect(hear(transcode("pcma", "pcmu", encode("pcma", far)))).toBe(TEXT);
  });

  it("are heard frame by frame as all at once", () => {
    const audio = speak(TEXT, { msPerChar: 40 });
    assert(
      property(integer({ min: 1, max: 700 }), (size) => {
        const hearing = new Hearing();
        for (let at = 0; at < audio.length; at += size) hearing.push(audio.subarray(at, at + size));
        expect(hearing.text).toBe(TEXT);
        expect(hearing.lost).toBe(0);
        expect(hearing.length).toBe(audio.length);
      }),
      { numRuns: 20 },
    );
  });
});

describe("what is cut", () => {
  const audio = speak("The quick brown fox", { msPerChar: 40 });
  const step = 40 * 8;

  it("at its end is heard up to there", () => {
    assert(
      property(integer({ min: step, max: audio.length }), (length) => {
        const heard = hear(audio.subarray(0, length));
        expect("The quick brown fox".startsWith(heard)).toBe(true);
        // Within one syllable either way; the first one is no letter.
        expect(Math.abs(heard.length + 1 - length / step)).toBeLessThan(1);
      }),
    );
  });

  it("at its beginning is heard from there", () => {
    expect(hear(audio.subarray(4 * 320 + 300))).toBe("quick brown fox");
  });

  it("in two by silence, in the middle of a letter, is one text", () => {
    assert(
      // Behind the sign with which speech begins. A line is silent for whole frames; less is a click, which may sound like a letter.
      property(integer({ min: step, max: audio.length }), integer({ min: 0, max: 50 }), (at, frames) => {
        const heard = hear(
          Uint8Array.of(
            ...audio.subarray(0, at),
            ...new Uint8Array(frames * 160).fill(0xff),
            ...audio.subarray(at),
          ),
        );
        expect(heard).toBe("The quick brown fox");
      }),
      { numRuns: 50 },
    );
  });

  it("in the middle is missed, and counted", () => {
    const hearing = new Hearing();
    hearing.push(audio.subarray(0, 5 * 320));
    hearing.push(audio.subarray(6 * 320));
    expect(hearing.text).toBe("The uick brown fox");
    expect(hearing.lost).toBe(1);
  });

  it("in the middle of a character of several bytes leaves no half of it", () => {
    const chinese = speak("a你好", { msPerChar: 40 });
    expect(hear(chinese.subarray(0, 4 * 320))).toBe("a");
    expect(hear(chinese.subarray(3 * 320))).toBe("好");
  });
});

describe("several utterances", () => {
  const silence = new Uint8Array(2400).fill(0xff);

  it("are set apart, with the times at which they were said", () => {
    const hearing = new Hearing();
    hearing.push(silence);
    hearing.push(speak("One.", { msPerChar: 40 }));
    hearing.push(speak("Two.", { msPerChar: 40 }));
    expect(hearing.text).toBe("One. Two.");
    const [one, two] = hearing.utterances;
    expect(one?.text).toBe("One.");
    expect(Math.abs((one?.from ?? 0) - 2400)).toBeLessThan(160);
    expect(Math.abs((one?.to ?? 0) - (2400 + 5 * 320))).toBeLessThan(160);
    expect(two?.from).toBeGreaterThanOrEqual(one?.to ?? 0);
  });

  it("are set apart by silence when the beginning of one is lost", () => {
    const hearing = new Hearing();
    hearing.push(speak("One", { msPerChar: 40 }));
    hearing.push(silence);
    hearing.push(speak("Second", { msPerChar: 40 }).subarray(3 * 320));
    expect(hearing.text).toBe("One cond");
  });
});

describe("what is no speech", () => {
  it.each([
    ["silence", new Int16Array(8000)],
    ["a pure tone", Int16Array.from({ length: 8000 }, (_, at) => 8000 * Math.sin(at / 3))],
    ["noise", Int16Array.from({ length: 8000 }, (_, at) => ((at * 16_807 * (at + 7)) % 10_007) - 5000)],
    [
      "a key's tone",
      Int16Array.from(
        { length: 8000 },
        (_, at) => 5000 * (Math.sin((at * 770 * Math.PI) / 4000) + Math.sin((at * 1336 * Math.PI) / 4000)),
      ),
    ],
  ])("is not heard: %s", (_, samples) => {
    expect(hear(encode("pcmu", samples))).toBe("");
    expect(decode("pcmu", encode("pcmu", samples))).toHaveLength(8000);
  });
});
