import { describe, expect, it } from "vitest";
import type { Instruction } from "../../../src/call/instruction.ts";
import type { CallRef } from "../../../src/call/ports.ts";
import { readState } from "../../../src/carrier/telnyx/client-state.ts";
import { commandsOf, type Running } from "../../../src/carrier/telnyx/commands.ts";
import { STREAMS } from "../samples.ts";
import { INBOUND, OUTBOUND, OURS, THEIRS, WEBHOOK } from "./fixtures.ts";

const LISTEN: Instruction["next"] = { kind: "listen", token: "tok-1", timeoutMs: 5000 };
const WAIT: Instruction["next"] = { kind: "wait" };

const plan = (
  instruction: Instruction,
  call: CallRef = OUTBOUND,
  transcribing: Running = "no",
  streaming: Running = "no",
) =>
  commandsOf(call, instruction, {
    webhookUrl: WEBHOOK,
    transcribing,
    streaming,
    streamUrl: (token) => `${STREAMS}/${token}`,
  });

const actions = (...args: Parameters<typeof plan>) => plan(...args).map(({ action }) => action);

const find = (action: string, ...args: Parameters<typeof plan>) => {
  const found = plan(...args).find((command) => command.action === action);
  if (found === undefined) throw new Error(`no ${action}`);
  return found;
};

const stateIn = (params: Readonly<Record<string, unknown>>, name = "client_state") => readState(params[name]);

const speaking = (language: string, voice?: string) => {
  const route = { ...OUTBOUND.route, language, ...(voice === undefined ? {} : { voice }) };
  const { params } = find("speak", { gen: 1, say: ["Hi."], next: WAIT }, { ...OUTBOUND, route });
  return [params["voice"], params["language"]];
};

/** What planning throws, or the plan. */
const failure = (instruction: Instruction, language: string): unknown => {
  try {
    return plan(instruction, { ...OUTBOUND, route: { ...OUTBOUND.route, language } });
  } catch (error) {
    return error;
  }
};

describe("what an instruction asks of Telnyx", () => {
  it("is words, then the ear, once per call", () => {
    const first: Instruction = { gen: 1, say: ["Hello.", "Who is this?"], next: LISTEN };
    expect(actions(first)).toEqual(["speak", "transcription_start"]);
    expect(actions({ ...first, gen: 2 }, OUTBOUND, "yes")).toEqual(["playback_stop", "speak"]);
    expect(find("speak", first).params["payload"]).toBe("Hello. Who is this?");
  });

  it("is the ear of the other party alone, in the language of the call, and what is being said as it is said", () => {
    const route = { ...OUTBOUND.route, language: "he-IL", voice: "Azure.he-IL-AvriNeural" };
    const { params } = find("transcription_start", { gen: 1, say: [], next: LISTEN }, { ...OUTBOUND, route });
    expect(params).toMatchObject({
      transcription_engine: "Google",
      transcription_engine_config: { transcription_engine: "Google", language: "iw", interim_results: true },
      transcription_tracks: "inbound",
    });
  });

  it("is never an ear that another run of ours has left open", () => {
    const first: Instruction = { gen: 4, say: ["Hello."], next: LISTEN };
    expect(actions(first, OUTBOUND, "unknown")).toEqual([
      "playback_stop",
      "speak",
      "transcription_stop",
      "transcription_start",
    ]);
    expect(find("transcription_stop", first, OUTBOUND, "unknown").optional).toBe(true);
  });

  it("is silence before new words, but not before the first ones", () => {
    expect(actions({ gen: 1, say: ["Hello."], next: WAIT })).toEqual(["speak"]);
    const stop = find("playback_stop", { gen: 2, say: [], next: WAIT });
    expect(stop).toMatchObject({ params: { stop: "all" }, optional: true });
    expect(stop.params).not.toHaveProperty("client_state");
  });

  it("is nothing at the end: the core hangs up when the words were played", () => {
    expect(actions({ gen: 1, say: ["Bye."], next: { kind: "hangup", afterMs: 3000 } })).toEqual(["speak"]);
    expect(actions({ gen: 1, say: [], next: { kind: "hangup", afterMs: 0 } })).toEqual([]);
  });

  it("is keys before words, and the words wait until the keys were heard", () => {
    const keys = find("send_dtmf", { gen: 1, digits: "1w2#", say: ["Hello."], next: WAIT });
    expect(keys.params).toMatchObject({ digits: "1w2#", duration_millis: 250 });
    expect(keys.takesMs).toBe(3 * 350 + 500);
    expect(actions({ gen: 1, digits: "1w2#", say: ["Hello."], next: WAIT })).toEqual(["send_dtmf", "speak"]);
  });

  it("does not wait for keys that nothing audible follows", () => {
    const silent: Instruction = { gen: 2, digits: "12", say: [], next: LISTEN };
    expect(find("send_dtmf", silent, OUTBOUND, "yes").takesMs).toBe(0);
  });

  it("is several commands for more keys than one takes, in order", () => {
    const digits = "1w".repeat(40);
    const sent = plan({ gen: 1, digits, say: [], next: WAIT });
    expect(sent.map(({ params }) => params["digits"])).toEqual([digits.slice(0, 64), digits.slice(64)]);
    expect(new Set(sent.map(({ step }) => step)).size).toBe(2);
  });

  it("is a hand-over from our number, within our limits, reported to us", () => {
    const transfer: Instruction = { gen: 5, say: [], next: { kind: "transfer", to: "+15550100009" } };
    for (const call of [INBOUND, OUTBOUND]) {
      const { params } = find("transfer", transfer, call);
      expect(params).toMatchObject({
        to: "+15550100009",
        from: OURS,
        timeout_secs: 30,
        time_limit_secs: 300,
        webhook_url: `${WEBHOOK}?call=vc_1`,
        webhook_url_method: "POST",
      });
      expect(params["from"]).not.toBe(THEIRS);
      expect(stateIn(params, "target_leg_client_state")).toMatchObject({ gen: 5, mark: "other-leg" });
      expect(stateIn(params)).toMatchObject({ gen: 5, mark: "none" });
    }
  });

  it("says something before a hand-over, too", () => {
    const transfer: Instruction = {
      gen: 1,
      say: ["One moment."],
      next: { kind: "transfer", to: "+15550100009" },
    };
    expect(actions(transfer)).toEqual(["speak", "transfer"]);
  });
});

