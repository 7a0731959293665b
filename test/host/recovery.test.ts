import { beforeEach, describe, expect, it } from "vitest";
import { disarmInterruptedTurns } from "../../src/host/recovery.ts";
import { fakeHost, type FakeHost } from "./fake-host.ts";

const PHONE = "/store/main|agent:main:voice-call:phone:+15550002000";
const MAIN = "/store/main|agent:main:main";
const OTHER = "/store/main|agent:main:other-plugin:x";
let host: FakeHost;

beforeEach(() => {
  host = fakeHost();
  for (const key of [PHONE, MAIN, OTHER]) {
    const row = {
      sessionId: "s",
      updatedAt: 1,
      status: "running",
      abortedLastRun: true,
      mainRestartRecovery: {},
    };
    host.rows.set(key, row as never);
  }
});
const status = (key: string): unknown => host.rows.get(key)?.status;

describe("phone turns that a crash interrupted", () => {
  it("are taken from the host's recovery, and nobody else's are", async () => {
    await expect(disarmInterruptedTurns(host, { agentIds: ["main"], sessionKeys: [] })).resolves.toBe(1);
    expect(host.rows.get(PHONE)).toMatchObject({
      status: "failed",
      abortedLastRun: false,
      mainRestartRecovery: undefined,
    });
    expect(status(MAIN)).toBe("running");
    expect(status(OTHER)).toBe("running");
  });

  it("include the main conversation while a call that uses it is unfinished", async () => {
    await expect(
      disarmInterruptedTurns(host, { agentIds: ["main", "main"], sessionKeys: ["agent:main:main"] }),
    ).resolves.toBe(2);
    expect(status(MAIN)).toBe("failed");
    expect(status(OTHER)).toBe("running");
  });

  it("leave finished turns as they are", async () => {
    host.rows.set(PHONE, { sessionId: "s", updatedAt: 1, status: "done" });
    await expect(disarmInterruptedTurns(host, { agentIds: ["main"], sessionKeys: [] })).resolves.toBe(0);
    expect(status(PHONE)).toBe("done");
  });

  it("are looked for at every agent", async () => {
    host.rows.set("/store/sales|agent:sales:voice-call:call:vc_1", {
      sessionId: "s",
      updatedAt: 1,
      status: "running",
    });
    await expect(
      disarmInterruptedTurns(host, { agentIds: ["main", "sales"], sessionKeys: [] }),
    ).resolves.toBe(2);
  });
});
