import { describe, expect, it } from "vitest";
import { sign } from "../fixtures/carrier.ts";
import { listening } from "../fixtures/listening.ts";
import { openSocket, type Handshake } from "../fixtures/websocket.ts";
import { MEDIA, STREAM_PATH, streamRig } from "./rig.ts";

describe("the request for a socket", () => {
  it("with a good token and a genuine signature opens one", async () => {
    const rig = await streamRig();
    const client = await rig.open(rig.expect("vc_1"));
    expect(client.status).toBe(101);
    // RFC 6455, 1.3.
    expect(client.headers["sec-websocket-accept"]).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    expect([rig.events, rig.refused]).toEqual([[], []]);
  });

  const unknown = "u".repeat(24);
  it.each<[name: string, target: (token: string) => string, reason: string]>([
    ["with an unknown token", () => `${STREAM_PATH}/${unknown}`, "stream-token"],
    ["with a token cut short", (token) => `${STREAM_PATH}/${token.slice(0, -1)}`, "stream-token"],
    ["with more behind the token", (token) => `${STREAM_PATH}/${token}x`, "stream-token"],
    ["with a path behind the token", (token) => `${STREAM_PATH}/${token}/`, "stream-token"],
    ["with a query behind the token", (token) => `${STREAM_PATH}/${token}?a=1`, "stream-token"],
    ["with a fragment behind the token", (token) => `${STREAM_PATH}/${token}#a`, "stream-token"],
    ["with the token in the query", (token) => `${STREAM_PATH}?token=${token}`, "upgrade"],
    ["with an encoded token", (token) => `${STREAM_PATH}/%74${token.slice(1)}`, "stream-token"],
    ["with an enormous token", () => `${STREAM_PATH}/${"t".repeat(10_000)}`, "stream-token"],
    ["without a token", () => STREAM_PATH, "upgrade"],
    ["with an empty token", () => `${STREAM_PATH}/`, "stream-token"],
    ["on a look-alike path", (token) => `${STREAM_PATH}-x/${token}`, "upgrade"],
    ["on the path in another case", (token) => `${STREAM_PATH.toUpperCase()}/${token}`, "upgrade"],
    ["on the webhook's path", (token) => `/voice/webhook/${token}`, "upgrade"],
    ["on an absolute target", (token) => `http://127.0.0.1${STREAM_PATH}/${token}`, "upgrade"],
    ["on a path with dots", (token) => `/x/..${STREAM_PATH}/${token}`, "upgrade"],
  ])("%s is refused as if there were nothing", async (_, target, reason) => {
    const rig = await streamRig();
    const wanted = target(rig.expect("vc_1"));
    const client = await openSocket(rig.port, wanted, {
      headers: { "X-Test-Signature": sign(`ws://127.0.0.1${wanted}`, "") },
    });
    expect(client).toMatchObject({ status: 404, headers: { connection: "close" } });
    await client.closed;
    expect(rig.refused).toEqual([reason]);
  });

  it.each<[name: string, how: Handshake]>([
    ["another method", { method: "POST" }],
    ["another protocol", { headers: { Upgrade: "h2c" } }],
    ["an older version", { headers: { "Sec-WebSocket-Version": "8" } }],
    ["no key", { headers: { "Sec-WebSocket-Key": null } }],
    ["a key of another length", { headers: { "Sec-WebSocket-Key": "AAAA" } }],
  ])("with %s is none", async (_, how) => {
    const rig = await streamRig();
    const client = await rig.open(rig.expect("vc_1"), how);
    expect(client.status).toBe(404);
    expect(rig.refused).toEqual(["upgrade"]);
  });

  it("for a token that has expired, was forgotten with its call, or has a successor is refused", async () => {
    const rig = await streamRig();
    const [expired, forgotten, older] = [rig.expect("a"), rig.expect("b"), rig.expect("c")];
    const newer = rig.expect("c");
    rig.obey({ type: "stream-forget", callId: "b" });
    expect((await rig.open(newer)).status).toBe(101);
    rig.time.ms += 30_000;
    for (const token of [expired, forgotten, older]) expect((await rig.open(token)).status).toBe(404);
  });

  it("without the carrier's signature is refused, and the token stays good for whoever has it", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1");
    const otherUrl = sign(`ws://127.0.0.1${STREAM_PATH}/another`, "");
    for (const signature of [null, "", "00", otherUrl]) {
      const client = await rig.open(token, { headers: { "X-Test-Signature": signature } });
      expect(client.status).toBe(403);
    }
    expect(rig.refused).toEqual(Array.from({ length: 4 }, () => "stream-signature"));
    expect((await rig.open(token)).status).toBe(101);
  });

  it("needs no signature where verification is switched off, but the token all the same", async () => {
    const carrier = { ...MEDIA.carrier, skipSignatureVerification: true };
    const rig = await streamRig({ media: { carrier } });
    const how = { headers: { "X-Test-Signature": null } };
    expect((await rig.open(rig.expect("vc_1"), how)).status).toBe(101);
    expect((await rig.open("u".repeat(24), how)).status).toBe(404);
    // The carrier's part is not even asked.
    const failing = { headers: { "X-Explode": "1" } };
    expect((await rig.open(rig.expect("vc_2"), failing)).status).toBe(101);
  });

  it("is signed for the URL that the carrier was told, behind whatever proxy", async () => {
    const rig = await streamRig({ settings: { publicUrl: "https://a.example/pbx/voice/webhook" } });
    const token = rig.expect("vc_1");
    const opened = (url: string) => rig.open(token, { headers: { "X-Test-Signature": sign(url, "") } });
    expect((await opened(`wss://a.example/pbx${STREAM_PATH}/${token}`)).status).toBe(101);
    expect((await opened(`wss://a.example${STREAM_PATH}/${token}`)).status).toBe(403);
    rig.listener.setPublicUrl("https://b.example/voice/webhook", null);
    expect((await opened(`wss://a.example/pbx${STREAM_PATH}/${token}`)).status).toBe(403);
    expect((await opened(`wss://b.example${STREAM_PATH}/${token}`)).status).toBe(101);
    rig.listener.setPublicUrl("https://b.example/voice/webhook", "wss://c.example/audio");
    expect((await opened(`wss://c.example/audio/${token}`)).status).toBe(101);
  });

  it("waits until the public URL is known; a stranger is not even told that", async () => {
    const rig = await streamRig({ settings: { awaitsPublicUrl: true } });
    const token = rig.expect("vc_1");
    expect((await rig.open(token)).status).toBe(503);
    expect((await rig.open("u".repeat(24))).status).toBe(404);
    rig.listener.setPublicUrl("https://a.example/voice/webhook", null);
    const signature = sign(`wss://a.example${STREAM_PATH}/${token}`, "");
    expect((await rig.open(token, { headers: { "X-Test-Signature": signature } })).status).toBe(101);
    expect(rig.refused).toEqual(["no-public-url", "stream-token"]);
  });

  it("whose Host header is none is refused", async () => {
    const rig = await streamRig();
    expect((await rig.open(rig.expect("vc_1"), { host: "[" })).status).toBe(400);
  });

  it("on which the carrier's part fails for a fault of ours is answered 500, and the next one opens", async () => {
    const rig = await streamRig();
    const token = rig.expect("vc_1");
    expect((await rig.open(token, { headers: { "X-Explode": "1" } })).status).toBe(500);
    expect(rig.refused).toEqual(["stream-fault"]);
    expect((await rig.open(token)).status).toBe(101);
  });

  it("is answered with the carrier's subprotocol where that is offered, and with no other", async () => {
    const rig = await streamRig();
    const offered = async (protocols: string | null) => {
      const { status, headers } = await rig.open(rig.expect("vc_1"), {
        headers: { "Sec-WebSocket-Protocol": protocols },
      });
      return [status, headers["sec-websocket-protocol"]];
    };
    expect(await offered("chat, audio.test")).toEqual([101, "audio.test"]);
    expect(await offered("chat")).toEqual([101, undefined]);
    expect(await offered(null)).toEqual([101, undefined]);
  });

  it("that offers nonsense as subprotocols is refused and gives its place back", async () => {
    const rig = await streamRig({ media: { maxConnections: 1 } });
    const token = rig.expect("vc_1");
    const client = await rig.open(token, { headers: { "Sec-WebSocket-Protocol": "a,,b" } });
    expect(client.status).toBe(400);
    await client.closed;
    expect(rig.refused).toEqual(["stream-handshake"]);
    expect((await rig.open(rig.expect("vc_2"))).status).toBe(101);
  });

  it("is never answered with compression", async () => {
    const rig = await streamRig();
    const client = await rig.open(rig.expect("vc_1"), {
      headers: { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" },
    });
    expect(client.headers["sec-websocket-extensions"]).toBeUndefined();
  });

  it("is refused once the listener closes", async () => {
    const rig = await streamRig();
    const live = await rig.start("vc_1");
    const [token, early] = [rig.expect("vc_2"), rig.expect("vc_3")];
    const waiting = await rig.open(early);
    const closing = rig.listener.close(60_000);
    // What has not begun does not begin any more.
    expect(await waiting.next()).toEqual({ type: "close", code: 1001 });
    waiting.socket.destroy();
    await expect(rig.open(token)).resolves.toMatchObject({ status: 0 });
    live.socket.destroy();
    await closing;
  });
});

describe("without live audio", () => {
  it("every request for a socket is refused, and whoever asks is not told apart", async () => {
    const { port, refused } = await listening();
    for (const target of [STREAM_PATH, `${STREAM_PATH}/${"t".repeat(24)}`, "/"]) {
      expect((await openSocket(port, target)).status).toBe(404);
    }
    expect(refused).toEqual(["upgrade", "upgrade", "upgrade"]);
  });
});

describe("without webhooks", () => {
  it("a POST is refused like any other path", async () => {
    const rig = await streamRig();
    const client = await openSocket(rig.port, "/voice/webhook", {
      method: "POST",
      headers: { Connection: "close", Upgrade: null, "Content-Length": "0" },
    });
    expect(client.status).toBe(404);
    expect(rig.refused).toEqual(["path"]);
  });
});
