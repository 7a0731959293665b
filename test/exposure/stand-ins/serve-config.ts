/** Tailscale's `ipn.ServeConfig` and the rules by which `tailscaled` changes and serves it. */

export interface Handler {
  readonly Proxy?: string;
  readonly Text?: string;
  readonly Path?: string;
}

export interface ServeConfig {
  TCP?: Record<string, { HTTPS?: boolean; TCPForward?: string }>;
  Web?: Record<string, { Handlers: Record<string, Handler> }>;
  AllowFunnel?: Record<string, boolean>;
  Foreground?: Record<string, ServeConfig>;
}

/** What the program knows and how it misbehaves. */
export interface TailscaleState {
  backend: string;
  /** With the final dot, as `status --json` has it. */
  dnsName: string;
  authUrl: string;
  certDomains: string[];
  capabilities: string[];
  config: ServeConfig;
  /** Printed by the first `serve` or `funnel`, which then waits for ever. */
  enableUrl?: string;
  /** Before the enable URL comes out: it is written in pieces of this many characters. */
  pieces?: number;
  /** These paths cannot be mounted; the message to fail with. */
  refuse?: Record<string, string>;
  /** Every command hangs, and does not end on SIGTERM. */
  hang?: boolean;
  /** Nobody answers the program. */
  daemonDown?: boolean;
  /** `off` fails with this message. */
  offFails?: string;
  /** Accepts paths and forgets them. */
  forgetful?: boolean;
}

export const tailscaleState = (changes: Partial<TailscaleState> = {}): TailscaleState => ({
  backend: "Running",
  dnsName: "gateway.tail1234.ts.net.",
  authUrl: "",
  certDomains: ["gateway.tail1234.ts.net"],
  capabilities: ["https", "funnel"],
  config: {},
  ...changes,
});

export function setHandler(
  config: ServeConfig,
  address: string,
  { path, proxy, funnel }: { readonly path: string; readonly proxy: string; readonly funnel: boolean },
): void {
  const port = address.split(":")[1] ?? "443";
  (config.TCP ??= {})[port] = { HTTPS: true };
  const web = ((config.Web ??= {})[address] ??= { Handlers: {} });
  web.Handlers[path] = { Proxy: proxy };
  // Both commands decide for the whole port.
  if (funnel) (config.AllowFunnel ??= {})[address] = true;
  else if (config.AllowFunnel !== undefined) delete config.AllowFunnel[address];
}

/** Without a path everything at the port goes. False when there is no such handler. */
export function removeHandler(config: ServeConfig, address: string, path: string | null): boolean {
  const handlers = config.Web?.[address]?.Handlers;
  if (handlers === undefined || (path !== null && handlers[path] === undefined)) return false;
  for (const mounted of Object.keys(handlers))
    if (path === null || mounted === path) delete handlers[mounted];
  if (Object.keys(handlers).length > 0) return true;
  delete config.Web?.[address];
  delete config.TCP?.[address.split(":")[1] ?? "443"];
  delete config.AllowFunnel?.[address];
  return true;
}

/** Where a request goes: the longest path that holds it; the path is cut off and the target's put in front. */
export function targetOf(config: ServeConfig, address: string, url: string): string | null {
  const [path = "/", query] = url.split("?");
  const handlers = config.Web?.[address]?.Handlers ?? {};
  for (let mount = path; ; mount = mount.slice(0, mount.lastIndexOf("/")) || "/") {
    const proxy = handlers[`${mount}/`]?.Proxy ?? handlers[mount]?.Proxy;
    if (proxy !== undefined) {
      const rest = mount === "/" ? path : path.slice(mount.length);
      return new URL(proxy).pathname === "/" && rest === ""
        ? proxy
        : proxy.replace(/\/$/u, "") + rest + (query === undefined ? "" : `?${query}`);
    }
    if (mount === "/") return null;
  }
}
