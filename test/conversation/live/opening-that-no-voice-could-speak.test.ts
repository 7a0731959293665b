/**
 * First words that could not be spoken were gone: the caller heard nothing until somebody asked whether they were still there.
 * Here they are tried once more, and a call that has no voice for them is given up at once.
 */
import { expect, it } from "vitest";
import { OPENING, said, talk, type Talk } from "./turn/talk.ts";

const failed = (): Talk => {
  const call = talk({ opening: OPENING });
  call.fact({ type: "piece-failed", piece: 1 });
  return call;
};

it("first words that no voice could speak are said once more", () => {
  const call = talk({ opening: OPENING });
  expect(call.fact({ type: "piece-failed", piece: 1 })).toEqual([
    { kind: "say", piece: 2, text: OPENING, yields: "to-words" },
  ]);
  call.starts(2);
  expect(call.played(2)).toEqual([{ kind: "said", role: "agent", text: OPENING }]);
  call.asks("Hello there?");
  expect(said(call.effects)).toEqual([OPENING, OPENING]);
});

it("first words that failed twice are let go, and the caller is listened to", () => {
  const call = failed();
  expect(call.fact({ type: "piece-failed", piece: 2 })).toEqual([]);
  expect(call.turns(call.asks("Is anybody there?"))).toEqual(["Is anybody there?"]);
});

it("first words that were heard in part before their voice broke off are not begun again", () => {
  const call = talk({ opening: OPENING });
  call.starts(1);
  expect(call.fact({ type: "piece-failed", piece: 1 })).toEqual([]);
});

it("first words that failed give way to the caller who speaks meanwhile, as any others", () => {
  const call = failed();
  call.final("I need help.");
  call.stopped(null);
  expect(call.turns(call.wait(2_000))).toEqual(["I need help."]);
  expect(call.transcript).toEqual(["caller: I need help."]);
});
