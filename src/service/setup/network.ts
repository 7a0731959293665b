import type { AccountReport } from "../../call/ports.ts";
import type { SetupCheck } from "../../call/service.ts";
import type { VoiceCallConfig } from "../../config/index.ts";
import { buildWebhook } from "../../edge/carrier-parts.ts";
import type { Plant } from "../plant.ts";
import { randomIds } from "../tools.ts";
import { accountChecks } from "./account.ts";
import { depends, unchecked } from "./check.ts";
import { outsideChecks } from "./outside.ts";

/** For each request outside, and for all questions to the carrier together. */
const LIMIT_MS = 8_000;

const QUESTIONS: readonly (readonly [id: string, what: string])[] = [
  ["outside.webhook", "the public URL leads to this gateway"],
  ["outside.signature", "signed webhooks come through"],
  ["outside.audio", "audio sockets come through"],
  [
    "account",
    "the carrier accepts the credentials, the number and its webhook are right, and the clocks agree",
  ],
];

/** What only a running phone can find out. */
export const uncheckedNetwork = (): SetupCheck[] => QUESTIONS.map(([id, what]) => unchecked(id, what));

/** Runs that are under way; whoever asks meanwhile gets the same one. */
const running = new WeakMap<Plant, Promise<SetupCheck[]>>();

/** Asks the carrier and looks at the public URL, all at once and each with a time limit. Never rejects. */
export function networkChecks(
  config: VoiceCallConfig,
  plant: Plant,
  limitMs = LIMIT_MS,
): Promise<SetupCheck[]> {
  const underWay = running.get(plant);
  if (underWay !== undefined) return underWay;
  const run = check(config, plant, limitMs).finally(() => running.delete(plant));
  running.set(plant, run);
  return run;
}

async function check(config: VoiceCallConfig, plant: Plant, limitMs: number): Promise<SetupCheck[]> {
  const [outside, report] = await Promise.all([
    lookFromOutside(config, plant, limitMs),
    inspect(config, plant, limitMs),
  ]);
  return [
    ...outside,
    ...accountChecks({
      config,
      report,
      notes: plant.carrier.notes,
      webhookUrl: plant.reach.webhookUrl,
    }),
  ];
}

async function lookFromOutside(
  config: VoiceCallConfig,
  plant: Plant,
  limitMs: number,
): Promise<SetupCheck[]> {
  const { edge, webhook, reach } = plant;
  const { webhookUrl, streamUrl, audience } = reach;
  if (edge === null || webhook === null || webhookUrl === null || audience === "tailnet") {
    return QUESTIONS.slice(0, 3).map(([id, what]) => depends(id, what, "publicUrl"));
  }
  return await outsideChecks({
    provider: plant.carrier.id,
    edge,
    webhookUrl,
    streamUrl,
    webhook: webhook.skipSignatureVerification ? null : await buildWebhook(webhook),
    audioPort: plant.carrier.notes.audioPort ?? null,
    needsAudio: config.streaming.enabled || config.realtime.enabled,
    limitMs,
    token: () => randomIds.token(),
  });
}

async function inspect(
  { fromNumber }: VoiceCallConfig,
  { carrier }: Plant,
  limitMs: number,
): Promise<AccountReport> {
  const limit = AbortSignal.timeout(limitMs);
  const late = new Promise<AccountReport>((resolve) => {
    // Later than the carrier's own end at the same signal, which knows more.
    limit.addEventListener("abort", () =>
      setImmediate(() => resolve(lost(`no answer within ${limitMs / 1_000} s`))),
    );
  });
  try {
    return await Promise.race([carrier.inspect(fromNumber ?? null, limit), late]);
  } catch {
    return lost("the question failed");
  }
}

const lost = (detail: string): AccountReport => ({
  credentials: "unreachable",
  detail,
  ownsNumber: null,
  clockSkewMs: null,
});
