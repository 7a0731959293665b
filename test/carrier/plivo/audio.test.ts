import { describe, expect, it } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import { CarrierError } from "../../../src/carrier/carrier.ts";
import { childrenOf, parseXml, textOf } from "../../emulator/plivo/xml.ts";
import { STREAMS } from "../samples.ts";
import { CALL_UUID, INBOUND, OUTBOUND } from "./fixtures.ts";
import { failureOf, NEW, rig } from "./rig.ts";

const plivo = rig();
const LIVE: Instruction = { gen: 2, say: [], next: { kind: "stream", token: "tok-2" } };

const streamIn = (body: string | undefined): string | undefined =>
  childrenOf(parseXml(body ?? ""))
    .filter(({ name }) => name === "Stream")
    .map(textOf)[0];

describe("live audio", () => {
  it("is expected when Plivo fetches the document, not while the phone still rings", async () => {
    plivo.emulator.callee(NEW.to).noAnswer();
    await plivo.carrier.dial(NEW, { ...LIVE, gen: 1 }, plivo.signal);
    expect(plivo.sockets.expected).toEqual([]);
    const { body } = plivo.carrier.document(OUTBOUND, { kind: "instruction", instruction: LIVE });
    expect(streamIn(body)).toBe(`${STREAMS}/tok-2`);
    expect(plivo.sockets.expected).toHaveLength(1);
  });

  it("comes over a socket that names the call by an id which only a call to us is known by", () => {
    for (const call of [OUTBOUND, INBOUND])
      plivo.carrier.document(call, { kind: "instruction", instruction: LIVE });
    expect(plivo.sockets.expected).toEqual([
      { call: "vc_1", carrierCallId: null, token: "tok-2" },
      { call: "vc_1", carrierCallId: CALL_UUID, token: "tok-2" },
    ]);
  });

  it("is fetched by a live call, which is only sent there", async () => {
    const { call } = await plivo.talking();
    plivo.says({ ...LIVE, next: { kind: "wait" } });
    await plivo.carrier.instruct(call, LIVE, plivo.signal);
    expect(plivo.emulator.requestsOf("transfer")).toHaveLength(1);
    expect(plivo.sockets.expected).toEqual([]);
  });

  it("is not asked for with keys that Plivo cannot press", async () => {
    const keys = { ...LIVE, gen: 1, digits: "12A" };
    const refused = { code: "VC_UNSUPPORTED", certainty: "refused" };
    expect(await failureOf(plivo.carrier.dial(NEW, keys, plivo.signal))).toMatchObject(refused);
    expect(plivo.emulator.requestsOf("create")).toEqual([]);
  });

  it("has no document as long as there is no way to us", () => {
    const closed = new CarrierError("VC_PUBLIC_URL_MISSING", "not-sent", {});
    plivo.sockets.open = () => {
      throw closed;
    };
    const carrier = plivo.connect();
    expect(() => carrier.document(OUTBOUND, { kind: "instruction", instruction: LIVE })).toThrow(closed);
  });
});
