/** `publicUrl` and `tunnel`: how a carrier reaches the listener. */

import { Type, type Static } from "./shape.ts";
import { isLoopbackHost } from "./loopback.ts";
import { choice, type Environment, filled, flag, fromEnvironment, text } from "./option.ts";
import { credential, readCredential } from "./secret.ts";

const TUNNELS = ["none", "ngrok", "cloudflared", "tailscale-serve", "tailscale-funnel"] as const;
type TunnelProvider = (typeof TUNNELS)[number];

export const exposureOptions = {
  publicUrl: text(
    "Public URL",
    "The webhook URL as the carrier sees it, path included. Used exactly as it is for signatures, so it has to match character for character.",
    {
      pattern: "^https?://[^\\s@\\\\]+$",
      form: "an http or https URL without user info",
      placeholder: "https://voice.example.com/voice/webhook",
    },
  ),
};

export const tunnelSchema = Type.Object(
  {
    provider: choice(
      "Tunnel",
      "Opens a public URL for the listener at start and closes it at stop. `publicUrl` wins over it; docs/exposure.md compares the ways.",
      TUNNELS,
      {
        fallback: "none",
      },
    ),
    ngrokAuthToken: credential("ngrok auth token", "Authenticates the ngrok agent.", "NGROK_AUTHTOKEN"),
    ngrokDomain: text("ngrok domain", "Reserved domain at ngrok, so that the public URL stays the same.", {
      env: "NGROK_DOMAIN",
      advanced: true,
    }),
    allowNgrokFreeTierLoopbackBypass: flag(
      "Accept invalid signatures from a local ngrok",
      "Accepts Twilio webhooks with an invalid signature, only while the tunnel is ngrok, `serve.bind` is loopback and the request comes from loopback. Development only; warned about on every use.",
      { fallback: false, advanced: true, dangerous: true },
    ),
  },
  { additionalProperties: false, title: "Tunnel", description: "A tunnel that the plugin runs itself." },
);

export interface TunnelConfig {
  readonly provider: TunnelProvider;
  readonly ngrokAuthToken: string | undefined;
  readonly ngrokDomain: string | undefined;
  /** The effective value: false wherever the tunnel is not ngrok or the listener is not on loopback. */
  readonly allowNgrokFreeTierLoopbackBypass: boolean;
}

export function resolveTunnel(
  user: Static<typeof tunnelSchema>,
  bind: string,
  env: Environment,
): TunnelConfig {
  const provider = user.provider ?? "none";
  return {
    provider,
    ngrokAuthToken: readCredential(user.ngrokAuthToken, env, "NGROK_AUTHTOKEN"),
    ngrokDomain: filled(user.ngrokDomain) ?? fromEnvironment(env, "NGROK_DOMAIN"),
    allowNgrokFreeTierLoopbackBypass:
      user.allowNgrokFreeTierLoopbackBypass === true && provider === "ngrok" && isLoopbackHost(bind),
  };
}
