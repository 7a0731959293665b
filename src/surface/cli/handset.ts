import type { PhonePort } from "../../call/service.ts";
import { wholeNumber, type CommandSpec, type Run } from "./command.ts";
import { untilInterrupted } from "./deps.ts";
import { reach } from "./reach.ts";

/** A number reserved for examples, so that it belongs to nobody. */
const FROM = "+15550100100";

/** The other end of a mock call, in the terminal. */
export const HANDSET: CommandSpec = {
  name: "phone",
  summary: "Be the person on the other end of the mock provider's calls",
  more: "Typed lines are what the person says. With --json it only shows the screen, one object per line.",
  examples: ["", "--from +15550100100 --to +15550001234"],
  options: [
    ["--from <number>", `The person's own number (default: ${FROM})`],
    ["--to <number>", "The number that the person rings"],
    ["--record <file>", "Write what is heard on calls with live audio to this WAV file"],
    ["--poll <ms>", "With --json: how often to look (default: 500)"],
  ],
  run: async (run) => {
    const poll = wholeNumber(run, "poll", 50, 2_500) ?? 500;
    const to = run.option("to");
    const record = run.option("record");
    return await reach(run.deps, { kind: "run" }, async ({ phone }) => {
      const port = phone.port();
      // Says now, and once, when there is no gateway or no such phone.
      await port.screen(0);
      await untilInterrupted(run.deps.io, async (signal) => {
        if (run.json) return await watchScreen(run, port, poll, signal);
        const from = run.option("from") ?? FROM;
        await run.deps.terminalPhone({
          phone: port,
          from,
          signal,
          ...(to === undefined ? {} : { to }),
          ...(record === undefined ? {} : { record }),
        });
      });
      return true;
    });
  },
};

async function watchScreen(run: Run, port: PhonePort, poll: number, signal: AbortSignal): Promise<void> {
  const { io } = run.deps;
  let after = 0;
  while (!signal.aborted) {
    const screen = await port.screen(after);
    for (const line of screen.lines) io.out(JSON.stringify(line));
    after = screen.cursor;
    await io.sleep(poll, signal);
  }
}
