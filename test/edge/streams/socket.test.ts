import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type { AudioSocket } from "../../../src/host/sockets.ts";
import { CLOSE, Closing, StreamSocket } from "../../../src/edge/streams/socket.ts";

/** A socket of which the test decides what it has not got rid of. */
class FakeSocket extends EventEmitter implements AudioSocket {
  bufferedAmount = 0;
  readonly done: string[] = [];
  send(text: string): void {
    this.done.push(`send ${text}`);
  }
  pong(data: Buffer): void {
    this.done.push(`pong ${data.toString()}`);
  }
  close(code: number): void {
    this.done.push(`close ${code}`);
  }
  terminate(): void {
    this.done.push("cut");
  }
}

function rig(limits = {}) {
  const fake = new FakeSocket();
  const heard: string[] = [];
  const closing = new Closing(2);
  const time = { ms: 0 };
  const owner = (name: string) => ({
    frame: (text: string) => void heard.push(`${name} frame ${text}`),
    over: (reason: string, fault: string | null) => void heard.push(`${name} over ${reason} ${fault}`),
  });
  const parts = {
    limits: { streamBytesPerSecond: 1_000, streamFrameCost: 10, streamBacklogBytes: 100, ...limits },
    closing,
    monotonic: () => time.ms,
  };
  const socket = new StreamSocket(fake, parts, owner("first"));
  return { fake, heard, socket, closing, time, owner, parts };
}

const text = (words: string): Buffer => Buffer.from(words);

describe("an audio socket", () => {
  it("hands frames to whoever owns it now", () => {
    const { fake, heard, socket, owner } = rig();
    fake.emit("message", text("a"), false);
    socket.passTo(owner("second"));
    fake.emit("message", text("b"), false);
    fake.emit("close");
    expect(heard).toEqual(["first frame a", "second frame b", "second over closed null"]);
  });

  it("is over once, and then silent, however often and in whatever order it is told", () => {
    const { fake, heard, socket } = rig();
    fake.emit("error", Object.assign(new Error("x"), { code: "WS_ERR_INVALID_UTF8" }));
    fake.emit("error", Object.assign(new Error("x"), { code: "WS_ERR_INVALID_UTF8" }));
    fake.emit("message", text("late"), false);
    fake.emit("ping", text("late"));
    fake.emit("close");
    socket.send("late");
    socket.close(CLOSE.done);
    expect(heard).toEqual(["first over protocol stream-frame"]);
    expect(fake.done).toEqual([]);
  });

  it("that is reset is over when it is closed", () => {
    const { fake, heard } = rig();
    fake.emit("error", Object.assign(new Error("x"), { code: "ECONNRESET" }));
    fake.emit("error", new Error("no code"));
    expect(heard).toEqual([]);
    fake.emit("close");
    expect(heard).toEqual(["first over closed null"]);
  });

  it("that its owner closed tells nothing more", () => {
    const { fake, heard, socket } = rig();
    socket.close(CLOSE.done);
    socket.close(CLOSE.notAllowed);
    fake.emit("message", text("late"), false);
    fake.emit("close");
    expect([heard, fake.done]).toEqual([[], ["close 1000"]]);
  });

  it.each<[string, (rig_: ReturnType<typeof rig>) => void]>([
    ["a frame", ({ socket }) => socket.send("x")],
    ["a pong", ({ fake }) => void fake.emit("ping", text("x"))],
  ])("that has not taken what was sent before is cut at the next %s", (_, next) => {
    const all = rig();
    all.fake.bufferedAmount = 100;
    next(all);
    expect(all.heard).toEqual([]);
    all.fake.bufferedAmount = 101;
    next(all);
    next(all);
    expect(all.heard).toEqual(["first over congested stream-congested"]);
    expect(all.fake.done.at(-1)).toBe("cut");
    expect(all.fake.done).toHaveLength(3);
  });

  it("may send a minute's worth at once, and then as much as passes", () => {
    const { fake, heard, time } = rig();
    const send = (): boolean => fake.emit("message", Buffer.alloc(990), false);
    for (let n = 0; n < 60; n += 1) send();
    time.ms = 1_000;
    send();
    expect(heard).toHaveLength(61);
    expect(fake.done).toEqual([]);
    send();
    expect(heard.at(-1)).toBe("first over protocol stream-flood");
    expect(fake.done).toEqual(["close 1008"]);
  });
});

describe("closed sockets", () => {
  it("whose peers do not answer are cut, the oldest first, when there are too many", () => {
    const first = rig();
    const more = Array.from({ length: 3 }, () => {
      const fake = new FakeSocket();
      return { fake, socket: new StreamSocket(fake, first.parts, first.owner("x")) };
    });
    for (const { socket } of more) socket.close(CLOSE.done);
    expect(more.map(({ fake }) => fake.done.at(-1))).toEqual(["cut", "close 1000", "close 1000"]);
    more[1]?.fake.emit("close");
    first.socket.close(CLOSE.done);
    expect(more[2]?.fake.done.at(-1)).toBe("close 1000");
  });
});
