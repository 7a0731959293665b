import { describe, expect, it } from "vitest";
import { asList, fakePort, fakeService, NUMBER, OWN_NUMBER } from "./fake.ts";
import { withService } from "./rpc-rig.ts";

describe("voicecall.phone", () => {
  it("rings from a withheld number when none is given", async () => {
    const port = fakePort();
    const { call } = withService(fakeService({ phone: () => port }));
    await call("voicecall.phone.call", { to: OWN_NUMBER });
    expect(asList(port.asked)).toEqual([["call", "", OWN_NUMBER]]);
  });

  it("hands everything to the mock carrier's phone", async () => {
    const port = fakePort();
    const { call } = withService(fakeService({ phone: () => port }));
    const on = { carrierCallId: "m" };
    expect(await call("voicecall.phone.call", { from: NUMBER, to: OWN_NUMBER })).toEqual({
      ok: true,
      payload: { carrierCallId: "mock-1" },
    });
    expect(await call("voicecall.phone.answer", on)).toEqual({ ok: true, payload: { success: true } });
    await call("voicecall.phone.decline", on);
    await call("voicecall.phone.say", { ...on, text: "yes" });
    await call("voicecall.phone.press", { ...on, digits: "5" });
    await call("voicecall.phone.hangup", on);
    expect(await call("voicecall.phone.screen", { after: 2 })).toEqual({
      ok: true,
      payload: { cursor: 3, lines: [] },
    });
    await call("voicecall.phone.screen");
    expect(asList(port.asked)).toEqual([
      ["call", NUMBER, OWN_NUMBER],
      ["answer", "m"],
      ["decline", "m"],
      ["say", "m", "yes"],
      ["press", "m", "5"],
      ["hangUp", "m"],
      ["screen", 2],
      ["screen", 0],
    ]);
  });

  it("carries audio as Base64, both ways, and refuses what is none or too much", async () => {
    const port = fakePort();
    const { call } = withService(fakeService({ phone: () => port }));
    const on = { carrierCallId: "m" };
    expect(await call("voicecall.phone.play", { ...on, audio: "AQID" })).toEqual({
      ok: true,
      payload: { success: true, ms: 20 },
    });
    expect(await call("voicecall.phone.listen", { ...on, after: 160 })).toEqual({
      ok: true,
      payload: { cursor: 162, audio: "AQI=" },
    });
    await call("voicecall.phone.listen", on);
    for (const audio of ["AQI", "not base64!", "A".repeat(2_800_000)])
      expect((await call("voicecall.phone.play", { ...on, audio })).error?.code).toBe("VC_REQUEST_INVALID");
    expect(asList(port.asked)).toEqual([
      ["play", "m", [1, 2, 3]],
      ["listen", "m", 160],
      ["listen", "m", 0],
    ]);
  });

  it("says that there is none with another carrier", async () => {
    const answer = await withService(fakeService()).call("voicecall.phone.screen");
    expect(answer.error?.code).toBe("VC_NO_PHONE");
  });
});
