import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { HostApi } from "./api.ts";

/** Path of the call records. `folder` is the configured `store`; `~` is the home folder, relative is to the state directory. */
export function storePath(api: HostApi, folder: string | undefined): string {
  return join(dataFolder(api, folder), "calls.sqlite");
}

function dataFolder(api: HostApi, folder: string | undefined): string {
  const state = api.runtime.state.resolveStateDir();
  if (!folder) return join(state, "voice-call");
  if (folder === "~" || folder.startsWith("~/")) return join(homedir(), folder.slice(1));
  return resolve(state, folder);
}
