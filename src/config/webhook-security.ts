/** What is believed about a webhook besides its signature. */

import { Type, type Static } from "./shape.ts";
import { flag, words } from "./option.ts";

export const webhookSecuritySchema = Type.Object(
  {
    allowedHosts: words(
      "Allowed hosts",
      "Host names that forwarding headers may name when the public URL is rebuilt for the signature check.",
      { pattern: "^[^\\s/@]+$", form: "a host name", fallback: [], placeholder: "voice.example.com" },
    ),
    trustForwardingHeaders: flag(
      "Trust forwarding headers",
      "Believes forwarding headers that name any host. Only behind a proxy that overwrites them.",
      { fallback: false, advanced: true },
    ),
    trustedProxyIPs: words(
      "Trusted proxies",
      "Forwarding headers are believed only from these remote addresses. Empty means from every address that the other two options let through.",
      { pattern: "^[0-9A-Fa-f.:]+$", form: "an IP address", fallback: [], advanced: true },
    ),
  },
  {
    additionalProperties: false,
    title: "Webhook security",
    description: "How the public URL is rebuilt behind a proxy. `publicUrl`, when set, is used instead.",
  },
);

export const signatureOptions = {
  skipSignatureVerification: flag(
    "Skip signature verification",
    "Takes unsigned webhooks, so anybody who reaches the listener can forge them. Local tests only: refused together with a public URL or a tunnel.",
    { fallback: false, advanced: true, dangerous: true },
  ),
};

export interface WebhookSecurityConfig {
  readonly allowedHosts: readonly string[];
  readonly trustForwardingHeaders: boolean;
  readonly trustedProxyIPs: readonly string[];
}

export function resolveWebhookSecurity(user: Static<typeof webhookSecuritySchema>): WebhookSecurityConfig {
  return {
    allowedHosts: (user.allowedHosts ?? []).map((host) => host.toLowerCase()),
    trustForwardingHeaders: user.trustForwardingHeaders ?? false,
    trustedProxyIPs: user.trustedProxyIPs ?? [],
  };
}
