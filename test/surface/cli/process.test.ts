import { afterEach, describe, expect, it, vi } from "vitest";
import { processIo } from "../../../src/surface/cli/process.ts";
import { CLI_DESCRIPTOR } from "../../../src/surface/cli/program.ts";

afterEach(() => {
  process.exitCode = undefined;
});

describe("the process around a command", () => {
  it("prints results to stdout and everything else to stderr, a line each", () => {
    const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const err = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    processIo.out("a");
    processIo.err("b");
    expect([out.mock.lastCall, err.mock.lastCall]).toEqual([["a\n"], ["b\n"]]);
  });

  it("sleeps no longer than the signal lets it, and takes no listener along", async () => {
    const stop = new AbortController();
    const asleep = processIo.sleep(3_600_000, stop.signal);
    stop.abort();
    await expect(asleep).resolves.toBeUndefined();
    await expect(processIo.sleep(3_600_000, stop.signal)).resolves.toBeUndefined();
    await expect(processIo.sleep(0)).resolves.toBeUndefined();
  });

  it("hears Ctrl-C only while somebody listens", () => {
    const before = process.listenerCount("SIGINT");
    const release = processIo.onInterrupt(() => {});
    expect(process.listenerCount("SIGINT")).toBe(before + 1);
    release();
    expect([process.listenerCount("SIGINT"), process.listenerCount("SIGTERM")]).toEqual([before, before]);
  });

  it("leaves the end to the process itself: only the code is set", () => {
    processIo.exitWith(1);
    expect(process.exitCode).toBe(1);
    expect(processIo.now()).toBeGreaterThan(0);
  });
});

describe("the descriptor of the voicecall command", () => {
  it("announces machine output when JSON is asked for", () => {
    expect(CLI_DESCRIPTOR.machineOutput({ argv: ["voicecall", "status", "--json"] })).toBe(true);
    expect(CLI_DESCRIPTOR.machineOutput({ argv: ["voicecall", "status"] })).toBe(false);
  });
});
