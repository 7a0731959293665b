import { Worker } from "node:worker_threads";

/** Writes between two copies: about 36 MiB of log, most of it newer versions of the same pages. */
const EVERY_WRITES = 1_000;

/** What the thread does: copy what can be copied without holding up a writer. */
const COPY = `
  const { workerData } = require("node:worker_threads");
  const { DatabaseSync } = require("node:sqlite");
  const db = new DatabaseSync(workerData.path);
  db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  db.close();
`;

/**
 * Copies SQLite's write-ahead log into the file now and then, in a short-lived thread: the copy waits for the disk,
 * for tens of milliseconds on a good one, and nobody on the phone should wait with it. A copy that fails is made up
 * for by the next, or by SQLite itself once the log is long.
 */
export class Checkpoints {
  readonly #path: string;
  readonly #everyWrites: number;
  #writes = 0;
  #running: Promise<void> | null = null;

  constructor(path: string, everyWrites = EVERY_WRITES) {
    this.#path = path;
    this.#everyWrites = everyWrites;
  }

  /** Counts one write; starts a copy when it is time. */
  wrote(): void {
    this.#writes += 1;
    if (this.#writes < this.#everyWrites || this.#running !== null) return;
    this.#writes = 0;
    this.#running = copy(this.#path).finally(() => {
      this.#running = null;
    });
  }

  /** Resolves once no copy is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }
}

/** Never rejects. */
function copy(path: string): Promise<void> {
  const worker = new Worker(COPY, {
    name: "voice-call-store",
    eval: true,
    workerData: { path },
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  worker.unref();
  return new Promise((resolve) => {
    worker.on("error", () => {});
    worker.once("exit", () => resolve());
  });
}
