import { clearLine, cursorTo } from "node:readline";
import { fact, seconds, type Paint } from "./view.ts";

/** Shows that something takes its time: a running clock in a terminal, one line at the end elsewhere. */
export async function during<T>(name: string, what: string, work: Promise<T>, paint: Paint): Promise<T> {
  const { stdout } = process;
  const startedAt = performance.now();
  const line = (): string => `${fact(name, what)} ${paint("hint", seconds(performance.now() - startedAt))}`;
  const clear = (): void => {
    cursorTo(stdout, 0);
    clearLine(stdout, 0);
  };
  const redraw = (): void => {
    clear();
    stdout.write(line());
  };
  const clock = stdout.isTTY ? setInterval(redraw, 200) : undefined;
  try {
    return await work;
  } finally {
    clearInterval(clock);
    if (stdout.isTTY) clear();
    stdout.write(`${line()}\n`);
  }
}
