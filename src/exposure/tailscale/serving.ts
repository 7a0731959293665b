/**
 * What `tailscale serve status --json` says of one HTTPS port, and what may be added to it.
 * Shape: `ipn.ServeConfig`, tailscale/tailscale `ipn/serve.go`.
 */

import { VoiceCallError } from "../../call/errors.ts";
import { parse, TAILSCALE } from "./node.ts";

/** One path that leads to the listener. Tailscale cuts the path off and puts the target's in front. */
export interface Mount {
  readonly path: string;
  /** `http://127.0.0.1:3334/voice/webhook` */
  readonly target: string;
}

/** One HTTPS port of this machine's name. */
export interface Serving {
  /** Why no path can be added to the port at all; null when one can. */
  readonly blocked: string | null;
  /** Path → what it leads to: the URL of a proxy, else what it is in words. */
  readonly handlers: ReadonlyMap<string, string>;
  /** Whether the internet gets to the port: all of its paths, since Funnel knows no paths. */
  readonly funnel: boolean;
}

interface ServeConfig {
  readonly TCP: Readonly<Record<string, { readonly HTTPS?: unknown } | null>>;
  readonly Web: Readonly<
    Record<string, { readonly Handlers?: Readonly<Record<string, Handler | null>> } | null>
  >;
  readonly AllowFunnel: Readonly<Record<string, unknown>>;
  /** Sessions of commands without `--bg`, by id. */
  readonly Foreground: Readonly<Record<string, Partial<ServeConfig> | null>>;
}

interface Handler {
  readonly Proxy?: unknown;
  readonly Path?: unknown;
}

export function servingOf(output: string, name: string, port: number): Serving {
  const config = parse<ServeConfig>(output, "serve status --json");
  const address = `${name}:${port}`;
  const handlers = Object.entries(config.Web?.[address]?.Handlers ?? {});
  return {
    blocked: blockedBy(config, port),
    handlers: new Map(handlers.map(([path, handler]) => [path, targetOf(handler)])),
    funnel: config.AllowFunnel?.[address] === true,
  };
}

function blockedBy(config: Partial<ServeConfig>, port: number): string | null {
  const sessions = Object.values(config.Foreground ?? {});
  if (sessions.some((session) => session?.TCP?.[port] !== undefined)) {
    return "a `tailscale serve` or `tailscale funnel` in the foreground";
  }
  const tcp = config.TCP?.[port];
  return tcp === undefined || tcp === null || tcp.HTTPS === true ? null : "a forwarder that is not HTTPS";
}

function targetOf(handler: Handler | null): string {
  if (typeof handler?.Proxy === "string" && handler.Proxy !== "") return handler.Proxy;
  return typeof handler?.Path === "string" && handler.Path !== "" ? "a file or folder" : "a text";
}

/** Whether the path leads exactly to us. */
export function isOurs(serving: Serving, { path, target }: Mount): boolean {
  return serving.handlers.get(path) === target;
}

/** Whether nothing has to be run: every path leads to us, to the right people. */
export function isComplete(serving: Serving, mounts: readonly Mount[], mode: "serve" | "funnel"): boolean {
  return serving.funnel === (mode === "funnel") && mounts.every((mount) => isOurs(serving, mount));
}

/** Paths of the port that are somebody else's. */
export function foreignPaths(serving: Serving, mounts: readonly Mount[]): string[] {
  const ours = new Set(mounts.filter((mount) => isOurs(serving, mount)).map(({ path }) => path));
  return [...serving.handlers.keys()].filter((path) => !ours.has(path));
}

/**
 * Throws `VC_TUNNEL_CONFLICT` where adding the paths would take something away from somebody else, or make something of
 * theirs public: Funnel is switched for the whole port, on by `funnel` and off by `serve`.
 */
export function requireRoom(
  serving: Serving,
  mounts: readonly Mount[],
  mode: "serve" | "funnel",
  port: number,
): void {
  if (serving.blocked !== null) {
    throw conflict(`HTTPS port ${port} is taken by ${serving.blocked}.`, "end that first");
  }
  const foreign = foreignPaths(serving, mounts);
  for (const { path } of mounts) {
    const taken = foreign.find((other) => bare(other) === bare(path));
    if (taken === undefined) continue;
    throw conflict(
      `${taken} on HTTPS port ${port} leads to ${serving.handlers.get(taken) ?? "something else"}.`,
      `remove it: \`${offCommand(port, taken)}\``,
    );
  }
  if (foreign.length === 0) return;
  const others = foreign.toSorted().join(", ");
  if (mode === "funnel" && !serving.funnel) {
    throw conflict(
      `Funnel opens a whole port, and HTTPS port ${port} serves ${others} to your tailnet, which would become public.`,
      "use one of 443, 8443 and 10000 that serves nothing else",
    );
  }
  if (mode === "serve" && serving.funnel) {
    throw conflict(
      `Serve closes a whole port to the internet, and HTTPS port ${port} serves ${others} publicly.`,
      "use tailscale.mode funnel, or another tailscale.port",
    );
  }
}

/** What takes one path away, and no other. */
export const offCommand = (port: number, path: string): string =>
  `tailscale serve --https=${port} --set-path=${path} off`;

const bare = (path: string): string => (path.length > 1 ? path.replace(/\/$/u, "") : path);

function conflict(problem: string, remedy: string): VoiceCallError {
  return new VoiceCallError("VC_TUNNEL_CONFLICT", { program: TAILSCALE, problem, remedy });
}
