import assert from "node:assert/strict";
import type { Outcome } from "../call/call.ts";
import type { Bench } from "./bench.ts";
import type { Script } from "./scripts.ts";
import type { Person } from "./world.ts";

/** Outbound calls: messages, conversations, ends. */
export const CALLS: readonly Script[] = [
  {
    name: "a message is spoken once, the line is closed after it, and whoever asked hears how it went once",
    run: async (bench) => {
      const to = bench.somebody();
      bench.world.callee(to).answers();
      const { id, far } = await bench.place({ to, message: "Dinner is ready." });
      await bench.passing("the call ends", far.ended);
      const record = await bench.over(id);
      assert.deepEqual(far.heard(), ["Dinner is ready."]);
      assert.equal(record.outcome, "completed");
      assert.equal(record.carrierCallId, far.id);
      assert.notEqual(record.answeredAt, null);
      await bench.until("the outcome is reported", () => reportsOf(bench, id) > 0);
      await bench.atRest();
      assert.equal(reportsOf(bench, id), 1);
    },
  },
  ...unanswered(),
  {
    name: "a conversation goes on for several turns, each reply once and after the words it replies to",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody(), "Who is there?");
      await bench.tell(far, "My name is Ada.");
      await bench.hears(far, "You said: My name is Ada.");
      await bench.listening(far);
      await bench.tell(far, "What is the time?");
      await bench.hears(far, "You said: What is the time?");
      await bench.listening(far);
      await far.hangUp();
      const record = await bench.over(id);
      assert.equal(record.outcome, "completed");
      assert.deepEqual(await bench.said(id), [
        "agent: Who is there?",
        "caller: My name is Ada.",
        "agent: You said: My name is Ada.",
        "caller: What is the time?",
        "agent: You said: What is the time?",
      ]);
      assert.deepEqual(far.heard(), [
        "Who is there?",
        "You said: My name is Ada.",
        "You said: What is the time?",
      ]);
      await bench.atRest();
    },
  },
  {
    name: "a silent line is asked twice whether anybody is there, then hears a goodbye and is hung up",
    run: async (bench) => {
      const to = bench.somebody();
      bench.world.callee(to).answers().says(null, null, null);
      const { id, far } = await bench.place({ to, mode: "conversation", message: "Hello?" });
      await bench.passing("the call ends", far.ended);
      const record = await bench.over(id);
      assert.equal(record.outcome, "completed");
      const asked = far.heard().filter((text) => text.includes("still there"));
      assert.equal(asked.length, 2);
      assert.match(far.heard().at(-1) ?? "", /Goodbye/);
      await bench.atRest();
    },
  },
  {
    name: "words from outside are spoken on a line that listens, and it listens again",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody());
      await bench.plant.switchboard.request(id, { type: "speak", text: "One moment, please." });
      await bench.hears(far, "One moment, please.");
      await bench.listening(far);
      await bench.tell(far, "I am waiting.");
      await bench.hears(far, "You said: I am waiting.");
      await far.hangUp();
      await bench.over(id);
      await bench.atRest();
    },
  },
  {
    name: "a question returns what the person answers, and the agent does not get it",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody());
      const asked = bench.plant.switchboard.ask(id, "At what time?");
      await bench.hears(far, "At what time?");
      await bench.listening(far);
      await bench.tell(far, "At half past seven.");
      const { text } = await bench.passing("the answer arrives", asked);
      assert.equal(text, "At half past seven.");
      assert.ok(!bench.agent.heard.includes("At half past seven."));
      await bench.plant.switchboard.end(id);
      await bench.passing("the call ends", far.ended);
      await bench.over(id);
      await bench.atRest();
    },
  },
  {
    name: "a call that rings is canceled, one that is up is hung up, at the carrier too",
    run: async (bench) => {
      const to = bench.somebody();
      bench.world.callee(to).answers(10_000_000);
      const ringing = await bench.place({ to });
      await bench.plant.switchboard.end(ringing.id);
      await bench.passing("the call ends", ringing.far.ended);
      assert.equal((await bench.over(ringing.id)).outcome, "canceled");
      assert.deepEqual(ringing.far.heard(), []);

      const talking = await bench.converse(bench.somebody());
      await bench.plant.switchboard.end(talking.id);
      assert.equal((await bench.passing("the call ends", talking.far.ended)).by, "api");
      const record = await bench.over(talking.id);
      assert.equal(record.outcome, "completed");
      assert.equal(record.evidence?.hungUpBy, "us");
      await bench.atRest();
    },
  },
  {
    name: "the agent's goodbye is heard before the line is closed",
    run: async (bench) => {
      const { id, far } = await bench.converse(bench.somebody());
      await bench.plant.manager.apply(id, { type: "close" });
      await bench.passing("the call ends", far.ended);
      assert.equal((await bench.over(id)).outcome, "completed");
      await bench.atRest();
    },
  },
];

const reportsOf = (bench: Bench, id: string): number => bench.reports.filter((one) => one === id).length;

function unanswered(): Script[] {
  const ways: readonly (readonly [string, readonly Outcome[], (person: Person) => unknown])[] = [
    ["somebody who is busy", ["busy"], (person) => person.busy()],
    ["somebody who does not answer", ["no-answer"], (person) => person.noAnswer()],
    ["somebody who declines", ["rejected", "busy"], (person) => person.declines()],
    ["a number that does not exist", ["failed"], (person) => person.fails()],
  ];
  return ways.map(([who, outcomes, describe]) => ({
    name: `a call to ${who} ends as it should, with the carrier's own word as evidence`,
    run: async (bench) => {
      const to = bench.somebody();
      describe(bench.world.callee(to));
      const { id, far } = await bench.place({ to });
      await bench.passing("the call ends", far.ended);
      const record = await bench.over(id);
      assert.ok(record.outcome !== null && outcomes.includes(record.outcome), `outcome ${record.outcome}`);
      assert.equal(record.answeredAt, null);
      assert.ok(record.evidence?.carrierCode, "no carrier code in the evidence");
      await bench.atRest();
    },
  }));
}
