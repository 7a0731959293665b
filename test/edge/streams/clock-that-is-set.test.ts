/** The machine's clock is set, by hand or over the network, in the middle of a call: its audio goes on as if nothing were. */
import { describe, expect, it } from "vitest";
import { streamRig, until, type StreamRig } from "./rig.ts";

const pcmu = { encoding: "pcmu" } as const;

/** Has a piece of 100 ms played on the first stream, and waits until the caller begins to hear it. */
async function plays(rig: StreamRig, piece: number): Promise<number> {
  const bytes = new Uint8Array(800).fill(0x20 + piece);
  rig.obey({ type: "piece", stream: 1, piece, yields: "never" });
  rig.obey({ type: "piece-audio", stream: 1, piece, format: pcmu, bytes });
  rig.obey({ type: "piece-end", stream: 1, piece });
  const started = () => rig.of("piece-started").find((event) => event.piece === piece);
  await until(() => started() !== undefined);
  return started()?.at ?? 0;
}

describe("a machine whose clock is set", () => {
  it.each([-3_600_000, 3_600_000])(
    "by %i ms plays on, and is not taken for a line that is silent",
    async (ms) => {
      const rig = await streamRig();
      const client = await rig.start("vc_1");
      const before = await plays(rig, 1);
      rig.time.ms += ms;
      const after = await plays(rig, 2);
      expect(after).toBeGreaterThan(before);
      expect(after - before).toBeLessThan(Math.abs(ms));
      await until(() => rig.of("piece-played").length === 2);
      expect(rig.of("stream-lost")).toEqual([]);
      client.socket.destroy();
    },
  );
});
