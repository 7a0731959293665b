import { describe, expect, it } from "vitest";
import { readAnswers } from "./fuzz-client.ts";
import { fuzz } from "./fuzz-run.ts";

const MIB = 1024 * 1024;

it(
  "ten thousand hostile requests to the carriers' listeners get fixed answers, and make no fact that was not signed",
  { timeout: 180_000 },
  async () => {
    const report = await fuzz({ inputs: 10_000, seed: 4_711 });
    expect(report.failures).toEqual([]);
    expect(report.inputs).toBeGreaterThanOrEqual(10_000);
    // Most of them are whole requests, and each of those is answered.
    expect(report.answered).toBeGreaterThan(8_000);
    expect(report.facts).toBeGreaterThan(1_000);
    for (const status of ["200", "204", "400", "401", "403", "404", "405", "413", "431"])
      expect(report.answers).toHaveProperty(status);
    const [warm, , last] = report.memory;
    expect((last?.listeners ?? 0) - (warm?.listeners ?? 0)).toBeLessThan(32 * MIB);
  },
);

describe("the reader of answers", () => {
  it.each([
    ["HTTP/1.1 204 No Content\r\n\r\n", [204]],
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", [200]],
    ["HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", [403, 204]],
    ["", []],
  ])("takes whole answers: %j", (text, statuses) => {
    expect(readAnswers(Buffer.from(text))).toEqual(statuses);
  });

  it.each([
    "HTTP/1.1 204 No Content\r\n",
    "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
    "<html>",
  ])("takes nothing else: %j", (text) => {
    expect(readAnswers(Buffer.from(text))).toBeNull();
  });
});
