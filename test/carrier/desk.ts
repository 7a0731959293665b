import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { CarrierEvent } from "../../src/call/event.ts";
import type { CarrierFact, WebhookReply } from "../../src/call/ports.ts";
import type { CarrierWebhook } from "../../src/carrier/carrier.ts";

/** Stands in for edge and core: verifies every webhook, keeps its facts, answers what the test says. */
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
  /** How the next requests for a document are answered. */
  answer: (fact: CarrierFact) => WebhookReply;
  close(): Promise<void>;
}

/** `webhook`: the part that runs in the edge; `told`: HTTP status for what is told only. */
export async function openDesk(webhook: Pick<CarrierWebhook, "receive">, told = 200): Promise<Desk> {
  const facts: CarrierFact[] = [];
  const refused: string[] = [];
  const waiting = new Set<(fact: CarrierFact) => void>();
  const take = async (request: IncomingMessage, body: Buffer): Promise<WebhookReply> => {
    const { method = "", url: target = "" } = request;
    const raw = { method, target, headers: request.headers as Record<string, string>, body };
    const verdict = await webhook.receive(raw, `http://${request.headers.host}${target}`, Date.now());
    if (!verdict.ok) {
      refused.push(verdict.reason);
      return { status: verdict.status };
    }
    const { fact } = verdict;
    facts.push(fact);
    for (const waiter of waiting) waiter(fact);
    return fact.wants === "document" ? desk.answer(fact) : { status: told };
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      void take(request, Buffer.concat(chunks)).then(({ status, contentType, body }) =>
        response
          .writeHead(status, contentType === undefined ? {} : { "content-type": contentType })
          .end(body),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const desk: Desk = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/voice/webhook`,
    facts,
    refused,
    events: () => facts.flatMap(({ events }) => events),
    fact: (test) => {
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
    },
    event: (type) => desk.fact(({ events }) => events.some((event) => event.type === type)),
    answer: () => ({ status: 500 }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return desk;
}
