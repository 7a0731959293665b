import { describe, expect, it } from "vitest";
import type { PhonePort } from "../../../src/call/service.ts";
import { runTerminalPhone, type TerminalPhoneOptions } from "../../../src/carrier/mock/terminal.ts";
import { settled } from "../../support/clock.ts";
import { AUDIO } from "../frames.ts";
import {
  AGENT,
  hangup,
  inbound,
  instruction,
  listen,
  live,
  PERSON,
  rig,
  stream,
  wait,
  type Rig,
  type RigOptions,
} from "./rig.ts";

interface Terminal extends Rig {
  readonly shownLines: string[];
  readonly finished: Promise<void>;
  type(line: string): Promise<void>;
  endInput(): Promise<void>;
  stop(): void;
  /** Lets the phone read the screen. */
  poll(): Promise<void>;
  /** What the phone has printed since the last time. */
  news(): string[];
  /** The one call there is. */
  callId(): string;
}

async function terminal(
  options: RigOptions & {
    readonly phone?: (real: PhonePort) => PhonePort;
    readonly disk?: Pick<TerminalPhoneOptions, "files" | "record">;
  } = {},
): Promise<Terminal> {
  const test = rig({ script: { [PERSON]: { pickUp: "person" } }, ...options });
  const shownLines: string[] = [];
  const stopper = new AbortController();
  const keyboard = typist();
  let read = 0;
  const finished = runTerminalPhone({
    input: keyboard.lines,
    output: (line) => void shownLines.push(line),
    from: PERSON,
    to: AGENT,
    clock: test.clock,
    signal: stopper.signal,
    phone: options.phone?.(test.carrier.phone) ?? test.carrier.phone,
    ...options.disk,
  });
  await settled();
  return {
    ...test,
    shownLines,
    finished,
    async type(line) {
      keyboard.type(line);
      await settled();
    },
    async endInput() {
      keyboard.end();
      await settled();
    },
    stop: () => stopper.abort(),
    poll: () => test.clock.advance(250),
    news() {
      const fresh = shownLines.slice(read);
      read = shownLines.length;
      return fresh;
    },
    callId: () => test.facts[0]?.carrierCallId ?? "",
  };
}

const noop = (): void => {};

