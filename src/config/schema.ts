/** The configuration as one JSON Schema, the only source of the manifest, the settings form and the documentation. */

import { Type, type Static } from "./shape.ts";
import { carrierSchemas, carrierSections } from "./carriers.ts";
import { inboundOptions } from "./inbound.ts";
import { limitsOptions } from "./limits.ts";
import { lineOptions } from "./line.ts";
import { numbersOptions } from "./numbers.ts";
import { outboundSchema } from "./outbound.ts";
import { realtimeSchema } from "./realtime.ts";
import { repliesOptions } from "./replies.ts";
import { serveSchema } from "./serve.ts";
import { storeOptions } from "./store.ts";
import { streamingSchema } from "./streaming.ts";
import { tailscaleSchema } from "./tailscale.ts";
import { ttsOptions } from "./tts.ts";
import { exposureOptions, tunnelSchema } from "./tunnel.ts";
import { verifiedCallersSchema } from "./verified-callers.ts";
import { signatureOptions, webhookSecuritySchema } from "./webhook-security.ts";

/** What may stand under `plugins.entries.voice-call.config`. Nothing in it is required. */
export const configSchema = Type.Object(
  {
    ...lineOptions,
    ...carrierSchemas,
    serve: Type.Optional(serveSchema),
    ...exposureOptions,
    tunnel: Type.Optional(tunnelSchema),
    tailscale: Type.Optional(tailscaleSchema),
    webhookSecurity: Type.Optional(webhookSecuritySchema),
    ...signatureOptions,
    outbound: Type.Optional(outboundSchema),
    ...inboundOptions,
    ...numbersOptions,
    ...repliesOptions,
    verifiedCallers: Type.Optional(verifiedCallersSchema),
    ...ttsOptions,
    streaming: Type.Optional(streamingSchema),
    realtime: Type.Optional(realtimeSchema),
    ...limitsOptions,
    ...storeOptions,
  },
  { additionalProperties: false },
);

/** What a user writes: everything optional, credentials as text or SecretRef. */
export type VoiceCallUserConfig = Static<typeof configSchema>;

/** A titled section of the settings form and of the documentation. */
export interface ConfigGroup {
  readonly id: string;
  readonly title: string;
  readonly properties: readonly (keyof VoiceCallUserConfig)[];
}

/** Every top-level key stands in exactly one group, in reading order. */
export const configGroups: readonly ConfigGroup[] = [
  {
    id: "line",
    title: "Carrier and numbers",
    properties: ["enabled", "provider", "fromNumber", "toNumber", ...carrierSections],
  },
  {
    id: "webhook",
    title: "Webhook and exposure",
    properties: ["serve", "publicUrl", "tunnel", "tailscale", "webhookSecurity", "skipSignatureVerification"],
  },
  {
    id: "calls",
    title: "Outbound and inbound calls",
    properties: ["outbound", "inboundPolicy", "allowFrom", "inboundGreeting", "numbers"],
  },
  {
    id: "replies",
    title: "Replies",
    properties: [
      "agentId",
      "sessionScope",
      "responseModel",
      "responseSystemPrompt",
      "responseTimeoutMs",
      "language",
      "phoneTools",
      "verifiedCallers",
    ],
  },
  { id: "audio", title: "Voices and live audio", properties: ["voice", "tts", "streaming", "realtime"] },
  {
    id: "limits",
    title: "Limits",
    properties: [
      "maxDurationSeconds",
      "staleCallReaperSeconds",
      "ringTimeoutMs",
      "silenceTimeoutMs",
      "transcriptTimeoutMs",
      "maxConcurrentCalls",
    ],
  },
  { id: "records", title: "Records", properties: ["store", "retentionDays"] },
];
