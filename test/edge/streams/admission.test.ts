import { describe, expect, it } from "vitest";
import { streamRig, startFrame } from "./rig.ts";

describe("a socket with a good token", () => {
  it("becomes the stream of its call by a valid start", async () => {
    const rig = await streamRig();
    const client = await rig.start("vc_1");
    expect(client.status).toBe(101);
    expect(rig.events[0]).toMatchObject({
      type: "stream-started",
      stream: 1,
      callId: "vc_1",
      carrierCallId: "CA-caller",
    });
    expect(startFrame()).toBeDefined();
  });
});
