import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import JSON5 from "json5";

export interface DemoOptions {
  readonly help: boolean;
  /** The demo plays the person on the phone itself. */
  readonly auto: boolean;
  /** When an automatic demo gives up; milliseconds. */
  readonly timeoutMs: number;
  /** Path of a host configuration that brings its own model, or null. */
  readonly config: string | null;
}

/** A wrong command line or configuration: said in one line, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const HELP = `Usage: npm run demo -- [--auto] [--timeout <seconds>]

Starts a real gateway in a throw-away folder with this plugin and the mock carrier, places a call to a phone in this
terminal, shows the conversation with its latencies and then the record of the call. Dials no number, needs no account.

  --auto               play the person on the phone, too (always so without a terminal)
  --timeout <seconds>  give up an automatic demo after so long (default: 170)
  --help               this text

VOICE_CALL_DEMO_CONFIG=<file>  an OpenClaw configuration whose default model answers instead of the built-in stand-in.
                               Only what belongs to the model is read from it (models, auth, env, secrets and
                               agents.defaults.model); credentials in the environment are passed on, too.`;

/** Throws `UsageError`. */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  hasTerminal: boolean,
): DemoOptions {
  const { auto, help, timeout } = parsed(args);
  const seconds = Number(timeout ?? "170");
  if (!(seconds > 0 && seconds <= 3600)) throw new UsageError("--timeout takes 1 to 3600 seconds");
  return {
    help: help ?? false,
    auto: (auto ?? false) || !hasTerminal,
    timeoutMs: seconds * 1000,
    config: env["VOICE_CALL_DEMO_CONFIG"] || null,
  };
}

function parsed(args: readonly string[]) {
  const options = {
    auto: { type: "boolean" },
    help: { type: "boolean", short: "h" },
    timeout: { type: "string" },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export interface OwnModel {
  /** Its name, such as `openai/gpt-5`. */
  readonly name: string;
  /** The parts of the host configuration that it needs. */
  readonly config: { [key: string]: unknown };
}

const MODEL_SECTIONS = ["models", "auth", "env", "secrets"];

/**
 * The default model of a host configuration (JSON5), with nothing else of it: the demo's agent must not work in somebody's
 * workspace or answer on their channels. Throws `UsageError`.
 */
export function readOwnModel(file: string): OwnModel {
  const config = read(file);
  const model = at(config, "agents", "defaults", "model");
  const name = typeof model === "string" ? model : at(model, "primary");
  if (typeof name !== "string" || name === "")
    throw new UsageError(`${file} configures no model: agents.defaults.model.primary is not set`);
  const sections = MODEL_SECTIONS.flatMap((key) => {
    const section = at(config, key);
    return section === undefined ? [] : [[key, section] as const];
  });
  return { name, config: { ...Object.fromEntries(sections), agents: { defaults: { model } } } };
}

function read(file: string): unknown {
  try {
    return JSON5.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UsageError(`VOICE_CALL_DEMO_CONFIG cannot be read: ${detail}`);
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

/** The caller's environment without what would tie the throw-away gateway to another one or to another Node.js. */
export function credentialsOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(OPENCLAW_|NODE_|npm_|VOICE_CALL_)|^(HOME|TMPDIR|PATH)$/.test(entry[0]),
  );
  return Object.fromEntries(kept);
}
