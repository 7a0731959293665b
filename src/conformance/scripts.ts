import { CALLS } from "./calls.ts";
import { FAULTS } from "./faults.ts";
import { INBOUND } from "./inbound.ts";
import { LIVE } from "./live.ts";
import { LIVE_SOCKETS } from "./live-sockets.ts";
import { ABILITIES } from "./abilities.ts";
import type { Bench } from "./bench.ts";

/** One thing that a carrier must do. `run` throws when it does not. */
export interface Script {
  /** A sentence of behaviour. */
  readonly name: string;
  readonly run: (bench: Bench) => Promise<void>;
}

/** All scripts, in no particular order: each uses people of its own, begins with plain settings and leaves nothing behind. */
export const conformanceScripts: readonly Script[] = [
  ...CALLS,
  ...INBOUND,
  ...ABILITIES,
  ...LIVE,
  ...LIVE_SOCKETS,
  ...FAULTS,
].map(({ name, run }) => ({
  name,
  run: async (bench) => {
    bench.configure({});
    await run(bench);
  },
}));
