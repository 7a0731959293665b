import type { Clock } from "../../call/ports.ts";
import { Handset, type HandsetOptions } from "./handset.ts";
import { parseTyped } from "./terminal-view.ts";

export { paintFor, type Paint } from "./terminal-view.ts";

export interface TerminalPhoneOptions extends HandsetOptions {
  /** What the person types, line by line. After its end the phone stays until the running call is over. */
  readonly input: AsyncIterable<string>;
  readonly clock: Clock;
  /** Puts the phone away. */
  readonly signal: AbortSignal;
  /** How often the screen is read; default 250 ms. Below 3 s, or the phone does not count as attached. */
  readonly pollMs?: number;
}

/**
 * A phone in the terminal: shows what happens on the line and turns typed lines into speech. Resolves when the
 * person quits, the signal fires, or the input has ended and no call is left; a call of this person is hung up
 * first. Rejects when the screen cannot be read any more.
 */
export async function runTerminalPhone(options: TerminalPhoneOptions): Promise<void> {
  const { input, clock, signal, pollMs = 250 } = options;
  const handset = new Handset(options);
  const done = Promise.withResolvers<void>();
  const finished = new AbortController();
  const over = AbortSignal.any([signal, finished.signal]);
  over.addEventListener("abort", () => done.resolve(), { once: true });
  if (over.aborted) return;

  // One thing at a time: a read of the screen never overtakes a command that is still under way.
  let queue = Promise.resolve();
  const enqueue = (job: () => Promise<void>): Promise<void> => {
    queue = inTurn(queue, job);
    return queue;
  };
  const inTurn = async (before: Promise<void>, job: () => Promise<void>): Promise<void> => {
    await before;
    if (over.aborted) return;
    try {
      await job();
      if (handset.done) finished.abort();
    } catch (error) {
      done.reject(error);
    }
  };

  let cancelPoll = noTimer;
  const poll = async (): Promise<void> => {
    await enqueue(() => handset.look());
    if (!over.aborted) cancelPoll = clock.at(clock.now() + pollMs, () => void poll());
  };
  const lines = input[Symbol.asyncIterator]();
  const read = async (): Promise<void> => {
    while (!over.aborted) {
      const line = await lines.next();
      if (line.done === true) return enqueue(async () => handset.inputEnded());
      await enqueue(() => handset.type(parseTyped(line.value)));
    }
  };

  handset.greet();
  try {
    void poll();
    read().catch((error: unknown) => done.reject(error));
    await done.promise;
  } finally {
    finished.abort();
    cancelPoll();
    lines.return?.().catch(() => {});
    await queue;
    await handset.putAway();
  }
}

const noTimer = (): void => {};
