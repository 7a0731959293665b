/** Rules that hold between options, which a schema cannot say. */

import { carrierSections } from "./carriers.ts";
import { issue, type ConfigIssue } from "./issues.ts";
import { isLoopbackHost } from "./loopback.ts";
import { isPublicHost } from "./public-host.ts";
import { guardConflicts, guardDoubts } from "./outbound-guards.ts";
import type { VoiceCallConfig } from "./resolve.ts";
import type { VoiceCallUserConfig } from "./schema.ts";
import { FUNNEL_PORTS } from "./tailscale.ts";

/** Tools that act, or that reach beyond what is asked. Whoever is on the phone never gets them unverified. */
const ACTING_TOOLS: ReadonlySet<string> = new Set(
  [
    "exec bash process code_execution write edit apply_patch",
    "sessions sessions_send sessions_spawn conversations_send conversations_turn subagents suggest_task",
    "browser screen terminal canvas computer nodes dashboard portal",
    "automations cron heartbeat_respond gateway plugins openclaw secrets",
    "message voice_call skill_workshop agents_list",
  ].flatMap((row) => row.split(" ")),
);

const isUrl = (value: string | undefined): boolean => value === undefined || URL.canParse(value);

/** Combinations that are refused. */
export function conflicts(config: VoiceCallConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const { tunnel, tailscale, streaming, realtime } = config;
  const exposed = tunnel.provider !== "none" || tailscale.mode !== "off" || config.publicUrl !== undefined;
  if (config.skipSignatureVerification && exposed) {
    issues.push(
      issue(
        ["skipSignatureVerification"],
        "cannot be combined with publicUrl, tunnel or tailscale",
        "Remove it: on a public address anybody could forge webhooks.",
      ),
    );
  }
  if (realtime.enabled && streaming.enabled) {
    issues.push(
      issue(
        ["realtime", "enabled"],
        "cannot be combined with streaming.enabled",
        "Switch one of the two off.",
      ),
    );
  }
  const funnel = tailscale.mode === "funnel" || tunnel.provider === "tailscale-funnel";
  if (funnel && !FUNNEL_PORTS.includes(tailscale.port)) {
    issues.push(issue(["tailscale", "port"], "is no port that a funnel can use", "Use 443, 8443 or 10000."));
  }
  if ((tunnel.provider !== "none" || tailscale.mode !== "off") && config.serve.port === 0) {
    issues.push(
      issue(
        ["serve", "port"],
        "is 0, so a tunnel or tailscale would lead to another port after every start",
        "Choose a fixed port, such as 3334.",
      ),
    );
  }
  if (!isUrl(config.publicUrl)) issues.push(issue(["publicUrl"], "is not a URL", "Write the whole URL."));
  else if (!isReachable(config)) {
    issues.push(
      issue(
        ["publicUrl"],
        "leads to this machine or a private network, where the carrier cannot follow",
        "Use the URL that leads here from the internet.",
      ),
    );
  }
  for (const carrier of carrierSections) {
    if (isUrl(config[carrier].apiBaseUrl)) continue;
    issues.push(issue([carrier, "apiBaseUrl"], "is not a URL", "Write the whole URL."));
  }
  issues.push(...guardConflicts(config.outbound));
  config.phoneTools.forEach((tool, index) => {
    if (!ACTING_TOOLS.has(tool.toLowerCase())) return;
    issues.push(
      issue(
        ["phoneTools", index],
        "names a tool that acts, and anybody may be on the phone",
        "Keep phoneTools to tools that read; give others to verifiedCallers.tools.",
      ),
    );
  });
  return issues;
}

/** Whether the carrier can get to `publicUrl`. One that itself runs on this machine can get anywhere we can. */
function isReachable(config: VoiceCallConfig): boolean {
  const { provider, publicUrl } = config;
  if (provider === "mock" || publicUrl === undefined) return true;
  const { apiBaseUrl } = config[provider];
  const isHere =
    apiBaseUrl !== undefined && URL.canParse(apiBaseUrl) && isLoopbackHost(new URL(apiBaseUrl).hostname);
  return isHere || isPublicHost(new URL(publicUrl).hostname);
}

