/** S19: what a peer without any secret can do to the listener of each carrier. */
import { describe, expect, it } from "vitest";
import { dial, type Wire } from "../edge/fixtures/wire.ts";
import { CARRIERS, PATH, signed, type Signed, type SigningCarrier } from "./carriers.ts";
import { listenFor, post, written } from "./listening.ts";

const LIMIT = 64 * 1024;
const SHORT = { bodyTimeoutMs: 40, headerTimeoutMs: 40, checkEveryMs: 10 };
const HEX = "0123456789abcdef".repeat(2);

const genuineOf = (carrier: SigningCarrier): Signed => {
  const [draft] = carrier.drafts(carrier.callId(HEX));
  if (draft === undefined) throw new Error("there is no webhook");
  return signed(carrier, draft);
};

/** Sends a text and reads the answer; how the connection ended after it. */
async function ask(port: number, ...pieces: readonly string[]) {
  const wire = await dial(port);
  await wire.send(...pieces);
  const reply = await wire.reply();
  return { status: reply.status, end: await wire.closed };
}

describe.each(CARRIERS)("S19: a peer of $name's listener", (carrier) => {
  const genuine = genuineOf(carrier);
  const unsigned = { ...genuine, headers: {} };

  it("without a signature header is refused before a byte of its body is read", async () => {
    const { port, refused } = await listenFor(carrier);
    const { head } = written(carrier, unsigned, { length: 60_000 });
    expect(await ask(port, head)).toEqual({ status: 401, end: "end" });
    expect(refused).toEqual(["no-signature"]);
  });

  it("that announces more than 64 KiB gets 413 at once, and no reset", async () => {
    const { port, facts } = await listenFor(carrier);
    const { head } = written(carrier, genuine, { length: LIMIT + 1 });
    expect(await ask(port, head)).toEqual({ status: 413, end: "end" });
    // Were all of it sent before anybody listens.
    const whole = await post(port, carrier, { ...genuine, body: Buffer.alloc(LIMIT + 1, "x") });
    expect(whole.status).toBe(413);
    expect(facts).toEqual([]);
  });

  it("whose chunks grow past 64 KiB gets 413, and no reset", async () => {
    const { port } = await listenFor(carrier);
    const head = written(carrier, genuine).head.replace(/Content-Length: \d+/, "Transfer-Encoding: chunked");
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    expect(await ask(port, head + chunk.repeat(6))).toEqual({ status: 413, end: "end" });
  });

  it("may send exactly 64 KiB, which are then judged by their signature", async () => {
    const { port } = await listenFor(carrier);
    const request = { ...genuine, body: Buffer.alloc(LIMIT, "x") };
    expect((await post(port, carrier, request)).status).toBeOneOf([401, 403]);
  });

  it("that stalls in its body or in its headers gets 408, and no reset", async () => {
    const { port, refused } = await listenFor(carrier, { limits: SHORT });
    const { head, body } = written(carrier, genuine);
    expect(await ask(port, head + body.slice(0, 10))).toEqual({ status: 408, end: "end" });
    expect(await ask(port, head.slice(0, 40))).toEqual({ status: 408, end: "end" });
    expect(refused).toEqual(["body-timeout", "header-timeout"]);
  });

  it("with a Host header that is none gets 400", async () => {
    const { port } = await listenFor(carrier);
    for (const host of ["[", "", "a/b", "a:99999", "u@a", "[::1"]) {
      const { head, body } = written(carrier, genuine, { host });
      const wire = await dial(port);
      await wire.send(head + body);
      expect({ host, status: (await wire.reply()).status }).toEqual({ host, status: 400 });
      wire.socket.destroy();
    }
  });

  it("gets the same answers, and a genuine webhook its own, while 200 others stall", async () => {
    const { port, facts } = await listenFor(carrier);
    const stalled = await Promise.all(Array.from({ length: 200 }, () => dial(port)));
    const { head, body } = written(carrier, genuine);
    for (const [at, wire] of stalled.entries())
      await wire.send(at % 2 === 0 ? head + body.slice(0, 5) : head.slice(0, 30));
    expect(open(stalled)).toBe(200);
    const tooMuch = written(carrier, genuine, { length: LIMIT + 1 }).head;
    expect(await ask(port, tooMuch)).toEqual({ status: 413, end: "end" });
    expect((await post(port, carrier, genuine, { host: "[" })).status).toBe(400);
    expect((await post(port, carrier, unsigned)).status).toBe(401);
    expect((await post(port, carrier, genuine, { target: "/voice/webhook-x" })).status).toBe(404);
    expect((await post(port, carrier, genuine)).status).toBe(204);
    expect(facts).toHaveLength(1);
    for (const wire of stalled) wire.socket.destroy();
  });

  it("that asks for a socket where audio would arrive gets 404, and the connection ends", async () => {
    const { port, refused } = await listenFor(carrier);
    for (const target of ["/voice/stream", "/voice/stream/x", PATH, "/voice/stream?check=none"]) {
      const { head } = written(
        carrier,
        { ...genuine, body: Buffer.alloc(0) },
        { method: "GET", target, more: UPGRADE },
      );
      expect(await ask(port, head)).toEqual({ status: 404, end: "end" });
    }
    expect(new Set(refused)).toEqual(new Set(["upgrade"]));
  });

  it("that asks for a socket behind a webhook does not get its refusal in before the answer to that", async () => {
    const { port, facts } = await listenFor(carrier);
    const { head, body } = written(carrier, genuine);
    for (const more of [
      `GET /voice/stream HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
    ]) {
      const wire = await dial(port);
      await wire.send(head + body + more);
      expect((await wire.reply()).status).toBe(204);
      expect(await wire.closed).toBe("end");
    }
    expect(facts).toHaveLength(2);
  });
});

const UPGRADE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

const open = (wires: readonly Wire[]): number => wires.filter(({ socket }) => !socket.destroyed).length;
