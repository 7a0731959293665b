import type { SpeakOrder, SpokenAudio, Voices } from "../../../src/conversation/live/speech.ts";
import type { AudioFormat } from "../../../src/media/commands.ts";

/** One request to a voice, answered by the test. */
export interface FakeSpeech {
  readonly order: SpeakOrder;
  readonly signal: AbortSignal;
  /** First or further audio. */
  audio(...bytes: readonly number[]): void;
  end(): void;
  fail(error: Error): void;
}

const PCMU: AudioFormat = { encoding: "pcmu" };

/** Voices that wait for the test, or say the letters of the text when they are `quick`. */
export class FakeVoices implements Voices {
  readonly speeches: FakeSpeech[] = [];
  list: readonly string[] | Error = ["first", "second"];
  format: AudioFormat = PCMU;
  quick = false;
  /** Providers that fail at once. */
  readonly broken = new Set<string>();
  lists = 0;

  get texts(): string[] {
    return this.speeches.map(({ order }) => order.text);
  }

  /** The latest request for that text. */
  of(text: string): FakeSpeech {
    const found = this.speeches.findLast(({ order }) => order.text === text);
    if (found === undefined) throw new Error(`"${text}" was not asked for`);
    return found;
  }

  providers(): Promise<readonly string[]> {
    this.lists++;
    return this.list instanceof Error ? Promise.reject(this.list) : Promise.resolve(this.list);
  }

  speak(order: SpeakOrder, signal: AbortSignal): Promise<SpokenAudio> {
    const { promise, resolve, reject } = Promise.withResolvers<SpokenAudio>();
    const { format } = this;
    const waiting: Uint8Array[] = [];
    let state: "open" | "over" | Error = "open";
    let wake: (() => void) | null = null;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (state instanceof Error) throw state;
        else if (state === "over") return;
        else
          await new Promise<void>((go) => {
            wake = go;
          });
      }
    }
    const speech: FakeSpeech = {
      order,
      signal,
      audio: (...bytes) => {
        waiting.push(Uint8Array.from(bytes));
        resolve({ format, chunks: chunks() });
        wake?.();
      },
      end: () => {
        state = "over";
        resolve({ format, chunks: chunks() });
        wake?.();
      },
      fail: (error) => {
        state = error;
        reject(error);
        wake?.();
      },
    };
    this.speeches.push(speech);
    if (this.broken.has(order.provider)) speech.fail(new Error("voice API error (503)"));
    else if (this.quick) {
      speech.audio(...new TextEncoder().encode(order.text));
      speech.end();
    }
    return promise;
  }
}
