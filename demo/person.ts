import type { PhoneLine, PhonePort } from "../src/call/service.ts";
import type { TurnTimer } from "./turn-timer.ts";
import { happening, saying, type Paint } from "./view.ts";

/** What the person on the phone says in an automatic demo, one for each time the agent listens. */
export const LINES: readonly string[] = [
  "My name is Ada.",
  "What day is it today?",
  "What was my name again?",
  "Thank you, goodbye!",
];
/** The name the agent has to remember. */
export const NAME = "Ada";

/** People let it ring a few times; the plugin uses the time to warm the agent up. */
const PICK_UP_MS = 4_500;
/** From the end of the agent's words to the person's. */
const THINK_MS = 500;
const POLL_MS = 100;

export interface PersonOptions {
  /** Watched by `timer`. */
  readonly phone: PhonePort;
  readonly timer: TurnTimer;
  readonly carrierCallId: string;
  /** The clock of the view starts here; epoch milliseconds. */
  readonly placedAt: number;
  readonly print: (line: string) => void;
  readonly paint: Paint;
  /** Rejects when the demo is over. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Plays the person: picks up, says `LINES`, and hangs up if the agent does not. Resolves with the agent's words. */
export async function playPerson(options: PersonOptions): Promise<readonly string[]> {
  const { phone, timer, carrierCallId, placedAt, print, paint, sleep } = options;
  const heard: string[] = [];
  let turn = 0;

  const show = (line: PhoneLine, text: string): void => print(happening(line.at - placedAt, text, paint));
  const say = async (words: string): Promise<void> => {
    await sleep(THINK_MS);
    print(saying({ who: NAME, words, shade: "phone", afterMs: null }, paint));
    await phone.say(carrierCallId, words);
  };

  /** True when the call is over. */
  const see = async (line: PhoneLine): Promise<boolean> => {
    switch (line.kind) {
      case "ringing":
        show(line, "it rings; the agent warms up meanwhile");
        await ringAWhile();
        await phone.answer(carrierCallId);
        return false;
      case "answered":
        show(line, `${NAME} picks up`);
        return false;
      case "spoken":
        heard.push(line.text);
        print(saying({ who: "Agent", words: line.text, shade: "agent", afterMs: timer.takeWait() }, paint));
        return false;
      case "digits":
        show(line, `the agent presses ${line.text}`);
        return false;
      case "listening": {
        const words = LINES[turn++];
        if (words !== undefined) await say(words);
        else await phone.hangUp(carrierCallId);
        return false;
      }
      case "refused":
      case "ended":
      default:
        show(line, "the call is over");
        return true;
    }
  };

  /** A phone that does not look at its screen for long counts as put away, and the call would answer itself. */
  const ringAWhile = async (): Promise<void> => {
    for (let rung = 0; rung < PICK_UP_MS; rung += 500) {
      await phone.screen(cursor);
      await sleep(500);
    }
  };

  let cursor = 0;
  for (;;) {
    const screen = await phone.screen(cursor);
    cursor = screen.cursor;
    for (const line of screen.lines) {
      if (line.carrierCallId === carrierCallId && (await see(line))) return heard;
    }
    await sleep(POLL_MS);
  }
}
