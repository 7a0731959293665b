import { toVoiceCallError, VoiceCallError } from "../call/errors.ts";
import type { AskResult, Heard } from "../call/service.ts";
import { randomIds } from "./tools.ts";

/** A result nobody fetched is forgotten after this long. */
const KEEP_MS = 15 * 60 * 1_000;
/** More are forgotten oldest first; finished ones before running ones is not needed at this number. */
const MOST = 500;

/** Long questions as operations to poll, for clients whose own time-outs are short. */
export class Operations {
  readonly #results = new Map<string, { readonly startedAt: number; result: AskResult }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  start(asking: Promise<Heard>): string {
    const id = `op_${randomIds.token()}`;
    const entry: { startedAt: number; result: AskResult } = {
      startedAt: this.#now(),
      result: { status: "pending" },
    };
    this.#results.set(id, entry);
    this.#forgetOld();
    asking.then(
      ({ text }) => (entry.result = { status: "done", text }),
      (error: unknown) => (entry.result = { status: "failed", error: toVoiceCallError(error).toJSON() }),
    );
    return id;
  }

  /** Throws `VC_OPERATION_UNKNOWN`. A result may be fetched more than once. */
  result(id: string): AskResult {
    this.#forgetOld();
    const entry = this.#results.get(id);
    if (entry === undefined) throw new VoiceCallError("VC_OPERATION_UNKNOWN");
    return entry.result;
  }

  #forgetOld(): void {
    for (const [id, { startedAt }] of this.#results) {
      if (this.#results.size <= MOST && startedAt > this.#now() - KEEP_MS) break;
      this.#results.delete(id);
    }
  }
}
