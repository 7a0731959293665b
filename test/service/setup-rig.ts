import type { AccountReport, CarrierCapabilities } from "../../src/call/ports.ts";
import type { SetupCheck, SetupReport } from "../../src/call/service.ts";
import { readConfig, type VoiceCallConfig } from "../../src/config/index.ts";
import type { Plant } from "../../src/service/plant.ts";
import { setupReport, type SetupParts } from "../../src/service/setup.ts";
import { fakeHost } from "../host/fake-host.ts";

export const OURS = "+15550101111";

/** A whole configuration of Twilio; `changes` are laid over it. */
export const twilioSettings = (changes: object = {}): object => ({
  provider: "twilio",
  fromNumber: OURS,
  toNumber: "+15550102222",
  publicUrl: "https://voice.example.test/voice/webhook",
  twilio: { accountSid: "AC1", authToken: "hush-hush" },
  ...changes,
});

export function configOf(settings: object): VoiceCallConfig {
  const reading = readConfig(settings, {});
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  return reading.config;
}

export const CAPABILITIES: CarrierCapabilities = {
  control: "documents",
  confirmsPlayback: false,
  startsWithWords: true,
  reportsSilence: true,
  needsWebhook: true,
  acknowledge: 200,
  liveAudio: false,
  listening: true,
  dtmfOut: true,
  preConnectDigits: true,
  answeringMachine: "over",
  recording: false,
  transfer: true,
  idempotentCreate: false,
};

/** A plant as far as the report looks at one. It has no listener, so nothing is looked at from outside. */
export function plantWith(
  changes: {
    id?: string;
    capabilities?: Partial<CarrierCapabilities>;
    port?: number | null;
    reach?: Partial<Pick<Plant["reach"], "webhookUrl" | "streamUrl" | "audience" | "isTunnel" | "problem">>;
    inspect?: Plant["carrier"]["inspect"];
  } = {},
): Plant {
  const { id = "twilio", capabilities, port = 3334, reach, inspect } = changes;
  const accepted: AccountReport = { credentials: "accepted", ownsNumber: true, clockSkewMs: 0 };
  return {
    carrier: {
      id,
      notes: { inboundPlace: "there", signatureLifeMs: null, limitsInbound: true },
      capabilities: { ...CAPABILITIES, ...capabilities },
      inspect: inspect ?? (() => Promise.resolve(accepted)),
    },
    edge: null,
    webhook: null,
    port,
    reach: {
      webhookUrl: "https://voice.example.test/voice/webhook",
      streamUrl: "wss://voice.example.test/voice/stream",
      audience: "public",
      isTunnel: false,
      problem: null,
      ...reach,
    },
  } as unknown as Plant;
}

/** The report for these settings; with a plant the phone runs. */
export function report(
  settings: object,
  parts: Partial<SetupParts> = {},
  host: object = HOST,
): Promise<SetupReport> {
  return setupReport({
    api: fakeHost(host),
    plant: null,
    problem: null,
    readConfig: () => readConfig(settings, {}),
    ...parts,
  });
}

/** A gateway with one agent that has a model. */
export const HOST = {
  agents: { list: [{ id: "main" }], defaults: { model: { primary: "test/small" } } },
};

/** The check with this id. Throws when there is none, or more than one. */
export function checkOf({ checks }: SetupReport, id: string): SetupCheck {
  const [found, ...more] = checks.filter((check) => check.id === id);
  if (found === undefined || more.length > 0) throw new Error(`${more.length + 1} checks are named ${id}`);
  return found;
}

export const ids = ({ checks }: SetupReport): readonly string[] => checks.map(({ id }) => id);
