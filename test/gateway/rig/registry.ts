import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import path from "node:path";
import { REPO } from "./room.ts";

export type Registry = {
  /** Base URL for npm's `registry` setting. */
  readonly url: string;
  close(): Promise<void>;
};

type Manifest = { version: string };
type Offer = { name: string; folders: readonly string[]; forced: string | undefined };

/**
 * A package registry on this machine that offers exactly what the checkout has in `node_modules`, so that installing
 * the packed plugin with its dependencies needs no network.
 */
export async function startRegistry(): Promise<Registry> {
  const folders = installedFolders();
  const forced = forcedVersions();
  let base = "";
  const server = createServer((request, response) => {
    const url = decodeURIComponent(new URL(request.url ?? "/", "http://registry").pathname);
    const tarball = /^\/-\/(.+)\.tgz$/.exec(url)?.[1];
    if (tarball !== undefined && existsSync(path.join(REPO, tarball))) sendTarball(response, tarball);
    else {
      const name = url.slice(1);
      sendPackument(response, { name, folders: folders.get(name) ?? [], forced: forced.get(name) }, base);
    }
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  if (typeof address === "object" && address !== null) base = `http://127.0.0.1:${address.port}/`;
  return {
    url: base,
    close: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

/** Package name to its folders in the checkout, several when several versions are installed. */
function installedFolders(): Map<string, string[]> {
  const lock = JSON.parse(readFileSync(path.join(REPO, "package-lock.json"), "utf8")) as {
    packages: Record<string, unknown>;
  };
  const folders = new Map<string, string[]>();
  for (const folder of Object.keys(lock.packages)) {
    const name = folder.split("node_modules/").at(-1);
    if (!folder.includes("node_modules/") || name === undefined) continue;
    if (existsSync(path.join(REPO, folder, "package.json"))) {
      folders.set(name, [...(folders.get(name) ?? []), folder]);
    }
  }
  return folders;
}

/**
 * Versions the host forces on the dependencies of every plugin it installs (the `overrides` of its own workspace file).
 * A forced version the checkout does not have is offered with the installed content.
 */
function forcedVersions(): Map<string, string> {
  const file = path.join(REPO, "node_modules/openclaw/pnpm-workspace.yaml");
  const [, overrides = ""] = /^overrides:\n((?: .*\n|\n)*)/m.exec(readFileSync(file, "utf8")) ?? [];
  const lines = overrides.matchAll(/^ +["']?(@?[^"'\s:]+)["']?: ["']?(\d[^"'\s]*)["']?$/gm);
  return new Map([...lines].map(([, name = "", version = ""]) => [name, version]));
}

function sendPackument(response: ServerResponse, offer: Offer, base: string): void {
  const versions: Record<string, object> = {};
  for (const folder of offer.folders) {
    const manifest = JSON.parse(readFileSync(path.join(REPO, folder, "package.json"), "utf8")) as Manifest;
    const dist = { tarball: `${base}-/${encodeURIComponent(folder)}.tgz` };
    versions[manifest.version] = { ...manifest, dist };
    if (offer.forced !== undefined) versions[offer.forced] ??= { ...manifest, version: offer.forced, dist };
  }
  const tags = { latest: Object.keys(versions)[0] };
  response.writeHead(offer.folders.length === 0 ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify({ name: offer.name, "dist-tags": tags, versions }));
}

/** npm strips the first path component of every entry, whatever its name. */
function sendTarball(response: ServerResponse, folder: string): void {
  const { dir, base } = path.parse(path.join(REPO, folder));
  const tar = spawn("tar", ["-czf", "-", "--exclude", `${base}/node_modules`, "-C", dir, base], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  tar.once("error", () => response.destroy());
  tar.stdout.pipe(response);
}
