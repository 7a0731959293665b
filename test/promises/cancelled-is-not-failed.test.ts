/**
 * A caller who interrupted the agent was told that something had gone wrong, and the call was dropped: the work that had been
 * cancelled was reported as failed. Here it is cancelled, nobody is told sorry, and the call goes on.
 */
import { describe, expect, it } from "vitest";
import { phrasesFor } from "../../src/call/phrases.ts";
import type { Run } from "../conversation/fake-agent.ts";
import { settled } from "../support/clock.ts";
import { GREETING, LiveHouse } from "./live-house.ts";

const THEM = "+15550402001";
const { sorry, giveUp } = phrasesFor("en-US");

/** Ways in which the host ends a run whose signal has fired. */
const REACTIONS: Readonly<Record<string, (run: Run) => void>> = {
  "rejects with the signal's reason": (run) => run.fail(run.signal.reason),
  "fails as if the model had": (run) => run.fail(new Error("HTTP 500")),
  "ends without an answer": (run) => run.end({ texts: [], failure: "aborted" }),
  "answers all the same": (run) => run.finish("Too late."),
  "never ends": () => {},
};

function newest(house: LiveHouse): Run {
  const run = house.agent.runs.at(-1);
  if (run === undefined) throw new Error("nobody is asked");
  return run;
}

describe("work that a caller's further words cancel", () => {
  it.each(Object.entries(REACTIONS))("is no failure when its run %s", async (_, react) => {
    const house = new LiveHouse();
    const call = await house.talks(THEM);
    // Twice, for two failures in a row would end the call.
    for (const question of ["Look up my order.", "The one of May."]) {
      await house.says(call, question);
      const run = newest(house);
      run.request.onTool("web_search");
      house.ears.last.on.final("No, wait a moment.");
      await house.clock.advance(0);
      expect(run.signal.aborted).toBe(true);
      react(run);
      await settled();
    }
    await house.says(call, "When do you open?");
    newest(house).stream("We open at nine.");
    newest(house).finish("We open at nine.");
    await house.clock.advance(0);
    const spoken = house.spoken(call);
    expect([spoken.includes(sorry), spoken.includes(giveUp)]).toEqual([false, false]);
    expect([spoken[0], spoken.at(-1)]).toEqual([GREETING, "We open at nine."]);
    expect(house.it.call(call.id)).toMatchObject({ hangup: null, state: "live" });
    expect(house.warnings).toEqual([]);
  });
});
