import type { Params } from "./delivery.ts";

interface Report {
  readonly status: string;
  readonly more: Params;
}

export interface ReportSettings {
  /** Keeps the `answered` callback back until the call is over. */
  readonly lateAnswer: boolean;
  /** Sends each status callback after the next one. */
  readonly reorder: boolean;
  send(report: Params): Promise<void>;
}

/** The status callbacks of one call: in order, one after the other, unless a fault says otherwise. */
export class Reports {
  readonly #settings: ReportSettings;
  readonly #held: Report[] = [];
  #sequence = 0;
  #sent: Promise<unknown> = Promise.resolve();

  constructor(settings: ReportSettings) {
    this.#settings = settings;
  }

  /** Resolves once what was reported so far has been answered. */
  get sent(): Promise<unknown> {
    return this.#sent;
  }

  report(event: string, status: string, more: Params): void {
    const last = event === "completed";
    const report: Report = { status, more: { ...more, ...this.#progress() } };
    const { lateAnswer, reorder } = this.#settings;
    const hold = !last && ((lateAnswer && event === "answered") || (reorder && this.#held.length === 0));
    if (hold) {
      this.#held.push(report);
      return;
    }
    const due = [report, ...this.#held.splice(0, lateAnswer && !last ? 0 : this.#held.length)];
    for (const { status: at, more: fields } of due) {
      this.#sent = this.#sent.then(() => this.#settings.send({ CallStatus: at, ...fields }));
    }
  }

  #progress(): Params {
    return {
      CallbackSource: "call-progress-events",
      SequenceNumber: String(this.#sequence++),
      Timestamp: new Date().toUTCString().replace("GMT", "+0000"),
    };
  }
}
