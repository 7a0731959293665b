import type { CommandSpec } from "./command.ts";
import { reach } from "./reach.ts";
import { pairingTable } from "./words.ts";

/** `pairing list`, `pairing approve`, `pairing revoke`: who may call in when inboundPolicy is `pairing`. */
export const PAIRING: readonly CommandSpec[] = [
  {
    name: "list",
    summary: "Show callers that wait for approval and those approved",
    examples: ["", "--json"],
    run: async (run) => {
      const pairings = await reach(run.deps, { kind: "read" }, async ({ phone }) => await phone.pairings());
      run.print({ pairings }, pairingTable(pairings, run.deps.io.now()));
      return true;
    },
  },
  {
    name: "approve",
    summary: "Let the caller with this code call in from now on",
    examples: ["482913"],
    args: [["<code>", "The code the caller heard"]],
    run: async (run) => {
      const code = run.args[0] ?? "";
      const pairing = await reach(
        run.deps,
        { kind: "run" },
        async ({ phone }) => await phone.approvePairing(code),
      );
      run.print({ pairing }, [`${pairing.number} may call in from now on.`]);
      return true;
    },
  },
  {
    name: "revoke",
    summary: "No longer let a number call in",
    examples: ["+15550001234"],
    args: [["<number>", "The number in E.164 form"]],
    run: async (run) => {
      const number = run.args[0] ?? "";
      const revoked = await reach(
        run.deps,
        { kind: "run" },
        async ({ phone }) => await phone.revokePairing(number),
      );
      run.print({ revoked }, [revoked ? `${number} may no longer call in.` : `${number} was not paired.`]);
      return revoked;
    },
  },
];
