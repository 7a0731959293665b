import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOver, mayLinger, type Call, type CallState, type DeadlineName } from "../../src/call/call.ts";
import type { CallEvent } from "../../src/call/event.ts";
import type { Step } from "../../src/call/step.ts";
import {
  adopted,
  CARRIER_ID,
  dialing,
  ended,
  inbound,
  pairing,
  turnedAway,
  type Bench,
} from "../call/bench.ts";

const RANK: Record<CallState, number> = {
  dialing: 0,
  ringing: 1,
  answered: 2,
  live: 3,
  refused: 4,
  ended: 4,
};
const OUTCOMES = ["completed", "busy", "no-answer", "canceled", "failed", "rejected", "voicemail"] as const;
const DEADLINES: readonly DeadlineName[] = [
  "ring",
  "max-duration",
  "stale",
  "transcript",
  "notify-hangup",
  "follow-up",
  "uncertain",
  "hangup",
];

/** What happens next, told in terms of whatever the call is by then. */
interface Happening {
  readonly make: (bench: Bench, tokens: readonly string[]) => CallEvent;
  /** The fact knows the carrier's id. */
  readonly named: boolean;
  readonly afterMs: number;
}

/** 0 = the token or number in force, above = an older one, below = one that never was. */
const age = fc.integer({ min: -1, max: 3 });
const tokenOf = (tokens: readonly string[], back: number): string => tokens.at(-1 - back) ?? "never";
const genOf = ({ call }: Bench, back: number): number => (call.instruction?.gen ?? 0) - back;
const turnOf = ({ call }: Bench, back: number): number => call.turn.no - back;
const text = fc.constantFrom("Yes.", "No.", "", "  ");

const make: fc.Arbitrary<Happening["make"]> = fc.oneof(
  fc
    .constantFrom<CallEvent>(
      { type: "initiated" },
      { type: "ringing" },
      { type: "answered" },
      { type: "fetched" },
      { type: "detected", by: "machine" },
      { type: "detected", by: "human" },
      { type: "dialed", carrierCallId: CARRIER_ID },
      { type: "dial-refused", error: "VC_CARRIER_REFUSED", detail: "x" },
      { type: "dial-uncertain" },
      { type: "hung-up" },
      { type: "speak", text: "News." },
      { type: "ask", text: "Well?" },
      { type: "press", digits: "1" },
      { type: "hang-up" },
      { type: "close" },
    )
    .map<Happening["make"]>((event) => () => event),
  fc.tuple(age, text).map<Happening["make"]>(
    ([back, said]) =>
      (_, tokens) =>
        ({ type: "speech", token: tokenOf(tokens, back), text: said }) as const,
  ),
  age.map<Happening["make"]>(
    (back) => (_, tokens) => ({ type: "digits", token: tokenOf(tokens, back), digits: "1" }) as const,
  ),
  age.map<Happening["make"]>(
    (back) => (_, tokens) => ({ type: "silence", token: tokenOf(tokens, back) }) as const,
  ),
  age.map<Happening["make"]>((back) => (bench) => ({ type: "played", gen: genOf(bench, back) }) as const),
  age.map<Happening["make"]>((back) => (bench) => ({ type: "delivered", gen: genOf(bench, back) }) as const),
  fc.tuple(age, text, fc.boolean()).map<Happening["make"]>(
    ([back, said, final]) =>
      (bench) =>
        ({ type: "reply", turn: turnOf(bench, back), text: said, final }) as const,
  ),
  age.map<Happening["make"]>(
    (back) => (bench) =>
      ({ type: "reply-failed", turn: turnOf(bench, back), error: "VC_REPLY_FAILED" }) as const,
  ),
  fc.constantFrom(...DEADLINES).map<Happening["make"]>((name) => () => ({ type: "deadline", name }) as const),
  fc.constantFrom(...OUTCOMES).map<Happening["make"]>((outcome) => () => ended(outcome)),
);

