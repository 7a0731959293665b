import * as fc from "fast-check";
import { Response } from "plivo";
import { describe, expect, it } from "vitest";
import type { Screening } from "../../../src/call/call.ts";
import type { Instruction } from "../../../src/call/instruction.ts";
import {
  renderHangup,
  renderInstruction,
  renderReject,
  renderWait,
} from "../../../src/carrier/plivo/markup.ts";
import type { Page } from "../../../src/carrier/documents.ts";
import { judge } from "../../emulator/plivo/rules.ts";
import { childrenOf, parseXml, textOf, type Element } from "../../emulator/plivo/xml.ts";
import { STREAMS } from "../samples.ts";
import { INBOUND, OUTBOUND, WEBHOOK } from "./fixtures.ts";

const LISTEN = { kind: "listen", token: "tok", timeoutMs: 7500 } as const;
const BYE = { kind: "hangup", afterMs: 0 } as const;

type Route = Partial<Page["call"]["route"]>;

function page(
  route: Route = {},
  more: { readonly silenceMs?: number; readonly on?: Page["call"] } = {},
): Page {
  let count = 0;
  const { on = OUTBOUND, silenceMs = 800 } = more;
  return {
    call: { ...on, route: { ...on.route, ...route }, limits: { ...on.limits, silenceMs } },
    webhookUrl: WEBHOOK,
    nonce: () => `n${++count}`,
    streamUrl: (token) => `${STREAMS}/${token}`,
  };
}

type Adder = (body: string | object, attributes?: object) => unknown;

/** Has the official package write the same element; it throws for what Plivo does not have. */
function rewrite(parent: object, element: Element): void {
  const add: unknown = Reflect.get(parent, `add${element.name}`);
  if (typeof add !== "function") throw new Error(`the official package has no ${element.name}`);
  const children = childrenOf(element);
  const text = textOf(element);
  const hasBody = !["GetInput", "Dial", "Hangup", "Wait"].includes(element.name);
  const written = hasBody
    ? (add as Adder).call(parent, text, { ...element.attributes })
    : (add as Adder).call(parent, { ...element.attributes });
  for (const child of children) rewrite(written as object, child);
}

/** The elements of a document that Plivo would run without a warning, in the official package's eyes too. */
function read(source: string): readonly Element[] {
  expect(judge(parseXml(source))).toEqual({ problems: [], fatal: null });
  return rewritten(source);
}

/** The elements of a document, which the official package would write in the same words. */
function rewritten(source: string): readonly Element[] {
  const document = parseXml(source);
  const official = Response() as { toXML(): string };
  for (const element of childrenOf(document)) rewrite(official, element);
  // It writes quotation marks in text as they are, which is the same to a reader.
  expect(parseXml(official.toXML())).toEqual(document);
  return childrenOf(document);
}

const render = (instruction: Partial<Instruction>, on: Page = page()): readonly Element[] =>
  read(renderInstruction(on, { gen: 2, say: [], next: { kind: "wait" }, ...instruction }));

const names = (elements: readonly Element[]): readonly string[] => elements.map(({ name }) => name);
const inside = (element: Element | undefined): readonly Element[] =>
  element === undefined ? [] : childrenOf(element);

describe("a document that listens", () => {
  it("speaks inside the GetInput, so that the caller can interrupt", () => {
    const [input, redirect] = render({ say: ["Hello.", "How are you?"], next: LISTEN });
    expect(input?.name).toBe("GetInput");
    expect(inside(input).map(textOf)).toEqual(["Hello.", "How are you?"]);
    expect(redirect?.name).toBe("Redirect");
  });

  it("hears speech and keys, keeps them out of Plivo's logs, and sends the turn's token back", () => {
    const [input] = render({ next: LISTEN });
    expect(input?.attributes).toEqual({
      action: `${WEBHOOK}?call=vc_1&turn=tok`,
      method: "POST",
      inputType: "dtmf speech",
      executionTimeout: "8",
      speechEndTimeout: "2",
      language: "en-US",
      log: "false",
    });
  });

  it("tells of silence with the same token, where Plivo goes on behind the element", () => {
    const last = render({ next: LISTEN }).at(-1);
    expect(last?.name).toBe("Redirect");
    expect(last?.attributes["method"]).toBe("POST");
    expect(last && textOf(last)).toBe(`${WEBHOOK}?call=vc_1&silence=tok`);
  });

  it.each([
    [0, "2"],
    [800, "2"],
    [2400, "3"],
    [60_000, "10"],
  ])("ends the caller's turn after %d ms of silence, within what Plivo takes: %s s", (silenceMs, seconds) => {
    const [input] = render({ next: LISTEN }, page({}, { silenceMs }));
    expect(input?.attributes["speechEndTimeout"]).toBe(seconds);
  });

  it.each([
    [0, "5"],
    [10_000, "10"],
    [600_000, "60"],
  ])("listens for %d ms, within what Plivo takes: %s s", (timeoutMs, seconds) => {
    const [input] = render({ next: { ...LISTEN, timeoutMs } });
    expect(input?.attributes["executionTimeout"]).toBe(seconds);
  });
});

