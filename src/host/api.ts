import type { OpenClawPluginApi } from "openclaw/plugin-sdk/plugin-entry";

export type HostRuntime = OpenClawPluginApi["runtime"];
/** The gateway's configuration as it is now; never kept over an await. */
export type HostConfig = ReturnType<HostRuntime["config"]["current"]>;
/** The same, for SDK functions that are typed to take a mutable one but only read it. */
export type SdkConfig = Parameters<HostRuntime["agent"]["resolveAgentDir"]>[0];

/** The parts of the plugin API that this room uses; small enough to stand in for in a test. */
export interface HostApi {
  readonly runtime: {
    readonly config: Pick<HostRuntime["config"], "current">;
    readonly state: Pick<HostRuntime["state"], "resolveStateDir">;
    readonly modelConfig: Pick<HostRuntime["modelConfig"], "resolveDefaultModelForAgent">;
    readonly agent: Pick<
      HostRuntime["agent"],
      "runEmbeddedAgent" | "resolveAgentDir" | "resolveAgentWorkspaceDir" | "ensureAgentWorkspace"
    > & {
      readonly session: Pick<
        HostRuntime["agent"]["session"],
        "resolveStorePath" | "patchSessionEntry" | "listSessionEntries"
      >;
    };
  };
}

export const sdkConfig = (config: HostConfig): SdkConfig => config as SdkConfig;
