import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import {
  renderHangup,
  renderInstruction,
  renderReject,
  renderWait,
} from "../../../src/carrier/twilio/markup.ts";
import type { Page } from "../../../src/carrier/documents.ts";
import { lint, parseTwiml, type Verb } from "../../emulator/twilio/twiml.ts";
import { STREAMS } from "../samples.ts";
import { OUTBOUND, WEBHOOK } from "./fixtures.ts";

const LISTEN = { kind: "listen", token: "tok", timeoutMs: 7500 } as const;

function page(route: Partial<Page["call"]["route"]> = {}, silenceMs = 800): Page {
  let count = 0;
  const { limits } = OUTBOUND;
  return {
    call: { ...OUTBOUND, route: { ...OUTBOUND.route, ...route }, limits: { ...limits, silenceMs } },
    webhookUrl: WEBHOOK,
    nonce: () => `n${++count}`,
    streamUrl: (token) => `${STREAMS}/${token}`,
  };
}

/** The verbs of a document that Twilio would run without a warning. */
function render(instruction: Partial<Instruction>, on: Page = page()): readonly Verb[] {
  const source = renderInstruction(on, { gen: 1, say: [], next: { kind: "wait" }, ...instruction });
  const document = parseTwiml(source);
  expect(lint(document)).toEqual([]);
  return document.children;
}

const names = (verbs: readonly Verb[]): readonly string[] => verbs.map((verb) => verb.name);

describe("a document that listens", () => {
  it("speaks inside the Gather, so that the caller can interrupt", () => {
    const [gather, redirect] = render({ say: ["Hello.", "How are you?"], next: LISTEN });
    expect(gather?.name).toBe("Gather");
    expect(gather?.children.map((verb) => verb.text)).toEqual(["Hello.", "How are you?"]);
    expect(redirect?.name).toBe("Redirect");
  });

  it("hears speech and keys, reports silence too, and sends the turn's token back", () => {
    const [gather] = render({ next: LISTEN });
    expect(gather?.attributes).toEqual({
      input: "speech dtmf",
      action: `${WEBHOOK}?call=vc_1&turn=tok`,
      method: "POST",
      actionOnEmptyResult: "true",
      timeout: "8",
      speechTimeout: "1",
      language: "en-US",
      bargeIn: "true",
    });
  });

  it("never falls through to the end, which would hang up", () => {
    const verbs = render({ next: LISTEN });
    const last = verbs.at(-1);
    expect(last?.name).toBe("Redirect");
    expect(last?.text).toBe(`${WEBHOOK}?call=vc_1&fetch=n1`);
    expect(last?.attributes["method"]).toBe("POST");
  });

  it("ends the caller's turn after the configured silence, in whole seconds", () => {
    for (const [silenceMs, seconds] of [
      [0, "1"],
      [800, "1"],
      [1200, "2"],
      [3000, "3"],
    ] as const) {
      const [gather] = render({ next: LISTEN }, page({}, silenceMs));
      expect(gather?.attributes["speechTimeout"]).toBe(seconds);
    }
  });
});

describe("a document that does not listen", () => {
  it("waits in silence and asks again", () => {
    const verbs = render({ say: ["One moment."], next: { kind: "wait" } });
    expect(names(verbs)).toEqual(["Say", "Pause", "Redirect"]);
    expect(names(parseTwiml(renderWait(page())).children)).toEqual(["Pause", "Redirect"]);
    const [long] = parseTwiml(renderWait(page(), 60_000)).children;
    expect(long?.attributes["length"]).toBe("60");
  });

  it("asks under a new name every time, so that no fetch is taken for a replay", () => {
    const on = page();
    const urls = [1, 2, 3].map(() => parseTwiml(renderWait(on)).children.at(-1)?.text);
    expect(new Set(urls).size).toBe(3);
  });

  it("hangs up some time after the words, or at once", () => {
    const verbs = render({ say: ["Bye."], next: { kind: "hangup", afterMs: 2100 } });
    expect(names(verbs)).toEqual(["Say", "Pause", "Hangup"]);
    expect(verbs[1]?.attributes["length"]).toBe("3");
    expect(names(render({ say: ["Bye."], next: { kind: "hangup", afterMs: 0 } }))).toEqual(["Say", "Hangup"]);
    expect(names(parseTwiml(renderHangup()).children)).toEqual(["Hangup"]);
  });

  it("presses digits before it speaks", () => {
    const verbs = render({ digits: "1w2#", say: ["Hi."], next: LISTEN });
    expect(names(verbs)).toEqual(["Play", "Gather", "Redirect"]);
    expect(verbs[0]?.attributes["digits"]).toBe("1w2#");
  });

  it("hands the caller over after the words, with our own number to show and a time to ring", () => {
    const transfer = { kind: "transfer", to: "+15550100042" } as const;
    const verbs = render({ gen: 7, say: ["One moment."], next: transfer });
    expect(names(verbs)).toEqual(["Say", "Dial"]);
    const [, dial] = verbs;
    expect(dial?.attributes).toEqual({
      action: `${WEBHOOK}?call=vc_1&transfer=7-n1`,
      method: "POST",
      callerId: OUTBOUND.from,
      timeout: "30",
    });
    expect(dial?.children).toMatchObject([{ name: "Number", text: "+15550100042" }]);

    const incoming = page();
    const call = { ...incoming.call, direction: "inbound", from: "+15550003333", to: OUTBOUND.from } as const;
    const [inward] = render({ next: transfer }, { ...incoming, call });
    expect(inward?.attributes["callerId"]).toBe(OUTBOUND.from);
  });

  it("refuses a ringing call with its first verb", () => {
    for (const [reason, word] of [
      ["policy", "rejected"],
      ["busy", "busy"],
    ] as const) {
      const verbs = parseTwiml(renderReject(reason)).children;
      expect(names(verbs)).toEqual(["Reject"]);
      expect(verbs[0]?.attributes["reason"]).toBe(word);
    }
  });
});

