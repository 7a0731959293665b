/** The part of a commander `Command` that the commands use; the host hands over the real one. */
export interface Program {
  command(name: string): Program;
  description(text: string): Program;
  argument(name: string, description: string): Program;
  option(flags: string, description: string): Program;
  requiredOption(flags: string, description: string): Program;
  addHelpText(position: "after", text: string): Program;
  action(run: (...given: unknown[]) => Promise<void>): Program;
}

/** What the host needs to know before it loads the commands. */
export const CLI_DESCRIPTOR = {
  name: "voicecall",
  description: "Place, steer and watch phone calls",
  hasSubcommands: true,
  machineOutput: ({ argv }: { readonly argv: readonly string[] }): boolean => argv.includes("--json"),
};
