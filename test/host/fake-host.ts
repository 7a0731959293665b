import type { HostApi } from "../../src/host/api.ts";

type Agent = HostApi["runtime"]["agent"];
export type RunParams = Parameters<Agent["runEmbeddedAgent"]>[0];
export type RunResult = Awaited<ReturnType<Agent["runEmbeddedAgent"]>>;
type Row = NonNullable<ReturnType<Agent["session"]["listSessionEntries"]>[number]>["entry"];

export interface FakeHost extends HostApi {
  readonly runs: RunParams[];
  readonly workspaces: string[];
  /** Session rows by `<store>|<key>`. */
  readonly rows: Map<string, Row>;
  /** What the next run does. */
  onRun: (params: RunParams) => Promise<RunResult>;
}

/** The gateway's agent system with sessions in memory. */
export function fakeHost(config: object = {}): FakeHost {
  const runs: RunParams[] = [];
  const workspaces: string[] = [];
  const rows = new Map<string, Row>();
  const host: FakeHost = {
    runs,
    workspaces,
    rows,
    onRun: () => Promise.resolve({ payloads: [], meta: { durationMs: 1 } }),
    runtime: {
      config: { current: () => config },
      state: { resolveStateDir: () => "/state" },
      modelConfig: {
        resolveDefaultModelForAgent: ({ agentId }) => ({ provider: "own", model: `model-of-${agentId}` }),
      },
      agent: {
        resolveAgentDir: (_, agentId) => `/agents/${agentId}`,
        resolveAgentWorkspaceDir: (_, agentId) => `/work/${agentId}`,
        ensureAgentWorkspace: (params) => {
          workspaces.push(params?.dir ?? "");
          return Promise.resolve({ dir: params?.dir ?? "" }) as ReturnType<Agent["ensureAgentWorkspace"]>;
        },
        runEmbeddedAgent: (params) => {
          runs.push(params);
          return host.onRun(params);
        },
        session: {
          resolveStorePath: (_, options) => `/store/${options?.agentId ?? ""}`,
          listSessionEntries: (params) =>
            [...rows]
              .filter(([key]) => key.startsWith(`${params?.storePath ?? ""}|`))
              .map(([key, entry]) => ({ sessionKey: key.slice(key.indexOf("|") + 1), entry })),
          patchSessionEntry: async (params) => {
            const key = `${params.storePath ?? ""}|${params.sessionKey}`;
            const before = rows.get(key) ?? params.fallbackEntry;
            if (!before) return null;
            const after = { ...before, ...(await params.update(before, {})) };
            rows.set(key, after);
            return after;
          },
        },
      },
    },
  };
  return host;
}
