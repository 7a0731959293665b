import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../../src/call/ports.ts";
import { connectPlivo } from "../../../src/carrier/plivo/index.ts";
import { virtualClock } from "../../support/clock.ts";
import { noStream } from "../samples.ts";
import { AUTH_ID, CALL_UUID, TOKEN, WEBHOOK } from "./fixtures.ts";
import { failureOf, rig } from "./rig.ts";

const plivo = rig();

describe("the account", () => {
  it("is asked for with the number and the application that takes its calls", async () => {
    plivo.emulator.setApplication({
      answerUrl: WEBHOOK,
      answerMethod: "GET",
      hangupUrl: `${WEBHOOK}?end`,
      hangupMethod: "POST",
    });
    const report = await plivo.carrier.inspect(plivo.emulator.ours, plivo.signal);
    expect(report).toMatchObject({
      credentials: "accepted",
      ownsNumber: true,
      inboundUrl: WEBHOOK,
      inboundMethod: "GET",
      reportUrl: `${WEBHOOK}?end`,
      reportMethod: "POST",
    });
    expect(Math.abs(report.clockSkewMs ?? Number.NaN)).toBeLessThan(5000);
    expect(plivo.emulator.requests.map(({ method }) => method)).toEqual(["GET", "GET", "GET"]);
    expect(plivo.emulator.problems).toEqual([]);
  });

  it("tells what is missing: no number, another's number, no application, no hangup URL", async () => {
    const { ours } = plivo.emulator;
    expect(await plivo.carrier.inspect(null, plivo.signal)).toMatchObject({ ownsNumber: null });
    expect(await plivo.carrier.inspect("+15550109999", plivo.signal)).toMatchObject({ ownsNumber: false });
    expect(await plivo.carrier.inspect(ours, plivo.signal)).toMatchObject({
      ownsNumber: true,
      inboundUrl: null,
      reportUrl: null,
    });
    plivo.emulator.setApplication({ answerUrl: WEBHOOK });
    expect(await plivo.carrier.inspect(ours, plivo.signal)).toMatchObject({
      inboundUrl: WEBHOOK,
      reportUrl: null,
    });
  });

  it("is refused with wrong credentials, and unreachable where nobody answers", async () => {
    const stranger = plivo.connect({ authToken: "wrong" });
    expect(await stranger.inspect(null, plivo.signal)).toMatchObject({
      credentials: "refused",
      detail: "HTTP 401",
    });
    const lost = plivo.connect({ fetch: async () => Promise.reject(new Error("no route")) });
    expect(await lost.inspect(null, plivo.signal)).toMatchObject({ credentials: "unreachable" });
  });

  it("that half answers tells what it told", async () => {
    const { ours } = plivo.emulator;
    plivo.emulator.setApplication({ answerUrl: WEBHOOK });
    plivo.emulator.fail("number", { kind: "error", status: 500 });
    expect(await plivo.carrier.inspect(ours, plivo.signal)).toMatchObject({
      credentials: "accepted",
      ownsNumber: null,
    });
    plivo.emulator.fail("application", { kind: "error", status: 500 });
    const half = await plivo.carrier.inspect(ours, plivo.signal);
    expect(half).toMatchObject({ credentials: "accepted", ownsNumber: true });
    expect(half.inboundUrl).toBeUndefined();
  });
});

describe("connecting", () => {
  const security = { skipSignatureVerification: false, loopbackBypass: true };
  const context = (asked: string[], clock: Clock = virtualClock()) => ({
    webhookUrl: () => WEBHOOK,
    openStream: noStream,
    fetch: async (url: string | URL | Request) => {
      asked.push(url instanceof Request ? url.url : String(url));
      return new Response("{}", { status: 404 });
    },
    clock,
    ids: { call: () => "vc_1", token: () => "t" },
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    },
    security,
    deliver: async () => ({ status: 200 }),
    missed: () => undefined,
  });

  it("gives the edge the token that Plivo signs with, and asks Plivo itself unless told otherwise", async () => {
    const asked: string[] = [];
    const settings = { authId: AUTH_ID, authToken: TOKEN, apiBaseUrl: undefined };
    const { carrier, webhook, phone } = await connectPlivo(settings, context(asked));
    expect(webhook).toEqual({ carrier: "plivo", secrets: { authToken: TOKEN }, ...security });
    expect(phone).toBe(null);
    expect(carrier.id).toBe("plivo");
    expect(asked).toEqual([]);
    await carrier.inspect(null, plivo.signal);
    expect(asked).toEqual([`https://api.plivo.com/v1/Account/${AUTH_ID}/`]);
    await carrier.close();
  });

  it("waits for a record by the gateway's clock, and no longer than the carrier is open", async () => {
    const clock = virtualClock();
    const settings = { authId: AUTH_ID, authToken: TOKEN, apiBaseUrl: undefined };
    const { carrier } = await connectPlivo(settings, context([], clock));
    const looking = carrier.lookup(CALL_UUID, plivo.signal);
    const begun = clock.now();
    while (clock.now() < begun + 15_000) await clock.advance(1000);
    expect(await looking).toEqual({ found: false });

    const again = failureOf(carrier.lookup(CALL_UUID, plivo.signal));
    while (clock.pending === 0) await clock.advance(0);
    await carrier.close();
    expect(await again).toMatchObject({ name: "AbortError" });
    expect(clock.pending).toBe(0);
  });

  it("keeps a path of another server, with or without slash at its end", async () => {
    for (const apiBaseUrl of ["https://proxy.example.test/plivo", "https://proxy.example.test/plivo/"]) {
      const asked: string[] = [];
      const { carrier } = await connectPlivo(
        { authId: AUTH_ID, authToken: TOKEN, apiBaseUrl },
        context(asked),
      );
      await carrier.inspect(null, plivo.signal);
      expect(asked).toEqual([`https://proxy.example.test/plivo/v1/Account/${AUTH_ID}/`]);
      await carrier.close();
    }
  });

  it("loads nothing of the official package", () => {
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    expect(loaded.filter((path) => /\/node_modules\/(plivo|axios)\//.test(path))).toEqual([]);
  });
});
