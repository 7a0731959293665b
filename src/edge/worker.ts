import { parentPort } from "node:worker_threads";
import { serveEdge } from "./serve.ts";
import { buildWebhook } from "./webhooks.ts";

/** The entry of the edge worker thread. */
if (parentPort !== null) serveEdge(parentPort, buildWebhook);
