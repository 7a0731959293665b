import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { phrasesFor } from "../../src/call/phrases.ts";
import { KEYS_PAUSE_MS, LISTEN_TIMEOUT_MS } from "../../src/call/step.ts";
import { answered, BARE, CARRIER_ID, dialing, inbound, type Bench } from "./bench.ts";

const key = (digit: string) => ({ type: "key", digit }) as const;
/** What pressing them causes, beside the words stopping that are being said. */
const press = (bench: Bench, digits: string) =>
  bench.do(...Array.from(digits, key)).filter(({ kind }) => kind !== "quiet");
const words = phrasesFor("en-US");

/** A conversation over a carrier that runs single commands, at its first listen. */
function talking(): Bench {
  const bench = dialing({}, {}, BARE);
  bench.do({ type: "dialed", carrierCallId: CARRIER_ID }, { type: "answered" });
  bench.do({ type: "delivered", gen: 1 }, { type: "played", gen: 1 });
  return bench;
}

describe("keys that are pressed one by one", () => {
  it("are one answer once no further one follows", () => {
    const bench = talking();
    expect(press(bench, "12")).toEqual([]);
    bench.now += KEYS_PAUSE_MS - 1;
    expect(press(bench, "3")).toEqual([]);
    const pressedAt = bench.now;
    expect(bench.pass("keys")).toEqual([{ kind: "think", turn: 1, words: "[digits 123]" }]);
    expect(bench.now).toBe(pressedAt + KEYS_PAUSE_MS);
    expect(bench.call.turn).toMatchObject({ keys: "", phase: "thinking" });
  });

  it("end with the hash, which is not part of the answer", () => {
    const bench = talking();
    expect(press(bench, "4711#")).toEqual([{ kind: "think", turn: 1, words: "[digits 4711]" }]);
    expect(bench.due).not.toContain("keys");
  });

  it("may begin with the hash, and the star is a key like others", () => {
    const bench = talking();
    press(bench, "#*1");
    expect(bench.pass("keys")).toEqual([{ kind: "think", turn: 1, words: "[digits #*1]" }]);
  });

  it("are no silence: the line is not asked about while they are pressed", () => {
    const bench = talking();
    expect(bench.due).toContain("listen");
    press(bench, "1");
    expect(bench.due).not.toContain("listen");
    bench.do({ type: "silence", token: bench.token });
    expect(bench.effects).toEqual([{ kind: "think", turn: 1, words: "[digits 1]" }]);
  });

  it("and words in the same listen are one answer", () => {
    const bench = talking();
    press(bench, "42");
    expect(bench.hear(" That was my number. ")).toEqual([
      { kind: "think", turn: 1, words: "That was my number. [digits 42]" },
    ]);
    expect(bench.due).not.toContain("keys");
  });

  it("go to the command that asked, not to the agent", () => {
    const bench = talking();
    bench.do({ type: "ask", text: "Your number?" });
    expect(press(bench, "99#")).toEqual([{ kind: "heard", text: "[digits 99]" }]);
  });

  it("belong to the listen in which they were pressed: a new one begins without them", () => {
    const bench = talking();
    press(bench, "1");
    bench.do({ type: "speak", text: "News." });
    expect([bench.call.turn.keys, bench.due.includes("keys")]).toEqual(["", false]);
    press(bench, "2#");
    expect(bench.heard).toEqual(["[digits 2]"]);
  });

  it("that nobody listens for are dropped, before the answer, while the agent thinks, and at the end", () => {
    const early = dialing({ mode: "notify", message: "Done." }, {}, BARE);
    expect(press(early, "1#")).toEqual([]);
    const bench = talking();
    bench.hear("Hello?");
    expect(press(bench, "1#")).toEqual([]);
    bench.do({ type: "hang-up" });
    expect(press(bench, "1#")).toEqual([]);
    expect(bench.heard).toEqual(["Hello?"]);
  });

  it("are not collected without end", () => {
    const bench = talking();
    press(bench, "1".repeat(200));
    expect(bench.call.turn.keys).toHaveLength(64);
  });

  it("are heard once and whole, whatever the pauses between them", () => {
    const presses = fc.array(
      fc.record({
        digit: fc.constantFrom(...Array.from("0123456789ABCD*")),
        afterMs: fc.integer({ min: 0, max: 4_000 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    expect(() =>
      fc.assert(
        fc.property(presses, (all) => {
          const bench = talking();
          for (const { digit, afterMs } of all) {
            const due = bench.call.deadlines.keys;
            if (due !== undefined && due <= bench.now + afterMs) {
              bench.pass("keys");
              bench.do({ type: "reply", turn: bench.call.turn.no, text: "Go on.", final: true });
            }
            bench.now += afterMs;
            bench.do(key(digit));
          }
          bench.pass("keys");
          const heard = bench.heard.map((text) => /^\[digits (.+)\]$/.exec(text)?.[1] ?? "?").join("");
          expect(heard).toBe(all.map(({ digit }) => digit).join(""));
        }),
      ),
    ).not.toThrow();
  });
});

describe("silence that the carrier does not report", () => {
  it("is noticed after the words were played", () => {
    const bench = talking();
    const playedAt = bench.now;
    expect(bench.call.deadlines.listen).toBe(playedAt + LISTEN_TIMEOUT_MS);
    bench.pass("listen");
    expect(bench.call.instruction).toMatchObject({ say: [words.stillThere], next: { kind: "listen" } });
  });

  it("is noticed although the report of the played words is lost, after they must be over", () => {
    const bench = dialing({ message: "Hello. ".repeat(20) }, {}, BARE);
    bench.do(
      { type: "dialed", carrierCallId: CARRIER_ID },
      { type: "answered" },
      { type: "delivered", gen: 1 },
    );
    const given = bench.now;
    const due = bench.call.deadlines.listen ?? 0;
    expect(due).toBeGreaterThan(given + LISTEN_TIMEOUT_MS + 10_000);
    bench.pass("listen");
    expect(bench.call.turn.misses).toBe(1);
  });

  it("ends the call after two questions, like any other", () => {
    const bench = talking();
    for (let miss = 0; miss < 3; miss++) {
      bench.pass("listen");
      bench.do({ type: "delivered", gen: bench.call.instruction?.gen ?? 0 });
    }
    expect(bench.call.instruction).toMatchObject({ say: [words.goodbye], next: { kind: "hangup" } });
    bench.untilOver();
    expect(bench.call.state).toBe("ended");
  });

  it("is put off by somebody who has begun to speak", () => {
    const bench = talking();
    bench.now += LISTEN_TIMEOUT_MS - 1;
    bench.do({ type: "speaking" });
    expect(bench.call.deadlines.listen).toBe(bench.now + LISTEN_TIMEOUT_MS);
    expect(bench.hear("Sorry, I am here.")).toMatchObject([{ kind: "think" }]);
    expect(bench.do({ type: "speaking" })).toEqual([]);
  });

  it("is left to carriers that report it", () => {
    const bench = dialing();
    bench.do({ type: "dialed", carrierCallId: CARRIER_ID }, { type: "answered" }, { type: "played", gen: 1 });
    expect(bench.due).toEqual(["max-duration"]);
  });
});

describe("a caller who talks or presses into our words", () => {
  it("has them stopped, while the listen goes on", () => {
    const bench = answered();
    const { token } = bench;
    expect(bench.kinds({ type: "speaking" })).toEqual(["quiet"]);
    expect(bench.kinds({ type: "key", digit: "4" })).toEqual(["quiet"]);
    expect(bench.token).toBe(token);
  });

  it("stops nothing where nothing is said", () => {
    const bench = answered({ message: "" });
    expect(bench.kinds({ type: "speaking" })).toEqual([]);
    bench.do({ type: "hang-up" });
    expect(bench.kinds({ type: "speaking" })).toEqual([]);
  });
});

describe("a carrier that runs single commands", () => {
  it("is told the first words once somebody has picked up, not before and not twice", () => {
    const bench = dialing({}, {}, BARE);
    expect(bench.do({ type: "dialed", carrierCallId: CARRIER_ID }, { type: "ringing" })).toEqual([]);
    expect(bench.call.delivered).toBe(0);
    expect(bench.do({ type: "answered" })).toContainEqual({
      kind: "instruct",
      instruction: bench.call.instruction,
    });
    expect(bench.do({ type: "answered" })).toEqual([]);
  });

  it("is told nothing when the call was hung up before the answer", () => {
    const bench = dialing({}, {}, BARE);
    bench.do({ type: "dialed", carrierCallId: CARRIER_ID }, { type: "hang-up" });
    expect(bench.kinds({ type: "answered" })).toEqual(["picked-up"]);
  });

  it("picks up an inbound call first and is told the greeting then", () => {
    const bench = inbound({}, BARE);
    expect(bench.effects).toContainEqual({ kind: "answer" });
    expect(bench.effects.map(({ kind }) => kind)).not.toContain("instruct");
    expect(bench.kinds({ type: "answered" })).toEqual(["instruct"]);
  });

  it("ends a message some time after its words, and also when it never reports them", () => {
    for (const reports of [true, false]) {
      const bench = dialing({ mode: "notify", message: "Done." }, {}, BARE);
      bench.do(
        { type: "dialed", carrierCallId: CARRIER_ID },
        { type: "answered" },
        { type: "delivered", gen: 1 },
      );
      if (reports) bench.do({ type: "played", gen: 1 });
      expect(bench.pass("notify-hangup")).toContainEqual({ kind: "hangup", reason: "message-delivered" });
    }
  });
});
