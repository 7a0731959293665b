import { expect } from "vitest";
import { isOver, mayLinger, type Call, type CallState } from "../../src/call/call.ts";
import type { CallEvent } from "../../src/call/event.ts";
import type { Step } from "../../src/call/step.ts";

const RANK: Record<CallState, number> = {
  dialing: 0,
  ringing: 1,
  answered: 2,
  live: 3,
  refused: 4,
  ended: 4,
};

/** One event of a call's life: what it found and what it did. */
export interface Lived {
  readonly before: Call;
  readonly event: CallEvent;
  readonly step: Step;
  readonly after: Call;
}

const hangups = ({ step }: Lived) => step.effects.filter(({ kind }) => kind === "hangup");

/** What holds for every call, whatever happens to it in whatever order, late, doubled or never. */
export const LAWS: Readonly<Record<string, (lived: readonly Lived[], first: Call) => void>> = {
  "its state never falls back, and the end is the end": (lived) => {
    for (const { before, after } of lived) {
      expect(RANK[after.state]).toBeGreaterThanOrEqual(RANK[before.state]);
      if (isOver(before)) expect(after.state).toBe(before.state);
    }
  },

  "it gets exactly one outcome with evidence, when it ends and never again": (lived) => {
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
  },

  "it is reported once": (lived, first) => {
    const reports = lived.flatMap(({ step }) => step.effects.filter(({ kind }) => kind === "report"));
    const over = isOver(lived.at(-1)?.after ?? first);
    expect(reports.length).toBe(over && !isOver(first) ? 1 : 0);
  },

  "it is hung up at most once, and once more only if it lives on after we had given it up": (lived) => {
    const asked = lived.filter((one) => !isOver(one.before)).flatMap(hangups);
    const late = lived.filter((one) => isOver(one.before));
    expect(asked.length).toBeLessThanOrEqual(1);
    expect(late.flatMap(hangups).length).toBeLessThanOrEqual(1);
    for (const one of late) if (hangups(one).length > 0) expect(mayLinger(one.before)).toBe(true);
  },

  "a hang-up is only ever asked for when the carrier's id is known, and then without fail": (lived) => {
    const sent = lived.flatMap((one) => (isOver(one.before) ? [] : hangups(one))).length > 0;
    for (const one of lived) if (hangups(one).length > 0) expect(one.after.carrierCallId).not.toBeNull();
    const owed = lived.some(
      ({ after }) => !isOver(after) && after.hangup !== null && after.carrierCallId !== null,
    );
    expect(sent).toBe(owed);
  },

  "generations only grow, and every new instruction has a new one": (lived) => {
    for (const { before, after } of lived) {
      const [old, now] = [before.instruction, after.instruction];
      if (now === old) continue;
      expect(now?.gen).toBe((old?.gen ?? 0) + 1);
    }
  },

  "the carrier is only told the newest instruction, and never after the end": (lived) => {
    for (const { before, after, step } of lived) {
      for (const effect of step.effects) {
        if (effect.kind !== "instruct") continue;
        expect(effect.instruction).toEqual(after.instruction);
        // The first one is there before anybody has picked up; a carrier of single commands is told it then.
        const begins = before.traits.ownStart && before.answeredAt === null;
        if (!begins) expect(effect.instruction).not.toEqual(before.instruction);
        expect([isOver(after), before.hangup]).toEqual([false, null]);
      }
    }
  },

  "every listen has a token of its own, which is the one in the instruction": (lived, first) => {
    const used = new Set([first.turn.token]);
    for (const { before, after } of lived) {
      const { token, phase } = after.turn;
      expect(token !== null).toBe(phase === "listening");
      if (token === null || token === before.turn.token) continue;
      expect(used.has(token)).toBe(false);
      used.add(token);
      expect(after.instruction?.next).toMatchObject({ kind: "listen", token });
    }
  },

  "no deadline is left when it is over": (lived) => {
    for (const { after } of lived) if (isOver(after)) expect(after.deadlines).toEqual({});
  },

  "a deadline always guards it while it is under way": (lived) => {
    for (const { after } of lived) {
      if (isOver(after)) continue;
      const guards = ["ring", "max-duration", "hangup"] as const;
      expect(guards.some((name) => after.deadlines[name] !== undefined)).toBe(true);
    }
  },

  "the caller's words go to the agent or to a command, never to both": (lived) => {
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
      expect(before.turn.phase).toBe("listening");
      if ("token" in event && event.token !== null) expect(event.token).toBe(before.turn.token);
    }
  },

  "words without a token count if they ended after the listen began": (lived) => {
    for (const { before, event, step } of lived) {
      if (event.type !== "speech" || event.token !== null) continue;
      const late = before.turn.since === null || (event.at ?? 0) < before.turn.since;
      if (late) expect(step.turns).toEqual([]);
    }
  },

  "keys are heard in the listen in which they were pressed, each once": (lived) => {
    let pressed = "";
    for (const { before, event, step, after } of lived) {
      if (before.turn.token !== null && event.type === "key") pressed = before.turn.keys + event.digit;
      const heard = step.turns.find(({ role }) => role === "caller");
      if (heard !== undefined && before.turn.keys !== "") {
        expect(heard.text).toContain(`[digits ${before.turn.keys}]`);
        expect(pressed.startsWith(before.turn.keys)).toBe(true);
      }
      if (after.turn.token !== before.turn.token) expect(after.turn.keys).toBe("");
      if (after.turn.keys !== "") expect(after.deadlines.keys).toBeDefined();
    }
  },

  "a carrier of single commands is told something once somebody has picked up, never before": (lived) => {
    for (const { before, after, step } of lived) {
      if (!before.traits.ownStart) continue;
      const told = step.effects.filter(({ kind }) => kind === "instruct");
      if (told.length > 0) expect(after.answeredAt).not.toBeNull();
      const answers = before.answeredAt === null && after.answeredAt !== null;
      if (answers && after.hangup === null && !isOver(after)) expect(told).toHaveLength(1);
    }
  },

  "a listen that its carrier would let pass in silence has a time of its own": (lived) => {
    let given: number | null = null;
    for (const { before, event, after } of lived) {
      const { turn, instruction, traits, deadlines } = after;
      if (event.type === "delivered" && event.gen === before.instruction?.gen) given = event.gen;
      if (!traits.ownSilence) expect(deadlines.listen).toBeUndefined();
      if (!traits.ownSilence || turn.phase !== "listening" || after.hangup !== null || isOver(after))
        continue;
      if (instruction === null || instruction.gen !== given) continue;
      expect(deadlines.listen ?? deadlines.keys).toBeDefined();
    }
  },

  "nobody listens and nothing is said while it is handed over, and only its own end ends that": (lived) => {
    for (const { before, after, event, step } of lived) {
      if (before.instruction?.next.kind !== "transfer" || isOver(before)) continue;
      expect([before.turn.phase, before.turn.token]).toEqual(["idle", null]);
      if (after.instruction === before.instruction) continue;
      expect(event).toMatchObject({ type: "transfer-ended", gen: before.instruction.gen, reached: false });
      expect(step.turns.filter(({ role }) => role === "caller")).toEqual([]);
    }
  },

  "a machine that its policy does not talk to is hung up on, or hears the first words at most once more": (
    lived,
    first,
  ) => {
    const { screening } = first;
    if (screening === null) return;
    const left = lived.filter(
      ({ event, step }) =>
        (event.type === "detected" || event.type === "deadline") &&
        step.turns.some(({ text }) => screening.words.includes(text)),
    );
    expect(left.length).toBeLessThanOrEqual(screening.policy === "leave-message" ? 1 : 0);
    for (const { after } of lived) {
      const isMachine = after.screening?.verdict === "machine" && after.screening.policy === "hangup";
      if (isMachine && !isOver(after)) expect(after.hangup).not.toBeNull();
    }
  },

  "facts of another listen, and replies to another turn, say and hear nothing": (lived) => {
    for (const { before, event, step } of lived) {
      const stale =
        ("token" in event && event.token !== null && event.token !== before.turn.token) ||
        ((event.type === "reply" || event.type === "reply-failed") &&
          (event.turn !== before.turn.no || before.turn.phase !== "thinking"));
      if (!stale) continue;
      expect(step.turns).toEqual([]);
      expect(step.effects.filter(({ kind }) => kind !== "hangup")).toEqual([]);
      expect(step.call.instruction).toEqual(before.instruction);
    }
  },

  "every word that is recorded as said was given to the carrier in an instruction": (lived) => {
    for (const { after, step } of lived) {
      for (const { role, text: said } of step.turns) {
        if (role === "agent") expect(after.instruction?.say).toContain(said);
      }
    }
  },

  "it is never dialled again, and looked for at most once": (lived) => {
    const kinds = lived.flatMap(({ step }) => step.effects.map(({ kind }) => kind));
    expect(kinds).not.toContain("dial");
    expect(kinds.filter((kind) => kind === "look-up").length).toBeLessThanOrEqual(1);
  },

  "a refused request changes nothing": (lived) => {
    for (const { before, step } of lived) {
      if (step.refusal === undefined) continue;
      expect(step).toEqual({ call: before, effects: [], turns: [], refusal: step.refusal });
    }
  },
};