describe("a document of live audio", () => {
  const live = { gen: 3, next: { kind: "stream", token: "tok-1_A" } } as const;
  const connecting = (more: Partial<Instruction> = {}, on: Page = page()): readonly Element[] =>
    rewritten(renderInstruction(on, { say: [], ...live, ...more }));

  it("connects the call with our socket, both ways, in µ-law, and asks what to do when that is over", () => {
    const [stream, redirect, ...others] = connecting();
    expect(stream?.name).toBe("Stream");
    expect(stream && textOf(stream)).toBe(`${STREAMS}/tok-1_A`);
    expect(stream?.attributes).toEqual({
      bidirectional: "true",
      audioTrack: "inbound",
      keepCallAlive: "true",
      contentType: "audio/x-mulaw;rate=8000",
      statusCallbackUrl: `${WEBHOOK}?call=vc_1&stream=tok-1_A`,
      statusCallbackMethod: "POST",
    });
    expect(redirect && textOf(redirect)).toBe(`${WEBHOOK}?call=vc_1&fetch=n1`);
    expect(others).toEqual([]);
  });

  it("presses its digits before the stream opens, and limits a call to us with its first document", () => {
    const elements = connecting({ gen: 1, digits: "1w2#" }, page({}, { on: INBOUND }));
    expect(names(elements)).toEqual(["Hangup", "DTMF", "Stream", "Redirect"]);
    expect(elements[1]?.attributes["async"]).toBe("false");
  });

  it("needs no language, since the carrier neither listens nor speaks", () => {
    expect(names(connecting({}, page({ language: "tlh" })))).toEqual(["Stream", "Redirect"]);
  });
});

