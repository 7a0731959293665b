import { clearLine, createInterface, cursorTo } from "node:readline";
import type { PhonePort } from "../src/call/service.ts";
import { runTerminalPhone } from "../src/carrier/mock/terminal.ts";
import { systemClock } from "../src/service/tools.ts";
import type { TurnTimer } from "./turn-timer.ts";
import { waited, type Paint } from "./view.ts";

export interface TerminalPersonOptions {
  /** Watched by `timer`. */
  readonly phone: PhonePort;
  readonly timer: TurnTimer;
  readonly carrierCallId: string;
  /** The person's own number. */
  readonly number: string;
  readonly paint: Paint;
  /** Puts the phone away. */
  readonly signal: AbortSignal;
  /** Ctrl-C: the terminal is read key by key, so it arrives as a key. */
  readonly onInterrupt: () => void;
}

/** The person at this terminal is the one who is called. Resolves when the call is over or the phone is put away. */
export async function beThePerson(options: TerminalPersonOptions): Promise<void> {
  const { phone, timer, carrierCallId, paint, signal } = options;
  const { stdin, stdout } = process;
  const terminal = createInterface({ input: stdin, output: stdout, prompt: paint("hint", "> ") });
  terminal.on("SIGINT", options.onInterrupt);
  const over = new AbortController();

  /** Above the line that is being typed. */
  const print = (line: string): void => {
    cursorTo(stdout, 0);
    clearLine(stdout, 0);
    const wait = line.startsWith("📞") ? timer.takeWait() : null;
    stdout.write(`${wait === null ? line : `${line}  ${waited(wait, paint)}`}\n`);
    if (!over.signal.aborted && !signal.aborted) terminal.prompt(true);
  };
  const watched: PhonePort = {
    ...phone,
    screen: async (after) => {
      const screen = await phone.screen(after);
      const ended = screen.lines.some(
        (line) => line.carrierCallId === carrierCallId && (line.kind === "ended" || line.kind === "refused"),
      );
      // The phone shows the end before it is put away.
      if (ended) setTimeout(() => over.abort(), 0);
      return screen;
    },
  };

  print(paint("hint", "You are on the phone: /answer, then type what you say; /hangup or Ctrl-C ends it."));
  try {
    await runTerminalPhone({
      phone: watched,
      input: terminal,
      output: print,
      from: options.number,
      paint,
      clock: systemClock,
      signal: AbortSignal.any([signal, over.signal]),
    });
  } finally {
    terminal.close();
    cursorTo(stdout, 0);
    clearLine(stdout, 0);
  }
}
