import { writeSync } from "node:fs";
import { isVoiceCallError } from "../../src/call/errors.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { change, next, sampleCall } from "./samples.ts";

/**
 * Run as a process: `committer.ts <file> <call id>`. Saves version after version of one call, each with its event, an
 * effect, a turn and a claim, and prints a version once its commit has been acknowledged; until it is killed, or a
 * commit fails, whose code it prints.
 */
const [path = "", id = ""] = process.argv.slice(2);
const store = await openSqliteStore({ path, now: () => 0 });
try {
  for (let call = sampleCall({ id }); ; call = next(call)) {
    await store.commit(
      change(call, {
        event: { type: "reply", turn: call.version, text: "word ".repeat(call.version % 400), final: true },
        effects: [{ kind: "look-up" }],
        turns: [{ role: "agent", text: "hello", at: call.version }],
        claim: { key: `${id}:${call.version}`, expiresAt: 1_000_000_000 },
      }),
    );
    writeSync(1, `${call.version}\n`);
  }
} catch (error) {
  writeSync(1, `${isVoiceCallError(error) ? error.code : String(error)}\n`);
}