describe("a document that does not listen", () => {
  it("waits in silence and asks again", () => {
    expect(names(render({ say: ["One moment."] }))).toEqual(["Speak", "Wait", "Redirect"]);
    expect(names(read(renderWait(page())))).toEqual(["Wait", "Redirect"]);
    expect(read(renderWait(page(), 60_000))[0]?.attributes["length"]).toBe("60");
  });

  it("asks under a new name every time, so that no fetch is taken for a replay", () => {
    const on = page();
    const urls = [1, 2, 3].map(() => textOf(read(renderWait(on)).at(-1) as Element));
    expect(urls[0]).toBe(`${WEBHOOK}?call=vc_1&fetch=n1`);
    expect(new Set(urls).size).toBe(3);
  });

  it("hangs up some time after the words, or at once", () => {
    const elements = render({ say: ["Bye."], next: { kind: "hangup", afterMs: 2100 } });
    expect(names(elements)).toEqual(["Speak", "Wait", "Hangup"]);
    expect(elements[1]?.attributes["length"]).toBe("3");
    expect(names(render({ say: ["Bye."], next: BYE }))).toEqual(["Speak", "Hangup"]);
    expect(names(read(renderHangup()))).toEqual(["Hangup"]);
  });

  it("presses digits to their end before it speaks", () => {
    const elements = render({ digits: "1w2W#*", say: ["Hi."], next: LISTEN });
    expect(names(elements)).toEqual(["DTMF", "GetInput", "Redirect"]);
    expect(elements[0]?.attributes).toEqual({ async: "false" });
    expect(elements[0] && textOf(elements[0])).toBe("1w2W#*");
  });

  it("refuses keys that Plivo cannot press, rather than have the whole element ignored", () => {
    for (const digits of ["A", "12d", "1,2"]) {
      expect(() => render({ digits })).toThrow(/VC_UNSUPPORTED/);
    }
    expect(names(render({ digits: "" }))).toEqual(["Wait", "Redirect"]);
  });

  it("refuses a ringing call with its first element, which gives a reason: a bare one would answer it", () => {
    for (const [reason, word] of [
      ["policy", "rejected"],
      ["busy", "busy"],
    ] as const) {
      const elements = read(renderReject(reason));
      expect(names(elements)).toEqual(["Hangup"]);
      expect(elements[0]?.attributes["reason"]).toBe(word);
    }
  });

  it("hands the caller over to a number that sees ours, and comes back for what is next", () => {
    for (const [on, callerId] of [
      [OUTBOUND, "15550101000"],
      [INBOUND, "15550101000"],
    ] as const) {
      const next = { kind: "transfer", to: "+15550109999" } as const;
      const elements = render({ gen: 4, say: ["One moment."], next }, page({}, { on }));
      expect(names(elements)).toEqual(["Speak", "Dial", "Redirect"]);
      const dial = elements[1];
      expect(dial?.attributes).toEqual({
        action: `${WEBHOOK}?call=vc_1&transfer=4-n1`,
        method: "POST",
        callerId,
        timeout: "30",
        timeLimit: "300",
      });
      expect(inside(dial).map(textOf)).toEqual(["15550109999"]);
    }
  });

  it("limits a call to us, which no request of ours could, with its first words and only then", () => {
    const first = render({ gen: 1, say: ["Hi."], next: LISTEN }, page({}, { on: INBOUND }));
    expect(names(first)).toEqual(["Hangup", "GetInput", "Redirect"]);
    expect(first[0]?.attributes).toEqual({ schedule: "300" });
    expect(names(render({ gen: 2, next: LISTEN }, page({}, { on: INBOUND })))).toEqual([
      "GetInput",
      "Redirect",
    ]);
    expect(names(render({ gen: 1, next: LISTEN }))).toEqual(["GetInput", "Redirect"]);
  });
});

describe("a document for an answering machine", () => {
  const screening: Screening = { policy: "leave-message", verdict: "machine", words: ["Hi."], said: false };

  it("waits for its beep, and leaves the message after half a minute even if there is none", () => {
    const on = { ...OUTBOUND, screening };
    const [wait, redirect] = read(renderWait(page({}, { on })));
    expect(wait?.attributes).toEqual({ length: "30", beep: "true" });
    expect(redirect && textOf(redirect)).toBe(`${WEBHOOK}?call=vc_1&beep=n1`);
    expect(read(renderInstruction(page({}, { on }), { gen: 2, say: [], next: { kind: "wait" } }))).toEqual(
      read(renderWait(page({}, { on }))),
    );
  });

  it("is one like any other while nothing is known, and where nothing is left", () => {
    for (const other of [
      { ...screening, verdict: "pending" },
      { ...screening, policy: "hangup" },
      { ...screening, verdict: "person" },
    ] as const) {
      const [wait] = read(renderWait(page({}, { on: { ...OUTBOUND, screening: other } })));
      expect(wait?.attributes).toEqual({ length: "10" });
    }
  });
});

/** What a voice would read. */
const letters = (text: string): string => text.replace(/[\p{Cc}\p{Cs}\s\uFFFE\uFFFF]/gu, "");

/** Read by ourselves alone: the official package refuses letters that XML allows. */
const spoken = (say: readonly string[], on = page()): readonly Element[] => {
  const document = parseXml(renderInstruction(on, { gen: 2, say, next: BYE }));
  expect(judge(document)).toEqual({ problems: [], fatal: null });
  return childrenOf(document).filter(({ name }) => name === "Speak");
};