const happening: fc.Arbitrary<Happening> = fc.record({
  make,
  named: fc.boolean(),
  afterMs: fc.constantFrom(0, 1, 1_000, 20_000, 120_000),
});

const start = fc.constantFrom(
  () => dialing({}, { staleCallReaperSeconds: 400 }),
  () => dialing({ mode: "notify", message: "Done." }),
  inbound,
  pairing,
  adopted,
  turnedAway,
);

/** Everything a call goes through, with what each event found and did. */
function live(bench: Bench, happenings: readonly Happening[]): Lived[] {
  const tokens = bench.call.turn.token === null ? [] : [bench.call.turn.token];
  return happenings.map(({ make: next, named, afterMs }) => {
    const before = bench.call;
    bench.now += afterMs;
    const event = next(bench, tokens);
    const step = bench.step(event, named && isFact(event) ? CARRIER_ID : undefined);
    const { token } = step.call.turn;
    if (token !== null && token !== tokens.at(-1)) tokens.push(token);
    return { before, event, step, after: step.call };
  });
}

interface Lived {
  readonly before: Call;
  readonly event: CallEvent;
  readonly step: Step;
  readonly after: Call;
}

const FACTS = new Set(
  "initiated ringing answered detected fetched speech digits silence played ended".split(" "),
);
const isFact = ({ type }: CallEvent): boolean => FACTS.has(type);

/** Holds for every call, whatever happens to it in whatever order, late, doubled or never. */
function always(name: string, check: (lived: readonly Lived[], first: Call) => void): void {
  it(name, () => {
    fc.assert(
      fc.property(start, fc.array(happening, { maxLength: 40, size: "max" }), (begin, happenings) => {
        const bench = begin();
        const first = bench.call;
        check(live(bench, happenings), first);
      }),
      { numRuns: 400 },
    );
  });
}

const hangups = ({ step }: Lived) => step.effects.filter(({ kind }) => kind === "hangup");

