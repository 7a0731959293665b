import type { CalleeScript } from "./callee.ts";

/** Answering machine detection, as a create request asks for it (Twilio, parameters of the Call resource). */
export interface Detection {
  /** `Enable`: tells as soon as it knows. `DetectMessageEnd`: tells of a machine when its greeting is over. */
  readonly mode: "Enable" | "DetectMessageEnd";
  readonly timeoutMs: number;
  /** Silence after which a machine's greeting without a beep counts as over. */
  readonly endMs: number;
  /** `AsyncAmd=true`: the documents run meanwhile. Else the first one waits for the verdict. */
  readonly beside: boolean;
  /** Gets the verdict, if it is found out beside the call. */
  readonly callback: string | null;
}

export interface Verdict {
  readonly answeredBy: string;
  /** Milliseconds of call time after the answer. */
  readonly afterMs: number;
}

/** How long it takes to tell a person by the shortness of what is said, and a machine by its length. */
const PERSON_MS = 1500;
const MACHINE_MS = 2400;

/** What the detector finds out about this callee; null when it never says anything. */
export function verdictOn({ machine, verdict }: CalleeScript, detection: Detection): Verdict | null {
  if (verdict === "never") return null;
  const found =
    machine === null ? { answeredBy: "human", afterMs: PERSON_MS } : ofMachine(machine, detection);
  const timely = found.afterMs <= detection.timeoutMs;
  const { answeredBy, afterMs } = timely ? found : { answeredBy: "unknown", afterMs: detection.timeoutMs };
  return { answeredBy: verdict ?? answeredBy, afterMs };
}

function ofMachine(machine: NonNullable<CalleeScript["machine"]>, { mode, endMs }: Detection): Verdict {
  if (mode === "Enable") return { answeredBy: "machine_start", afterMs: MACHINE_MS };
  return machine.beep
    ? { answeredBy: "machine_end_beep", afterMs: machine.greetingMs }
    : { answeredBy: "machine_end_silence", afterMs: machine.greetingMs + endMs };
}
