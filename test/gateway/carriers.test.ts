import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModel, type Model } from "../../demo/model.mjs";
import type { World } from "../../src/conformance/world.ts";
import { startPlivoEmulator } from "../emulator/plivo/index.ts";
import { startTelnyxEmulator } from "../emulator/telnyx/index.ts";
import { startTwilioEmulator } from "../emulator/twilio/index.ts";
import { twilioWorld } from "../emulator/twilio/world.ts";
import { freePort } from "./rig/process.ts";
import { modelConfig, useGateway } from "./rig/suite.ts";

const WEBHOOK = "https://voice.example.test/voice/webhook";
const DESK = "+15550100844";
const ADA = "+15550100711";
const BEN = "+15550100722";
const STRANGER = "+15550100799";
const SECRET = "f0e1d2c3b4a5968778695a4b3c2d1e0f";

interface Status {
  readonly call: {
    readonly callId: string;
    readonly state: string;
    readonly outcome: string | null;
    readonly direction: string;
    readonly transcript: readonly { readonly role: string; readonly text: string }[];
  };
}

/** A carrier on this machine, and what the plugin must be told to use it. */
interface Account {
  readonly world: World;
  readonly settings: object;
}

type Reach = (url: string) => string;

const ACCOUNTS: Readonly<Record<string, (reach: Reach) => Promise<Account>>> = {
  twilio: async (reach) => {
    const accountSid = `AC${"0a".repeat(16)}`;
    const emulator = await startTwilioEmulator({ accountSid, authToken: SECRET, reach });
    return {
      world: { ...twilioWorld(emulator, WEBHOOK), ours: DESK },
      settings: { accountSid, authToken: SECRET, apiBaseUrl: emulator.url },
    };
  },
  telnyx: async (reach) => {
    const app = { apiKey: SECRET, connectionId: "1494404757140276705" };
    const world = await startTelnyxEmulator({ ...app, ours: DESK, webhookUrl: WEBHOOK, pace: 0.1, reach });
    return { world, settings: { ...app, publicKey: world.publicKey, apiBaseUrl: world.url } };
  },
  plivo: async (reach) => {
    const account = { authId: "MAXXXXXXXXXXXXXXXXXX", authToken: SECRET };
    const world = await startPlivoEmulator({ ...account, ownNumbers: [DESK], reach });
    world.setApplication({ answerUrl: WEBHOOK, hangupUrl: WEBHOOK });
    return { world, settings: { ...account, apiBaseUrl: world.url } };
  },
};

const words = ({ transcript }: Status["call"]): readonly string[] =>
  transcript.map(({ role, text }) => `${role}: ${text}`);

describe.each(Object.keys(ACCOUNTS))("a gateway with a number at %s", (provider) => {
  let model: Model;
  let account: Account;
  let port: number;

  beforeAll(async () => {
    model = await startModel();
    port = await freePort();
    const reach: Reach = (url) => url.replace("https://voice.example.test", `http://127.0.0.1:${port}`);
    account = await (ACCOUNTS[provider] as (reach: Reach) => Promise<Account>)(reach);
  });

  afterAll(async () => {
    await account.world.close();
    await model.close();
  });

  const gateway = useGateway(() => ({
    pluginConfig: {
      provider,
      fromNumber: DESK,
      publicUrl: WEBHOOK,
      maxDurationSeconds: 3_600,
      serve: { port },
      inboundPolicy: "allowlist",
      allowFrom: [BEN],
      [provider]: account.settings,
    },
    hostConfig: modelConfig(model.url),
  }));

  const status = (callId: string) => gateway().rpc<Status>("voicecall.status", { callId });
  const over = async (callId: string): Promise<Status["call"]> => {
    await expect.poll(async () => (await status(callId)).call.state, { timeout: 30_000 }).toBe("ended");
    return (await status(callId)).call;
  };

  it("calls somebody, who talks with the agent and is remembered within the call", async () => {
    account.world.callee(ADA).answers();
    const call = { to: ADA, mode: "conversation", message: "Hello, this is OpenClaw. Who is there?" };
    const { callId } = await gateway().rpc<{ callId: string }>("voicecall.initiate", call);
    const far = await account.world.nextCall();
    await far.listening();
    await far.speak("My name is Ada.");
    await far.hears("Nice to meet you, Ada.");
    await far.listening();
    await far.speak("What is my name?");
    await far.hears(/Your name is Ada/i);
    await far.hangUp();
    const record = await over(callId);
    expect(record).toMatchObject({ outcome: "completed", direction: "outbound" });
    expect(words(record).slice(0, 4)).toEqual([
      "agent: Hello, this is OpenClaw. Who is there?",
      "caller: My name is Ada.",
      expect.stringContaining("Nice to meet you, Ada."),
      "caller: What is my name?",
    ]);
    expect(account.world.problems).toEqual([]);
  });

  it("answers an allowed caller, who knows nothing of other people's calls", async () => {
    const far = account.world.ring(BEN);
    await far.listening();
    await far.speak("What is my name?");
    await expect.poll(() => far.heard().length, { timeout: 30_000 }).toBeGreaterThan(1);
    expect(far.heard().join(" ")).not.toContain("Ada");
    const { callId } = (await status(far.id)).call;
    await gateway().rpc("voicecall.speak", { callId, message: "Your order is ready." });
    await far.hears("Your order is ready.");
    await far.listening();
    await gateway().rpc("voicecall.end", { callId });
    expect((await far.ended).by).toBe("api");
    expect(await over(callId)).toMatchObject({ outcome: "completed", direction: "inbound" });
    expect(account.world.problems).toEqual([]);
  });

  it("hands a caller over to another number", async () => {
    account.world.callee(STRANGER).answers().hangsUpAfter(2_000);
    const far = account.world.ring(BEN);
    await far.listening();
    const { callId } = (await status(far.id)).call;
    await gateway().rpc("voicecall.transfer", { callId, to: STRANGER, message: "I connect you now." });
    await far.hears("I connect you now.");
    await far.ended;
    expect(far.transferredTo()).toBe(STRANGER);
    expect(await over(callId)).toMatchObject({ outcome: "completed" });
  });

  it("refuses a stranger before answering", async () => {
    const far = account.world.ring(STRANGER);
    await far.ended;
    expect(far.heard()).toEqual([]);
    expect((await status(far.id)).call).toMatchObject({ state: "refused", outcome: "rejected" });
  });

  it("says in its log nothing of words, numbers and secrets", () => {
    const logs = gateway().logs();
    for (const secret of [SECRET, ADA, BEN, STRANGER, "My name is Ada", "Your order is ready"])
      expect(logs).not.toContain(secret);
  });
});
