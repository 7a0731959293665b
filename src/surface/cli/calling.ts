import type { InitiateRequest } from "../../call/service.ts";
import { callMode, OVERRIDE, overrides, words, type CommandSpec, type Run } from "./command.ts";
import { followCall } from "./follow.ts";
import { reach } from "./reach.ts";
import { standing } from "./words.ts";

const TO = "Number to call in E.164 form, such as +15550001234";
const MODE: readonly [string, string] = [
  "--mode <mode>",
  "notify: say the message and hang up; conversation: stay and talk (default: outbound.defaultMode)",
];
const ON: readonly [string, string] = ["!--call-id <id>", "The call, by its id or the carrier's"];

/** `call`, `start`, `continue`, `speak`, `dtmf`, `transfer`, `end`. */
export const CALLING: readonly CommandSpec[] = [
  {
    name: "call",
    summary: "Call somebody with a message; prints the call's id",
    examples: ['--message "The build is green."', '--to +15550001234 --message "Hello." --mode conversation'],
    options: [
      ["!--message <text>", "First words"],
      ["--to <number>", `${TO} (default: the configured toNumber)`],
      MODE,
      OVERRIDE,
    ],
    run: async (run) =>
      await place(run, {
        to: run.option("to"),
        message: words(run, "message", "--message"),
        mode: callMode(run),
        override: overrides(run),
      }),
  },
  {
    name: "start",
    summary: "Start a call to a number; prints the call's id",
    examples: ["--to +15550001234", '--to +15550001234 --message "Good morning." --mode conversation'],
    options: [["!--to <number>", TO], ["--message <text>", "First words"], MODE, OVERRIDE],
    run: async (run) =>
      await place(run, {
        to: words(run, "to", "--to"),
        message: run.option("message"),
        mode: callMode(run),
        override: overrides(run),
      }),
  },
  {
    name: "continue",
    summary: "Say something on a call and print what the other party answers",
    examples: ['--call-id vc_123 --message "When may we come?"'],
    options: [ON, ["!--message <text>", "What to say"]],
    run: async (run) => {
      const message = words(run, "message", "--message");
      const heard = await reach(
        run.deps,
        { kind: "run" },
        async ({ phone }) => await phone.ask(id(run), message),
      );
      run.print({ callId: heard.callId, text: heard.text }, [heard.text]);
      return true;
    },
  },
  {
    name: "speak",
    summary: "Say something on a call without waiting for an answer",
    examples: ['--call-id vc_123 --message "One moment, please."'],
    options: [ON, ["!--message <text>", "What to say"]],
    run: async (run) => {
      const message = words(run, "message", "--message");
      await reach(run.deps, { kind: "run" }, async ({ phone }) => await phone.speak(id(run), message));
      return done(run, "The message is being spoken.");
    },
  },
  {
    name: "dtmf",
    summary: "Press keys on a call",
    examples: ["--call-id vc_123 --digits 1w2#"],
    options: [ON, ["!--digits <keys>", "0-9 A-D * #; w is a pause of half a second"]],
    run: async (run) => {
      const digits = words(run, "digits", "--digits");
      await reach(run.deps, { kind: "run" }, async ({ phone }) => await phone.press(id(run), digits));
      return done(run, "The keys are being pressed.");
    },
  },
  {
    name: "transfer",
    summary: "Connect the other party of a call with another number",
    more: "If nobody answers there, the agent goes on with the call; otherwise it ends when the two are done.",
    examples: [
      "--call-id vc_123 --to +15550001234",
      '--call-id vc_123 --to +15550001234 --message "I connect you."',
    ],
    options: [ON, ["!--to <number>", TO], ["--message <text>", "What to say before"], OVERRIDE],
    run: async (run) => {
      const request = {
        callId: id(run),
        to: words(run, "to", "--to"),
        message: run.option("message"),
        override: overrides(run),
      };
      await reach(run.deps, { kind: "run" }, async ({ phone }) => await phone.transfer(request));
      return done(run, "The call is being handed over.");
    },
  },
  {
    name: "end",
    summary: "Hang up a call",
    examples: ["--call-id vc_123"],
    options: [ON],
    run: async (run) => {
      await reach(run.deps, { kind: "run" }, async ({ phone }) => await phone.end(id(run)));
      return done(run, "The call is being ended.");
    },
  },
];

/** Prints the id as soon as the call is placed. A phone of this process stays until the call is over. */
async function place(run: Run, request: Omit<InitiateRequest, "requester">): Promise<boolean> {
  const { io } = run.deps;
  return await reach(run.deps, { kind: "run" }, async ({ phone, own }) => {
    const { callId, state } = await phone.initiate({ ...request, requester: { surface: "cli" } });
    run.print({ callId, state }, [callId]);
    if (!own) return true;
    if (!run.json) io.err("No gateway answers: this process holds the call until it is over.");
    const ended = await followCall(phone, callId, io, (call) => {
      if (!run.json) io.err(standing(call));
    });
    return ended.outcome === "completed";
  });
}

const id = (run: Run): string => words(run, "callId", "--call-id");

function done(run: Run, line: string): true {
  run.print({ success: true, callId: id(run) }, [line]);
  return true;
}
