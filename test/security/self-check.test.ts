/** The question that the plugin sends itself from outside: nobody else gets anything out of it. */
import { describe, expect, it } from "vitest";
import { dial } from "../edge/fixtures/wire.ts";
import { CARRIERS, PATH, signed, type Signed, type SigningCarrier } from "./carriers.ts";
import { listenFor, post, written } from "./listening.ts";

const NONCE = "n0nce-n0nce-n0nce-n0nce";
const PROOF = "pr00f";
const CHECK = `?check=${NONCE}`;
const STREAM = `/voice/stream${CHECK}`;
const EMPTY: Signed = { query: "", body: Buffer.alloc(0), headers: {} };
const HANDSHAKE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** A listener that expects one check until second 100; `time.ms` is its clock. */
async function expecting(carrier: SigningCarrier) {
  const time = { ms: Date.now() };
  const running = await listenFor(carrier, { now: () => time.ms });
  running.listener.expect({ nonce: NONCE, proof: PROOF, expiresAt: time.ms + 100_000 });
  const get = (target: string, method = "GET", request = EMPTY) =>
    post(running.port, carrier, request, { method, target });
  const upgrade = (target: string, method = "GET") =>
    post(running.port, carrier, EMPTY, { method, target, more: HANDSHAKE });
  return { ...running, time, get, upgrade };
}

describe.each(CARRIERS)("a check of our own at $name's listener", (carrier) => {
  it("is answered with its proof, on both paths", async () => {
    const { get, upgrade, facts } = await expecting(carrier);
    expect(await get(PATH + CHECK)).toMatchObject({ status: 200, body: PROOF });
    expect(await upgrade(STREAM)).toMatchObject({ status: 101, headers: { "x-voice-call-proof": PROOF } });
    expect(facts).toEqual([]);
  });

  it.each([
    ["another nonce", `${PATH}?check=${NONCE}x`, 405],
    ["a shorter nonce", `${PATH}?check=${NONCE.slice(0, -1)}`, 405],
    ["no nonce", `${PATH}?check=`, 405],
    ["a name that every object has", `${PATH}?check=__proto__`, 405],
    ["more behind the nonce", `${PATH + CHECK}&x=1`, 405],
    ["something before the nonce", `${PATH}?x=1&check=${NONCE}`, 405],
    ["another path", `/voice/webhook-x${CHECK}`, 404],
    ["the path of audio without a handshake", STREAM, 404],
    ["another case", PATH.toUpperCase() + CHECK, 404],
  ])("is nothing with %s", async (_, target, status) => {
    const { get, facts } = await expecting(carrier);
    const reply = await get(target);
    expect(reply).toMatchObject({ status, body: "" });
    expect(facts).toEqual([]);
  });

  it("is nothing once its time is over, were it answered before or not", async () => {
    const { get, upgrade, time } = await expecting(carrier);
    expect((await get(PATH + CHECK)).status).toBe(200);
    time.ms += 100_000;
    expect(await get(PATH + CHECK)).toMatchObject({ status: 405, body: "" });
    const late = await upgrade(STREAM);
    expect(late.status).toBe(404);
    expect(JSON.stringify(late)).not.toContain(PROOF);
  });

  it("shows its proof to no HEAD and no other method", async () => {
    const { get } = await expecting(carrier);
    for (const method of ["HEAD", "PUT", "DELETE", "OPTIONS"]) {
      const reply = await get(PATH + CHECK, method);
      expect(reply.status).toBe(405);
      expect(JSON.stringify(reply)).not.toContain(PROOF);
    }
  });

  it("is answered with a body too, which nobody looks at, and a webhook may follow", async () => {
    const { port, facts } = await expecting(carrier);
    const { head, body } = written(
      carrier,
      { ...EMPTY, body: Buffer.from("call=1") },
      { method: "GET", target: PATH + CHECK },
    );
    const genuine = signed(carrier, carrier.drafts(carrier.callId("ab".repeat(16)))[0] ?? EMPTY);
    const next = written(carrier, genuine);
    const wire = await dial(port);
    await wire.send(head + body + next.head + next.body);
    expect(await wire.reply()).toMatchObject({ status: 200, body: PROOF });
    expect((await wire.reply()).status).toBe(204);
    expect(facts).toHaveLength(1);
  });

  it("that is signed tells whether the signature holds, and has no other effect", async () => {
    const { port, facts, refused } = await expecting(carrier);
    const [draft] = carrier.drafts(carrier.callId("ab".repeat(16)));
    const query = CHECK;
    const genuine = signed(carrier, { query, body: draft?.body ?? Buffer.alloc(0) });
    const forged = { ...genuine, headers: carrier.sign(genuine, "another-key-0123456789") };
    for (const [request, signature] of [
      [genuine, "valid"],
      [forged, "invalid"],
    ] as const) {
      const reply = await post(port, carrier, request);
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.body)).toEqual({ proof: PROOF, signature });
    }
    expect((await post(port, carrier, { ...genuine, headers: {} })).status).toBe(401);
    expect((await post(port, carrier, genuine)).status).toBe(200);
    expect([facts, refused]).toEqual([[], ["no-signature"]]);
  });

  it("gets a socket for a handshake alone, on the path of audio alone", async () => {
    const { upgrade, port } = await expecting(carrier);
    expect((await upgrade(PATH + CHECK)).status).toBe(404);
    expect((await upgrade(STREAM, "POST")).status).toBe(404);
    const wire = await dial(port);
    const { head } = written(carrier, EMPTY, {
      method: "GET",
      target: STREAM,
      more: { ...HANDSHAKE, "Sec-WebSocket-Key": "x" },
    });
    await wire.send(head);
    expect((await wire.reply()).status).toBe(404);
    expect(await wire.closed).toBe("end");
  });
});