describe("live audio", () => {
  const LIVE: Instruction = { gen: 1, say: [], next: { kind: "stream", token: "tok-1_A" } };

  it("is one command: the caller's track to our socket, and our audio back as RTP in µ-law, to this leg", () => {
    expect(actions(LIVE)).toEqual(["streaming_start"]);
    const { client_state: _, ...params } = find("streaming_start", LIVE).params;
    expect(params).toEqual({
      stream_url: `${STREAMS}/tok-1_A`,
      stream_track: "inbound_track",
      stream_codec: "PCMU",
      stream_bidirectional_mode: "rtp",
      stream_bidirectional_codec: "PCMU",
      stream_bidirectional_sampling_rate: 8000,
      stream_bidirectional_target_legs: "self",
    });
    expect(stateIn(find("streaming_start", LIVE).params)).toMatchObject({
      gen: 1,
      mark: "none",
      token: null,
    });
  });

  it("comes after the keys, once they have been heard", () => {
    const instruction = { ...LIVE, digits: "12" };
    expect(actions(instruction)).toEqual(["send_dtmf", "streaming_start"]);
    expect(find("send_dtmf", instruction).takesMs).toBe(700);
  });

  it("clears away what is left of an older stream: a call has but one", () => {
    for (const streaming of ["yes", "unknown"] as const) {
      expect(actions({ ...LIVE, gen: 4 }, OUTBOUND, "no", streaming)).toEqual([
        "streaming_stop",
        "streaming_start",
      ]);
    }
    expect(find("streaming_stop", { ...LIVE, gen: 4 }, OUTBOUND, "no", "yes").optional).toBe(true);
  });

  it("is never transcribed by Telnyx too, and the caller does not wait for that", () => {
    for (const transcribing of ["yes", "unknown"] as const) {
      expect(actions({ ...LIVE, gen: 4 }, OUTBOUND, transcribing)).toEqual([
        "streaming_start",
        "transcription_stop",
      ]);
    }
    expect(find("transcription_stop", LIVE, OUTBOUND, "unknown").optional).toBe(true);
  });

  it("is over before anything else is done on the line", () => {
    const transfer: Instruction = { gen: 5, say: [], next: { kind: "transfer", to: "+15550100009" } };
    const apology: Instruction = { gen: 5, say: ["Sorry."], next: { kind: "hangup", afterMs: 0 } };
    expect(actions(transfer, OUTBOUND, "no", "yes")).toEqual(["streaming_stop", "playback_stop", "transfer"]);
    expect(actions(apology, OUTBOUND, "no", "yes")).toEqual(["streaming_stop", "playback_stop", "speak"]);
    expect(actions(transfer, OUTBOUND, "unknown", "unknown")).toContain("streaming_stop");
    expect(actions(apology, OUTBOUND, "unknown", "unknown")).not.toContain("streaming_stop");
  });

  it("needs no language, since Telnyx neither listens nor speaks", () => {
    expect(failure(LIVE, "tlh")).toMatchObject([{ action: "streaming_start" }]);
  });
});

