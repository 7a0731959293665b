import { describe, expect, it } from "vitest";
import { StreamLedger } from "../../../src/edge/streams/ledger.ts";
import type { Expected, StreamEvent } from "../../../src/media/commands.ts";

const expected = (callId: string, token: string, expiresAt = 1_000): Expected => ({
  token: token.padEnd(16, "-"),
  callId,
  carrierCallId: null,
  expiresAt,
  bargeIn: { pauseMs: 1, commitMs: 2, resumeMs: 3 },
});

const started = (stream: number, { token, callId }: Expected): StreamEvent => ({
  type: "stream-started",
  stream,
  callId,
  token,
  carrierCallId: "CA1",
});

const lost = (stream: number, reason: "stopped" | "closed" = "closed"): StreamEvent => ({
  type: "stream-lost",
  stream,
  reason,
});

describe("what the main thread knows of streams", () => {
  it("numbers those of the next worker after every one that was heard of", () => {
    const ledger = new StreamLedger(() => 0);
    expect(ledger.nextStream).toBe(1);
    ledger.heard(started(7, expected("a", "1")));
    ledger.heard(lost(7));
    ledger.heard(started(8, expected("b", "2")));
    expect(ledger.nextStream).toBe(9);
  });

  it("is lost with the worker, each stream once, whatever the worker still said of it", () => {
    const ledger = new StreamLedger(() => 0);
    for (const stream of [1, 2, 3]) ledger.heard(started(stream, expected(`call-${stream}`, `${stream}`)));
    expect([ledger.heard(lost(2, "stopped")), ledger.heard(lost(2, "stopped"))]).toEqual([true, false]);
    const events = ledger.lost();
    expect(events).toEqual([lost(1), lost(3)]);
    expect(events.map((event) => ledger.heard(event))).toEqual([true, true]);
    expect(ledger.lost()).toEqual([]);
    expect(ledger.heard(lost(1, "stopped"))).toBe(false);
  });

  it("passes on every other event, of whatever stream", () => {
    const ledger = new StreamLedger(() => 0);
    expect(ledger.heard({ type: "key", stream: 99, digit: "1" })).toBe(true);
    expect(ledger.heard({ type: "stream-audio", heard: [] })).toBe(true);
  });

  it("knows the tokens that the next worker has to be told: neither used nor void nor expired ones", () => {
    let now = 0;
    const ledger = new StreamLedger(() => now);
    const [used, over, late, open] = [
      expected("a", "1"),
      expected("b", "2"),
      expected("c", "3", 500),
      expected("d", "4"),
    ];
    for (const one of [used, over, late, open]) expect(ledger.expect(one)).toBe(true);
    ledger.heard(started(1, used));
    ledger.forget("b");
    now = 500;
    expect(ledger.unused()).toEqual([open]);
    expect(ledger.expect(used)).toBe(false);
  });
});
