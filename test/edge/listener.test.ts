import { describe, expect, it } from "vitest";
import type { WebhookReply } from "../../src/call/ports.ts";
import { listening } from "./fixtures/listening.ts";
import { dial, PATH, whole, write, type Draft, type Wire } from "./fixtures/wire.ts";

const BODY_LIMIT = 64 * 1024;

async function ask(port: number, text: string): Promise<{ wire: Wire; status: number }> {
  const wire = await dial(port);
  await wire.send(text);
  return { wire, status: (await wire.reply()).status };
}

describe("a genuine webhook", () => {
  it("is verified, handed on, and answered with what was decided", async () => {
    const { port, facts } = await listening({
      ask: (_, done) => done({ status: 200, contentType: "text/xml", body: "<Grüße/>" }),
    });
    const wire = await dial(port);
    await wire.send(whole({ claim: "c1", wants: "document" }, { target: `${PATH}?call=vc_1&x=%27` }));
    expect(await wire.reply()).toMatchObject({
      status: 200,
      headers: { "content-type": "text/xml", "content-length": "10" },
    });
    expect(facts).toMatchObject([{ claim: "c1", callId: "vc_1", wants: "document" }]);
  });

  it("may arrive in pieces cut anywhere", async () => {
    const { port, facts } = await listening();
    const text = whole({ claim: "pieces" });
    const wire = await dial(port);
    await wire.send(
      ...Array.from({ length: Math.ceil(text.length / 7) }, (_, at) => text.slice(at * 7, at * 7 + 7)),
    );
    expect((await wire.reply()).status).toBe(204);
    expect(facts).toHaveLength(1);
  });

  it("may be chunked", async () => {
    const { port } = await listening();
    const { head, body } = write({ claim: "chunked" }, { headers: ["Transfer-Encoding: chunked"] });
    const wire = await dial(port);
    await wire.send(head, "5\r", `\n${body.slice(0, 5)}\r\n`, (body.length - 5).toString(16), "\r\n");
    await wire.send(body.slice(5), "\r\n0\r\n", "\r\n");
    expect((await wire.reply()).status).toBe(204);
  });

  it("with exactly 64 KB of body is served", async () => {
    const { port } = await listening();
    const body = JSON.stringify({ claim: "x".repeat(BODY_LIMIT - '{"claim":""}'.length) });
    expect(body).toHaveLength(BODY_LIMIT);
    expect((await ask(port, whole({ claim: "" }, { body }))).status).toBe(204);
  });

  it("can ask whether to continue before it sends its body", async () => {
    const { port } = await listening();
    const { head, body } = write({ claim: "careful" }, { headers: ["Expect: 100-continue"] });
    const wire = await dial(port);
    await wire.send(head);
    expect((await wire.reply()).status).toBe(100);
    await wire.send(body);
    expect((await wire.reply()).status).toBe(204);
  });

  it("shares its connection with the ones after it, answered in order", async () => {
    const open = new Map<string, (reply: WebhookReply) => void>();
    const { port } = await listening({ ask: (fact, done) => void open.set(fact.claim, done) });
    const wire = await dial(port);
    await wire.send(whole({ claim: "a" }) + whole({ claim: "b" }) + whole({ claim: "c" }));
    await expect.poll(() => [...open.keys()]).toEqual(["a", "b", "c"]);
    for (const claim of ["c", "b", "a"]) open.get(claim)?.({ status: 200, body: claim });
    const bodies = [await wire.reply(), await wire.reply(), await wire.reply()].map(({ body }) => body);
    expect(bodies).toEqual(["a", "b", "c"]);
  });

  it("that the carrier's part cannot read for a fault of ours is answered 500 and the listener lives on", async () => {
    const { port, refused } = await listening();
    expect((await ask(port, whole({ claim: "x", explode: true }))).status).toBe(500);
    expect(refused).toEqual(["webhook-fault"]);
    expect((await ask(port, whole({ claim: "y" }))).status).toBe(204);
  });

  it.each<WebhookReply>([{ status: 0 }, { status: 200, contentType: "text/xml\r\nX: y", body: "<a/>" }])(
    "whose decision HTTP cannot carry is answered 500: %j",
    async (reply) => {
      const { port, refused } = await listening({ ask: (_, done) => done(reply) });
      const wire = await dial(port);
      await wire.send(whole({ claim: "odd" }));
      expect(await wire.reply()).toMatchObject({ status: 500, body: "" });
      expect(refused).toEqual(["reply-fault"]);
    },
  );

  it("that needs no content gets none, and no length of it", async () => {
    const { port } = await listening();
    const wire = await dial(port);
    await wire.send(whole({ claim: "quiet" }));
    expect((await wire.reply()).headers).not.toHaveProperty("content-length");
  });

  it("whose decision is to come again says when", async () => {
    const { port } = await listening({ ask: (_, done) => done({ status: 503 }) });
    const wire = await dial(port);
    await wire.send(whole({ claim: "later" }));
    expect(await wire.reply()).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  });
});

