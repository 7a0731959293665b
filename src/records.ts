import { existsSync } from "node:fs";
import { VoiceCallError } from "./call/errors.ts";
import type { PhoneService } from "./call/service.ts";
import { readConfig } from "./config/index.ts";
import type { HostApi } from "./host/api.ts";
import { liveConfig } from "./host/config.ts";
import { storePath } from "./host/paths.ts";
import { Phone } from "./service/phone.ts";
import { setupReport } from "./service/setup.ts";
import { systemClock } from "./service/tools.ts";
import { emptyRecords } from "./store/empty.ts";
import { openSqliteReader } from "./store/reader.ts";

/**
 * A service that only reads the records on disk: no listener, no carrier, nothing written. `file` names another file
 * than the configured one, and has to be there; without any records of our own yet every list is empty.
 */
export async function openRecords(
  api: HostApi,
  env: Readonly<Record<string, string | undefined>>,
  file?: string,
): Promise<{ service: PhoneService; stop: () => Promise<void> }> {
  const read = () => readConfig(liveConfig(api), env);
  const reading = read();
  const path = file ?? storePath(api, reading.ok ? reading.config.store : undefined);
  const store = file === undefined && !existsSync(path) ? emptyRecords : await openSqliteReader(path);
  const problem = new VoiceCallError("VC_NOT_RUNNING");
  const service = new Phone({
    state: () => ({ plant: null, store, problem, provider: reading.ok ? reading.config.provider : "" }),
    refresh: () => Promise.resolve(),
    setup: () => setupReport({ api, plant: null, problem, store, readConfig: read }),
    now: () => systemClock.now(),
  });
  return { service, stop: () => store.close() };
}
