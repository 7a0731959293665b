import { describe, expect, it } from "vitest";
import { fact, failure, happening, latency, plain, record, saying } from "../../demo/view.ts";
import type { CallDetail } from "../../src/call/service.ts";

const CALL: CallDetail = {
  callId: "vc_1",
  carrierCallId: "mock-1",
  provider: "mock",
  direction: "outbound",
  mode: "conversation",
  state: "ended",
  from: "+15550100000",
  to: "+15550100100",
  agentId: "main",
  createdAt: 0,
  answeredAt: 2_000,
  endedAt: 9_000,
  outcome: "completed",
  evidence: { source: "carrier", hungUpBy: "us" },
  transcript: [{ role: "caller", text: "My name is Ada.", at: 3_000 }],
};

describe("what the demo shows", () => {
  it("puts names in one column", () => {
    expect(fact("model", "a stand-in")).toBe("  model    a stand-in");
    expect(happening(3_040, "it rings", plain)).toBe("     3.0 s  it rings");
    expect(saying({ who: "Ada", words: "Hello.", shade: "phone", afterMs: null }, plain)).toBe(
      "       Ada  Hello.",
    );
  });

  it("says after an answer how long the person waited for it", () => {
    const line = saying({ who: "Agent", words: "Sunday.", shade: "agent", afterMs: 241.6 }, plain);
    expect(line).toBe("     Agent  Sunday.  (after 242 ms)");
  });

  it("gives long waits in seconds", () => {
    expect(latency(999)).toBe("999 ms");
    expect(latency(3_496)).toBe("3.50 s");
  });

  it("does not let the agent's words steer the terminal", () => {
    const words = "\u001B[2Jgone\r\nnew line\u0007";
    const line = saying({ who: "Agent", words, shade: "agent", afterMs: null }, plain);
    expect(line).toBe("     Agent  [2Jgone new line");
  });

  it("colours who speaks when the terminal wants colours", () => {
    const line = saying(
      { who: "Agent", words: "Hi.", shade: "agent", afterMs: 5 },
      (shade, text) => `<${shade}:${text}>`,
    );
    expect(line).toBe("  <hint:   Agent>  <agent:Hi.>  <hint:(after 5 ms)>");
  });
});

describe("the record", () => {
  it("holds the outcome, who hung up, how long they talked, the call id and every word", () => {
    const lines = record(CALL, [{ stage: "think", count: 3, p50: 200, p95: 300, max: 300 }], plain);
    const text = lines.join("\n");
    expect(text).toMatch(/Call +vc_1\n/);
    expect(text).toContain("ended: completed");
    expect(text).toMatch(/Talked +7 s/);
    expect(text).toMatch(/Hung up by +us/);
    expect(text).toMatch(/caller +My name is Ada\./);
  });

  it("explains the latencies it lists, and no others", () => {
    const lines = record(CALL, [{ stage: "think", count: 3, p50: 200, p95: 300, max: 300 }], plain);
    expect(lines.find((line) => line.startsWith("  think  3"))).toMatch(/200 ms +300 ms +300 ms/);
    expect(lines).toContain("  think  from the person's words to the agent's first words");
    expect(lines.join("\n")).not.toContain("carrier's acceptance");
  });
});

describe("a failed demo", () => {
  it("ends with the gateway's last words, the reason and what to do", () => {
    const log = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n");
    const lines = failure("no dial tone", `${log}\n`, "Try again.", plain);
    expect(lines.slice(-3)).toEqual(["", "The demo failed: no dial tone", "Try again."]);
    expect(lines).toContain("  line 49");
    expect(lines).not.toContain("  line 20");
  });

  it("says nothing of a gateway that has not started", () => {
    expect(failure("no room", "", "Try again.", plain).join("\n")).not.toContain("gateway");
  });
});
