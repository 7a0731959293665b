import { isVoiceCallError } from "../../call/errors.ts";
import type { PhoneLine } from "../../call/service.ts";
import { LIVE_AUDIO } from "./screen.ts";

/** What a piece of text is, for colouring. */
export type Shade = "agent" | "phone" | "hint" | "error";
export type Paint = (shade: Shade, text: string) => string;

export const plain: Paint = (_shade, text) => text;

const CODES: Readonly<Record<Shade, string>> = { agent: "36", phone: "1", hint: "2", error: "31" };

/** Colours for a terminal that wants them: not without a terminal, and never with `NO_COLOR` set. */
export function paintFor(env: { readonly NO_COLOR?: string | undefined }, isTerminal: boolean): Paint {
  if (!isTerminal || (env.NO_COLOR !== undefined && env.NO_COLOR !== "")) return plain;
  return (shade, text) => `\u001B[${CODES[shade]}m${text}\u001B[0m`;
}

export type Typed =
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "press"; readonly digits: string }
  | { readonly kind: "play"; readonly file: string }
  | { readonly kind: "call"; readonly to: string | null }
  | { readonly kind: "answer" | "decline" | "hangup" | "help" | "quit" | "nothing" }
  | { readonly kind: "unknown"; readonly command: string };

const PLAIN_COMMANDS = ["answer", "decline", "hangup", "help", "quit"] as const;

/** A typed line: words to say, or a command after a slash. */
export function parseTyped(line: string): Typed {
  const text = line.trim();
  if (text === "") return { kind: "nothing" };
  if (!text.startsWith("/")) return { kind: "say", text };
  const [command = "", ...rest] = text.slice(1).split(/\s+/u);
  const argument = rest.join("");
  if (command === "press" && argument !== "") return { kind: "press", digits: argument.toUpperCase() };
  if (command === "play" && argument !== "") return { kind: "play", file: text.slice("/play".length).trim() };
  if (command === "call") return { kind: "call", to: argument === "" ? null : argument };
  const known = PLAIN_COMMANDS.find((name) => name === command);
  return known ? { kind: known } : { kind: "unknown", command };
}

export const HELP: readonly string[] = [
  "Type words to say them. Words typed while the agent speaks interrupt it.",
  "/call [number]  ring the agent      /answer  take a call      /decline  refuse it",
  "/press 12#      press keys          /hangup  end the call     /quit     put the phone away",
  "/play hello.wav say what is in that file, on a call with live audio",
];

/** A terminal has no microphone. */
const NO_EAR =
  "(this call has live audio: what you type is not heard; /play a WAV file, /press keys, --record what is said)";

const OUTCOMES: Readonly<Record<string, string>> = {
  completed: "The call is over.",
  busy: "Busy.",
  "no-answer": "Nobody answered.",
  canceled: "The caller gave up.",
  failed: "The call could not be connected.",
  rejected: "Declined.",
};

/** One line of the phone's screen for a person. `placed`: this phone made the call. */
export function renderLine(line: PhoneLine, placed: boolean, paint: Paint): string {
  const text = printable(line.text);
  switch (line.kind) {
    case "ringing":
      return placed
        ? paint("phone", `Calling ${text} …`)
        : paint("phone", `The phone rings: ${text === "" ? "number withheld" : text}. /answer or /decline`);
    case "answered":
      return paint("phone", "Connected.");
    case "spoken":
      return `📞 ${paint("agent", text)}`;
    case "listening":
      return paint("hint", text === LIVE_AUDIO ? NO_EAR : "(your turn)");
    case "digits":
      return `📞 ${paint("agent", `[presses ${text}]`)}`;
    case "transferred":
      return paint("phone", `You are being connected with ${text}.`);
    case "refused":
      return paint("phone", "The other end does not take this call.");
    case "ended":
    default:
      return paint("phone", OUTCOMES[text] ?? `The call is over (${text}).`);
  }
}

/** An error in one line, without the stack. */
export function renderError(error: unknown, paint: Paint): string {
  if (isVoiceCallError(error)) {
    const { what, why, next } = error.toJSON();
    return paint("error", `${what}: ${printable(why)} ${next}`);
  }
  return paint("error", printable(error instanceof Error ? error.message : String(error)));
}

/** Text from elsewhere without control characters, so that it cannot steer the terminal. */
export function printable(text: string): string {
  return text
    .replace(/\s+/gu, " ")
    .replace(/\p{Cc}|\p{Cf}/gu, "")
    .trim();
}
