import { parentPort } from "node:worker_threads";
import { buildMedia, buildWebhook } from "./carrier-parts.ts";
import { serveEdge } from "./serve.ts";

/** The entry of the edge worker thread. */
if (parentPort !== null) serveEdge(parentPort, { webhook: buildWebhook, media: buildMedia });
