import { beforeEach, describe, expect, it } from "vitest";
import { keyTone } from "./keys.ts";
import { HABITS, Phone, type PhoneOptions } from "./phone-audio.ts";
import { HandTicker } from "./ticker.ts";
import { Told } from "./told.ts";
import { hear, speak } from "./words.ts";

/** Time passes by hand: whole calls take no time. */
let ticker: HandTicker;
let said: Uint8Array[];
let pressed: string;
let playing: Uint8Array;
let missed: number;

beforeEach(() => {
  ticker = new HandTicker();
  said = [];
  pressed = "";
  playing = new Uint8Array();
  missed = 0;
});

function newPhone(options: PhoneOptions = {}): Phone {
  const phone = new Phone(ticker, options);
  ticker.every(() => {
    const frame = playing.length === 0 ? null : playing.subarray(0, 160);
    playing = playing.subarray(160);
    const out = phone.exchange(frame);
    if (out === null) missed += 1;
    else said.push(out);
  });
  phone.connect((digit) => (pressed += digit));
  return phone;
}

const saidText = (): string => hear(Buffer.concat(said));
const play = (text: string): void => void (playing = speak(text, { msPerChar: 40 }));
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function pass(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 100) {
    ticker.pass(100);
    await settle();
  }
}

describe("an ear", () => {
  it("hears words as soon as they are there", async () => {
    const phone = newPhone();
    play("Hello, this is your assistant.");
    let heard = "";
    void phone.hears("Hello").then((text) => (heard = text));
    await pass(200);
    expect(heard).toBe("");
    await pass(200);
    expect(heard).toMatch(/^Hello/);
    await pass(2000);
    expect(phone.heard()).toEqual(["Hello, this is your assistant."]);
  });

  it("keeps what it heard on several streams apart from what the carrier's voice said", async () => {
    const phone = newPhone();
    const told = new Told(phone);
    play("One.");
    await pass(400);
    phone.disconnect();
    told.say("Two.");
    phone.connect(() => undefined);
    play("Three.");
    await pass(400);
    expect(told.all).toEqual(["One.", "Two.", "Three."]);
  });

  it("notes when somebody began and ended", async () => {
    const phone = newPhone();
    await pass(100);
    play("Hi");
    await pass(500);
    expect(phone.sounds).toEqual([
      { who: "them", on: true, at: 120 },
      { who: "them", on: false, at: 220 },
    ]);
    expect(phone.hearsSpeech).toBe(false);
  });

  it("hears keys as tones", async () => {
    const phone = newPhone();
    playing = Buffer.concat([keyTone("4"), new Uint8Array(800).fill(0xff), keyTone("2")]);
    await pass(500);
    expect(phone.keysHeard).toBe("42");
    expect(phone.heard()).toEqual([]);
  });

  it("is told when the call ends before", async () => {
    const phone = newPhone();
    const hearing = phone.hears("Hello");
    phone.end();
    await expect(hearing).rejects.toThrow(/the call was over before: hears Hello/);
  });
});

describe("a mouth", () => {
  it("says things at the pace of speech, and sends silence otherwise", async () => {
    const phone = newPhone();
    let isSaid = false;
    void phone.says("What time is it?").then(() => (isSaid = true));
    await pass(600);
    expect([isSaid, said.length]).toEqual([false, 30]);
    await pass(400);
    expect(isSaid).toBe(true);
    expect(saidText()).toBe("What time is it?");
    expect(said.at(-1)?.every((byte) => byte === 0xff)).toBe(true);
  });

  it("speaks in turn: after the other side, or when nobody says anything", async () => {
    const phone = newPhone();
    play("Hello.");
    void phone.speak("Good morning.");
    await pass(500);
    expect(saidText()).toBe("");
    await pass(1000);
    expect(saidText()).toBe("Good morning.");
    const other = newPhone({ habits: { ...HABITS, patienceMs: 500 } });
    said = [];
    void other.speak("Anybody there?");
    await pass(400);
    expect(saidText()).toBe("");
    await pass(1000);
    expect(saidText()).toBe("Anybody there?");
  });

  it("speaks by its script, one line per turn, and leaves after the last", async () => {
    const lines: (string | null)[] = ["One.", null, "Two."];
    let left = 0;
    newPhone({ script: { line: () => lines.shift(), leaves: () => ++left > 0 } });
    for (const [text, expected] of [
      ["Greeting.", "One."],
      ["Second.", "One."],
      ["Third.", "One. Two."],
    ] as const) {
      play(text);
      await pass(1500);
      expect([text, saidText(), left]).toEqual([text, expected, 0]);
    }
    play("Fourth.");
    await pass(1000);
    expect(left).toBeGreaterThan(0);
  });

  it("interrupts after having listened for so long", async () => {
    const phone = newPhone();
    await pass(1000);
    play("This goes on and on and on and on and on.");
    let heard = "";
    void phone.interruptsAfter(600, "Stop!").then((text) => (heard = text));
    await pass(2000);
    expect(heard).toMatch(/^This goes on/);
    expect(saidText()).toBe("Stop!");
    const [their, mine] = phone.sounds;
    expect((mine?.at ?? 0) - (their?.at ?? 0)).toBeLessThanOrEqual(720);
  });

  it("does not see its turn while somebody speaks", async () => {
    const phone = newPhone();
    play("Hi.");
    await pass(160);
    expect(phone.isTurn).toBe(false);
    await pass(400);
    expect(phone.isTurn).toBe(true);
    void phone.says("Yes?");
    await pass(100);
    expect(phone.isTurn).toBe(false);
  });

  it("sends nothing at all while the network is gone", async () => {
    const phone = newPhone();
    phone.stopsSending();
    await pass(200);
    expect([said.length, missed]).toEqual([0, 10]);
    phone.sendsAgain();
    await pass(200);
    expect([said.length, missed]).toEqual([10, 10]);
  });

  it("is understood through its own noise and the echo of the other side", async () => {
    const phone = newPhone({ habits: { ...HABITS, noiseDb: -50, echo: { db: -32, delayMs: 100 } } });
    play("I keep talking while you say something.");
    await pass(200);
    void phone.says("Can you hear me?");
    await pass(1500);
    expect(saidText()).toBe("Can you hear me?");
    expect(said[0]?.some((byte) => byte !== 0xff)).toBe(true);
  });

  it("gives back what it plays, late and faint", async () => {
    newPhone({ habits: { ...HABITS, echo: { db: -12, delayMs: 200 } } });
    play("Echo.");
    await pass(1000);
    expect(saidText()).toBe("Echo.");
    expect(said.slice(0, 9).every((frame) => frame.every((byte) => byte === 0xff))).toBe(true);
  });

  it("makes a noise that is no speech", async () => {
    const phone = newPhone();
    phone.makesNoise(100);
    await pass(300);
    const loud = said.filter((frame) => frame.some((byte) => (byte | 0x80) < 0xc0));
    expect(loud).toHaveLength(5);
    expect(saidText()).toBe("");
  });
});

describe("keys", () => {
  it("are pressed one after the other", async () => {
    const phone = newPhone();
    void phone.presses("12#");
    await pass(100);
    expect(pressed).toBe("1");
    await pass(200);
    expect(pressed).toBe("12#");
  });

  it("wait for a stream, and are dropped with the call", async () => {
    const phone = newPhone();
    phone.disconnect();
    const pressing = phone.presses("1");
    await pass(100);
    expect(pressed).toBe("");
    phone.end();
    await pressing;
    await phone.presses("2");
    await phone.says("gone");
    await phone.speak("gone");
    expect(pressed).toBe("");
  });
});
