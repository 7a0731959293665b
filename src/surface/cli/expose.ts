import { VoiceCallError } from "../../call/errors.ts";
import { invalid } from "../params.ts";
import { wholeNumber, type CommandSpec, type Run } from "./command.ts";
import { untilInterrupted, type Exposed, type ExposeWish } from "./deps.ts";

const MODES: readonly ExposeWish["mode"][] = ["off", "serve", "funnel"];
/** As for `serve.path`. */
const URL_PATH = /^\/[^\s?#]*$/u;

/** Leads Tailscale to the listener, or takes that back. Needs no gateway: it speaks to the program of this machine. */
export const EXPOSE: CommandSpec = {
  name: "expose",
  summary: "Have Tailscale lead to the webhook and the audio path, or take that back",
  more:
    "serve is for your own tailnet, funnel for the internet, where carriers are. Run it where the gateway runs; it stays\n" +
    "until --mode off with the same options. Asked twice it changes nothing. A gateway with tailscale.mode set does\n" +
    "this itself while it runs, and needs no such command.",
  examples: ["--mode funnel", "--mode funnel --port 8443 --json", "--mode off"],
  options: [
    ["!--mode <mode>", "off, serve or funnel"],
    ["--path <path>", "Public path of the webhook (default: tailscale.path)"],
    ["--port <port>", "HTTPS port; a funnel can use 443, 8443 or 10000 (default: tailscale.port)"],
    ["--serve-path <path>", "The listener's own path (default: serve.path)"],
  ],
  run: async (run) => {
    const wish = readWish(run);
    const exposed = await untilInterrupted(run.deps.io, async (signal) => {
      try {
        return await run.deps.expose({ ...wish, signal });
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new VoiceCallError("VC_TUNNEL_FAILED", { program: "tailscale", detail: "interrupted" });
      }
    });
    run.print(exposed, told(exposed));
    return true;
  },
};

function readWish(run: Run): Omit<ExposeWish, "signal"> {
  const mode = MODES.find((known) => known === run.option("mode"));
  if (mode === undefined) throw invalid(`--mode must be one of: ${MODES.join(", ")}.`);
  const [path, servePath] = [urlPath(run, "path", "--path"), urlPath(run, "servePath", "--serve-path")];
  const port = wholeNumber(run, "port", 1, 65_535);
  return {
    mode,
    ...(path === undefined ? {} : { path }),
    ...(port === undefined ? {} : { port }),
    ...(servePath === undefined ? {} : { servePath }),
  };
}

function urlPath(run: Run, name: string, flag: string): string | undefined {
  const path = run.option(name);
  if (path === undefined || URL_PATH.test(path)) return path;
  throw invalid(`${flag} must be a path that begins with a slash, without query or fragment.`);
}

function told({ mode, webhookUrl, streamUrl, reach, changed, publicUrl, notes }: Exposed): string[] {
  const urls = [`  Webhook  ${webhookUrl}`, `  Audio    ${streamUrl}`];
  return [
    changed ? DONE[mode] : ALREADY[mode],
    ...urls,
    ...who(reach),
    ...advice(publicUrl, reach),
    ...notes,
  ];
}

const DONE: Readonly<Record<ExposeWish["mode"], string>> = {
  off: "Tailscale no longer leads to the gateway's listener:",
  serve: "Tailscale leads devices of your tailnet to the gateway's listener:",
  funnel: "Tailscale leads the internet to the gateway's listener:",
};

const ALREADY: Readonly<Record<ExposeWish["mode"], string>> = {
  off: "Nothing to take back; Tailscale did not lead to the gateway's listener:",
  serve: "Nothing to change; Tailscale leads devices of your tailnet to the gateway's listener:",
  funnel: "Nothing to change; Tailscale leads the internet to the gateway's listener:",
};

function who(reach: Exposed["reach"]): string[] {
  if (reach === null) return [];
  return reach === "public"
    ? ["Everybody can get there. Webhooks are verified by their signatures."]
    : ["Only devices of your tailnet get there. Carriers do not: use --mode funnel for them."];
}

function advice({ now, should }: Exposed["publicUrl"], reach: Exposed["reach"]): string[] {
  const key = "plugins.entries.voice-call.config.publicUrl";
  if (should === null)
    return reach === null && now !== null ? [`Change ${key}: it still names this way.`] : [];
  if (now === should) return [`${key} names the webhook already.`];
  return [`Set ${key} to ${should}`];
}
