/** One command of a program, run to its end or to a time limit. */

import { VoiceCallError } from "../call/errors.ts";
import type { Clock } from "../call/ports.ts";
import type { Programs } from "./program.ts";

export interface Command {
  readonly program: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly limitMs: number;
  /** Output as it comes, of either stream. */
  readonly hear?: (line: string) => void;
}

export interface CommandResult {
  readonly ok: boolean;
  /** `exit code 1`, for instance. */
  readonly how: string;
  readonly stdout: string;
  /** The last lines of standard error. */
  readonly stderr: readonly string[];
}

/** Output that is kept, in characters. A command that says more is not one of ours. */
const MOST_OUTPUT = 1_000_000;
const LAST_LINES = 20;

/**
 * Runs a command to its end. Throws `VC_TUNNEL_TIMEOUT` after `limitMs`, or the signal's reason; by then the program and
 * all that it started are gone.
 */
export async function run(
  command: Command,
  { programs, clock }: { readonly programs: Programs; readonly clock: Clock },
  signal?: AbortSignal,
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const { program, path, args, limitMs, hear } = command;
  const stdout: string[] = [];
  const stderr: string[] = [];
  let size = 0;
  const running = programs.start(path, args, {
    stdout(line) {
      hear?.(line);
      size += line.length + 1;
      if (size <= MOST_OUTPUT) stdout.push(line);
    },
    stderr(line) {
      hear?.(line);
      if (stderr.push(line) > LAST_LINES) stderr.shift();
    },
  });
  const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
  const onAbort = () => giveUp(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const cancel = clock.at(clock.now() + limitMs, () => {
    const detail = [program, ...args].join(" ");
    giveUp(new VoiceCallError("VC_TUNNEL_TIMEOUT", { program, seconds: limitMs / 1_000, detail }));
  });
  try {
    const { ok, how } = await Promise.race([running.ended, givenUp]);
    return { ok, how, stdout: stdout.join("\n"), stderr };
  } finally {
    cancel();
    signal?.removeEventListener("abort", onAbort);
    await running.stop();
  }
}
