import { describe, expect, it } from "vitest";
import { listAgents, resolveAgent } from "../../src/host/agents.ts";
import { fakeHost } from "./fake-host.ts";

const resolve = (agents: object | undefined, configured?: string): Promise<string> =>
  resolveAgent(fakeHost(agents ? { agents } : {}).runtime.config.current(), configured);

describe("the agent that owns a call", () => {
  it("is the sole one, whatever it is called", async () => {
    await expect(resolve(undefined)).resolves.toBe("main");
    await expect(resolve({ entries: { sales: {} } })).resolves.toBe("sales");
  });

  it("is the configured one", async () => {
    await expect(resolve({ entries: { sales: {}, support: {} } }, " Support ")).resolves.toBe("support");
  });

  it("is the recorded default of several", async () => {
    const entries = { sales: {}, support: {} };
    const defaults = { systemAgent: { agentId: "support" } };
    await expect(resolve({ ownership: "explicit", entries, defaults })).resolves.toBe("support");
    await expect(resolve({ list: [{ id: "sales" }, { id: "support", default: true }] })).resolves.toBe(
      "support",
    );
  });

  it.each([
    ["several and none is the default", { entries: { sales: {}, support: {} } }, undefined],
    ["the configured one does not exist, even with a sole other", { entries: { sales: {} } }, "nobody"],
    ["there is no agent", { entries: {} }, undefined],
    ["the recorded default does not exist", { entries: { a: {}, b: {} }, defaults: { systemAgent: { agentId: "c" } } }, undefined],
  ])("is nobody's guess when there are %s", async (_, agents, configured) => {
    await expect(resolve(agents, configured)).rejects.toMatchObject({ code: "VC_NO_AGENT" });
  }); // prettier-ignore

  it("can be any of the listed", async () => {
    const config = fakeHost({ agents: { entries: { sales: {}, support: {} } } }).runtime.config.current();
    await expect(listAgents(config)).resolves.toEqual(["sales", "support"]);
  });
});
