/** A stand-in of the `tailscale` program (1.50 and later): the commands the plugin runs, on a state in a file. */

import { recordStart, readState, stateFolder, writeState } from "./state.ts";
import { removeHandler, setHandler, tailscaleState, type TailscaleState } from "./serve-config.ts";

const folder = stateFolder();
const args = process.argv.slice(2);
recordStart("tailscale");
const state = (readState(folder, "tailscale") as TailscaleState | null) ?? tailscaleState();

const say = (words: string) => process.stdout.write(`${words}\n`);
function fail(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}
function hang(): Promise<never> {
  process.on("SIGTERM", () => {});
  return new Promise(() => setInterval(() => {}, 60_000));
}

if (state.hang === true) await hang();
if (state.daemonDown === true) fail("failed to connect to local tailscaled; it doesn't appear to be running");

const [command = "", sub] = args;
if (command === "status" && args.includes("--json")) {
  const { backend, dnsName, authUrl, certDomains, capabilities } = state;
  const CapMap = Object.fromEntries(capabilities.map((name) => [name, null]));
  const Self = { DNSName: dnsName, CapMap };
  say(
    JSON.stringify(
      { BackendState: backend, AuthURL: authUrl, CertDomains: certDomains, Self, Peer: null },
      null,
      2,
    ),
  );
} else if ((command === "serve" || command === "funnel") && sub === "status") {
  say(
    args.includes("--json")
      ? JSON.stringify(Object.keys(state.config).length > 0 ? state.config : null)
      : "No serve config",
  );
} else if (command === "serve" || command === "funnel") {
  await change(command === "funnel");
} else {
  fail(`unknown subcommand: ${command}`);
}

async function change(funnel: boolean): Promise<void> {
  const flags = new Map(args.filter((arg) => arg.startsWith("--")).map((arg) => split(arg)));
  const [, target] = args.filter((arg) => !arg.startsWith("--"));
  const address = `${state.dnsName.replace(/\.$/u, "")}:${flags.get("--https") ?? "443"}`;
  const path = flags.get("--set-path") ?? null;
  if (funnel && !state.capabilities.includes("funnel") && state.enableUrl === undefined) {
    fail(
      'Funnel not available; "funnel" node attribute not set. See https://tailscale.com/s/no-funnel.\ntry `tailscale funnel --help` for usage info',
    );
  }
  if (target === "off") {
    if (state.offFails !== undefined) fail(state.offFails);
    if (!removeHandler(state.config, address, path)) {
      fail(
        "error: failed to remove web serve: handler does not exist\n\ntry `tailscale serve --help` for usage info",
      );
    }
    writeState(folder, "tailscale", state);
    return;
  }
  if (state.enableUrl !== undefined) {
    const words = `\nFunnel is not enabled on your tailnet.\nTo enable, visit:\n\n         ${state.enableUrl}\n\n`;
    const size = state.pieces ?? words.length;
    for (let at = 0; at < words.length; at += size) {
      process.stdout.write(words.slice(at, at + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await hang();
  }
  const refused = state.refuse?.[path ?? "/"];
  if (refused !== undefined) fail(refused);
  if (!flags.has("--bg")) await hang();
  if (state.forgetful !== true) {
    setHandler(state.config, address, { path: path ?? "/", proxy: target ?? "", funnel });
    writeState(folder, "tailscale", state);
  }
  const audience = funnel ? "Available on the internet:" : "Available within your tailnet:";
  say(`${audience}\n\nhttps://${address.replace(/:443$/u, "")}${path ?? "/"}\n|-- proxy ${target}\n`);
  say(`${funnel ? "Funnel" : "Serve"} started and running in the background.`);
}

function split(flag: string): [name: string, value: string] {
  const at = flag.indexOf("=");
  return at === -1 ? [flag, ""] : [flag.slice(0, at), flag.slice(at + 1)];
}
