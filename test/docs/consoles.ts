import type { World } from "../../src/conformance/world.ts";
import { startPlivoEmulator } from "../emulator/plivo/index.ts";
import { startTelnyxEmulator } from "../emulator/telnyx/index.ts";
import { TwilioEmulator } from "../emulator/twilio/index.ts";
import { twilioWorld } from "../emulator/twilio/world.ts";
import type { Json } from "./pages.ts";

/** What the newcomer has done in the carrier's console. */
export interface Done {
  /** The number that was bought. */
  readonly number: string;
  /** Where calls to it go; null = nothing was set. */
  readonly inboundUrl: string | null;
  readonly reach?: (url: string) => string;
  readonly now?: () => number;
}

/** A carrier's company on this machine, as far as its console shows it. */
export interface Console {
  readonly world: World;
  /** The keys to copy and the emulator's URL: what stands in the carrier's section of the configuration. */
  readonly section: Json;
}

const SECRET = "f0e1d2c3b4a5968778695a4b3c2d1e0f";

/** By the carrier's id, each the way its page describes. */
export const CONSOLES: Readonly<Record<"twilio" | "telnyx" | "plivo", (done: Done) => Promise<Console>>> = {
  async twilio({ number, inboundUrl, reach = same }) {
    const accountSid = `AC${"0a".repeat(16)}`;
    const emulator = await new TwilioEmulator({ accountSid, authToken: SECRET, reach }).listen();
    emulator.numbers.set(number, { voiceUrl: inboundUrl ?? "", voiceMethod: "POST", statusCallback: "" });
    return {
      world: twilioWorld(emulator, inboundUrl ?? ""),
      section: { accountSid, authToken: SECRET, apiBaseUrl: emulator.url },
    };
  },
  async telnyx({ number, inboundUrl, reach = same, now = Date.now }) {
    const [apiKey, connectionId] = [`KEY${SECRET}`, "2811212257810187875"];
    const webhook = inboundUrl === null ? {} : { webhookUrl: inboundUrl };
    const world = await startTelnyxEmulator({ apiKey, connectionId, ours: number, reach, now, ...webhook });
    return { world, section: { apiKey, connectionId, publicKey: world.publicKey, apiBaseUrl: world.url } };
  },
  async plivo({ number, inboundUrl, reach = same }) {
    const authId = "MAXXXXXXXXXXXXXXXXXX";
    const world = await startPlivoEmulator({ authId, authToken: SECRET, ownNumbers: [number], reach });
    if (inboundUrl !== null) world.setApplication({ answerUrl: inboundUrl, hangupUrl: inboundUrl });
    return { world, section: { authId, authToken: SECRET, apiBaseUrl: world.url } };
  },
};

const same = (url: string): string => url;