/** Settings that work, but hardly as meant, or that are dangerous outside a development machine. */
export function doubts(user: VoiceCallUserConfig, config: VoiceCallConfig): ConfigIssue[] {
  return [
    ...limitDoubts(config),
    ...exposureDoubts(user, config),
    ...callerDoubts(config),
    ...guardDoubts(config.outbound, config.retentionDays),
    ...speechDoubts(config),
  ];
}

function limitDoubts({
  staleCallReaperSeconds: reaper,
  maxDurationSeconds: longest,
}: VoiceCallConfig): ConfigIssue[] {
  if (reaper === 0 || reaper > longest) return [];
  return [
    issue(
      ["staleCallReaperSeconds"],
      "is not above maxDurationSeconds, so healthy calls may be cut off",
      `Set it to ${longest + 30} to ${longest + 60}, or to 0.`,
    ),
  ];
}

function exposureDoubts(user: VoiceCallUserConfig, config: VoiceCallConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const { tunnel, tailscale, webhookSecurity, publicUrl } = config;
  const tunnelled = tunnel.provider !== "none";
  if (config.provider !== "mock" && publicUrl === undefined && !tunnelled && tailscale.mode === "off") {
    issues.push(
      issue(
        ["publicUrl"],
        `is not set, so ${config.provider} cannot reach the webhook`,
        "Set publicUrl, tunnel.provider or tailscale.mode.",
      ),
    );
  }
  if (publicUrl !== undefined && URL.canParse(publicUrl)) {
    const { protocol, hostname } = new URL(publicUrl);
    if (protocol === "http:" && !isLoopbackHost(hostname)) {
      issues.push(issue(["publicUrl"], "is not https, so calls travel in the clear", "Use an https URL."));
    }
  }
  if (publicUrl !== undefined && (tunnelled || tailscale.mode !== "off")) {
    issues.push(
      issue(
        ["publicUrl"],
        "is set beside tunnel.provider or tailscale.mode, so neither of these is started",
        "Pick one way to be reached.",
      ),
    );
  } else if (tunnelled && tailscale.mode !== "off") {
    issues.push(
      issue(
        ["tailscale", "mode"],
        "is set beside tunnel.provider, which is used instead",
        "Pick one way to be reached.",
      ),
    );
  }
  if (tunnel.allowNgrokFreeTierLoopbackBypass) {
    issues.push(
      issue(
        ["tunnel", "allowNgrokFreeTierLoopbackBypass"],
        "lets invalid signatures through",
        "For development only; remove it in production.",
      ),
    );
  } else if (user.tunnel?.allowNgrokFreeTierLoopbackBypass === true) {
    issues.push(
      issue(
        ["tunnel", "allowNgrokFreeTierLoopbackBypass"],
        "has no effect without tunnel.provider ngrok and a loopback serve.bind",
        "Remove it.",
      ),
    );
  }
  if (config.skipSignatureVerification) {
    issues.push(
      issue(
        ["skipSignatureVerification"],
        "lets unsigned webhooks through",
        "For local tests only; remove it.",
      ),
    );
  }
  if (webhookSecurity.trustForwardingHeaders && webhookSecurity.trustedProxyIPs.length === 0) {
    issues.push(
      issue(
        ["webhookSecurity", "trustForwardingHeaders"],
        "believes forwarding headers from every address",
        "Name your proxies in webhookSecurity.trustedProxyIPs, or set publicUrl.",
      ),
    );
  }
  return issues;
}

function callerDoubts(config: VoiceCallConfig): ConfigIssue[] {
  if (config.inboundPolicy === "allowlist" && config.allowFrom.length === 0) {
    return [issue(["allowFrom"], "is empty, so nobody can call in", "Add the numbers that may call.")];
  }
  return [];
}

function speechDoubts(config: VoiceCallConfig): ConfigIssue[] {
  const provider = config.tts.provider;
  if (typeof provider !== "string" || !["microsoft", "edge"].includes(provider.toLowerCase())) return [];
  return [
    issue(["tts", "provider"], "names a provider without telephone audio", "It is ignored; choose another."),
  ];
}
