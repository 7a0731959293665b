import { describe, expect, it } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import { CarrierError } from "../../../src/carrier/carrier.ts";
import type { Asked } from "../../../src/carrier/telnyx/api.ts";
import { TelnyxCarrier } from "../../../src/carrier/telnyx/carrier.ts";
import { failureOf, sockets, STREAMS } from "../samples.ts";
import { CONNECTION, OUTBOUND, WEBHOOK } from "./fixtures.ts";

/** What Telnyx is asked for on calls with live audio, command by command. */

const stream = (gen: number, token = `tok-${gen}`): Instruction => ({
  gen,
  say: [],
  next: { kind: "stream", token },
});
const TRANSFER: Instruction = { gen: 9, say: [], next: { kind: "transfer", to: "+15550100009" } };

const refusedWith = (code: string) => new CarrierError("VC_CARRIER_REFUSED", "refused", { code });

const actionOf = ({ path }: Asked): string => path.slice(path.lastIndexOf("/") + 1);

function rig() {
  const asked: Asked[] = [];
  const faults = new Map<string, Error>();
  const expecting = sockets();
  const signal = new AbortController().signal;
  const connect = () =>
    new TelnyxCarrier({
      api: async (request) => {
        asked.push(request);
        const fault = faults.get(actionOf(request));
        faults.delete(actionOf(request));
        if (fault !== undefined) throw fault;
        return { data: { call_control_id: OUTBOUND.carrierCallId } };
      },
      connectionId: CONNECTION,
      webhookUrl: () => WEBHOOK,
      openStream: (call, token) => expecting.open(call, token),
      inspect: () => Promise.reject(new Error("not here")),
      sleep: async () => {},
    });
  const carrier = connect();
  return {
    carrier,
    connect,
    expecting,
    signal,
    fail: (what: string, error: Error) => void faults.set(what, error),
    actions: () => asked.map(actionOf),
    bodies: (what: string) => asked.filter((one) => actionOf(one) === what).map(({ body }) => body),
  };
}

/** A call that has been placed and answered. */
async function answered() {
  const there = rig();
  await there.carrier.dial(OUTBOUND, stream(1), there.signal);
  const instruct = (instruction: Instruction) => there.carrier.instruct(OUTBOUND, instruction, there.signal);
  return { ...there, instruct };
}

describe("a call with live audio", () => {
  it("is placed without its socket, which is expected only when the call is answered", async () => {
    const { expecting, instruct, actions, bodies } = await answered();
    expect(expecting.expected).toEqual([]);
    expect(Object.keys(bodies("calls")[0] ?? {}).filter((name) => name.startsWith("stream"))).toEqual([]);
    await instruct(stream(1));
    expect(expecting.expected).toEqual([
      { call: "vc_1", carrierCallId: OUTBOUND.carrierCallId, token: "tok-1" },
    ]);
    expect(actions()).toEqual(["calls", "streaming_start"]);
    expect(bodies("streaming_start")).toMatchObject([
      { stream_url: `${STREAMS}/tok-1`, command_id: "vc_1.1.stream" },
    ]);
  });

  it("gets another socket where the old one is stopped first", async () => {
    const { instruct, actions, bodies } = await answered();
    await instruct(stream(1));
    await instruct(stream(2));
    expect(actions().slice(2)).toEqual(["streaming_stop", "streaming_start"]);
    expect(bodies("streaming_start").at(-1)).toMatchObject({ stream_url: `${STREAMS}/tok-2` });
  });

  it("gets another socket though nothing was left to stop (90048)", async () => {
    const { instruct, actions, fail } = await answered();
    await instruct(stream(1));
    fail("streaming_stop", refusedWith("90048"));
    await instruct(stream(2));
    expect(actions().at(-1)).toBe("streaming_start");
  });

  it("is asked for once more under the same ids when its reply was lost, and expects its socket once", async () => {
    const { instruct, bodies, expecting, fail } = await answered();
    fail("streaming_start", new CarrierError("VC_CARRIER_UNCERTAIN", "unknown", {}));
    expect(await failureOf(instruct(stream(1)))).toMatchObject({ certainty: "unknown" });
    await instruct(stream(1));
    await instruct(stream(1));
    expect(bodies("streaming_start").map((body) => body?.["command_id"])).toEqual([
      "vc_1.1.stream",
      "vc_1.1.stream",
    ]);
    expect(expecting.expected).toHaveLength(1);
  });

  it("has its stream stopped before a hand-over, also when nobody knows whether it runs", async () => {
    const { instruct, connect, actions, fail, signal } = await answered();
    fail("streaming_start", new CarrierError("VC_CARRIER_UNCERTAIN", "unknown", {}));
    await failureOf(instruct(stream(1)));
    await instruct(TRANSFER);
    expect(actions().slice(2)).toEqual(["streaming_stop", "playback_stop", "transfer"]);
    const before = actions().length;
    await connect().instruct(OUTBOUND, TRANSFER, signal);
    expect(actions().slice(before)).toEqual(["streaming_stop", "playback_stop", "transfer"]);
  });

  it("is never transcribed by Telnyx, whatever an earlier run of ours may have asked for", async () => {
    const { connect, actions, signal } = rig();
    const again = connect();
    await again.instruct(OUTBOUND, stream(4), signal);
    expect(actions()).toEqual(["streaming_stop", "streaming_start", "transcription_stop"]);
    await again.instruct(OUTBOUND, stream(5), signal);
    expect(actions().slice(3)).toEqual(["streaming_stop", "streaming_start"]);
    expect(actions()).not.toContain("transcription_start");
  });

  it("asks Telnyx for nothing as long as there is no way to us, and tries again from the beginning", async () => {
    const { instruct, actions, expecting } = await answered();
    const { open } = expecting;
    expecting.open = () => {
      throw new CarrierError("VC_PUBLIC_URL_MISSING", "not-sent", {});
    };
    expect(await failureOf(instruct(stream(1)))).toMatchObject({ certainty: "not-sent" });
    expect(actions()).toEqual(["calls"]);
    expecting.open = open;
    await instruct(stream(1));
    expect(actions()).toEqual(["calls", "streaming_start"]);
  });
});