describe("a document of live audio", () => {
  const live = { gen: 3, next: { kind: "stream", token: "tok-1_A" } } as const;
  const verbsOf = (instruction: Partial<Instruction>) => render({ ...live, ...instruction });

  it("connects the call with our socket, both ways, and asks what to do when that is over", () => {
    const [connect, redirect, ...others] = verbsOf({});
    expect(connect?.name).toBe("Connect");
    expect(connect?.attributes).toEqual({});
    expect(connect?.children).toEqual([
      {
        name: "Stream",
        attributes: {
          url: `${STREAMS}/tok-1_A`,
          statusCallback: `${WEBHOOK}?call=vc_1&stream=tok-1_A`,
          statusCallbackMethod: "POST",
        },
        text: "",
        children: [],
      },
    ]);
    expect(redirect).toMatchObject({ name: "Redirect", text: `${WEBHOOK}?call=vc_1&fetch=n1` });
    expect(others).toEqual([]);
  });

  it("has a socket URL without a query, which Twilio would not keep", () => {
    const [stream] = verbsOf({})[0]?.children ?? [];
    expect(new URL(stream?.attributes["url"] ?? "").search).toBe("");
    expect(stream?.attributes["url"]).toMatch(/^wss:/);
  });

  it("presses its digits before the stream opens", () => {
    const verbs = verbsOf({ digits: "1w2#" });
    expect(names(verbs)).toEqual(["Play", "Connect", "Redirect"]);
    expect(verbs[0]?.attributes).toEqual({ digits: "1w2#" });
  });

  it("needs no language, since the carrier neither listens nor speaks", () => {
    const klingon = page({ language: "tlh" });
    const source = renderInstruction(klingon, { gen: 1, say: [], next: live.next });
    expect(names(parseTwiml(source).children)).toEqual(["Connect", "Redirect"]);
  });
});

/** What a voice would read. */
const letters = (text: string): string => text.replace(/[\p{Cc}\p{Cs}\s\uFFFE\uFFFF]/gu, "");

describe("words in a document", () => {
  it("arrive as they were written, without what XML cannot hold", () => {
    const say = ['Fish & "chips" <b>at 5</b>', "bell\u0007 and \ud800 half"];
    const [gather] = render({ say, next: LISTEN });
    expect(gather?.children.map((verb) => verb.text)).toEqual([
      'Fish & "chips" <b>at 5</b>',
      "bell and half",
    ]);
  });

  it("are well-formed whatever they are, and none of them is lost", () => {
    const anything = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 4 }), (say) => {
        const spoken = render({ say }).filter((verb) => verb.name === "Say");
        expect(letters(spoken.map((verb) => verb.text).join(""))).toBe(letters(say.join("")));
      }),
    );
  });

  it("are cut at ends of sentences when there are too many for one Say", () => {
    const sentence = `Many ${"word ".repeat(50).trim()}.`;
    const verbs = render({ say: [Array.from({ length: 40 }, () => sentence).join(" ")] });
    const says = verbs.filter((verb) => verb.name === "Say").map((verb) => verb.text);
    expect(says.length).toBeGreaterThan(3);
    for (const text of says) {
      expect(text.length).toBeLessThanOrEqual(3000);
      expect(text.endsWith(".")).toBe(true);
    }
    expect(says.join(" ").split(sentence).length).toBe(41);
  });

  it("are cut between words, and then between letters, when there is no end of a sentence", () => {
    const long = `${"a".repeat(4000)} ${"😀".repeat(2000)}`;
    const says = render({ say: [long] }).filter((verb) => verb.name === "Say");
    for (const { text } of says) expect(text.length).toBeLessThanOrEqual(3000);
    const spoken = says.map((verb) => verb.text).join("");
    expect(spoken.replace(" ", "") === long.replace(" ", "")).toBe(true);
  });
});

describe("language and voice", () => {
  it("are named to the speaker and to the listener, each in its own spelling", () => {
    const [gather] = render({ say: ["你好"], next: LISTEN }, page({ language: "zh-CN" }));
    expect(gather?.attributes["language"]).toBe("cmn-Hans-CN");
    expect(gather?.children[0]?.attributes["language"]).toBe("zh-CN");
  });

  it("leave the language to a named voice, which has its own", () => {
    const [gather] = render({ say: ["Hi"], next: LISTEN }, page({ voice: "Polly.Joanna-Neural" }));
    expect(gather?.children[0]?.attributes).toEqual({ voice: "Polly.Joanna-Neural" });
    const [basic] = render({ say: ["Hi"] }, page({ voice: "alice" }));
    expect(basic?.attributes).toEqual({ voice: "alice", language: "en-US" });
  });

  it("that Twilio does not know are refused, never sent", () => {
    const klingon = page({ language: "tlh" });
    expect(() => render({ next: LISTEN }, klingon)).toThrow(/VC_LANGUAGE_UNSUPPORTED/);
    expect(() => render({ say: ["Hi"] }, klingon)).toThrow(/VC_LANGUAGE_UNSUPPORTED/);
    // Nothing is said and nothing heard: no language is needed.
    expect(names(render({}, klingon))).toEqual(["Pause", "Redirect"]);
  });
});
