import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/index.ts";

function streaming(user: Record<string, unknown>) {
  const reading = readConfig({ streaming: user }, {});
  if (!reading.ok) throw new Error(reading.issues.map(({ path }) => path).join());
  return reading.config.streaming;
}

describe("the settings of live audio", () => {
  it("let callers interrupt, and another provider take over, unless told otherwise", () => {
    expect(streaming({})).toMatchObject({
      fallback: true,
      idlePromptMs: 10_000,
      interruption: { enabled: true, pauseMs: 120, commitMs: 500, resumeMs: 2000 },
    });
    expect(streaming({ fallback: false }).fallback).toBe(false);
  });

  it("take an explicit zero for what it is", () => {
    expect(streaming({ idlePromptMs: 0 }).idlePromptMs).toBe(0);
    expect(streaming({ interruption: { pauseMs: 0 } }).interruption).toEqual({
      enabled: true,
      pauseMs: 0,
      commitMs: 500,
      resumeMs: 2000,
    });
  });

  it.each([
    ["interruption.pauseMs", { interruption: { pauseMs: -1 } }],
    ["interruption.commitMs", { interruption: { commitMs: 0.5 } }],
    ["interruption.pause", { interruption: { pause: 100 } }],
    ["idlePromptMs", { idlePromptMs: 600_001 }],
    ["fallback", { fallback: "yes" }],
  ])("refuse a wrong %s by its path", (path, user) => {
    expect(() => streaming(user)).toThrow(`streaming.${path}`);
  });
});
