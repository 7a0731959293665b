import { MessageChannel, markAsUntransferable, receiveMessageOnPort } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { parcel } from "../../../src/edge/streams/transfer.ts";
import type { StreamCommand, StreamEvent } from "../../../src/media/commands.ts";

const audio = (bytes: Uint8Array): StreamCommand => ({
  type: "piece-audio",
  stream: 1,
  piece: 2,
  format: { encoding: "pcmu" },
  bytes,
});

/** What arrives in the other thread. */
function sent(message: StreamCommand | StreamEvent): unknown {
  const { port1, port2 } = new MessageChannel();
  const packed = parcel(message);
  port1.postMessage(packed.message, packed.transfer);
  const arrived = receiveMessageOnPort(port2)?.message as unknown;
  port1.close();
  return arrived;
}

describe("audio between the threads", () => {
  it("goes along with its memory", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    expect(sent(audio(bytes))).toEqual(audio(new Uint8Array([1, 2, 3])));
    expect(bytes.byteLength).toBe(0);
  });

  it("that is a part of something larger is copied, and the rest is left alone", () => {
    const whole = new Uint8Array([1, 2, 3, 4]);
    expect(sent(audio(whole.subarray(1, 3)))).toEqual(audio(new Uint8Array([2, 3])));
    expect([...whole]).toEqual([1, 2, 3, 4]);
  });

  it("in memory that cannot go is copied", () => {
    const pinned = new Uint8Array([1, 2]);
    markAsUntransferable(pinned.buffer);
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    for (const bytes of [Buffer.from([1, 2]), pinned, shared]) {
      expect(sent(audio(bytes))).toEqual(audio(new Uint8Array(bytes)));
      expect(bytes.byteLength).toBe(2);
    }
  });

  it("that has gone already arrives as nothing", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    sent(audio(bytes));
    expect(sent(audio(bytes))).toEqual(audio(new Uint8Array(0)));
  });

  it("of several streams goes together", () => {
    const [one, two] = [new Uint8Array([1]), new Uint8Array([2])];
    const heard = [
      { stream: 1, bytes: one },
      { stream: 2, bytes: two },
    ];
    expect(sent({ type: "stream-audio", heard })).toEqual({
      type: "stream-audio",
      heard: [
        { stream: 1, bytes: new Uint8Array([1]) },
        { stream: 2, bytes: new Uint8Array([2]) },
      ],
    });
    expect([one.byteLength, two.byteLength]).toEqual([0, 0]);
  });

  it("is the only thing that does", () => {
    const command: StreamCommand = { type: "stop", stream: 1 };
    expect(parcel(command)).toEqual({ message: command, transfer: [] });
  });
});
