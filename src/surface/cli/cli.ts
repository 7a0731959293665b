import { CALLING } from "./calling.ts";
import { registerCommand } from "./command.ts";
import type { CliDeps } from "./deps.ts";
import { EXPOSE } from "./expose.ts";
import { HANDSET } from "./handset.ts";
import { PAIRING } from "./pairing.ts";
import { CLI_DESCRIPTOR, type Program } from "./program.ts";
import { SMOKE } from "./smoke.ts";
import { WATCHING } from "./watching.ts";

/** Adds `voicecall …` to the host's program. */
export function registerCli(program: Program, deps: CliDeps): void {
  const root = program.command(CLI_DESCRIPTOR.name).description(CLI_DESCRIPTOR.description);
  root.addHelpText(
    "after",
    "\nCommands go to the running gateway. Every command takes --json and exits 0 or 1.",
  );
  for (const spec of [...WATCHING, SMOKE, ...CALLING, EXPOSE, HANDSET])
    registerCommand(root, spec, deps, "voicecall");
  const pairing = root.command("pairing").description("Say who may call in when inboundPolicy is pairing");
  for (const spec of PAIRING) registerCommand(pairing, spec, deps, "voicecall pairing");
}
