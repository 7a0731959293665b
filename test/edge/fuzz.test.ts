import { connect } from "node:net";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { listening } from "./fixtures/listening.ts";
import { dial, PATH, whole } from "./fixtures/wire.ts";

const header = fc
  .tuple(
    fc.constantFrom(
      "Host",
      "Content-Length",
      "Transfer-Encoding",
      "Expect",
      "Connection",
      "X-Test-Signature",
      "Upgrade",
      "X-Forwarded-Host",
      "X-Forwarded-Proto",
      "__proto__",
      "Content-Encoding",
      "Trailer",
    ),
    fc.oneof(
      fc.constantFrom(
        "a",
        "[",
        "0",
        "5",
        "65537",
        "-1",
        "chunked",
        "gzip, chunked",
        "100-continue",
        "close",
        "Upgrade",
        "00",
      ),
      fc.string({ unit: "grapheme-ascii", maxLength: 30 }),
    ),
  )
  .map(([name, value]) => `${name}: ${value}`);

/** Requests between almost right and nonsense. */
const request = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom("POST", "POST", "POST", "GET", "HEAD", "post", "CONNECT", "\u0000"),
        fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(PATH, `${PATH}?a=1`, `${PATH}#`, "*", "//") },
          fc.webPath(),
          fc.string(),
        ),
        fc.constantFrom("HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", ""),
        fc.array(header, { maxLength: 6 }),
        fc.string({ unit: "binary-ascii", maxLength: 80 }),
      )
      .map(([method, target, version, headers, body]) =>
        [`${method} ${target} ${version}`, "Host: a", ...headers, "", body].join("\r\n"),
      ),
  },
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);

it("whatever is sent, every connection ends and the listener lives on", async () => {
  const { port, facts } = await listening({
    limits: { headerTimeoutMs: 100, bodyTimeoutMs: 50, checkEveryMs: 20, lingerMs: 20 },
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 8, maxLength: 8 }), fc.nat(200), async (texts, cut) => {
      await Promise.all(texts.map((text) => exchange(port, text, cut)));
    }),
    { numRuns: 130 },
  );
  expect(facts).toEqual([]);
  const wire = await dial(port);
  await wire.send(whole({ claim: "alive" }));
  expect((await wire.reply()).status).toBe(204);
});

/** Sends the text in two pieces and a half-close; resolves when the connection is over. */
function exchange(port: number, text: string, cut: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", () => {}).once("close", () => resolve());
    socket.resume();
    socket.write(text.slice(0, cut), "latin1", () => {
      setImmediate(() => socket.end(text.slice(cut), "latin1"));
    });
  });
}
