import type { TestGateway } from "./gateway.ts";
import type { JsonObject } from "./host-config.ts";
import { until } from "./process.ts";

type Snapshot = { hash?: string; configRevisionHash?: string; appliedConfigHash?: string };

/** Edits the plugin's configuration in the file, as an operator does; resolves once the running plugin works by it. */
export async function reconfigure(gateway: TestGateway, pluginConfig: JsonObject): Promise<void> {
  const before = await gateway.rpc<Snapshot>("config.get");
  gateway.config.merge({ plugins: { entries: { "voice-call": { config: pluginConfig } } } });
  await until(
    () => `the gateway has taken over the configuration\n${gateway.output().slice(-2000)}`,
    45_000,
    async () => {
      const now = await gateway.rpc<Snapshot>("config.get");
      const applied = now.hash !== before.hash && now.configRevisionHash === now.appliedConfigHash;
      return applied ? true : undefined;
    },
    100,
  );
  // The plugin reads its configuration before it looks at a request for a call, this one included.
  await gateway.rpc("voicecall.initiate", { to: "nobody", message: "Never said." }).catch(() => undefined);
}
