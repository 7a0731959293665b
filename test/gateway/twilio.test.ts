import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModel, type Model } from "../../demo/model.mjs";
import { startTwilioEmulator, type LiveCall, type TwilioEmulator } from "../emulator/twilio/index.ts";
import { freePort } from "./rig/process.ts";
import { modelConfig, useGateway } from "./rig/suite.ts";

const ACCOUNT = `AC${"0a".repeat(16)}`;
const TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
const WEBHOOK = "https://voice.example.test/voice/webhook";
const DESK = "+15550100844";
const ADA = "+15550100711";
const BEN = "+15550100722";
const STRANGER = "+15550100799";

interface Status {
  readonly call: {
    readonly callId: string;
    readonly state: string;
    readonly outcome: string | null;
    readonly direction: string;
    readonly transcript: readonly { readonly role: string; readonly text: string }[];
  };
}

let model: Model;
let twilio: TwilioEmulator;
let port: number;

beforeAll(async () => {
  model = await startModel();
  port = await freePort();
  twilio = await startTwilioEmulator({
    accountSid: ACCOUNT,
    authToken: TOKEN,
    reach: (url) => url.replace("https://voice.example.test", `http://127.0.0.1:${port}`),
  });
});

afterAll(async () => {
  await twilio.close();
  await model.close();
});

const gateway = useGateway(() => ({
  pluginConfig: {
    provider: "twilio",
    fromNumber: DESK,
    publicUrl: WEBHOOK,
    serve: { port },
    inboundPolicy: "allowlist",
    allowFrom: [BEN],
    twilio: { accountSid: ACCOUNT, authToken: TOKEN, apiBaseUrl: twilio.url },
  },
  hostConfig: modelConfig(model.url),
}));

const status = (callId: string): Promise<Status> => gateway().rpc<Status>("voicecall.status", { callId });
const over = async (callId: string): Promise<Status["call"]> => {
  await expect.poll(async () => (await status(callId)).call.state, { timeout: 30_000 }).toBe("ended");
  return (await status(callId)).call;
};
const words = ({ transcript }: Status["call"]): readonly string[] =>
  transcript.map(({ role, text }) => `${role}: ${text}`);

describe("a gateway with a Twilio number", () => {
  it("calls somebody, who talks with the agent and is remembered within the call", async () => {
    twilio.callee(ADA).answers();
    const call = { to: ADA, mode: "conversation", message: "Hello, this is OpenClaw. Who is there?" };
    const { callId } = await gateway().rpc<{ callId: string }>("voicecall.initiate", call);
    const live: LiveCall = await twilio.nextCall();
    await live.listening();
    await live.speak("My name is Ada.");
    await live.hears("Nice to meet you, Ada.");
    await live.listening();
    await live.speak("What is my name?");
    await live.hears(/Your name is Ada/i);
    await live.hangUp();
    const record = await over(callId);
    expect(record).toMatchObject({ outcome: "completed", direction: "outbound" });
    expect(words(record).slice(0, 4)).toEqual([
      "agent: Hello, this is OpenClaw. Who is there?",
      "caller: My name is Ada.",
      expect.stringContaining("Nice to meet you, Ada."),
      "caller: What is my name?",
    ]);
    expect(twilio.problems).toEqual([]);
  });

  it("answers an allowed caller, who knows nothing of other people's calls", async () => {
    const live = twilio.inbound({ from: BEN, to: DESK, voiceUrl: WEBHOOK });
    await live.listening();
    await live.speak("What is my name?");
    await live.until("has an answer", () => live.heard().length > 1);
    expect(live.heard().join(" ")).not.toContain("Ada");
    const { callId } = (await status(live.sid)).call;
    await gateway().rpc("voicecall.speak", { callId, message: "Your order is ready." });
    await live.hears("Your order is ready.");
    await live.listening();
    await gateway().rpc("voicecall.end", { callId });
    expect(await live.ended).toEqual({ status: "completed", by: "api" });
    expect(await over(callId)).toMatchObject({ outcome: "completed", direction: "inbound" });
    expect(twilio.problems).toEqual([]);
  });

  it("refuses a stranger before answering", async () => {
    const live = twilio.inbound({ from: STRANGER, to: DESK, voiceUrl: WEBHOOK });
    expect(await live.ended).toEqual({ status: "no-answer", by: "document" });
    expect((await status(live.sid)).call).toMatchObject({ state: "refused", outcome: "rejected" });
  });

  it("says in its log nothing of words, numbers and secrets", () => {
    const logs = gateway().logs();
    for (const secret of [TOKEN, ADA, BEN, STRANGER, "My name is Ada", "Your order is ready"])
      expect(logs).not.toContain(secret);
  });
});
