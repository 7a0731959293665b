import { definePluginEntry } from "openclaw/plugin-sdk/plugin-entry";
import { findService } from "./host/slot.ts";
import { CLI_DESCRIPTOR } from "./surface/cli/program.ts";
import { registerRpc } from "./surface/rpc.ts";
import { registerTool } from "./surface/tool.ts";

const ID = "voice-call";
const DESCRIPTION = "Place and take phone calls with your agent.";

const loadCli = () => import("./cli.ts");
const loadService = () => import("./start.ts");

/**
 * The plugin entry. Stays light: the gateway evaluates it several times, and a CLI process loads it only to find
 * the command. Everything else is imported when it is used.
 */
export default definePluginEntry({
  id: ID,
  name: "Voice Call",
  description: DESCRIPTION,
  register(api) {
    api.registerCli(
      async ({ program }) => {
        const { registerVoiceCallCli } = await loadCli();
        registerVoiceCallCli(program, api);
      },
      { descriptors: [CLI_DESCRIPTOR] },
    );
    if (api.registrationMode === "cli-metadata") return;

    registerTool(api, findService);
    registerRpc(api, findService);
    // An edit of the configuration must not replace the instance: it would drop live calls. It is read anew instead.
    api.registerReload({ noopPrefixes: [`plugins.entries.${ID}.config`] });

    let stop: (() => Promise<void>) | null = null;
    api.registerService({
      id: ID,
      async start() {
        const { startPlugin } = await loadService();
        stop = await startPlugin(api);
      },
      async stop() {
        await stop?.();
        stop = null;
      },
    });
  },
});
