/** Milliseconds of the machine's monotonic clock, which all its processes share. */
export interface Turn {
  /** The person's last sound left their phone. */
  readonly silentAt: number;
  /** The first audible frame of the answer arrived at the carrier. */
  readonly arrivedAt: number;
}

/** Somebody at the emulated carrier who is called, or will be. What cannot come any more rejects. */
export interface FarPerson {
  /** Says something when it is their turn; resolves when it is said. `msPerChar`: 20 or more. */
  speak(text: string, msPerChar?: number): Promise<void>;
  /** Resolves with the first utterance that holds `words`. */
  hears(words: string): Promise<string>;
  /** Everything they have heard, by utterances. */
  heard(): Promise<readonly string[]>;
  /** Says something and waits for the first sound of the answer. */
  asks(text: string, msPerChar: number): Promise<Turn>;
  hangUp(): Promise<void>;
  /** Resolves once the call and its audio sockets are over, with how many of these there were. */
  ended(): Promise<number>;
}

/** From the test to the carrier's process. */
export type FarOrder =
  /** Where our public address is really served. */
  | { readonly type: "reach"; readonly port: number }
  | {
      readonly type: "ask";
      readonly id: number;
      readonly to: string;
      readonly what: keyof FarPerson;
      readonly args: readonly unknown[];
    }
  /** Answered with what the carrier's console shows. */
  | { readonly type: "problems"; readonly id: number };

/** And back. */
export type FarAnswer =
  | { readonly type: "ready"; readonly url: string }
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "failure"; readonly id: number; readonly message: string };

/** Between `performance.now()` of this process and the machine's clock; the best of many looks, as time passes between two. */
const OFFSET = Math.max(
  ...Array.from({ length: 1000 }, () => Number(process.hrtime.bigint()) / 1e6 - performance.now()),
);

export const machineTime = (at: number): number => at + OFFSET;
