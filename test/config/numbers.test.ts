import { expect, test } from "vitest";
import { forNumber, readConfig } from "../../src/config/index.ts";

const reading = readConfig(
  {
    inboundGreeting: "Main line.",
    responseModel: "main/model",
    responseTimeoutMs: 20_000,
    voice: "Polly.Joanna-Neural",
    tts: { provider: "openai", openai: { voice: "coral", model: "m" } },
    numbers: {
      "+15550001111": {
        inboundGreeting: "Cards, hello.",
        agentId: "cards",
        responseTimeoutMs: 1,
        language: "de-DE",
        voice: "Polly.Vicki-Neural",
        tts: { providers: { openai: { speakerVoice: "alloy" } } },
      },
      "+15550002222": {},
    },
  },
  {},
);
if (!reading.ok) throw new Error("refused");
const { config } = reading;

test("a dialled number's overrides lie over the settings of all calls", () => {
  expect(forNumber(config, "+15550001111")).toEqual({
    number: "+15550001111",
    inboundGreeting: "Cards, hello.",
    agentId: "cards",
    responseModel: "main/model",
    responseSystemPrompt: undefined,
    responseTimeoutMs: 1,
    language: "de-DE",
    voice: "Polly.Vicki-Neural",
    tts: { provider: "openai", providers: { openai: { speakerVoice: "alloy", model: "m" } } },
  });
});

test("a listed number without overrides, and a number that is not listed, sound alike", () => {
  const { number, ...listed } = forNumber(config, "+15550002222");
  const { number: none, ...other } = forNumber(config, "+15550003333");
  expect([number, none]).toEqual(["+15550002222", undefined]);
  expect(listed).toEqual(other);
  expect(other).toMatchObject({
    inboundGreeting: "Main line.",
    language: "en-US",
    responseTimeoutMs: 20_000,
  });
});

test.each(["15550001111", "+155500011110", "+1555000111", "__proto__", "constructor", ""])(
  "%j matches no number: the match is exact",
  (dialled) => {
    expect(forNumber(config, dialled).number).toBeUndefined();
  },
);
