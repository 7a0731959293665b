import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Twilio's create request and nothing else: takes every call at once and notes when it was asked. */
export interface BenchCarrier {
  readonly url: string;
  /** When each create arrived, by callee; `performance.now()` of this process. */
  readonly arrived: ReadonlyMap<string, number>;
  sidOf(number: string): string;
  readonly close: () => Promise<void>;
}

export async function startBenchCarrier(): Promise<BenchCarrier> {
  const arrived = new Map<string, number>();
  const sids = new Map<string, string>();
  const server = createServer((request, response) => {
    const at = performance.now();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const to = new URLSearchParams(Buffer.concat(chunks).toString()).get("To") ?? "";
      const sid = sids.get(to) ?? `CA${sids.size.toString(16).padStart(32, "0")}`;
      sids.set(to, sid);
      if (!arrived.has(to)) arrived.set(to, at);
      const call = {
        sid,
        status: "queued",
        direction: "outbound-api",
        date_created: new Date().toUTCString(),
      };
      response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(call));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    sidOf: (number) => sids.get(number) ?? "",
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
