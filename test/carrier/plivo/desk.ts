import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CarrierEvent } from "../../../src/call/event.ts";
import type { CarrierFact, WebhookReply } from "../../../src/call/ports.ts";
import { plivoWebhook } from "../../../src/carrier/plivo/webhook.ts";
import { SETTINGS } from "./fixtures.ts";

/** Stands in for edge and core: verifies every webhook, keeps its facts, answers what the test says. */
export interface Desk {
  readonly url: string;
  readonly facts: readonly CarrierFact[];
  /** Refused requests. */
  readonly refused: readonly string[];
  /** All events so far, in the order in which they arrived. */
  events(): readonly CarrierEvent[];
  /** How the next requests for a document are answered. */
  answer: (fact: CarrierFact) => WebhookReply;
  close(): Promise<void>;
}

export async function openDesk(): Promise<Desk> {
  const facts: CarrierFact[] = [];
  const refused: string[] = [];
  const webhook = plivoWebhook(SETTINGS);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const target = request.url ?? "";
      const raw = {
        method: request.method ?? "",
        target,
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks),
      };
      const verdict = webhook.receive(raw, `http://${request.headers.host}${target}`, Date.now());
      if (!verdict.ok) {
        refused.push(verdict.reason);
        response.writeHead(verdict.status).end();
        return;
      }
      facts.push(verdict.fact);
      const reply: WebhookReply =
        verdict.fact.wants === "document" ? desk.answer(verdict.fact) : { status: 200 };
      const { status, contentType, body } = reply;
      response.writeHead(status, contentType === undefined ? {} : { "content-type": contentType }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const desk: Desk = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/voice/webhook`,
    facts,
    refused,
    events: () => facts.flatMap((fact) => fact.events),
    answer: () => ({ status: 500 }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return desk;
}
