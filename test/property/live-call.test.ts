import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveEffect } from "../../src/conversation/live/turn/facts.ts";
import { SETTINGS } from "../conversation/live/turn/talk.ts";
import { World, type Answer, type Script, type Utterance } from "./live-world.ts";

const utterance: fc.Arbitrary<Utterance> = fc.record({
  afterMs: fc.constantFrom(150, 400, 700, 1_500, 4_000, 9_000),
  kind: fc.constantFrom("words", "words", "words", "mhm", "cough", "key"),
  words: fc.integer({ min: 1, max: 8 }),
  loud: fc.constantFrom(true, true, true, false),
  tailMs: fc.constantFrom(0, 200, 600, null),
});

/** Providers make words final before they tell others; one that never does is noticed when the caller waits. */
function finalInTime(utterances: readonly Utterance[]): readonly Utterance[] {
  return utterances.map((one, index) => {
    const isFollowed = (utterances[index + 1]?.afterMs ?? Number.POSITIVE_INFINITY) < 4_000;
    return isFollowed && one.tailMs !== 0 ? { ...one, tailMs: 30 } : one;
  });
}

const answer: fc.Arbitrary<Answer> = fc.record({
  afterMs: fc.constantFrom(50, 400, 1_500, 6_000),
  sentences: fc.integer({ min: 0, max: 4 }),
  ending: fc.constantFrom("thought", "thought", "thought", "thought-failed", "unfinished", "nothing"),
});

const script: fc.Arbitrary<Script> = fc.record({
  caller: fc.array(utterance, { maxLength: 12, size: "max" }).map(finalInTime),
  agent: fc.array(answer, { minLength: 1, maxLength: 5 }),
  voiceMs: fc.constantFrom(20, 300, 2_000),
  wireMs: fc.constantFrom(1, 40),
  opening: fc.constantFrom("", "Hello, this is the clinic."),
  interruption: fc.constantFrom(true, true, false),
});

type Lines = readonly { readonly at: number; readonly role: "agent" | "caller"; readonly text: string }[];

const linesOf = ({ effects }: World): Lines =>
  effects.flatMap(({ at, effect }) =>
    effect.kind === "said" ? [{ at, role: effect.role, text: effect.text }] : [],
  );

const marks = (text: string): string[] => text.match(/\bw\d+\b/g) ?? [];

const thoughtsOf = ({ effects }: World) =>
  effects.flatMap(({ effect }) => (effect.kind === "think" ? [effect] : []));

const LAWS: Readonly<Record<string, (world: World, script: Script) => void>> = {
  "ends with a goodbye or an apology that was heard": ({ turn, effects, sounds }) => {
    expect(turn.over).toBe(true);
    expect(effects.at(-1)?.effect.kind).toBe("hang-up");
    const { goodbye, giveUp } = SETTINGS.phrases;
    expect([goodbye, giveUp]).toContain(sounds.findLast(({ who }) => who === "agent")?.text);
  },

  "has on record of ours just what was heard, in that order": (world) => {
    const heard = world.sounds.filter(({ who }) => who === "agent");
    const lines = linesOf(world).filter(({ role }) => role === "agent");
    expect(lines.map(({ text }) => text)).toEqual(heard.map(({ text }) => text));
  },

  "has on record what the caller said, in that order, after what was heard before": (world) => {
    const lines = linesOf(world);
    const text = lines.map((line) => `${line.role}: ${line.text}`);
    let last = -1;
    for (const { who, text: words, from } of world.sounds) {
      if (who !== "caller") continue;
      const at = lines.findIndex(
        ({ role, text: line }) => role === "caller" && marks(line).includes(marks(words)[0] ?? ""),
      );
      // A call that is being closed does not wait for words.
      if (at < 0 && world.turn.closing !== null && from > world.turn.closing.since - 5_000) continue;
      // Somebody who says one word over the opening is heard on the second.
      if (at < 0 && marks(words).join(" ") === words && text.length > 0) continue;
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
      const before = world.sounds.filter((sound) => sound.who === "agent" && sound.to < from - 100).length;
      expect(lines.slice(0, at).filter(({ role }) => role === "agent").length).toBeGreaterThanOrEqual(before);
    }
  },

  "lets every reply that nobody interrupted be heard whole": (world, { agent }) => {
    const all = world.effects.map(({ effect }) => effect);
    for (const { thought } of thoughtsOf(world)) {
      const own = all.filter((effect) => "thought" in effect && effect.thought === thought);
      const counts = own.some(
        (effect) => effect.kind === "confirmed" || (effect.kind === "think" && effect.sure),
      );
      if (!counts || own.some(({ kind }) => kind === "drop") || isInterrupted(all, thought)) continue;
      const script = agent[(thought - 1) % agent.length];
      if (script === undefined || script.ending === "unfinished" || script.ending === "thought-failed")
        continue;
      for (let index = 0; index < script.sentences; index++) {
        const text = `Sentence w${thought * 100 + index} says this and that.`;
        expect(world.sounds.filter(({ who, text: heard }) => who === "agent" && heard === text)).toHaveLength(
          1,
        );
      }
    }
  },

  "answers whatever the caller has said, unless the caller goes on, or the call is being closed": (world) => {
    const asked = thoughtsOf(world).flatMap(({ words }) => marks(words));
    const { closing } = world.turn;
    for (const line of linesOf(world)) {
      if (line.role !== "caller" || (closing !== null && line.at >= closing.since)) continue;
      for (const mark of marks(line.text)) expect(asked).toContain(mark);
    }
  },

  "never has two of our voices at once": ({ sounds }) => {
    const ours = sounds.filter(({ who }) => who === "agent");
    for (const [index, { from }] of ours.entries()) {
      const before = ours[index - 1];
      if (before !== undefined) expect(from).toBeGreaterThanOrEqual(before.to);
    }
  },
};

/** The caller took the floor while it was on. */
function isInterrupted(effects: readonly LiveEffect[], thought: number): boolean {
  const from = effects.findIndex((effect) => effect.kind === "think" && effect.thought === thought);
  const next = effects.findIndex((effect) => effect.kind === "think" && effect.thought === thought + 1);
  return effects.slice(from, next < 0 ? undefined : next).some(({ kind }) => kind === "interrupted");
}

describe("a call whose media plane, agent and caller behave, with delays", () => {
  it.each(Object.entries(LAWS))("%s", (_, law) => {
    const check = (how: Script): void => {
      const world = new World(how);
      world.run();
      law(world, how);
    };
    expect(() => fc.assert(fc.property(script, check), { numRuns: 200 })).not.toThrow();
  });
});
