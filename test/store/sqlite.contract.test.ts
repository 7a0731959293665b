import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { storeContract } from "./contract.ts";

const folder = mkdtempSync(join(tmpdir(), "vc-store-"));
let count = 0;
afterAll(() => {
  rmSync(folder, { recursive: true });
});

storeContract("the SQLite store", async () =>
  openSqliteStore({ path: join(folder, `${(count += 1)}.sqlite`), now: () => 0 }),
);
