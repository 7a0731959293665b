import { GUARDS, type Guard } from "../../call/guard/guards.ts";
import { invalid } from "../params.ts";
import type { CliDeps } from "./deps.ts";
import { failureOf } from "./failure.ts";
import type { Program } from "./program.ts";

/** One command, as a table row: `registerCommand` adds `--json`, errors and the exit code. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Help below the options. */
  readonly more?: string;
  readonly examples: readonly string[];
  /** `[flags, what it does]`; the flags of a required one begin with `!`. */
  readonly options?: readonly (readonly [string, string])[];
  readonly args?: readonly (readonly [string, string])[];
  /** False: it did not succeed, and has said so. */
  run(run: Run): Promise<boolean>;
}

export interface Run {
  readonly deps: CliDeps;
  readonly json: boolean;
  readonly args: readonly string[];
  /** An option's words; undefined when it was not given. */
  option(name: string): string | undefined;
  flag(name: string): boolean;
  /** Prints `data` with `--json`, `lines` otherwise. */
  print(data: unknown, lines: readonly string[]): void;
}

export function registerCommand(parent: Program, spec: CommandSpec, deps: CliDeps, path: string): void {
  const command = parent.command(spec.name).description(spec.summary);
  for (const [name, description] of spec.args ?? []) command.argument(name, description);
  for (const [flags, description] of spec.options ?? []) {
    if (flags.startsWith("!")) command.requiredOption(flags.slice(1), description);
    else command.option(flags, description);
  }
  command.option("--json", "Print JSON");
  command.addHelpText("after", helpAfter(spec, `${path} ${spec.name}`));
  command.action(async (...given) => {
    await execute(spec, deps, given);
  });
}

async function execute(spec: CommandSpec, deps: CliDeps, given: readonly unknown[]): Promise<void> {
  // commander passes the arguments, then the options, then the command itself.
  const args = given.slice(0, -2).filter((arg) => typeof arg === "string");
  const options = (given.at(-2) ?? {}) as Readonly<Record<string, unknown>>;
  const json = options["json"] === true;
  const { io } = deps;
  const run: Run = {
    deps,
    json,
    args,
    option: (name) => (typeof options[name] === "string" ? options[name] : undefined),
    flag: (name) => options[name] === true,
    print: (data, lines) => {
      if (json) io.out(JSON.stringify(data, null, 2));
      else for (const line of lines) io.out(line);
    },
  };
  try {
    io.exitWith((await spec.run(run)) ? 0 : 1);
  } catch (thrown) {
    const { message, refusal } = failureOf(thrown);
    if (json) io.out(JSON.stringify({ error: { ...refusal, message } }));
    else io.err(message);
    io.exitWith(1);
  }
}

function helpAfter({ more, examples }: CommandSpec, path: string): string {
  const lines = examples.map((example) => `  $ openclaw ${path}${example === "" ? "" : ` ${example}`}`);
  return [...(more === undefined ? [] : ["", more]), "", "Examples:", ...lines].join("\n");
}

/** A whole number given as an option. */
export function wholeNumber(run: Run, name: string, min: number, max: number): number | undefined {
  const given = run.option(name);
  if (given === undefined) return undefined;
  const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  if (!(value >= min && value <= max))
    throw invalid(`--${name} must be a whole number from ${min} to ${max}.`);
  return value;
}

/** A required text: commander lets an empty one through. */
export function words(run: Run, name: string, flag: string): string {
  const given = run.option(name)?.trim();
  if (given === undefined || given === "") throw invalid(`${flag} is empty.`);
  return given;
}

export function callMode(run: Run): "notify" | "conversation" | undefined {
  const mode = run.option("mode");
  if (mode === undefined || mode === "notify" || mode === "conversation") return mode;
  throw invalid("--mode must be one of: notify, conversation.");
}

export const OVERRIDE: readonly [string, string] = [
  "--override <guards>",
  `Guards that may not refuse this call, with commas between: ${GUARDS.join(", ")}; each use is logged`,
];

/** Whoever runs the command is the administrator of this machine's phone. */
export function overrides(run: Run): readonly Guard[] | undefined {
  const given = run.option("override");
  if (given === undefined) return undefined;
  return given.split(",").map((word) => {
    const guard = GUARDS.find((known) => known === word.trim());
    if (guard === undefined) throw invalid(`--override must name some of: ${GUARDS.join(", ")}.`);
    return guard;
  });
}
