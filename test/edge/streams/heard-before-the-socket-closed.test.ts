/** A socket that breaks off in the middle of our words: what had been heard of them is told with its end. */
import { describe, expect, it } from "vitest";
import { streamRig, until, type StreamRig } from "./rig.ts";

/** A second of our words, of which the caller has begun to hear some. */
async function speaking(): Promise<{ rig: StreamRig; client: Awaited<ReturnType<StreamRig["start"]>> }> {
  const rig = await streamRig();
  const client = await rig.start("vc_1");
  rig.obey({ type: "piece", stream: 1, piece: 1, yields: "never" });
  rig.obey({
    type: "piece-audio",
    stream: 1,
    piece: 1,
    format: { encoding: "pcmu" },
    bytes: new Uint8Array(80_000).fill(0x21),
  });
  rig.obey({ type: "piece-end", stream: 1, piece: 1 });
  await until(() => rig.of("piece-started").length === 1);
  for (let frames = 0; frames < 20;) {
    const heard = await client.next();
    if (heard.type === "text" && heard.text.includes("media")) frames += 1;
  }
  return { rig, client };
}

describe("the end of a stream in the middle of our words", () => {
  it.each([
    ["closed", (_: StreamRig, socket: { destroy(): void }) => socket.destroy()],
    ["replaced", (rig: StreamRig) => void rig.start("vc_1")],
    ["forgotten", (rig: StreamRig) => rig.obey({ type: "stream-forget", callId: "vc_1" })],
  ] as const)("by a socket that is %s tells what was heard of them", async (reason, end) => {
    const { rig, client } = await speaking();
    end(rig, client.socket);
    await until(() => rig.of("stream-lost").length === 1);
    const [lost] = rig.of("stream-lost");
    expect(lost).toMatchObject({ stream: 1, reason, cut: { piece: 1, knownMs: 10_000, whole: true } });
    const { playedMs = 0 } = lost?.cut ?? {};
    expect(playedMs).toBeGreaterThan(0);
    expect(playedMs).toBeLessThan(10_000);
    client.socket.destroy();
  });

  it("has nothing to tell when nothing was being said", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    client.socket.destroy();
    await until(() => rig.of("stream-lost").length === 1);
    expect(rig.of("stream-lost")).toEqual([{ type: "stream-lost", stream: 1, reason: "closed" }]);
  });
});
