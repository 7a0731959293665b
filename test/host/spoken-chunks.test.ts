import { describe, expect, it } from "vitest";
import { spokenChunks, type Source } from "../../src/host/spoken-chunks.ts";
import { wavHead } from "../emulator/speech/voice-vendor.ts";

const PCM = { encoding: "pcm16", rate: 24_000 } as const;
const PCMU = { encoding: "pcmu" } as const;

/** Numbered bytes that no header looks like. */
const audio = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at % 100);

function bench(declared: Source["declared"], parts: AsyncIterable<Uint8Array> | Uint8Array[]) {
  const told = { releases: 0 };
  const stop = new AbortController();
  const source: Source = {
    declared,
    audio: parts,
    release: () => {
      told.releases++;
      return Promise.resolve();
    },
  };
  return { told, stop, spoken: spokenChunks(source, stop.signal) };
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const got: Uint8Array[] = [];
  for await (const chunk of chunks) got.push(chunk);
  return got;
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(audio(800));
  throw new Error("reset");
}

describe("spoken audio", () => {
  it("comes in slices of at most 200 ms, each in a buffer of its own", async () => {
    const whole = audio(24_001);
    const { spoken, told } = bench(PCM, [whole]);
    const { format, chunks } = await spoken;
    const slices = await all(chunks);
    expect(format).toEqual(PCM);
    expect(slices.map(({ byteLength }) => byteLength)).toEqual([9_600, 9_600, 4_800]);
    expect(Buffer.concat(slices)).toEqual(Buffer.from(whole.subarray(0, 24_000)));
    expect(slices.every(({ buffer, byteLength }) => buffer.byteLength === byteLength)).toBe(true);
    expect(told.releases).toBe(1);
  });

  it("keeps samples whole however the provider cuts them", async () => {
    const whole = audio(1_000);
    const parts = [whole.subarray(0, 1), whole.subarray(1, 4), whole.subarray(4, 9), whole.subarray(9)];
    const { spoken } = bench(PCM, parts);
    const slices = await all((await spoken).chunks);
    expect(slices.every(({ byteLength }) => byteLength % 2 === 0)).toBe(true);
    expect(Buffer.concat(slices)).toEqual(Buffer.from(whole));
  });

  it("is at hand with its first slice, long before the last", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield audio(800);
      await promise;
      yield audio(400);
    }
    const { chunks } = await bench(PCMU, slow()).spoken;
    const parts = chunks[Symbol.asyncIterator]();
    expect((await parts.next()).value).toHaveLength(800);
    resolve();
    expect((await parts.next()).value).toHaveLength(400);
    expect((await parts.next()).done).toBe(true);
  });

  it("loses the header of a WAV, wherever it is cut", async () => {
    const whole = Buffer.concat([wavHead(PCM, 500), audio(500)]);
    for (const cut of [1, 4, 20, 43, 44, 45, 100]) {
      const { spoken } = bench("wav", [whole.subarray(0, cut), whole.subarray(cut)]);
      const { format, chunks } = await spoken;
      expect(format).toEqual(PCM);
      expect(Buffer.concat(await all(chunks))).toEqual(Buffer.from(audio(500)));
    }
  });

  it("ends where the samples of a WAV end, not where the file does", async () => {
    const file = Buffer.concat([wavHead(PCM, 500), audio(500), Buffer.from("LIST\u0004\0\0\0more")]);
    for (const parts of [[file], [file.subarray(0, 540), file.subarray(540)]]) {
      const { spoken } = bench("wav", parts);
      expect(Buffer.concat(await all((await spoken).chunks))).toEqual(Buffer.from(audio(500)));
    }
  });

  it("may be very short", async () => {
    const { spoken } = bench(PCMU, [audio(2)]);
    expect(await all((await spoken).chunks)).toEqual([audio(2)]);
  });

  it.each([
    ["nothing", PCM, [], "empty_audio"],
    ["half a sample", PCM, [audio(1)], "empty_audio"],
    ["a WAV without samples", "wav", [wavHead(PCM, 0)], "empty_audio"],
    ["another container", PCM, [Buffer.from("OggS, and so on")], "wrong_container_by_content"],
  ] as const)("is a failure when there is %s", async (_, declared, parts, code) => {
    const { spoken, told } = bench(declared, [...parts]);
    await expect(spoken).rejects.toMatchObject({ code });
    expect(told.releases).toBeGreaterThan(0);
  });

  it("fails where its provider does", async () => {
    const { spoken, told } = bench(PCMU, broken());
    const { chunks } = await spoken;
    await expect(all(chunks)).rejects.toThrow("reset");
    expect(told.releases).toBe(1);
  });

  it("lets the provider go at once when nobody wants it any more", async () => {
    const never = new Promise<IteratorResult<Uint8Array>>(() => undefined);
    let asked = 0;
    const silent: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => (asked++ === 0 ? Promise.resolve({ done: false, value: audio(800) }) : never),
      }),
    };
    const { spoken, told, stop } = bench(PCMU, silent);
    const { chunks } = await spoken;
    void all(chunks).catch(() => undefined);
    expect(told.releases).toBe(0);
    stop.abort(new Error("dropped"));
    expect(told.releases).toBe(1);
  });

  it("does not pass for complete when it was let go", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    async function* letGo(): AsyncGenerator<Uint8Array> {
      yield audio(800);
      await promise;
    }
    const { spoken, stop } = bench(PCMU, letGo());
    const { chunks } = await spoken;
    const read = all(chunks);
    stop.abort(new Error("dropped"));
    resolve();
    await expect(read).rejects.toThrow("dropped");
  });

  it("is dropped when it comes after that", async () => {
    const told = { releases: 0 };
    const source: Source = {
      declared: PCMU,
      audio: [audio(800)],
      release: () => {
        told.releases++;
        return Promise.resolve();
      },
    };
    await expect(spokenChunks(source, AbortSignal.abort(new Error("dropped")))).rejects.toThrow("dropped");
    expect(told.releases).toBe(1);
  });

  it("lets the provider go when its reader stops early", async () => {
    const { spoken, told } = bench(PCMU, [audio(80_000)]);
    for await (const chunk of (await spoken).chunks) if (chunk.byteLength > 0) break;
    expect(told.releases).toBe(1);
  });
});
