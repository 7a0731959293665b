import { expect } from "vitest";
import { startModel, type Model } from "../../../demo/model.mjs";
import { phrasesFor } from "../../../src/call/phrases.ts";
import type { FarEnd, World } from "../../../src/conformance/world.ts";
import type { Phone } from "../../emulator/audio/phone-audio.ts";
import { startTwilioEmulator } from "../../emulator/twilio/index.ts";
import { twilioWorld } from "../../emulator/twilio/world.ts";
import type { GatewayOptions, TestGateway } from "./gateway.ts";
import { deepMerge, modelConfig, type JsonObject } from "./host-config.ts";
import { freePort } from "./process.ts";

const WEBHOOK = "https://voice.example.test/voice/webhook";
const OURS = "+15550001111";
const ACCOUNT = `AC${"0a".repeat(16)}`;
/** Whoever may call the desk. */
export const ADA = "+15550100711";
/** Everybody's key. */
export const SECRET = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
/** Real time on a busy machine. */
export const SOON = { timeout: 60_000 };

/** A call that is over. */
export interface Ended {
  readonly callId: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly transcript: readonly { readonly role: string; readonly text: string }[];
}

/** Twilio and a model on this machine, for one gateway. */
export interface Desk {
  readonly model: Model;
  readonly world: World;
  /** The telephone at the other end of the call that began last. */
  phone(): Phone;
  /** Options of a gateway at this carrier, whose speech is as told. */
  options(speech: {
    readonly streaming: object;
    readonly tts: JsonObject;
    readonly inboundGreeting?: string;
  }): GatewayOptions;
  close(): Promise<void>;
}

export async function openDesk(): Promise<Desk> {
  const model = await startModel({ ttftMs: 50, perTokenMs: 5 });
  const port = await freePort();
  const reach = (url: string): string =>
    url.replace(/^(http|ws)s:\/\/voice\.example\.test/u, `$1://127.0.0.1:${port}`);
  const emulator = await startTwilioEmulator({ accountSid: ACCOUNT, authToken: SECRET, reach });
  const world = twilioWorld(emulator, WEBHOOK);
  return {
    model,
    world,
    phone() {
      const call = emulator.calls.at(-1);
      if (call === undefined) throw new Error("there is no call");
      return call.phone;
    },
    options: ({ streaming, tts, ...greeting }) => ({
      pluginConfig: {
        ...greeting,
        provider: "twilio",
        fromNumber: OURS,
        publicUrl: WEBHOOK,
        // The emulator's clock runs faster than audio does.
        maxDurationSeconds: 86_400,
        serve: { port },
        // The first turn of a cold gateway on a busy machine.
        responseTimeoutMs: 120_000,
        inboundPolicy: "allowlist",
        allowFrom: [ADA],
        streaming: { enabled: true, ...streaming },
        twilio: { accountSid: ACCOUNT, authToken: SECRET, apiBaseUrl: emulator.url },
      },
      hostConfig: deepMerge(modelConfig(model.url), { tts }),
    }),
    async close() {
      await world.close();
      await model.close();
    },
  };
}

/** The record of a call, once it is over. */
export async function over(gateway: TestGateway, callId: string): Promise<Ended> {
  const look = () => recordOf(gateway, callId);
  await expect.poll(async () => (await look()).state, SOON).toBe("ended");
  return look();
}

/** The record of a call, by our id or the carrier's. */
export async function recordOf(gateway: TestGateway, callId: string): Promise<Ended> {
  return (await gateway.rpc<{ call: Ended }>("voicecall.status", { callId })).call;
}

const { moment: MOMENTS } = phrasesFor("en");

/** Without what is said while a cold gateway loads its agent. */
export const said = ({ transcript }: Ended): readonly string[] =>
  transcript.filter(({ text }) => !MOMENTS.includes(text)).map(({ role, text }) => `${role}: ${text}`);

export const wordsOf = (far: FarEnd): string => far.heard().join(" ");
