import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPhoneSession, sessionKeyFor, type SessionScope } from "../../src/host/sessions.ts";
import { fakeHost } from "./fake-host.ts";

const keyFor = (scope: SessionScope, party: string, callId = "vc_1", config: object = {}): string =>
  sessionKeyFor(fakeHost(config).runtime.config.current(), { scope, agentId: "main", callId, party });

describe("the conversation of a call", () => {
  it("is the other party's, the call's, or the agent's main one", () => {
    expect(keyFor("per-phone", "+15550002000")).toMatch(/^agent:main:voice-call:phone:[0-9a-f]{24}$/);
    expect(keyFor("per-call", "+15550002000")).toBe("agent:main:voice-call:call:vc_1");
    expect(keyFor("main", "+15550002000")).toBe("agent:main:main");
  });

  it("follows the gateway's own name for the main conversation", () => {
    expect(keyFor("main", "", "vc_1", { session: { mainKey: " Work " } })).toBe("agent:main:work");
    expect(keyFor("main", "", "vc_1", { session: { scope: "global" } })).toBe("global");
  });

  it("is the call's own for callers who withhold their number or give none", () => {
    for (const party of ["", "anonymous", "+1", "+15550002000;x"]) {
      expect(keyFor("per-phone", party)).toBe("agent:main:voice-call:call:vc_1");
    }
  });

  it("is never shared by two people unless main is configured", () => {
    const party = fc.oneof(fc.constant(""), fc.stringMatching(/^\+[1-9]\d{7,14}$/), fc.string());
    fc.assert(
      fc.property(fc.constantFrom("per-phone", "per-call"), party, party, (scope, one, other) => {
        fc.pre(one !== other || one === "");
        expect(keyFor(scope, one, "vc_1")).not.toBe(keyFor(scope, other, "vc_2"));
        expect(isPhoneSession("main", keyFor(scope, one))).toBe(true);
      }),
    );
  });
});