describe("long words", () => {
  const sentence = "This is a sentence of some length, as people write them. ";
  const say = [sentence.repeat(120)];

  it("are cut at the ends of sentences, none longer than Telnyx takes, and none is lost", () => {
    const texts = plan({ gen: 1, say, next: WAIT }).map(({ params }) => String(params["payload"]));
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(3000);
      expect(text).toMatch(/\.$/);
    }
    expect(texts.join(" ")).toBe(say.join(" ").trim());
  });

  it("are never reported as played when only a part of them was", () => {
    const marks = plan({ gen: 1, say, next: WAIT }).map(({ params }) => stateIn(params)?.mark);
    expect(new Set(marks)).toEqual(new Set(["none"]));
    const one = find("speak", { gen: 1, say: ["Short."], next: WAIT });
    expect(stateIn(one.params)?.mark).toBe("words");
  });

  it("hold nothing that cannot be spoken", () => {
    const { params } = find("speak", { gen: 1, say: ["a\u0000b\uD800c\n\n d"], next: WAIT });
    expect(params["payload"]).toBe("a b c d");
    expect(actions({ gen: 1, say: ["", " \n "], next: WAIT })).toEqual([]);
  });
});

describe("the state of a command", () => {
  it("tells call, direction, instruction and listen", () => {
    const listen: Instruction = { gen: 3, say: ["Yes?"], next: LISTEN };
    expect(stateIn(find("speak", listen, INBOUND, "yes").params)).toEqual({
      callId: "vc_1",
      direction: "inbound",
      gen: 3,
      mark: "words",
      token: "tok-1",
    });
    expect(stateIn(find("speak", { ...listen, next: WAIT }).params)?.token).toBeNull();
  });

  it("of the ear has no token, which would be stale in the next listen, but marks the words that play", () => {
    const { params } = find("transcription_start", { gen: 1, say: ["Yes?"], next: LISTEN });
    expect(stateIn(params)).toMatchObject({ gen: 1, token: null, mark: "words" });
  });

  it("is renewed for a listen without words, so that no old token comes back", () => {
    const silent: Instruction = { gen: 6, say: [], next: LISTEN };
    expect(actions(silent, OUTBOUND, "yes")).toEqual(["playback_stop", "client_state_update"]);
    const update = find("client_state_update", silent, OUTBOUND, "yes");
    expect(update.method).toBe("PUT");
    expect(stateIn(update.params)).toMatchObject({ gen: 6, token: "tok-1", mark: "none" });
  });
});

describe("the voice", () => {
  it.each([
    ["en-US", "AWS.Polly.Joanna-Neural", "en-US"],
    ["en", "AWS.Polly.Joanna-Neural", "en-US"],
    ["de-AT", "AWS.Polly.Vicki-Neural", "de-DE"],
    ["ar-EG", "AWS.Polly.Zeina", "arb"],
    ["zh-CN", "AWS.Polly.Zhiyu-Neural", "cmn-CN"],
    ["no", "AWS.Polly.Ida-Neural", "nb-NO"],
    ["es-419", "AWS.Polly.Mia-Neural", "es-MX"],
  ])("for %s is %s", (language, voice, tag) => {
    expect(speaking(language)).toEqual([voice, tag]);
  });

  it("that is named speaks its own language, whatever it is", () => {
    for (const voice of ["Telnyx.KokoroTTS.af", "Azure.cs-CZ-VlastaNeural", "AWS.Polly.Amy", "Polly.Amy"]) {
      expect(speaking("cs-CZ", voice)).toEqual([voice, undefined]);
    }
    expect(speaking("de", "female")).toEqual(["female", "de-DE"]);
  });

  it("there is for every language that Telnyx speaks", async () => {
    const { voiceOf } = await import("../../../src/carrier/telnyx/voice.ts");
    const tags =
      `arb cmn-CN cy-GB da-DK de-DE en-AU en-GB en-GB-WLS en-IN en-US es-ES es-MX es-US fr-CA fr-FR hi-IN
      is-IS it-IT ja-JP ko-KR nb-NO nl-NL pl-PL pt-BR pt-PT ro-RO ru-RU sv-SE tr-TR`.split(/\s+/);
    const found = tags.map((language) => voiceOf({ language, responseTimeoutMs: 1 }));
    expect(found.map(({ language }) => language)).toEqual(tags);
    // One voice speaks two languages.
    expect(new Set(found.map(({ voice }) => voice)).size).toBe(tags.length - 1);
  });

  it("or the ear that Telnyx has none of is refused before anything is sent", () => {
    const refused = { code: "VC_LANGUAGE_UNSUPPORTED", certainty: "refused" };
    expect(failure({ gen: 1, say: ["Ahoj."], next: WAIT }, "cs-CZ")).toMatchObject(refused);
    expect(failure({ gen: 1, say: [], next: LISTEN }, "cy-GB")).toMatchObject(refused);
    expect(failure({ gen: 1, say: [], next: LISTEN }, "tlh")).toMatchObject(refused);
    expect(failure({ gen: 1, say: [], next: WAIT }, "tlh")).toEqual([]);
  });
});
