/** From what a user wrote to a configuration in which everything is present. */

import { type CarrierConfigs, carrierSections, resolveCarriers } from "./carriers.ts";
import { check, type JsonSchema } from "./check.ts";
import { type InboundConfig, resolveInbound } from "./inbound.ts";
import { issue, type ConfigIssue } from "./issues.ts";
import { type LimitsConfig, resolveLimits } from "./limits.ts";
import { type LineConfig, resolveLine } from "./line.ts";
import type { NumberOverrides } from "./numbers.ts";
import { E164, type Environment, filled, type FreeForm } from "./option.ts";
import { type OutboundConfig, resolveOutbound } from "./outbound.ts";
import { plainCopy } from "./plain.ts";
import { type RealtimeConfig, resolveRealtime } from "./realtime.ts";
import { type RepliesConfig, resolveReplies } from "./replies.ts";
import { conflicts, doubts } from "./rules.ts";
import { configSchema, type VoiceCallUserConfig } from "./schema.ts";
import { isUnresolved } from "./secret.ts";
import { resolveServe, type ServeConfig } from "./serve.ts";
import { resolveStore, type StoreConfig } from "./store.ts";
import { resolveStreaming, type StreamingConfig } from "./streaming.ts";
import { resolveTailscale, type TailscaleConfig } from "./tailscale.ts";
import { resolveTunnel, type TunnelConfig } from "./tunnel.ts";
import { resolveVerifiedCallers, type VerifiedCallersConfig } from "./verified-callers.ts";
import { resolveWebhookSecurity, type WebhookSecurityConfig } from "./webhook-security.ts";

/** The configuration in force: defaults, environment and secrets applied. Plain data, never changed. */
export interface VoiceCallConfig
  extends LineConfig, CarrierConfigs, InboundConfig, RepliesConfig, LimitsConfig, StoreConfig {
  readonly serve: ServeConfig;
  readonly publicUrl: string | undefined;
  readonly tunnel: TunnelConfig;
  readonly tailscale: TailscaleConfig;
  readonly webhookSecurity: WebhookSecurityConfig;
  readonly skipSignatureVerification: boolean;
  readonly outbound: OutboundConfig;
  /** By the dialled number, E.164. Read it through `forNumber`. */
  readonly numbers: Readonly<Record<string, NumberOverrides>>;
  readonly verifiedCallers: VerifiedCallersConfig;
  /** As written; read it through `carrierTts`. */
  readonly tts: FreeForm;
  readonly streaming: StreamingConfig;
  readonly realtime: RealtimeConfig;
  /** Paths of credentials whose SecretRef the host could not resolve. */
  readonly unresolvedSecrets: readonly string[];
}

export type ConfigReading =
  | { readonly ok: true; readonly config: VoiceCallConfig; readonly warnings: readonly ConfigIssue[] }
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

/**
 * Reads the plugin's configuration as the host hands it over. Pure, and never throws: whatever is wrong comes back as
 * issues. Missing credentials are no issue here; see `missingCredentials`.
 */
export function readConfig(raw: unknown, env: Environment): ConfigReading {
  const copy = plainCopy(raw ?? {});
  const schema = configSchema as unknown as JsonSchema;
  const issues = copy.issues.length > 0 ? copy.issues : check(schema, copy.value);
  if (issues.length > 0) return { ok: false, issues };

  const user = copy.value as VoiceCallUserConfig;
  const resolved = resolve(user, env);
  const refused = conflicts(resolved);
  if (refused.length > 0) return { ok: false, issues: refused };

  const warnings = doubts(user, resolved);
  if (resolved.fromNumber === undefined || new RegExp(E164, "u").test(resolved.fromNumber)) {
    return { ok: true, config: resolved, warnings };
  }
  const stray = issue(
    ["fromNumber"],
    "comes from TWILIO_FROM_NUMBER, which is not in E.164 form, and is ignored",
    "Write it as +15550001234.",
  );
  return { ok: true, config: { ...resolved, fromNumber: undefined }, warnings: [...warnings, stray] };
}

function resolve(user: VoiceCallUserConfig, env: Environment): VoiceCallConfig {
  const serve = resolveServe(user.serve ?? {});
  return {
    ...resolveLine(user, env),
    ...resolveInbound(user),
    ...resolveReplies(user),
    ...resolveLimits(user),
    ...resolveStore(user),
    ...resolveCarriers(user, env),
    serve,
    publicUrl: filled(user.publicUrl),
    tunnel: resolveTunnel(user.tunnel ?? {}, serve.bind, env),
    tailscale: resolveTailscale(user.tailscale ?? {}, serve.path),
    webhookSecurity: resolveWebhookSecurity(user.webhookSecurity ?? {}),
    skipSignatureVerification: user.skipSignatureVerification ?? false,
    outbound: resolveOutbound(user.outbound ?? {}),
    numbers: user.numbers ?? {},
    verifiedCallers: resolveVerifiedCallers(user.verifiedCallers ?? {}),
    tts: user.tts ?? {},
    streaming: resolveStreaming(user.streaming ?? {}),
    realtime: resolveRealtime(user.realtime ?? {}),
    unresolvedSecrets: unresolvedSecrets(user),
  };
}

/** Objects where a credential belongs; sections hold no others. */
function unresolvedSecrets(user: VoiceCallUserConfig): string[] {
  const named = carrierSections.flatMap((id) =>
    Object.entries(user[id] ?? {}).map(([key, written]) => [`${id}.${key}`, written] as const),
  );
  return [...named, ["tunnel.ngrokAuthToken", user.tunnel?.ngrokAuthToken] as const]
    .filter(([, written]) => isUnresolved(written))
    .map(([path]) => path);
}
