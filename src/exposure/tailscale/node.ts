/** What `tailscale status --json` says of this machine. */

import { VoiceCallError } from "../../call/errors.ts";

export interface TailscaleNode {
  /** `Running`, `NeedsLogin`, `Stopped`, `NeedsMachineAuth`, `Starting`, `NoState`. */
  readonly state: string;
  /** Name in the tailnet without its final dot; empty while MagicDNS is off. */
  readonly name: string;
  /** Where to log in, if that has been asked for before; else empty. */
  readonly loginUrl: string;
  /** Whether the tailnet gives out HTTPS certificates. */
  readonly certificates: boolean;
  /** Whether the tailnet's policy lets this machine use Funnel. */
  readonly mayFunnel: boolean;
}

export const TAILSCALE = "tailscale";

/** Shape: `ipnstate.Status`. Throws `VC_TUNNEL_FAILED` for anything else. */
export function nodeOf(output: string): TailscaleNode {
  const status = parse<{
    readonly BackendState?: unknown;
    readonly AuthURL?: unknown;
    readonly CertDomains?: unknown;
    readonly Self?: {
      readonly DNSName?: unknown;
      readonly CapMap?: unknown;
      readonly Capabilities?: unknown;
    };
  }>(output, "status --json");
  const { DNSName, CapMap, Capabilities } = status.Self ?? {};
  const rights = [
    ...(typeof CapMap === "object" && CapMap !== null ? Object.keys(CapMap) : []),
    ...(Array.isArray(Capabilities) ? Capabilities : []),
  ];
  return {
    state: string(status.BackendState),
    name: string(DNSName).replace(/\.$/u, ""),
    loginUrl: string(status.AuthURL),
    certificates: Array.isArray(status.CertDomains) && status.CertDomains.length > 0,
    mayFunnel: rights.some((right) => right === "funnel" || right === "https://tailscale.com/cap/funnel"),
  };
}

/** Throws `VC_TUNNEL_LOGIN` or `VC_TUNNEL_NOT_ALLOWED` unless the machine is up and has a name. */
export function requireReady({ state, name, loginUrl }: TailscaleNode): void {
  if (state === "NeedsLogin" && loginUrl !== "") {
    throw new VoiceCallError("VC_TUNNEL_LOGIN", { program: TAILSCALE, url: loginUrl });
  }
  if (state !== "Running") {
    const [problem, remedy] = NOT_READY[state] ?? [
      `Tailscale is not up (${state || "no state"}).`,
      "run `tailscale up` and wait until `tailscale status` shows this machine",
    ];
    throw notAllowed(problem, remedy);
  }
  if (name === "") {
    throw notAllowed(
      "This machine has no name in the tailnet: MagicDNS is off.",
      "turn MagicDNS on in the admin console (DNS)",
    );
  }
}

const NOT_READY: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  NeedsLogin: ["This machine is not logged in to a tailnet.", "run `tailscale up` and log in"],
  NeedsMachineAuth: [
    "This machine waits to be approved in its tailnet.",
    "approve it in the admin console (Machines)",
  ],
  Stopped: ["Tailscale is stopped on this machine.", "run `tailscale up`"],
};

export function notAllowed(problem: string, remedy: string): VoiceCallError {
  return new VoiceCallError("VC_TUNNEL_NOT_ALLOWED", { program: TAILSCALE, problem, remedy });
}

/** Output of `tailscale <command>` as an object; `null` counts as an empty one. */
export function parse<T extends object>(output: string, command: string): Partial<T> {
  try {
    const value: unknown = JSON.parse(output);
    if (value === null) return {};
    if (typeof value === "object" && !Array.isArray(value)) return value;
  } catch {
    // Told below.
  }
  const detail = `\`tailscale ${command}\` answered something that is not understood`;
  throw new VoiceCallError("VC_TUNNEL_FAILED", { program: TAILSCALE, detail });
}

const string = (value: unknown): string => (typeof value === "string" ? value : "");