describe("words in a document", () => {
  it("arrive as they were written, without what XML cannot hold", () => {
    const say = [`Fish & "chips" <b>at 5</b> it's`, "bell\u0007 and \ud800 half"];
    const [input] = render({ say, next: LISTEN });
    expect(inside(input).map(textOf)).toEqual([`Fish & "chips" <b>at 5</b> it's`, "bell and half"]);
  });

  it("cannot close their element or open another", () => {
    const [speak, hangup, ...more] = render({ say: ["</Speak><Hangup/>&lt;Speak>"], next: BYE });
    expect(speak && textOf(speak)).toBe("</Speak><Hangup/>&lt;Speak>");
    expect([hangup?.name, ...more]).toEqual(["Hangup"]);
  });

  it("are well-formed whatever they are, and none of them is lost", () => {
    const anything = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 4 }), (say) => {
        expect(letters(spoken(say).map(textOf).join(""))).toBe(letters(say.join("")));
      }),
    );
  });

  it("are cut at ends of sentences when there are too many for one Speak", () => {
    const sentence = `Many ${"word ".repeat(50).trim()}.`;
    const texts = spoken([Array.from({ length: 40 }, () => sentence).join(" ")]).map(textOf);
    expect(texts.length).toBeGreaterThan(3);
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(3000);
      expect(text.endsWith(".")).toBe(true);
    }
    expect(texts.join(" ").split(sentence).length).toBe(41);
  });
});

const voiceOf = (route: Route): Element["attributes"] | undefined =>
  spoken(["Hi"], page(route))[0]?.attributes;

describe("language and voice", () => {
  it.each([
    ["en", { voice: "WOMAN", language: "en-US" }],
    ["de-AT", { voice: "WOMAN", language: "de-DE" }],
    ["pt", { voice: "WOMAN", language: "pt-BR" }],
    ["nl", { voice: "WOMAN", language: "nl-NL" }],
    ["hi", { voice: "Polly.Aditi", language: "hi-IN" }],
    ["en-IN", { voice: "Polly.Aditi", language: "en-IN" }],
    ["ja-JP", { voice: "Polly.Mizuki", language: "ja-JP" }],
    ["zh-CN", { voice: "Polly.Zhiyu", language: "cmn-CN" }],
    ["ar", { voice: "Polly.Zeina", language: "arb" }],
    ["nb", { voice: "Polly.Liv", language: "nb-NO" }],
    ["es-419", { voice: "Polly.Mia", language: "es-MX" }],
  ])("speak %s with a voice that has it", (language, attributes) => {
    expect(voiceOf({ language })).toEqual(attributes);
  });

  it("are named to the listener in its own spelling", () => {
    for (const [language, tag] of [
      ["zh", "zh-CN"],
      ["es-MX", "es-US"],
      ["en-NZ", "en-US"],
      ["fr-CA", "fr-FR"],
    ]) {
      const [input] = render({ next: LISTEN }, page({ language: language ?? "" }));
      expect(input?.attributes["language"]).toBe(tag);
    }
  });

  it("leave the language to a named voice, which has its own", () => {
    expect(voiceOf({ voice: "Polly.Joanna" })).toEqual({ voice: "Polly.Joanna" });
    expect(voiceOf({ voice: "Polly.Joanna", language: "tlh" })).toEqual({ voice: "Polly.Joanna" });
    expect(voiceOf({ voice: "MAN" })).toEqual({ voice: "MAN", language: "en-US" });
  });

  it("that Plivo does not have are refused, never sent", () => {
    const klingon = page({ language: "tlh" });
    expect(() => render({ next: LISTEN }, klingon)).toThrow(/VC_LANGUAGE_UNSUPPORTED/);
    expect(() => render({ say: ["Hi"] }, klingon)).toThrow(/VC_LANGUAGE_UNSUPPORTED/);
    for (const voice of ["alice", "Google.en-US-Standard-A", 'Polly."x', "Polly."]) {
      expect(() => render({ say: ["Hi"] }, page({ voice }))).toThrow(/VC_UNSUPPORTED/);
    }
    // Spoken but not understood.
    expect(() => render({ next: LISTEN }, page({ language: "sv-SE" }))).toThrow(/VC_LANGUAGE_UNSUPPORTED/);
    // Nothing is said and nothing heard: no language is needed.
    expect(names(render({}, klingon))).toEqual(["Wait", "Redirect"]);
  });
});
