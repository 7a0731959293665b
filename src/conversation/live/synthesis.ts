import type { Clock } from "../../call/ports.ts";
import { abortable } from "../abortable.ts";
import { outage } from "./outage.ts";
import { patience } from "./patience.ts";
import { lengthMs, Recording } from "./recording.ts";
import type { SpeakOrder, Voices } from "./speech.ts";

/** A voice that takes longer to its first byte has failed: the caller hears nothing meanwhile. */
const FIRST_BYTE_MS = 8_000;
/** The same for a voice that falls silent in the middle. */
const STALL_MS = 5_000;
/** No sentence is longer; a stream that does not end is cut here. */
const LONGEST_MS = 180_000;

export interface Synthesis {
  /** Ends as done or failed by itself, within the time-outs. */
  readonly recording: Recording;
  /** Nobody wants it any more. What still comes is dropped. */
  cancel(): void;
}

/** Has one provider speak one text. Never throws; how it went is in the recording. */
export function synthesise(voices: Voices, clock: Clock, order: SpeakOrder): Synthesis {
  const recording = new Recording(order.provider, clock.now());
  const stop = new AbortController();
  void run(voices, clock, order, recording, stop);
  return {
    recording,
    cancel: () => {
      const reason = outage("cancelled");
      recording.fail(reason);
      stop.abort(reason);
    },
  };
}

async function run(
  voices: Voices,
  clock: Clock,
  order: SpeakOrder,
  recording: Recording,
  stop: AbortController,
): Promise<void> {
  const { signal } = stop;
  const wait = (ms: number): (() => void) => patience(clock, ms, () => stop.abort(outage("timeout")));
  let cancel = wait(FIRST_BYTE_MS);
  let chunks: AsyncIterator<Uint8Array> | null = null;
  try {
    const spoken = await abortable(voices.speak(order, signal), signal);
    chunks = spoken.chunks[Symbol.asyncIterator]();
    for (;;) {
      const next = await abortable(chunks.next(), signal);
      if (next.done === true) break;
      recording.add(next.value, spoken.format, clock.now());
      if (lengthMs(recording.bytes, spoken.format) > LONGEST_MS) break;
      if (recording.bytes === 0) continue;
      cancel();
      cancel = wait(STALL_MS);
    }
    if (recording.bytes === 0) throw outage("empty audio");
    recording.end(clock.now());
  } catch (error) {
    recording.fail(error instanceof Error ? error : outage("unknown error"));
  } finally {
    cancel();
    stop.abort(outage("over"));
    chunks?.return?.().catch(() => undefined);
  }
}
