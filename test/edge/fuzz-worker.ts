import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { EDGE_LIMITS, type EdgeLimits } from "../../src/edge/limits.ts";
import { serveEdge } from "../../src/edge/serve.ts";
import { buildMedia, buildWebhook } from "../../src/edge/carrier-parts.ts";

/** What is still in use after everything that is not has been given back. Bytes. */
export interface WorkerMemory {
  readonly type: "memory";
  readonly bytes: number;
}

/** The edge worker as it ships, with limits in `workerData` and an answer to the question how much memory it holds. */
if (parentPort !== null) {
  const port = parentPort;
  serveEdge(
    port,
    { webhook: buildWebhook, media: buildMedia },
    { ...EDGE_LIMITS, ...(workerData as Partial<EdgeLimits>) },
  );
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const report = (): void => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    port.postMessage({ type: "memory", bytes: heapUsed + external } satisfies WorkerMemory);
  };
  port.on("message", (message: { readonly type: string }) => {
    if (message.type !== "memory") return;
    // What held memory outside the heap gives it back after it was collected itself.
    collect();
    setImmediate(report);
  });
}
