import { describe, expect, it } from "vitest";
import { Interrupted, Late, stopAt, withStop } from "../../demo/stop.ts";

describe("the end of a demo", () => {
  it("comes with a signal to the process, which says how to exit", () => {
    const stop = stopAt(null);
    process.emit("SIGTERM");
    stop.release();
    expect(stop.signal.reason).toBeInstanceOf(Interrupted);
    expect(stop.signal.reason).toMatchObject({ exitCode: 143 });
  });

  it("comes with Ctrl-C typed into the terminal", () => {
    const stop = stopAt(null);
    stop.interrupt();
    stop.release();
    expect(stop.signal.reason).toMatchObject({ exitCode: 130 });
  });

  it("comes when the time is over, counted from the start of the process", async () => {
    const stop = stopAt(1);
    await expect(withStop(stop.signal, new Promise(() => {}))).rejects.toThrow(Late);
    stop.release();
  });

  it("does not wait for work that hangs, and lets finished work through", async () => {
    const stop = new AbortController();
    expect(await withStop(stop.signal, Promise.resolve("done"))).toBe("done");
    const hung = withStop(stop.signal, new Promise(() => {}));
    stop.abort(new Error("enough"));
    await expect(hung).rejects.toThrow("enough");
  });

  it("leaves no handler behind", () => {
    const before = process.listenerCount("SIGINT");
    stopAt(60_000).release();
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
