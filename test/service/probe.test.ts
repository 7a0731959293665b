import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { probe } from "../../src/service/probe.ts";
import { deadPort, publicSide } from "./public-side.ts";

const LIMIT_MS = 5_000;
const nobody = () => 1;
const get = (url: string, limitMs = LIMIT_MS) => probe({ url, method: "GET", limitMs });

/** A server that speaks `words` to everybody. */
async function speaker(words: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(words));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a probe that gets no answer says why", () => {
  it("when the name does not resolve", async () => {
    // Too long a label for any name server to be asked.
    const url = `http://${"a".repeat(64)}.invalid/voice/webhook`;
    expect(await get(url)).toMatchObject({ kind: "silence", fault: "name" });
  });

  it("when the connection is refused", async () => {
    const url = `http://127.0.0.1:${await deadPort()}/`;
    expect(await get(url)).toEqual({ kind: "silence", fault: "refused", code: "ECONNREFUSED" });
  });

  it("when the certificate is not trusted", async () => {
    const { origin, seen } = await publicSide(nobody, { selfSigned: true });
    const url = origin.replace("http:", "https:");
    expect(await get(url)).toEqual({
      kind: "silence",
      fault: "tls",
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
    expect(seen).toEqual([]);
  });

  it("when what answers speaks no TLS", async () => {
    const { origin } = await publicSide(nobody);
    expect(await get(origin.replace("http:", "https:"))).toMatchObject({ kind: "silence", fault: "tls" });
  });

  it("when nobody answers in time", async () => {
    const { origin } = await publicSide(nobody, { stalls: true });
    expect(await get(origin, 50)).toMatchObject({ kind: "silence", fault: "time-out" });
  });

  it("when the connection is closed", async () => {
    const { origin } = await publicSide(nobody, { closes: true });
    expect(await get(origin)).toEqual({ kind: "silence", fault: "closed", code: "ECONNRESET" });
  });

  it("when what answers speaks no HTTP", async () => {
    const origin = await speaker("220 mail.example.test ESMTP\r\n");
    expect(await get(origin)).toMatchObject({ kind: "silence", fault: "not-http" });
  });

  it("when the request cannot even be written", async () => {
    const asked = { url: "http://127.0.0.1:1/", method: "GET", limitMs: LIMIT_MS } as const;
    expect(await probe({ ...asked, headers: { "x-bad": "a\nb" } })).toMatchObject({ kind: "silence" });
    expect(await probe({ ...asked, url: "http://[" })).toMatchObject({ kind: "silence" });
  });

  it("when an answer ends in the middle", async () => {
    const origin = await speaker("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    expect(await get(origin)).toMatchObject({ kind: "silence", fault: "closed" });
  });
});

describe("a probe that gets an answer", () => {
  it("gives status, headers and body", async () => {
    const answer = { status: 418, headers: { "x-pot": "tea" }, body: "short" };
    const { origin, seen } = await publicSide(nobody, { answer });
    expect(await get(`${origin}/a?b=c`)).toMatchObject({
      kind: "answer",
      status: 418,
      headers: { "x-pot": "tea" },
      body: "short",
    });
    expect(seen).toEqual(["GET /a?b=c"]);
  });

  it("reads no more of it than its beginning", async () => {
    const { origin } = await publicSide(nobody, { answer: { status: 200, body: "x".repeat(1_000_000) } });
    const answer = await get(origin);
    expect(answer).toMatchObject({ kind: "answer", status: 200, body: "x".repeat(4_096) });
  });

  it("follows no redirect", async () => {
    const elsewhere = await publicSide(nobody, { answer: { status: 200 } });
    const answer = { status: 302, headers: { location: `${elsewhere.origin}/` } };
    const { origin } = await publicSide(nobody, { answer });
    expect(await get(origin)).toMatchObject({ kind: "answer", status: 302 });
    expect(elsewhere.seen).toEqual([]);
  });

  it("asks for a socket over ws, and closes it at once", async () => {
    const headers = { connection: "Upgrade", upgrade: "websocket", "x-mark": "here" };
    const { origin, seen } = await publicSide(nobody, { answer: { status: 101, headers } });
    const asked = { connection: "Upgrade", upgrade: "websocket" };
    const url = `${origin.replace("http:", "ws:")}/audio`;
    expect(await probe({ url, method: "GET", headers: asked, limitMs: LIMIT_MS })).toMatchObject({
      kind: "answer",
      status: 101,
      headers: { "x-mark": "here" },
      body: "",
    });
    expect(seen).toEqual(["UPGRADE /audio"]);
  });
});
