/** What words sound like here: each text is a hum of its own pitch, in µ-law at 8 kHz. */

/**
 * The samples between two changes of sign, as many for a text as for no other: 67 to 570 Hz, low enough to be taken for a voice.
 * They are as many after a carrier has transcoded them, and about as loud.
 */
const SHORTEST_RUN = 7;
const LONGEST_RUN = 60;

/** A loud positive sample; with `SIGN` flipped it is the negative one. */
const LOUD = 0xa0;
const SIGN = 0x80;
/** µ-law is stored inverted: the larger these bits, the fainter. */
const MAGNITUDE = 0x7f;
const FAINT = 0x50;
/** Codes by which transcoding may change a sample. */
const INEXACT = 2;

/** Bytes of a millisecond. */
const PER_MS = 8;
/** Short texts last so long, longer ones by their length. */
const SHORTEST_MS = 400;
const MS_PER_CHARACTER = 30;

/** True for a byte that somebody would hear. */
export const isLoud = (byte: number): boolean => (byte & MAGNITUDE) < FAINT;

export class Tongue {
  /** No voice can speak. */
  isTied = false;
  /** Runs by text. */
  readonly #known = new Map<string, number>();

  /** How long it takes to say that. */
  lengthMs(text: string): number {
    return Math.max(SHORTEST_MS, text.length * MS_PER_CHARACTER);
  }

  /** The sound of a text. */
  say(text: string): Uint8Array {
    const run = this.#runOf(text);
    const length = this.lengthMs(text) * PER_MS;
    return Uint8Array.from({ length }, (_, at) => (Math.floor(at / run) % 2 === 0 ? LOUD : LOUD ^ SIGN));
  }

  /** How much of a text is in that audio, about; milliseconds. */
  heardMs(audio: Uint8Array, text: string): number {
    return (runsOf(audio).get(this.#runOf(text)) ?? 0) / PER_MS;
  }

  /** The text that most of the audio is; null when it is none. */
  understand(audio: Uint8Array): string | null {
    const runs = runsOf(audio);
    const lengthOf = (text: string): number => runs.get(this.#runOf(text)) ?? 0;
    const [best] = Array.from(this.#known.keys()).toSorted((a, b) => lengthOf(b) - lengthOf(a));
    return best === undefined || lengthOf(best) * 2 < audio.filter(isLoud).length ? null : best;
  }

  #runOf(text: string): number {
    const run = this.#known.get(text) ?? SHORTEST_RUN + this.#known.size;
    if (run > LONGEST_RUN) throw new Error("too many texts for one bench");
    this.#known.set(text, run);
    return run;
  }
}

/** As loud as it was said. */
const isTrue = (byte: number): boolean => Math.abs((byte & MAGNITUDE) - (LOUD & MAGNITUDE)) <= INEXACT;

/** How many samples are in runs of that length. Those that nobody can have said are left out. */
function runsOf(audio: Uint8Array): ReadonlyMap<number, number> {
  const samples = new Map<number, number>();
  let sign = 0;
  let run = 0;
  const over = (): void => {
    if (run > 0) samples.set(run, (samples.get(run) ?? 0) + run);
    run = 0;
  };
  for (const byte of audio) {
    if (!isTrue(byte)) {
      over();
      continue;
    }
    if ((byte & SIGN) !== sign) over();
    sign = byte & SIGN;
    run += 1;
  }
  over();
  return samples;
}
