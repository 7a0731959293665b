import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { abilityProblems } from "../../src/call/abilities.ts";
import { CAPABILITIES, configOf } from "../service/setup-rig.ts";

const POLICIES = ["off", "hangup", "leave-message", "continue"] as const;
const DETECTORS = ["none", "verdict", "over"] as const;

const problems = (capabilities: Partial<typeof CAPABILITIES>, outbound: object) =>
  abilityProblems({ ...CAPABILITIES, ...capabilities }, configOf({ outbound }));

describe("what a carrier cannot do", () => {
  it.each([
    ["none", "hangup", "off"],
    ["none", "leave-message", "off"],
    ["none", "continue", "off"],
    ["verdict", "leave-message", "hangup"],
  ] as const)(
    "with machine detection `%s` is `%s`, and `%s` can be chosen",
    (answeringMachine, policy, instead) => {
      const [problem, ...more] = problems({ answeringMachine }, { answeringMachine: policy });
      expect(more).toEqual([]);
      expect(problem).toMatchObject({ key: "outbound.answeringMachine" });
      expect(problem?.choose).toContain(instead);
    },
  );

  it.each(DETECTORS)("with machine detection `%s` is never what it advises", (answeringMachine) => {
    for (const policy of POLICIES) {
      for (const { choose } of problems({ answeringMachine }, { answeringMachine: policy })) {
        const advised = POLICIES.filter((word) => choose.includes(word));
        expect(advised.length).toBeGreaterThan(0);
        for (const better of advised)
          expect(problems({ answeringMachine }, { answeringMachine: better })).toEqual([]);
      }
    }
  });

  it("without ears is a conversation, unless there is live audio", () => {
    const talk = { defaultMode: "conversation" };
    expect(problems({ listening: false }, talk)).toMatchObject([{ key: "outbound.defaultMode" }]);
    expect(problems({ listening: false, liveAudio: true }, talk)).toEqual([]);
    expect(problems({ listening: false }, { defaultMode: "notify" })).toEqual([]);
  });

  it("is nothing for one that can do everything", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...POLICIES),
        fc.constantFrom("notify", "conversation"),
        (answeringMachine, defaultMode) => {
          expect(problems({}, { answeringMachine, defaultMode })).toEqual([]);
        },
      ),
    );
  });
});
