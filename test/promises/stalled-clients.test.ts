/**
 * Clients that opened connections or began bodies and went silent locked genuine webhooks out, most of all behind a
 * proxy, where everybody has one address, or none that is known. Here their number is bounded for all together, the
 * oldest makes room, and who the client is makes no difference.
 */
import { describe, expect, it } from "vitest";
import { listening } from "../edge/fixtures/listening.ts";
import { dial, whole, write, type Wire } from "../edge/fixtures/wire.ts";
import { everybodyComesFrom } from "./unknown-address.ts";

const many = (count: number, port: number): Promise<Wire[]> =>
  Promise.all(Array.from({ length: count }, () => dial(port)));

describe.each([["one address"], ["an address that nobody knows"]])("behind %s", (name) => {
  const arrive = (): void => {
    if (name !== "one address") everybodyComesFrom(undefined);
  };

  it("200 silent connections and 100 stalled forged bodies keep no genuine webhook waiting", async () => {
    const { port, facts } = await listening({ limits: { connections: 64, bodySlots: 16 } });
    arrive();
    const silent = await many(200, port);
    const forged = write({ claim: "forged" }, { signature: "00" });
    const stalled = await many(100, port);
    for (const wire of stalled) await wire.send(forged.head + forged.body.slice(0, 1));
    const held = () => [...silent, ...stalled].filter(({ socket }) => !socket.destroyed).length;
    await expect.poll(held).toBeLessThanOrEqual(64);
    for (const claim of ["one", "two", "three"]) {
      const wire = await dial(port);
      await wire.send(whole({ claim }));
      expect((await wire.reply()).status).toBe(204);
    }
    expect(facts.map(({ claim }) => claim)).toEqual(["one", "two", "three"]);
  });

  it("a body has its limits: 64 KB, its time, and none of it is read without a signature header", async () => {
    const { port, facts, refused } = await listening({ limits: { bodyTimeoutMs: 30 } });
    arrive();
    const [unsigned, stalled, big] = await Promise.all([dial(port), dial(port), dial(port)]);
    await unsigned.send(write({ claim: "x" }, { signature: null }).head);
    expect((await unsigned.reply()).status).toBe(401);
    await stalled.send(write({ claim: "x" }).head);
    expect((await stalled.reply()).status).toBe(408);
    await big.send(write({ claim: "x" }, { headers: [`Content-Length: ${64 * 1024 + 1}`] }).head);
    expect((await big.reply()).status).toBe(413);
    expect([facts, refused]).toEqual([[], ["no-signature", "body-timeout", "too-large"]]);
  });
});
