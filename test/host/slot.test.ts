import { afterEach, describe, expect, it, vi } from "vitest";
import type { PhoneService } from "../../src/call/service.ts";
import { clearService, findService, publishService } from "../../src/host/slot.ts";

const service = (): PhoneService => ({}) as PhoneService;
const published: PhoneService[] = [];
const publish = (one: PhoneService): void => {
  published.push(one);
  publishService(one);
};
afterEach(() => {
  for (const one of published.splice(0)) clearService(one);
});

describe("the running service", () => {
  it("is found by another copy of the module", async () => {
    const one = service();
    publish(one);
    vi.resetModules();
    const copy = await import("../../src/host/slot.ts");
    expect(copy.findService).not.toBe(findService);
    expect(copy.findService()).toBe(one);
  });

  it("is a coded error when there is none", () => {
    expect(() => findService()).toThrow(expect.objectContaining({ code: "VC_NOT_RUNNING" }));
  });

  it("cannot be cleared by an older instance", () => {
    const [older, newer] = [service(), service()];
    publish(older);
    publish(newer);
    clearService(older);
    expect(findService()).toBe(newer);
    clearService(newer);
    expect(() => findService()).toThrow("VC_NOT_RUNNING");
  });
});
