import { describe, expect, it } from "vitest";
import { frame } from "../fixtures/websocket.ts";
import { readAnswer } from "../fuzz-stream-client.ts";
import { fuzzStreams } from "../fuzz-streams.ts";

const MIB = 1024 * 1024;
const ours = (text: string): Buffer => frame(text, { masked: false });

it(
  "twenty thousand hostile frames on the carriers' audio sockets end sockets, and nothing else",
  { timeout: 180_000 },
  async () => {
    const report = await fuzzStreams({ frames: 20_000, seed: 4_711 });
    expect(report.failures).toEqual([]);
    expect(report.frames).toBeGreaterThanOrEqual(20_000);
    expect(report.streams).toBeGreaterThan(40);
    for (const type of ["stream-audio", "stream-lost", "key"]) expect(report.events).toHaveProperty(type);
    for (const code of ["1000", "1002", "1008"]) expect(report.ends).toHaveProperty(code);
    const [warm, , last] = report.memory;
    expect((last?.listeners ?? 0) - (warm?.listeners ?? 0)).toBeLessThan(32 * MIB);
  },
);

describe("the reader of what a listener sends", () => {
  const head = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

  it.each<[name: string, bytes: Buffer, answer: object | null]>([
    ["nothing", Buffer.alloc(0), { status: 0, code: null }],
    ["a refusal", Buffer.from("HTTP/1.1 404 Not Found\r\n\r\n"), { status: 404, code: null }],
    ["a refusal with more behind it", Buffer.from("HTTP/1.1 404 Not Found\r\n\r\nx"), null],
    ["frames", Buffer.concat([Buffer.from(head), ours("{}"), ours('"x"')]), { status: 101, code: null }],
    ["half a frame", Buffer.concat([Buffer.from(head), ours("{}").subarray(0, 3)]), null],
    ["a masked frame", Buffer.concat([Buffer.from(head), frame("{}")]), null],
    ["a frame that is no JSON", Buffer.concat([Buffer.from(head), ours("{")]), null],
    ["half an answer", Buffer.from("HTTP/1.1 101 "), null],
  ])("tells %s", (_, bytes, answer) => {
    expect(readAnswer(bytes)).toEqual(answer);
  });
});
