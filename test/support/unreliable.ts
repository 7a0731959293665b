import type { CarrierFact, WebhookReply } from "../../src/call/ports.ts";
import { seededRandom } from "./random.ts";

type Deliver = (fact: CarrierFact) => Promise<WebhookReply>;

export interface Unreliability {
  /** Chance (0–1) that a fact arrives twice: at once, or a few facts later. */
  readonly duplicate?: number;
  /** Chance that a fact is held back until one to four later facts have passed it. */
  readonly reorder?: number;
  /** Chance that a fact never arrives. */
  readonly lose?: number;
  readonly seed: number;
}

export interface UnreliableDeliver extends Deliver {
  /** Facts held back at this moment. */
  readonly held: number;
  /** Delivers what is held back. Call it at the end, or a held fact counts as lost. */
  flush(): Promise<void>;
}

/**
 * A webhook path that loses, doubles and reorders. Repeatable: the same seed and the same facts in give the same
 * facts out. The sender sees 202 for a fact that is lost or held back, and the real reply for any other.
 */
export function unreliable(deliver: Deliver, faults: Unreliability): UnreliableDeliver {
  const random = seededRandom(faults.seed);
  const chance = (p = 0): boolean => random() < p;
  let held: { readonly fact: CarrierFact; passes: number }[] = [];

  const releaseDue = async (): Promise<void> => {
    for (const entry of held) entry.passes -= 1;
    const due = held.filter((entry) => entry.passes <= 0);
    held = held.filter((entry) => entry.passes > 0);
    for (const entry of due) await deliver(entry.fact);
  };
  const hold = (fact: CarrierFact): void => {
    held.push({ fact, passes: 1 + Math.floor(random() * 4) });
  };
  const path = async (fact: CarrierFact): Promise<WebhookReply> => {
    const [lost, late, twice] = [chance(faults.lose), chance(faults.reorder), chance(faults.duplicate)];
    const again = twice && chance(0.5);
    if (lost) return { status: 202 };
    if (late) {
      await releaseDue();
      hold(fact);
      if (twice) hold(fact);
      return { status: 202 };
    }
    const reply = await deliver(fact);
    if (again) await deliver(fact);
    await releaseDue();
    if (twice && !again) hold(fact);
    return reply;
  };
  const flush = async (): Promise<void> => {
    const rest = held;
    held = [];
    for (const entry of rest) await deliver(entry.fact);
  };
  return Object.defineProperty(Object.assign(path, { flush }), "held", {
    get: () => held.length,
  }) as UnreliableDeliver;
}