describe("whatever happens to a call", () => {
  always("its state never falls back, and the end is the end", (lived) => {
    for (const { before, after } of lived) {
      expect(RANK[after.state]).toBeGreaterThanOrEqual(RANK[before.state]);
      if (isOver(before)) expect(after.state).toBe(before.state);
    }
  });

  always("it gets exactly one outcome with evidence, when it ends and never again", (lived) => {
    for (const { before, after } of lived) {
      expect(after.outcome !== null).toBe(isOver(after));
      expect(after.evidence !== null).toBe(isOver(after));
      expect(after.endedAt !== null).toBe(isOver(after));
      if (isOver(before)) {
        expect([after.outcome, after.evidence, after.endedAt]).toEqual([
          before.outcome,
          before.evidence,
          before.endedAt,
        ]);
      }
    }
  });

  always("it is reported once", (lived, first) => {
    const reports = lived.flatMap(({ step }) => step.effects.filter(({ kind }) => kind === "report"));
    const over = isOver(lived.at(-1)?.after ?? first);
    expect(reports.length).toBe(over && !isOver(first) ? 1 : 0);
  });

  always(
    "it is hung up at most once, and once more only if it lives on after we had given it up",
    (lived) => {
      const asked = lived.filter((one) => !isOver(one.before)).flatMap(hangups);
      const late = lived.filter((one) => isOver(one.before));
      expect(asked.length).toBeLessThanOrEqual(1);
      expect(late.flatMap(hangups).length).toBeLessThanOrEqual(1);
      for (const one of late) if (hangups(one).length > 0) expect(mayLinger(one.before)).toBe(true);
    },
  );

  always(
    "a hang-up is only ever asked for when the carrier's id is known, and then without fail",
    (lived) => {
      const sent = lived.flatMap((one) => (isOver(one.before) ? [] : hangups(one))).length > 0;
      for (const one of lived) if (hangups(one).length > 0) expect(one.after.carrierCallId).not.toBeNull();
      const owed = lived.some(
        ({ after }) => !isOver(after) && after.hangup !== null && after.carrierCallId !== null,
      );
      expect(sent).toBe(owed);
    },
  );

  always("generations only grow, and every new instruction has a new one", (lived) => {
    for (const { before, after } of lived) {
      const [old, now] = [before.instruction, after.instruction];
      if (now === old) continue;
      expect(now?.gen).toBe((old?.gen ?? 0) + 1);
    }
  });

  always("the carrier is only told the newest instruction, and never after the end", (lived) => {
    for (const { before, after, step } of lived) {
      for (const effect of step.effects) {
        if (effect.kind !== "instruct") continue;
        expect(effect.instruction).toEqual(after.instruction);
        expect(effect.instruction).not.toEqual(before.instruction);
        expect([isOver(after), before.hangup]).toEqual([false, null]);
      }
    }
  });

  always("every listen has a token of its own, which is the one in the instruction", (lived, first) => {
    const used = new Set([first.turn.token]);
    for (const { before, after } of lived) {
      const { token, phase } = after.turn;
      expect(token !== null).toBe(phase === "listening");
      if (token === null || token === before.turn.token) continue;
      expect(used.has(token)).toBe(false);
      used.add(token);
      expect(after.instruction?.next).toMatchObject({ kind: "listen", token });
    }
  });

  always("no deadline is left when it is over", (lived) => {
    for (const { after } of lived) if (isOver(after)) expect(after.deadlines).toEqual({});
  });

  always("a deadline always guards it while it is under way", (lived) => {
    for (const { after } of lived) {
      if (isOver(after)) continue;
      const guards = ["ring", "max-duration", "hangup"] as const;
      expect(guards.some((name) => after.deadlines[name] !== undefined)).toBe(true);
    }
  });

  always("the caller's words go to the agent or to a command, never to both", (lived) => {
    for (const { before, event, step } of lived) {
      const takers = step.effects.filter((effect) => effect.kind === "think" || effect.kind === "heard");
      expect(takers.length).toBeLessThanOrEqual(1);
      const heard = step.turns.filter(({ role }) => role === "caller");
      if (heard.length === 0) continue;
      expect(takers).toEqual([
        before.turn.for === "command"
          ? { kind: "heard", text: heard[0]?.text }
          : { kind: "think", turn: before.turn.no + 1, words: heard[0]?.text },
      ]);
      expect(event).toMatchObject({ token: before.turn.token });
    }
  });

  always("facts of another listen, and replies to another turn, say and hear nothing", (lived) => {
    for (const { before, event, step } of lived) {
      const stale =
        ("token" in event && event.token !== before.turn.token) ||
        ((event.type === "reply" || event.type === "reply-failed") &&
          (event.turn !== before.turn.no || before.turn.phase !== "thinking"));
      if (!stale) continue;
      expect(step.turns).toEqual([]);
      expect(step.effects.filter(({ kind }) => kind !== "hangup")).toEqual([]);
      expect(step.call.instruction).toEqual(before.instruction);
    }
  });

  always("every word that is recorded as said was given to the carrier in an instruction", (lived) => {
    for (const { after, step } of lived) {
      for (const { role, text: said } of step.turns) {
        if (role === "agent") expect(after.instruction?.say).toContain(said);
      }
    }
  });

  always("it is never dialled again, and looked for at most once", (lived) => {
    const kinds = lived.flatMap(({ step }) => step.effects.map(({ kind }) => kind));
    expect(kinds).not.toContain("dial");
    expect(kinds.filter((kind) => kind === "look-up").length).toBeLessThanOrEqual(1);
  });

  always("a refused request changes nothing", (lived) => {
    for (const { before, step } of lived) {
      if (step.refusal === undefined) continue;
      expect(step).toEqual({ call: before, effects: [], turns: [], refusal: step.refusal });
    }
  });

  it("the same events at the same moments give the same steps", () => {
    fc.assert(
      fc.property(start, fc.array(happening, { maxLength: 40, size: "max" }), (begin, happenings) => {
        expect(live(begin(), happenings)).toEqual(live(begin(), happenings));
      }),
      { numRuns: 100 },
    );
  });
});
