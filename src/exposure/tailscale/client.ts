/**
 * The commands of the `tailscale` program. Facts: tailscale/tailscale `cmd/tailscale/cli/serve_v2.go`.
 */

import { VoiceCallError } from "../../call/errors.ts";
import type { ExposureTools } from "../exposure.ts";
import { quoted } from "../lines.ts";
import { run, type CommandResult } from "../run.ts";
import { nodeOf, notAllowed, TAILSCALE, type TailscaleNode } from "./node.ts";
import { type Mount, type Serving, servingOf } from "./serving.ts";

export type TailscaleTools = Pick<ExposureTools, "log" | "clock" | "programs" | "signal">;

const READ_MS = 10_000;
/** Also the time that somebody has who sees the page to open in the log. */
const CHANGE_MS = 30_000;

export class TailscaleClient {
  readonly #path: string;
  readonly #tools: TailscaleTools;

  private constructor(path: string, tools: TailscaleTools) {
    this.#path = path;
    this.#tools = tools;
  }

  /** Throws `VC_TUNNEL_MISSING`. */
  static async find(tools: TailscaleTools): Promise<TailscaleClient> {
    const path = await tools.programs.find(TAILSCALE);
    if (path === null) throw new VoiceCallError("VC_TUNNEL_MISSING", { program: TAILSCALE });
    return new TailscaleClient(path, tools);
  }

  async node(signal?: AbortSignal): Promise<TailscaleNode> {
    const result = await this.#run(["status", "--json", "--peers=false"], READ_MS, { signal });
    if (!result.ok && result.stdout === "") throw failure(result);
    return nodeOf(result.stdout);
  }

  async serving(name: string, port: number, signal?: AbortSignal): Promise<Serving> {
    const result = await this.#run(["serve", "status", "--json"], READ_MS, { signal });
    if (!result.ok) throw failure(result);
    return servingOf(result.stdout, name, port);
  }

  /**
   * Adds one path. The first use in a tailnet may print a page to open and wait for it to be agreed to: the page is shown
   * in the log, and after the time limit in `VC_TUNNEL_LOGIN`.
   */
  async mount(
    mode: "serve" | "funnel",
    port: number,
    { path, target }: Mount,
    node: TailscaleNode,
    signal: AbortSignal,
  ): Promise<void> {
    let url: string | null = null;
    const hear = (line: string) => {
      const found = pageIn(line, node.name);
      if (found === null || url !== null) return;
      url = found;
      this.#tools.log.warn("Tailscale asks for a page to be opened once, and waits for it.", { url });
    };
    const args = [mode, "--bg", `--https=${port}`, `--set-path=${path}`, target];
    try {
      const result = await this.#run(args, CHANGE_MS, { signal, hear });
      if (result.ok) return;
      throw url === null ? refusal(result, mode, node) : needsLogin(url);
    } catch (error) {
      const isLate = error instanceof VoiceCallError && error.code === "VC_TUNNEL_TIMEOUT";
      throw isLate && url !== null ? needsLogin(url) : error;
    }
  }

  /** Takes one path away. `serve` does so for a funnel too, and never asks whether a funnel is permitted. */
  async unmount(port: number, path: string): Promise<void> {
    const result = await this.#run(["serve", `--https=${port}`, `--set-path=${path}`, "off"], READ_MS, {});
    if (!result.ok) throw failure(result);
  }

  #run(
    args: readonly string[],
    limitMs: number,
    { signal, hear }: { readonly signal?: AbortSignal | undefined; readonly hear?: (line: string) => void },
  ): Promise<CommandResult> {
    const command = { program: TAILSCALE, path: this.#path, args, limitMs };
    return run(hear === undefined ? command : { ...command, hear }, this.#tools, signal);
  }
}

/** The page that a line asks for. Addresses of this machine and of the documentation are no such pages. */
function pageIn(line: string, name: string): string | null {
  const written = /https:\/\/[^\s"'<>]+/u.exec(line)?.[0];
  if (written === undefined || !URL.canParse(written)) return null;
  const { hostname } = new URL(written);
  return hostname === name || hostname === "tailscale.com" || hostname === "www.tailscale.com"
    ? null
    : written;
}

const needsLogin = (url: string): VoiceCallError =>
  new VoiceCallError("VC_TUNNEL_LOGIN", { program: TAILSCALE, url });

function refusal(result: CommandResult, mode: "serve" | "funnel", node: TailscaleNode): VoiceCallError {
  if (mode === "funnel" && !node.mayFunnel) {
    return notAllowed(
      "The tailnet's policy does not let this machine use Funnel.",
      "give it the node attribute `funnel` in the tailnet's policy file (https://tailscale.com/s/no-funnel)",
    );
  }
  return failure(result);
}

function failure({ how, stderr, stdout }: CommandResult): VoiceCallError {
  const lines = stderr.length > 0 ? stderr : stdout.split("\n");
  if (lines.some((line) => /access denied|--operator/iu.test(line))) {
    return notAllowed(
      "The gateway's user may not change Tailscale's settings.",
      "run `sudo tailscale set --operator=<user of the gateway>` once",
    );
  }
  // The advice to ask for help comes last, what is wrong comes first.
  const words = lines.find((line) => /error|fail|not |cannot|already/iu.test(line)) ?? lines.at(-1) ?? "";
  const said = quoted(words).replace(/\.$/u, "");
  return new VoiceCallError("VC_TUNNEL_FAILED", { program: TAILSCALE, detail: said === "" ? how : said });
}
