/** The plugin's share of a real gateway: ready time, memory, and `voicecall.initiate` through it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startGateway, type GatewayOptions } from "../test/gateway/rig/gateway.ts";
import { freePort } from "../test/gateway/rig/process.ts";
import { rigRoom } from "../test/gateway/rig/room.ts";
import { startBenchCarrier, type BenchCarrier } from "./carrier.ts";
import { ACCOUNT, OURS, TOKEN, WEBHOOK } from "./plant.ts";
import { median, quantile, round, table } from "./table.ts";

const ROUNDS = Number(process.env["BENCH_GATEWAY_ROUNDS"] ?? 3);
/** After this the gateway has done what it does in the background of a start. */
const SETTLE_MS = 10_000;
const CALLS = 100;

interface Seen {
  readonly readyMs: number;
  readonly mib: number;
}

export async function bench(): Promise<void> {
  const carrier = await startBenchCarrier();
  const kinds: Readonly<Record<string, () => Promise<GatewayOptions>>> = {
    "without the plugin": async () => ({ plugin: false }),
    "with an empty plugin": async () => ({ plugin: emptyPlugin() }),
    "with it, mock": async () => ({ pluginConfig: { provider: "mock" } }),
    "with it, Twilio": async () => ({
      pluginConfig: {
        provider: "twilio",
        fromNumber: OURS,
        publicUrl: WEBHOOK,
        maxConcurrentCalls: 1_000,
        serve: { port: await freePort() },
        twilio: { accountSid: ACCOUNT, authToken: TOKEN, apiBaseUrl: carrier.url },
      },
    }),
  };
  const seen = new Map<string, Seen[]>();
  const first: number[] = [];
  const later: number[] = [];
  // The first round fills the compile caches.
  for (let turn = 0; turn <= ROUNDS; turn++) {
    for (const [kind, options] of Object.entries(kinds)) {
      const gateway = await startGateway(await options());
      try {
        await delay(SETTLE_MS);
        const one = { readyMs: gateway.bootMs, mib: residentMiB(gateway.pid) };
        if (turn === 0) continue;
        seen.set(kind, [...(seen.get(kind) ?? []), one]);
        if (kind !== "with it, Twilio") continue;
        const [start = Number.NaN, ...rest] = await place(carrier, gateway, `${turn}`);
        first.push(start);
        later.push(...rest);
      } finally {
        await gateway.stop();
      }
    }
  }
  await carrier.close();

  const bare = seen.get("without the plugin") ?? [];
  const middle = (all: readonly Seen[], pick: (one: Seen) => number) => median(all.map(pick));
  const rows = [...seen].map(([kind, all]) => {
    const ready = middle(all, ({ readyMs }) => readyMs) / 1_000;
    const mib = middle(all, (one) => one.mib);
    const least = Math.min(...all.map(({ readyMs }) => readyMs)) / 1_000;
    const more = all === bare ? ["", ""] : differences(all, bare);
    return [kind, round(ready, 2), round(least, 2), more[0] ?? "", round(mib, 0), more[1] ?? ""];
  });
  table(`a gateway's start (${ROUNDS} rounds, alternating; differences are medians within a round)`, [
    ["gateway", "ready s, median", "ready s, least", "difference s", "MiB after 10 s", "difference MiB"],
    ...rows,
  ]);
  table("voicecall.initiate → create request at the carrier, through the gateway (ms)", [
    ["", "samples", "p50", "p99", "max"],
    ["later calls", String(later.length), ...[0.5, 0.99, 1].map((share) => round(quantile(later, share)))],
    ["first call after a start", String(first.length), round(median(first)), "", round(Math.max(...first))],
  ]);
}

/** A plugin that does nothing: what the host itself spends on any plugin that is not its own. */
function emptyPlugin(): { id: string; dir: string } {
  const dir = path.join(rigRoom(), "empty-plugin");
  const manifest = {
    id: "empty",
    configSchema: { type: "object", additionalProperties: false, properties: {} },
  };
  const openclaw = { extensions: ["./index.js"] };
  const entry = `import { definePluginEntry } from "openclaw/plugin-sdk/plugin-entry";
    export default definePluginEntry({ id: "empty", name: "Empty", description: "Nothing.", register() {} });`;
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, "openclaw.plugin.json"), JSON.stringify(manifest));
  writeFileSync(
    path.join(dir, "package.json"),
    JSON.stringify({ name: "empty", version: "1.0.0", type: "module", openclaw }),
  );
  writeFileSync(path.join(dir, "index.js"), entry);
  return { id: "empty", dir };
}

function differences(all: readonly Seen[], bare: readonly Seen[]): string[] {
  const ready = all.map((one, at) => (one.readyMs - (bare[at]?.readyMs ?? Number.NaN)) / 1_000);
  const mib = all.map((one, at) => one.mib - (bare[at]?.mib ?? Number.NaN));
  return [signed(median(ready), 2), signed(median(mib), 0)];
}

async function place(
  carrier: BenchCarrier,
  gateway: Awaited<ReturnType<typeof startGateway>>,
  series: string,
): Promise<number[]> {
  await gateway.client();
  const took: number[] = [];
  for (let at = 0; at < CALLS; at++) {
    const to = `+1555${series}${String(100_000 + at)}`;
    const startedAt = performance.now();
    await gateway.rpc("voicecall.initiate", { to, mode: "notify", message: "Dinner is ready." });
    took.push((carrier.arrived.get(to) ?? Number.NaN) - startedAt);
  }
  return took;
}

const signed = (value: number, digits: number): string => `${value >= 0 ? "+" : ""}${round(value, digits)}`;

function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) / 1_024;
}
