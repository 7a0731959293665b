import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CarrierEvent } from "../../../src/call/event.ts";
import type { CarrierFact } from "../../../src/call/ports.ts";
import type { RawWebhook } from "../../../src/carrier/carrier.ts";
import { telnyxWebhook } from "../../../src/carrier/telnyx/webhook.ts";
import { SETTINGS } from "./fixtures.ts";

/** Stands in for edge and core: verifies every webhook and keeps its facts. */
export interface Desk {
  readonly url: string;
  readonly facts: readonly CarrierFact[];
  /** Refused requests. */
  readonly refused: readonly string[];
  /** All events so far, in the order in which they arrived. */
  events(): readonly CarrierEvent[];
  /** Resolves with the first fact, past or to come, that passes. */
  fact(test: (fact: CarrierFact) => boolean): Promise<CarrierFact>;
  /** Resolves with the first fact that holds such an event. */
  event(type: CarrierEvent["type"]): Promise<CarrierFact>;
  close(): Promise<void>;
}

export async function openDesk(publicKey: () => string): Promise<Desk> {
  const facts: CarrierFact[] = [];
  const refused: string[] = [];
  const waiting = new Set<(fact: CarrierFact) => void>();
  const take = async (raw: RawWebhook): Promise<number> => {
    const webhook = telnyxWebhook({ ...SETTINGS, secrets: { publicKey: publicKey() } });
    const verdict = await webhook.receive(raw, "https://elsewhere.example.test/", Date.now());
    if (!verdict.ok) {
      refused.push(verdict.reason);
      return verdict.status;
    }
    facts.push(verdict.fact);
    for (const waiter of waiting) waiter(verdict.fact);
    return 200;
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = {
        method: request.method ?? "",
        target: request.url ?? "",
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks),
      };
      void take(raw).then((status) => response.writeHead(status).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fact: Desk["fact"] = (test) => {
    const known = facts.find(test);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      const waiter = (found: CarrierFact): void => {
        if (!test(found)) return;
        waiting.delete(waiter);
        resolve(found);
      };
      waiting.add(waiter);
    });
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/voice/webhook`,
    facts,
    refused,
    events: () => facts.flatMap(({ events }) => events),
    fact,
    event: (type) => fact(({ events }) => events.some((event) => event.type === type)),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