describe("what is refused on its headers", () => {
  const cases: readonly [name: string, draft: Draft, status: number, reason: string][] = [
    ["a look-alike path", { target: `${PATH}-x` }, 404, "path"],
    ["a path with more behind it", { target: `${PATH}/` }, 404, "path"],
    ["an encoded look-alike", { target: "/voice/%77ebhook" }, 404, "path"],
    ["a path in other case", { target: "/Voice/webhook" }, 404, "path"],
    ["a path with dots", { target: "/x/../voice/webhook" }, 404, "path"],
    ["an absolute target", { target: `http://127.0.0.1${PATH}` }, 404, "path"],
    ["GET", { method: "GET" }, 405, "method"],
    ["PUT", { method: "PUT" }, 405, "method"],
    ["OPTIONS", { method: "OPTIONS" }, 405, "method"],
    ["a Host header `[`", { host: "[" }, 400, "bad-host"],
    ["an empty Host header", { host: "" }, 400, "bad-host"],
    ["a Host header with a path", { host: "a/b" }, 400, "bad-host"],
    ["a Host header with a user", { host: "u@a" }, 400, "bad-host"],
    ["a Host header with a port out of range", { host: "a:70000" }, 400, "bad-host"],
    ["two Host headers", { headers: ["Host: other"] }, 400, "bad-host"],
    ["a missing signature", { signature: null }, 401, "no-signature"],
    ["an empty signature", { signature: "" }, 401, "no-signature"],
    ["more than 64 KB announced", { headers: [`Content-Length: ${BODY_LIMIT + 1}`] }, 413, "too-large"],
    ["an absurd length", { headers: ["Content-Length: 99999999999999999"] }, 413, "too-large"],
    ["another expectation", { headers: ["Expect: 200-ok"] }, 417, "expectation"],
  ];

  it.each(cases)(
    "%s is answered without waiting for a body, and the connection ends",
    async (_, draft, status, reason) => {
      const { port, facts, refused } = await listening();
      const wire = await dial(port);
      await wire.send(write({ claim: "refused" }, draft).head);
      const reply = await wire.reply();
      expect(reply).toMatchObject({ status, headers: { connection: "close" } });
      expect(reply.headers["allow"]).toBe(status === 405 ? "POST" : undefined);
      expect(await wire.closed).toBe("end");
      expect([facts, refused]).toEqual([[], [reason]]);
    },
  );

  it.each([
    ["no Host header", `POST ${PATH} HTTP/1.1\r\nContent-Length: 1\r\n\r\n`, 400],
    ["HTTP/1.0 without a Host header", `POST ${PATH} HTTP/1.0\r\nContent-Length: 1\r\n\r\n`, 400],
    ["CONNECT", "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", 405],
    ["something that is not HTTP", "\u0016\u0003\u0001\u0002\r\n\r\n", 400],
    [
      "two lengths",
      `POST ${PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      400,
    ],
    [
      "a length beside chunks",
      `POST ${PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
    ],
    ["headers over 16 KB", `POST ${PATH} HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(17_000)}\r\n\r\n`, 431],
  ])("%s is answered and the connection ends", async (_, text, status) => {
    const { port, facts, refused } = await listening();
    const { wire, status: seen } = await ask(port, text);
    expect(seen).toBe(status);
    expect(await wire.closed).toBe("end");
    expect(facts).toEqual([]);
    expect(refused).toHaveLength(1);
  });

  it("is not asked to continue", async () => {
    const { port } = await listening();
    const { head } = write({ claim: "x" }, { signature: null, headers: ["Expect: 100-continue"] });
    expect((await ask(port, head)).status).toBe(401);
  });

  it("costs the connection only when a body is still to come", async () => {
    const { port, facts } = await listening();
    const unsigned = write({ claim: "a" }, { signature: null });
    const { wire, status } = await ask(port, unsigned.head + unsigned.body + whole({ claim: "b" }));
    expect([status, (await wire.reply()).status]).toEqual([401, 204]);
    await wire.send(unsigned.head);
    expect(await wire.reply()).toMatchObject({ status: 401, headers: { connection: "close" } });
    await wire.send(unsigned.body + whole({ claim: "c" }));
    expect(await wire.closed).toBe("end");
    expect(facts.map(({ claim }) => claim)).toEqual(["b"]);
  });
});

describe("a forged webhook", () => {
  it("is refused, and a genuine one may follow on the same connection", async () => {
    const { port, facts, refused } = await listening();
    const wire = await dial(port);
    await wire.send(whole({ claim: "f" }, { signature: "00".repeat(32) }), whole({ claim: "g" }));
    expect([(await wire.reply()).status, (await wire.reply()).status]).toEqual([403, 204]);
    expect(facts.map(({ claim }) => claim)).toEqual(["g"]);
    expect(refused).toEqual(["signature"]);
  });

  it("cannot steer the URL by headers that nobody trusts", async () => {
    const { port, facts } = await listening();
    const draft = {
      url: `https://voice.example.test${PATH}`,
      headers: [
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: voice.example.test",
        "Forwarded: host=voice.example.test",
      ],
    };
    expect((await ask(port, whole({ claim: "steered" }, draft))).status).toBe(403);
    expect(facts).toEqual([]);
  });

  it("is accepted from loopback only where that is configured, and each time is counted", async () => {
    const running = await listening({ unverified: true });
    const forged = whole({ claim: "dev" }, { signature: "00" });
    expect((await ask(running.port, forged)).status).toBe(204);
    expect((await ask(running.port, forged)).status).toBe(204);
    expect((await ask(running.port, whole({ claim: "dev" }, { signature: null }))).status).toBe(401);
    expect(running.bypassed).toBe(2);
  });
});

describe("a body", () => {
  it("that grows past 64 KB in chunks is answered 413 even while the client still sends", async () => {
    const { port, refused } = await listening();
    const { head } = write({ claim: "big" }, { headers: ["Transfer-Encoding: chunked"] });
    const wire = await dial(port);
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    wire.socket.write(head);
    for (let sent = 0; sent < 20; sent += 1) wire.socket.write(chunk);
    expect(await wire.reply()).toMatchObject({ status: 413, headers: { connection: "close" } });
    expect(refused).toEqual(["too-large"]);
  });

  it.each([
    ["announced", (body: string) => whole({ claim: "" }, { body, signature: "00" })],
    [
      "in one chunk",
      (body: string) =>
        `${write({ claim: "" }, { headers: ["Transfer-Encoding: chunked"] }).head}c00000\r\n${body}\r\n0\r\n\r\n`,
    ],
  ])(
    "of twelve megabytes, %s, is answered 413 also to a client that sends all of it before it listens",
    async (_, text) => {
      const { port } = await listening({ limits: { lingerBytes: 16 * 1024 * 1024 } });
      const wire = await dial(port);
      wire.socket.pause();
      await wire.send(text("x".repeat(12 * 1024 * 1024)));
      wire.socket.resume();
      expect((await wire.reply()).status).toBe(413);
      expect(await wire.closed).toBe("end");
    },
  );

  it("that stalls is answered 408", async () => {
    const { port, refused } = await listening({ limits: { bodyTimeoutMs: 30 } });
    const { head, body } = write({ claim: "slow" });
    const { wire, status } = await ask(port, head + body.slice(0, 3));
    expect(status).toBe(408);
    expect(await wire.closed).toBe("end");
    expect(refused).toEqual(["body-timeout"]);
  });

  it("whose chunks are broken is answered 400", async () => {
    const { port, refused } = await listening();
    const { head } = write({ claim: "b" }, { headers: ["Transfer-Encoding: chunked"] });
    const wire = await dial(port);
    await wire.send(head, "zz\r\n");
    expect((await wire.reply()).status).toBe(400);
    expect(await wire.closed).toBe("end");
    expect(refused).toEqual(["not-http"]);
  });

  it("whose client leaves is forgotten", async () => {
    const { port, facts } = await listening({ limits: { bodySlots: 1 } });
    const wire = await dial(port);
    await wire.send(write({ claim: "gone" }).head);
    wire.socket.destroy();
    expect((await ask(port, whole({ claim: "next" }))).status).toBe(204);
    expect(facts).toHaveLength(1);
  });

  it("after a request under way that turns out to be no HTTP does not spoil the answer before it", async () => {
    let decide: ((reply: WebhookReply) => void) | undefined;
    const { port } = await listening({ ask: (_, done) => void (decide = done) });
    const wire = await dial(port);
    await wire.send(whole({ claim: "good" }), "garbage\r\n\r\n");
    await expect.poll(() => decide).toBeDefined();
    decide?.({ status: 200, body: "fine" });
    expect(await wire.reply()).toMatchObject({ status: 200, body: "fine" });
    expect(await wire.closed).toBe("end");
  });
});

describe("headers", () => {
  it("that never end are answered 408", async () => {
    const { port, refused } = await listening({ limits: { headerTimeoutMs: 30, checkEveryMs: 10 } });
    const { wire, status } = await ask(port, `POST ${PATH} HTTP/1.1\r\nHost: a\r\nX-Sl`);
    expect(status).toBe(408);
    expect(await wire.closed).toBe("end");
    expect(refused).toEqual(["header-timeout"]);
  });

  it("that never begin are not waited for either", async () => {
    const { port } = await listening({ limits: { headerTimeoutMs: 30, checkEveryMs: 10 } });
    const wire = await dial(port);
    expect(await wire.closed).toBe("end");
  });
});

describe("capacity", () => {
  it("is there for a genuine webhook while 200 forged clients of the same address stall", async () => {
    const { port, refused } = await listening({ limits: { bodySlots: 64 } });
    const { head, body } = write({ claim: "forged" }, { signature: "00" });
    const forged = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const wire = await dial(port);
        await wire.send(head + body.slice(0, 1));
        return wire;
      }),
    );
    // Only the 136 oldest had to go, each with an answer.
    await expect.poll(() => refused).toEqual(Array.from({ length: 136 }, () => "evicted"));
    const answered: number[] = [];
    const replies = forged.map(async (wire) => answered.push((await wire.reply()).status));
    await expect.poll(() => answered).toEqual(Array.from({ length: 136 }, () => 408));

    const genuine = await dial(port);
    const { head: first, body: second } = write({ claim: "genuine" });
    await genuine.send(first, second.slice(0, 4), second.slice(4));
    expect((await genuine.reply()).status).toBe(204);
    // The newcomer cost one more of them its place; all others are as stalled as before.
    await expect.poll(() => answered).toHaveLength(137);
    for (const wire of forged) wire.socket.destroy();
    await Promise.allSettled(replies);
  });

  it("of bytes is bounded over all bodies, and the oldest goes first", async () => {
    const { port, refused } = await listening({ limits: { bodyBufferBytes: 100_000 } });
    const { head } = write({ claim: "f" }, { signature: "00", headers: ["Content-Length: 60000"] });
    const [old, young] = [await dial(port), await dial(port)];
    await old.send(head + "x".repeat(50_001));
    await young.send(head);
    await young.send("x".repeat(50_000));
    expect((await old.reply()).status).toBe(408);
    expect(refused).toEqual(["evicted"]);
    await young.send("x".repeat(10_000));
    expect((await young.reply()).status).toBe(403);
  });

  it("of connections is not used up by idle ones, and one that waits for its answer stays", async () => {
    let decide: ((reply: WebhookReply) => void) | undefined;
    const { port, refused } = await listening({
      limits: { connections: 8 },
      ask: (fact, done) => (fact.claim === "waits" ? void (decide = done) : done({ status: 204 })),
    });
    const waits = await dial(port);
    await waits.send(whole({ claim: "waits" }));
    await expect.poll(() => decide).toBeDefined();
    const idle = await Promise.all(Array.from({ length: 40 }, () => dial(port)));
    expect((await ask(port, whole({ claim: "genuine" }))).status).toBe(204);
    expect(idle).toHaveLength(40);
    expect(refused).toHaveLength(1 + 40 + 1 - 8);
    decide?.({ status: 200, body: "still here" });
    expect((await waits.reply()).body).toBe("still here");
  });
});

describe("closing", () => {
  it("finishes a request under way and ends its connection", async () => {
    let decide: ((reply: WebhookReply) => void) | undefined;
    const { port, listener } = await listening({ ask: (_, done) => void (decide = done) });
    const [busy, idle] = [await dial(port), await dial(port)];
    await busy.send(whole({ claim: "busy" }));
    await expect.poll(() => decide).toBeDefined();
    const closing = listener.close(60_000);
    expect(await idle.closed).toBe("end");
    decide?.({ status: 200, body: "done" });
    expect(await busy.reply()).toMatchObject({ status: 200, body: "done", headers: { connection: "close" } });
    await closing;
    await expect(dial(port)).rejects.toThrow("ECONNREFUSED");
  });

  it("does not wait for a stalled request past its grace", async () => {
    const { port, listener } = await listening();
    const wire = await dial(port);
    await wire.send(write({ claim: "stalled" }, { headers: ["Expect: 100-continue"] }).head);
    expect((await wire.reply()).status).toBe(100);
    await listener.close(20);
    expect(await wire.closed).toBe("end");
  });
});
