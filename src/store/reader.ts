import type { CallStore } from "../call/ports.ts";
import { Database } from "./database.ts";
import { SAMPLES_SINCE } from "./migrations.ts";
import { readCursor, readEvents, readSamples } from "./rows.ts";

/** What can be read from a file while the gateway that owns it runs, or does not. */
export type StoreReader = Pick<CallStore, "events" | "cursor" | "samples" | "close">;

const BUSY_TIMEOUT_MS = 2_000;

/**
 * Opens the file at `path` to read only; reads older schemas as they are. Throws `VC_STORE_FAILED` when it is not
 * there or not ours, `VC_STORE_NEWER` when a newer version wrote it.
 */
export async function openSqliteReader(path: string): Promise<StoreReader> {
  const db = Database.openToRead({ path, busyTimeoutMs: BUSY_TIMEOUT_MS });
  return {
    events: async (options) => readEvents(db, options),
    cursor: async () => readCursor(db),
    samples: async (last) => (db.version < SAMPLES_SINCE ? [] : readSamples(db, last)),
    close: async () => {
      db.close();
    },
  };
}
