import { describe, expect, it } from "vitest";
import { UtteranceCache } from "../../../src/conversation/live/utterance-cache.ts";
import { settled, virtualClock } from "../../support/clock.ts";
import { FakeVoices } from "./fake-voices.ts";

const route = { language: "en-US", ownNumber: "+15550001234" };
const order = (text: string, provider = "first") => ({ text, provider, route });

function bench(digest?: () => string) {
  const clock = virtualClock();
  const voices = new FakeVoices();
  voices.quick = true;
  const cache = new UtteranceCache(clock);
  const digested = digest === undefined ? voices : Object.assign(voices, { digest });
  const prepare = async (text: string, provider = "first"): Promise<void> => {
    cache.prepare(digested, order(text, provider));
    await settled();
  };
  const has = (text: string, provider = "first"): boolean =>
    cache.find(digested, order(text, provider)) !== null;
  return { clock, voices, cache, prepare, has };
}

describe("the cache of utterances", () => {
  it("has what was prepared, for the same words of the same voice", async () => {
    const { prepare, has } = bench();
    await prepare("Hello");
    expect([has("Hello"), has("Hello!"), has("Hello", "second")]).toEqual([true, false, false]);
  });

  it("asks once for what several prepare at the same time", async () => {
    const { cache, voices } = bench();
    voices.quick = false;
    const one = cache.prepare(voices, order("Hello"));
    expect(cache.prepare(voices, order("Hello"))).toBe(one);
    await settled();
    expect(voices.speeches).toHaveLength(1);
  });

  it("forgets what was spoken with other settings", async () => {
    let settings = "one";
    const { prepare, has } = bench(() => settings);
    await prepare("Hello");
    settings = "two";
    expect(has("Hello")).toBe(false);
    settings = "one";
    expect(has("Hello")).toBe(true);
  });

  it("keeps nothing that failed", async () => {
    const { prepare, has, voices } = bench();
    voices.broken.add("first");
    await prepare("Hello");
    expect(has("Hello")).toBe(false);
    voices.broken.clear();
    await prepare("Hello");
    expect(has("Hello")).toBe(true);
  });

  it("keeps nothing for longer than an hour", async () => {
    const { prepare, has, clock } = bench();
    await prepare("Hello");
    await clock.advance(60 * 60 * 1000);
    expect(has("Hello")).toBe(true);
    await clock.advance(1);
    expect(has("Hello")).toBe(false);
  });

  it("keeps 64 utterances, those that were used last", async () => {
    const { prepare, has } = bench();
    for (let no = 0; no < 64; no++) await prepare(`${no}`);
    expect(has("0")).toBe(true);
    await prepare("64");
    expect([has("0"), has("1"), has("2"), has("64")]).toEqual([true, false, true, true]);
  });

  it("keeps 8 MiB of audio", async () => {
    const { prepare, has, voices, cache } = bench();
    voices.quick = false;
    const part = Array.from({ length: 65_536 }, () => 1);
    for (let no = 0; no < 10; no++) {
      cache.prepare(voices, order(`${no}`));
      await settled();
      for (let parts = 0; parts < 16; parts++) voices.of(`${no}`).audio(...part);
      voices.of(`${no}`).end();
      await settled();
    }
    voices.quick = true;
    await prepare("small");
    const kept = Array.from({ length: 10 }, (_, no) => has(`${no}`));
    expect(kept.filter(Boolean)).toHaveLength(7);
    expect(kept.slice(3).every(Boolean)).toBe(true);
    expect(has("small")).toBe(true);
  });
});
