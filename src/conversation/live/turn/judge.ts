import type { LiveTurn } from "./turn.ts";

/** What the caller's words over ours are. */
export type Verdict =
  /** Our own voice, come back over the line. */
  | "echo"
  /** The caller listens. */
  | "backchannel"
  /** Not yet, or not surely, words that take the floor. */
  | "too-little"
  | "turn";

/** An utterance that began over our words and repeats them. One that begins later may repeat them on purpose. */
export const isEcho = ({ caller, options, spoken }: LiveTurn, text: string): boolean =>
  caller.overlapped && options.words.isEchoOf(text, spoken);

/**
 * Interim words take the floor from two on, final ones from the first ("Stop!"). While the opening is on, only two do:
 * who picks up says "Hello?". Whose voice has stopped us already needs only one.
 */
export function judge(turn: LiveTurn, text: string, final: boolean): Verdict {
  const { words, language } = turn.options;
  if (isEcho(turn, text)) return "echo";
  if (words.isBackchannel(text, language)) return "backchannel";
  const opening = turn.pieces.some(({ of }) => of === "opening");
  const enough = !opening && (final || turn.silenced !== null) ? 1 : 2;
  return words.countWords(text, language) >= enough ? "turn" : "too-little";
}