/** Lines that a test types when it wants to. */
function typist(): { lines: AsyncIterable<string>; type(line: string): void; end(): void } {
  const waiting: string[] = [];
  let over = false;
  let wake = noop;
  async function* lines(): AsyncGenerator<string> {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else if (over) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const poke = (change: () => void): void => {
    change();
    wake();
  };
  return {
    lines: lines(),
    type: (line) => poke(() => waiting.push(line)),
    end: () => poke(() => (over = true)),
  };
}

describe("the terminal phone", () => {
  it("rings, is answered, hears the agent, answers it and hears the end", async () => {
    const phone = await terminal();
    const ref = await phone.dial(PERSON, instruction(1, "Hello, are you at home?", listen("t1")));
    await phone.poll();
    expect(phone.news()).toEqual([
      `This phone is ${PERSON}. /help shows what it can do.`,
      `The phone rings: ${AGENT}. /answer or /decline`,
    ]);
    await phone.type("/answer");
    await phone.poll();
    expect(phone.news()).toEqual(["Connected.", "📞 Hello, are you at home?", "(your turn)"]);
    await phone.type("Yes, I am.");
    await phone.poll();
    expect(phone.events().at(-1)).toMatchObject({ type: "speech", token: "t1", text: "Yes, I am." });
    await phone.carrier.instruct(ref, instruction(2, "Good, goodbye.", hangup(), "5"), live);
    await phone.poll();
    expect(phone.news()).toEqual(["📞 [presses 5]", "📞 Good, goodbye.", "The call is over."]);
    await phone.type("/quit");
    await phone.finished;
    expect(phone.clock.pending).toBe(0);
  });

  it("calls the agent, shows that it rings there, and hangs up", async () => {
    const phone = await terminal();
    await phone.type("/call");
    expect(phone.news().at(-1)).toBe(`Calling ${AGENT} …`);
    await phone.poll();
    await phone.carrier.instruct(inbound(phone.callId()), instruction(1, "Hi!", listen("t1")), live);
    await phone.poll();
    expect(phone.news()).toEqual(["Connected.", "📞 Hi!", "(your turn)"]);
    await phone.type("/press 12#");
    await phone.poll();
    expect(phone.events().at(-1)).toEqual({ type: "digits", token: "t1", digits: "12" });
    await phone.type("/hangup");
    expect(phone.news()).toEqual(["The call is over."]);
    phone.stop();
    await phone.finished;
  });

  it("says when the agent does not take the call, and when the person declines one", async () => {
    const phone = await terminal();
    await phone.type(`/call ${AGENT}`);
    await phone.poll();
    await phone.carrier.reject(inbound(phone.callId()), "policy", live);
    await phone.poll();
    expect(phone.news().at(-1)).toBe("The other end does not take this call.");
    await phone.dial(PERSON, instruction(1, "Hi.", wait));
    await phone.poll();
    await phone.type("/decline");
    expect(phone.news().at(-1)).toBe("Declined.");
    phone.stop();
    await phone.finished;
  });

  it("keeps what is typed while nobody listens and says it one listen at a time", async () => {
    const phone = await terminal();
    const ref = await phone.dial(PERSON, instruction(1, [], wait));
    await phone.poll();
    await phone.type("/answer");
    phone.news();
    await phone.type("First.");
    await phone.type("/press 7");
    expect(phone.news()).toEqual([
      "(the agent is not listening; kept until it is)",
      "(the agent is not listening; kept until it is)",
    ]);
    await phone.carrier.instruct(ref, instruction(2, "Yes?", listen("t2")), live);
    await phone.poll();
    await phone.carrier.instruct(ref, instruction(3, "And?", listen("t3")), live);
    await phone.poll();
    await phone.poll();
    expect(phone.news()).toEqual([
      "📞 Yes?",
      "(your turn)",
      "(said: First.)",
      "📞 And?",
      "(your turn)",
      "(said: 7)",
    ]);
    expect(phone.events().filter((event) => "token" in event)).toMatchObject([
      { type: "speech", token: "t2" },
      { type: "digits", token: "t3" },
    ]);
    phone.stop();
    await phone.finished;
  });

  it("on a call with live audio presses keys, and says of typed words that nobody hears them", async () => {
    const phone = await terminal();
    await phone.dial(PERSON, instruction(1, [], stream("tok-1")));
    await phone.poll();
    await phone.type("/answer");
    await phone.type("Hello?");
    await phone.type("/press 7");
    await phone.type("/press 8");
    phone.news();
    phone.sockets[0]?.open();
    await phone.poll();
    const unheard = expect.stringContaining("Words that are typed on a call with live audio");
    expect(phone.news()).toEqual([
      "(this call has live audio: what you type is not heard; /play a WAV file, /press keys, --record what is said)",
      unheard,
      "(said: 7)",
      "(said: 8)",
    ]);
    await phone.type("Is anybody there?");
    await phone.type("/press 9");
    expect(phone.news()).toEqual([unheard]);
    expect(phone.sockets[0]?.of("key").map(({ digit }) => digit)).toEqual(["7", "8", "9"]);
    phone.stop();
    await phone.finished;
    expect(phone.sockets[0]?.closed).toBe(true);
  });

  it("keeps only so much, and says so when a call ends before it was heard", async () => {
    const phone = await terminal();
    const ref = await phone.dial(PERSON, instruction(1, [], wait));
    await phone.poll();
    await phone.type("/answer");
    for (let n = 0; n < 21; n++) await phone.type(`Line ${n}`);
    expect(phone.news().at(-1)).toBe("(too much at once; wait until you are heard)");
    await phone.carrier.hangup(ref, live);
    await phone.poll();
    expect(phone.news()).toEqual(["The call is over.", "(what you still wanted to say was not heard)"]);
    phone.stop();
    await phone.finished;
  });

  it("explains itself: help, unknown commands, and commands without a call", async () => {
    const phone = await terminal();
    phone.news();
    await phone.type("/help");
    expect(phone.news().join("\n")).toContain("/press 12#");
    await phone.type("");
    expect(phone.news()).toEqual([]);
    for (const line of ["/dance", "/answer", "/hangup", "Hello?", "/call 12"]) await phone.type(line);
    expect(phone.news()).toMatchObject([
      "There is no /dance. /help shows what there is.",
      "There is no call.",
      "There is no call.",
      "There is no call. /call rings the agent.",
      expect.stringContaining("must be in E.164 form"),
    ]);
    await phone.type("/call");
    await phone.type("Hello?");
    await phone.type("/call");
    expect(phone.news().slice(1)).toEqual([
      "Nobody is on the line yet.",
      "The line is in use. /hangup first.",
    ]);
    phone.stop();
    await phone.finished;
  });

  it("lets a second call wait, and puts it on the line when the first is over", async () => {
    const phone = await terminal();
    const first = await phone.dial(PERSON, instruction(1, "One.", wait), "vc_1");
    await phone.poll();
    await phone.type("/answer");
    phone.news();
    await phone.dial(PERSON, instruction(1, "Two.", wait), "vc_2");
    await phone.poll();
    expect(phone.news()).toEqual(["(another call is waiting)"]);
    await phone.carrier.hangup(first, live);
    await phone.poll();
    expect(phone.news()).toEqual([
      "The call is over.",
      "(the waiting call is on the line now: /answer or /decline)",
    ]);
    await phone.type("/answer");
    expect(phone.news()).toEqual(["Connected.", "📞 Two."]);
    phone.stop();
    await phone.finished;
  });

  it("picked up in the middle shows the running call and nothing of those that are over", async () => {
    const test = rig();
    await test.dial(PERSON, instruction(1, "Long ago.", hangup()), "vc_1");
    await test.clock.runAll();
    await test.dial(PERSON, instruction(1, "Now.", wait), "vc_2");
    await test.clock.advance(10);
    const lines: string[] = [];
    const stopper = new AbortController();
    const finished = runTerminalPhone({
      phone: test.carrier.phone,
      input: typist().lines,
      output: (line) => void lines.push(line),
      from: PERSON,
      clock: test.clock,
      signal: stopper.signal,
    });
    await settled();
    expect(lines).toContain("📞 Now.");
    expect(lines).not.toContain("📞 Long ago.");
    stopper.abort();
    await finished;
  });

  it("hangs up its own call when it is put away, and leaves a ringing one to ring", async () => {
    const talking = await terminal();
    await talking.dial(PERSON, instruction(1, "Hi.", wait));
    await talking.poll();
    await talking.type("/answer");
    await talking.type("/quit");
    await talking.finished;
    await talking.clock.runAll();
    expect(talking.events().at(-1)).toMatchObject({ type: "ended", evidence: { hungUpBy: "them" } });

    const ringing = await terminal();
    await ringing.dial(PERSON, instruction(1, "Hi.", wait));
    await ringing.poll();
    ringing.stop();
    await ringing.finished;
    await ringing.clock.advance(10);
    expect(ringing.types()).toEqual(["initiated", "ringing"]);
  });

  it("plays files into a call with live audio and writes what it hears to one", async () => {
    const written = new Map<string, Uint8Array>();
    const phone = await terminal({
      disk: {
        record: "call.wav",
        files: {
          read: async (path) => {
            if (path !== "my words.wav") throw new Error(`there is no ${path}`);
            return AUDIO;
          },
          write: async (path, bytes) => void written.set(path, bytes),
        },
      },
    });
    await phone.dial(PERSON, instruction(1, [], stream("tok-1")));
    await phone.poll();
    await phone.type("/answer");
    await phone.type("/play my words.wav");
    expect(phone.news().at(-1)).toBe("(the agent is not listening; kept until it is)");
    const [socket] = phone.sockets;
    socket?.open();
    await phone.poll();
    expect(phone.news()).toContain("(said: my words.wav)");
    await phone.poll();
    const said = socket?.of("media").map(({ payload }) => Buffer.from(payload as string, "base64")) ?? [];
    expect(Buffer.concat(said).includes(AUDIO)).toBe(true);
    await phone.type("/play other.wav");
    expect(phone.news().at(-1)).toBe("there is no other.wav");
    socket?.say({ event: "media", payload: AUDIO.toString("base64") });
    await phone.poll();
    await phone.type("/quit");
    await phone.finished;
    expect(phone.news().at(-1)).toBe("(what was heard is in call.wav)");
    expect(Buffer.from(written.get("call.wav") ?? []).includes(AUDIO)).toBe(true);
  });

  it("has nothing to write when no call had live audio, and says so when it cannot write", async () => {
    const silent = await terminal({ disk: { record: "call.wav" } });
    await silent.type("/quit");
    await silent.finished;
    expect(silent.news().at(-1)).toBe("(nothing was heard that could be recorded)");
    const full = await terminal({
      disk: {
        record: "call.wav",
        files: { read: async () => AUDIO, write: () => Promise.reject(new Error("the disk is full")) },
      },
    });
    await full.dial(PERSON, instruction(1, [], stream("tok-1")));
    await full.poll();
    await full.type("/answer");
    full.sockets[0]?.open();
    full.sockets[0]?.say({ event: "media", payload: AUDIO.toString("base64") });
    await full.poll();
    await full.type("/quit");
    await full.finished;
    expect(full.news().at(-1)).toBe("the disk is full");
  });

  it("whose input has ended stays until the call is over", async () => {
    const phone = await terminal();
    const ref = await phone.dial(PERSON, instruction(1, [], wait));
    await phone.poll();
    await phone.type("/answer");
    await phone.type("Bye.");
    await phone.endInput();
    await phone.carrier.instruct(ref, instruction(2, "Yes?", listen("t2")), live);
    await phone.poll();
    await phone.poll();
    expect(phone.events().at(-1)).toMatchObject({ type: "speech", text: "Bye." });
    await phone.carrier.hangup(ref, live);
    await phone.poll();
    await phone.finished;
    expect(phone.clock.pending).toBe(0);
  });

  it("does nothing when it was put away before it began", async () => {
    const { clock, carrier } = rig();
    const lines: string[] = [];
    await runTerminalPhone({
      phone: carrier.phone,
      input: typist().lines,
      output: (line) => void lines.push(line),
      from: PERSON,
      clock,
      signal: AbortSignal.abort(),
    });
    expect([lines, clock.pending]).toEqual([[], 0]);
  });

  it("says once that the screen cannot be read, goes on when it can, and gives up after twenty times", async () => {
    let broken = true;
    const phone = await terminal({
      phone: (real) => ({
        ...real,
        screen: async (after) => {
          if (broken) throw new Error("the gateway is away");
          return real.screen(after);
        },
      }),
    });
    await phone.poll();
    expect(phone.news().slice(1)).toEqual(["the gateway is away"]);
    broken = false;
    await phone.dial(PERSON, instruction(1, "Hi.", wait));
    await phone.poll();
    await phone.poll();
    expect(phone.news()).toEqual([`The phone rings: ${AGENT}. /answer or /decline`]);
    broken = true;
    const gaveUp = phone.finished.catch((error: unknown) => error);
    await phone.clock.advance(250 * 21);
    expect(await gaveUp).toMatchObject({ message: "the gateway is away" });
  });

  it("starts anew when the gateway did", async () => {
    let current: PhonePort | null = null;
    const phone = await terminal({
      phone: (real) => ({ ...real, screen: (after) => (current ?? real).screen(after) }),
    });
    await phone.dial(PERSON, instruction(1, "Hi.", wait));
    await phone.poll();
    phone.news();
    current = rig().carrier.phone;
    await phone.poll();
    await phone.poll();
    await phone.type("/hangup");
    expect(phone.news()).toEqual(["There is no call."]);
    phone.stop();
    await phone.finished;
  });
});
