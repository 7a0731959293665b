/**
 * A recorded webhook, sent again, was handed a fresh token and with it a way into the call, moved where callbacks go
 * before it was refused, or brought an ended call back to life after a restart. Here a replay is acknowledged and
 * changes and reveals nothing, for calls in both directions, at any time, with whatever headers.
 */
import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Delivery } from "../emulator/twilio/delivery.ts";
import type { LiveCall } from "../emulator/twilio/index.ts";
import { openOffice, WEBHOOK, type Office } from "../service/office.ts";
import { eventually } from "../support/eventually.ts";

const THEM = "+15550004444";

let office: Office;
beforeEach(async () => {
  office = await openOffice({ inboundPolicy: "open", inboundGreeting: "Hi!" });
});
afterEach(() => office.close());

type Direction = "inbound" | "outbound";

/** A call with one turn behind it, that listens again. */
async function talking(direction: Direction): Promise<{ id: string; live: LiveCall }> {
  const live = direction === "inbound" ? office.ring(THEM) : (await office.converse(THEM)).live;
  await live.listening();
  await live.speak("One.");
  await live.hears("You said: One.");
  await live.listening();
  return { id: (await office.callOf(live)).id, live };
}

/** Everything that was sent about the call; at least an offer or a status, and a turn. */
function recorded(live: LiveCall): readonly Delivery[] {
  const seen = office.twilio.deliveries.all.filter(({ params }) => params["CallSid"] === live.sid);
  expect(seen.length).toBeGreaterThan(1);
  return seen;
}

/** What is on record about the call, its version aside, which counts what was seen. */
async function everything(id: string): Promise<unknown> {
  const { version: _, ...call } = await office.record(id);
  return { call, said: await office.said(id), calls: (await office.store.recent(1_000)).length };
}

async function replayAll(deliveries: readonly Delivery[]): Promise<void> {
  for (const delivery of deliveries) {
    const reply = await office.twilio.deliveries.replay(delivery);
    expect(reply.status).toBe(delivery.kind === "status" ? 204 : 200);
    expect(reply.body).not.toMatch(/turn=|<Say|<Gather/);
  }
}

describe.each<[Direction]>([["inbound"], ["outbound"]])("a replayed webhook of an %s call", (direction) => {
  it("changes nothing and gets no token while the call is up", async () => {
    const { id, live } = await talking(direction);
    const before = await everything(id);
    await replayAll(recorded(live));
    expect(await everything(id)).toEqual(before);
    await live.speak("Two.");
    await live.hears("You said: Two.");
    await live.hangUp();
  });

  it("changes nothing and gets no token once the call is over", async () => {
    const { id, live } = await talking(direction);
    await office.plant.switchboard.end(id);
    await office.over(id);
    await office.atRest();
    const before = await everything(id);
    await replayAll(recorded(live));
    expect(await everything(id)).toEqual(before);
    expect(office.reports.filter(({ call }) => call.id === id).length).toBeLessThanOrEqual(1);
  });

  it("changes nothing and gets no token after a restart, with the call up or over", async () => {
    const { id, live } = await talking(direction);
    const seen = [...recorded(live)];
    await office.restart();
    await eventually(async () => (await office.store.pendingEffects()).length === 0);
    const before = await everything(id);
    await replayAll(seen);
    expect(await everything(id)).toEqual(before);
    await office.plant.switchboard.end(id);
    await office.over(id);
    await office.restart();
    const after = await everything(id);
    await replayAll(seen);
    expect(await everything(id)).toEqual(after);
    expect(office.plant.manager.active).toEqual([]);
  });
});

describe("a replayed webhook", () => {
  const LURE = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    forwarded: "host=evil.example;proto=https",
    "x-original-host": "evil.example",
    "i-twilio-idempotency-token": "another",
  };

  it("is one under any unsigned header, and never moves where callbacks go", async () => {
    const { id, live } = await talking("outbound");
    const before = await everything(id);
    for (const delivery of recorded(live)) {
      for (const host of ["voice.example.test", "evil.example"]) {
        const { status, body } = await post(delivery, { ...LURE, host });
        expect(status).toBe(delivery.kind === "status" ? 204 : 200);
        expect(body).not.toMatch(/evil|turn=|<Say/);
      }
    }
    expect(await everything(id)).toEqual(before);
    await live.speak("Two.");
    await live.hears("You said: Two.");
    const { action = "" } = (await live.listening()).attributes;
    expect(action.startsWith(`${WEBHOOK}?call=${id}&turn=`)).toBe(true);
    await live.hangUp();
  });
});

/** Sends a recorded webhook again, with these headers instead. */
function post(
  delivery: Delivery,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> {
  const { search } = new URL(delivery.url);
  const body = new URLSearchParams(delivery.params).toString();
  return new Promise((resolve, reject) => {
    const sent = request(
      `http://127.0.0.1:${office.plant.port}/voice/webhook${search}`,
      {
        method: "POST",
        agent: false,
        headers: {
          "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
          "content-length": Buffer.byteLength(body),
          "x-twilio-signature": delivery.signature,
          ...headers,
        },
      },
      (reply) => {
        let text = "";
        reply.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        reply.on("end", () => resolve({ status: reply.statusCode ?? 0, body: text }));
      },
    );
    sent.once("error", reject);
    sent.end(body);
  });
}
