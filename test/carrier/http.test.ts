import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { refusal, refusedByUs, request, type HttpRequest, type RequestKind } from "../../src/carrier/http.ts";
import { failureOf } from "./samples.ts";

const KINDS: readonly RequestKind[] = ["create", "update", "read"];
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(answer: (asked: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer((asked, response) => {
    asked.resume();
    asked.on("end", () => answer(asked, response));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const send = (url: string, change: Partial<HttpRequest> = {}, fetch = globalThis.fetch) =>
  request(
    { provider: "anybody", fetch },
    {
      kind: "create",
      method: "POST",
      url,
      headers: { authorization: "Bearer secret" },
      body: "{}",
      signal: new AbortController().signal,
      ...change,
    },
  );

const failing =
  (cause: object): typeof fetch =>
  () =>
    Promise.reject(new TypeError("fetch failed", { cause }));

const never: typeof fetch = () => expect.fail("it was sent");

describe("a request to a carrier", () => {
  it("resolves with any answer, and follows none elsewhere", async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((asked, response) => {
      seen.push(asked.url, asked.headers["user-agent"]);
      response.writeHead(307, { location: "/elsewhere", "X-Note": "a" }).end("gone there");
    });
    expect(await send(url)).toMatchObject({
      status: 307,
      text: "gone there",
      headers: { "x-note": "a", location: "/elsewhere" },
    });
    expect(seen).toEqual(["/", "openclaw-voice-call"]);
  });

  it("is sent once, whatever comes of it", async () => {
    let count = 0;
    const url = await serve((_, response) => {
      count++;
      response.destroy();
    });
    for (const kind of KINDS) await failureOf(send(url, { kind }));
    expect(count).toBe(KINDS.length);
  });

  it("that is not wanted any more is not sent", async () => {
    for (const kind of KINDS) {
      const failure = await failureOf(send("http://x/", { kind, signal: AbortSignal.abort() }, never));
      expect(failure).toMatchObject({ code: "VC_CARRIER_UNREACHABLE", certainty: "not-sent" });
    }
  });

  it.each([
    [{ code: "ECONNREFUSED", syscall: "connect" }],
    [{ code: "ENOTFOUND", syscall: "getaddrinfo" }],
    [{ code: "UND_ERR_CONNECT_TIMEOUT" }],
    [{ code: "CERT_HAS_EXPIRED" }],
    [{ code: "ERR_TLS_CERT_ALTNAME_INVALID" }],
    [{ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }],
    [new AggregateError([{ code: "ECONNREFUSED", syscall: "connect" }])],
  ])("that never left says so: %o", async (cause) => {
    for (const kind of KINDS) {
      const failure = await failureOf(send("http://x/", { kind }, failing(cause)));
      expect(failure).toMatchObject({ code: "VC_CARRIER_UNREACHABLE", certainty: "not-sent" });
    }
  });

  it.each([
    ["create", "VC_CARRIER_UNCERTAIN", "unknown"],
    ["update", "VC_CARRIER_UNREACHABLE", "unknown"],
    ["read", "VC_CARRIER_UNREACHABLE", "not-sent"],
  ] as const)("to %s that may have arrived is %s, %s", async (kind, code, certainty) => {
    for (const cause of [{ code: "ECONNRESET", syscall: "read" }, { code: "UND_ERR_SOCKET" }, {}]) {
      const failure = await failureOf(send("http://x/", { kind }, failing(cause)));
      expect(failure).toMatchObject({ code, certainty, details: { provider: "anybody" } });
    }
  });

  it("shows nothing of what was sent in its failure", async () => {
    const failure = await failureOf(send("http://x/?key=secret", {}, failing({ code: "ECONNRESET" })));
    expect(String(failure) + JSON.stringify(failure)).not.toContain("secret");
  });
});

describe("a refusal", () => {
  const answer = { code: null, meaning: null, gone: false } as const;

  it("means what the carrier's code means, unless its status says more", () => {
    const meaning = "VC_CARRIER_GEO";
    expect(refusal("anybody", "create", { ...answer, status: 400, code: 7, meaning })).toMatchObject({
      code: "VC_CARRIER_GEO",
      certainty: "refused",
      details: { detail: "7, HTTP 400", code: 7, status: 400 },
    });
    expect(refusal("anybody", "create", { ...answer, status: 429, meaning }).code).toBe("VC_CARRIER_RATE");
    expect(refusal("anybody", "create", { ...answer, status: 503, meaning }).code).toBe(
      "VC_CARRIER_UNCERTAIN",
    );
  });

  it("says that a call is gone only of a call there was", () => {
    for (const status of [404, 422]) {
      const gone = { ...answer, status, gone: true };
      expect(refusal("anybody", "update", gone).certainty).toBe("gone");
      expect(refusal("anybody", "read", gone).certainty).toBe("gone");
      expect(refusal("anybody", "create", gone).certainty).toBe("refused");
    }
    expect(refusal("anybody", "update", { ...answer, status: 500, gone: true }).certainty).toBe("unknown");
  });

  it("of our own is final", () => {
    expect(refusedByUs("anybody", "VC_UNSUPPORTED", { feature: "that" })).toMatchObject({
      code: "VC_UNSUPPORTED",
      certainty: "refused",
      details: { provider: "anybody", feature: "that" },
    });
  });
});
