/** Signed webhooks: throughput and latency beside a bare `node:http` server in the same run. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { startBenchCarrier } from "./carrier.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import { ACCOUNT, OURS, startBenchPlant, THEIRS, TOKEN, WEBHOOK } from "./plant.ts";
import { median, round, table } from "./table.ts";

const CONNECTIONS = [1, 16, 64];
const ROUNDS = 3;
const REQUESTS: Readonly<Record<number, number>> = { 1: 2_000, 16: 4_000, 64: 6_000 };

/** What a server in a worker costs that reads the body and says 204. */
const BARE = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:http").createServer((request, response) => {
    request.on("data", () => {}).on("end", () => response.writeHead(204).end());
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

export async function bench(): Promise<void> {
  const carrier = await startBenchCarrier();
  const { plant, store, close } = await startBenchPlant(carrier.url);
  const bare = new Worker(BARE, { eval: true });
  const [barePort] = (await once(bare, "message")) as [number];
  const load = fork(new URL("load.ts", import.meta.url), { stdio: "inherit" });
  await once(load, "message");

  const call = await plant.switchboard.initiate({
    to: THEIRS,
    mode: "conversation",
    message: "Hello?",
    requester: { surface: "rpc" },
  });
  const port = plant.port ?? 0;
  const fields = {
    AccountSid: ACCOUNT,
    ApiVersion: "2010-04-01",
    CallSid: carrier.sidOf(THEIRS),
    CallStatus: "ringing",
    Called: THEIRS,
    Caller: OURS,
    Direction: "outbound-api",
    From: OURS,
    To: THEIRS,
    CallbackSource: "call-progress-events",
    Timestamp: "Tue, 01 Sep 2026 12:00:00 +0000",
  };
  const status = `${WEBHOOK}?call=${call.id}&event=status`;
  const unknown = `${WEBHOOK}?call=vc_0&event=status`;
  const kinds = {
    "bare node:http": { port: barePort, url: status, token: TOKEN, expected: 204 },
    "known call": { port, url: status, token: TOKEN, expected: 204 },
    "unknown call": {
      port,
      url: unknown,
      token: TOKEN,
      expected: 204,
      fields: { ...fields, CallSid: `CA${"f".repeat(32)}` },
    },
    "forged signature": { port, url: status, token: null, expected: 403 },
  };
  let sequence = 0;
  const results = new Map<string, LoadResult[]>();
  for (let turn = 0; turn <= ROUNDS; turn++) {
    for (const connections of CONNECTIONS) {
      for (const [kind, target] of Object.entries(kinds)) {
        const requests = REQUESTS[connections] ?? 0;
        const order = { fields, connections, requests, firstSequence: sequence, ...target };
        sequence += requests;
        const result = await ask(load, order);
        if (result.wrong > 0) throw new Error(`${kind}: ${result.wrong} unexpected answers`);
        const key = `${kind}|${connections}`;
        // The first round warms everything up.
        if (turn > 0) results.set(key, [...(results.get(key) ?? []), result]);
      }
    }
  }
  const record = await store.get(call.id);
  load.disconnect();
  await bare.terminate();
  await close();
  await carrier.close();

  const rows = [...results].map(([key, all]) => {
    const [kind = "", connections = ""] = key.split("|");
    const of = (pick: (result: LoadResult) => number) => median(all.map(pick));
    const baseline = median((results.get(`bare node:http|${connections}`) ?? []).map((one) => one.perSecond));
    const share = of(({ perSecond }) => perSecond) / baseline;
    return [
      kind,
      connections,
      round(
        of(({ perSecond }) => perSecond),
        0,
      ),
      kind === "bare node:http" ? "" : `${round(share * 100, 0)} %`,
      round(of(({ p50 }) => p50)),
      round(of(({ p99 }) => p99)),
      round(of(({ max }) => max)),
    ];
  });
  table("signed webhooks (median of three rounds; the last column is the worst answer of a round)", [
    ["kind", "connections", "requests/s", "of bare", "p50 ms", "p99 ms", "max ms"],
    ...rows,
  ]);
  console.log(`saved on the known call: ${record?.version ?? 0} changes`);
}

async function ask(load: ChildProcess, order: LoadOrder): Promise<LoadResult> {
  const answered = once(load, "message");
  load.send(order);
  const [result] = (await answered) as [LoadResult];
  return result;
}
