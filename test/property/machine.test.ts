import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeadlineName } from "../../src/call/call.ts";
import type { CallEvent } from "../../src/call/event.ts";
import {
  adopted,
  BARE,
  CARRIER_ID,
  dialing,
  ended,
  inbound,
  pairing,
  turnedAway,
  type Bench,
} from "../call/bench.ts";
import { LAWS, type Lived } from "./laws.ts";

const OUTCOMES = ["completed", "busy", "no-answer", "canceled", "failed", "rejected", "voicemail"] as const;
const DEADLINES: readonly DeadlineName[] = [
  "ring",
  "max-duration",
  "stale",
  "listen",
  "keys",
  "screening",
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
      { type: "detected", by: "machine", over: true },
      { type: "detected", by: "human" },
      { type: "detected", by: "unknown" },
      { type: "key", digit: "1" },
      { type: "key", digit: "#" },
      { type: "speaking" },
      { type: "dialed", carrierCallId: CARRIER_ID },
      { type: "dial-refused", error: "VC_CARRIER_REFUSED", detail: "x" },
      { type: "dial-uncertain" },
      { type: "hung-up" },
      { type: "speak", text: "News." },
      { type: "ask", text: "Well?" },
      { type: "press", digits: "1" },
      { type: "transfer", to: "+15550100001", text: "I connect you." },
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
  // Words of a carrier that does not echo the token, but tells when they ended.
  fc.tuple(fc.integer({ min: -30_000, max: 0 }), text).map<Happening["make"]>(
    ([sinceMs, said]) =>
      (bench) =>
        ({ type: "speech", token: null, text: said, at: bench.now + sinceMs }) as const,
  ),
  age.map<Happening["make"]>((back) => (bench) => ({ type: "fetched", gen: genOf(bench, back) }) as const),
  fc.tuple(age, fc.boolean()).map<Happening["make"]>(
    ([back, reached]) =>
      (bench) =>
        ({ type: "transfer-ended", gen: genOf(bench, back), reached }) as const,
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

const screened = (answeringMachine: string) => ({ outbound: { answeringMachine } });
const notify = { mode: "notify", message: "Done." } as const;

const start = fc.constantFrom(
  () => dialing({}, { staleCallReaperSeconds: 400 }),
  () => dialing(notify),
  () => dialing({}, {}, BARE),
  () => dialing({}, screened("leave-message")),
  () => dialing(notify, screened("leave-message"), BARE),
  () => dialing(notify, screened("hangup")),
  () => dialing({}, screened("continue"), BARE),
  () => inbound({}, BARE),
  () => inbound(),
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

const FACTS = new Set(
  "initiated ringing answered detected fetched speech digits key speaking silence played transfer-ended ended".split(
    " ",
  ),
);
const isFact = ({ type }: CallEvent): boolean => FACTS.has(type);

const lives = (check: (begin: () => Bench, happenings: readonly Happening[]) => void, numRuns: number) => {
  const happenings = fc.array(happening, { maxLength: 40, size: "max" });
  fc.assert(fc.property(start, happenings, check), { numRuns });
};

describe("whatever happens to a call", () => {
  it.each(Object.entries(LAWS))("%s", (_, law) => {
    const check = (begin: () => Bench, happenings: readonly Happening[]) => {
      const bench = begin();
      const first = bench.call;
      law(live(bench, happenings), first);
    };
    expect(() => lives(check, 400)).not.toThrow();
  });

  it("the same events at the same moments give the same steps", () => {
    expect(() =>
      lives((begin, happenings) => {
        expect(live(begin(), happenings)).toEqual(live(begin(), happenings));
      }, 100),
    ).not.toThrow();
  });
});
