import { once } from "node:events";
import { createServer } from "node:net";
import { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import { isVoiceCallError } from "../../src/call/errors.ts";
import type { CarrierFact, Clock, Log } from "../../src/call/ports.ts";
import type { EdgeLimits } from "../../src/edge/limits.ts";
import type { FactAnswer } from "../../src/edge/protocol.ts";
import { singleFlight } from "../../src/edge/single-flight.ts";
import { startEdge, type EdgeHandle, type EdgeOptions } from "../../src/edge/supervisor.ts";
import { SETTINGS } from "./fixtures/listening.ts";
import { dial, whole, write } from "./fixtures/wire.ts";

const DONE: FactAnswer = { reply: { status: 204 }, remember: true };

interface Rig {
  readonly options: EdgeOptions;
  readonly workers: Worker[];
  readonly facts: CarrierFact[];
  readonly logged: { level: string; message: string; fields: unknown }[];
  readonly refused: Readonly<Record<string, number>>[];
  downs: number;
}

/** Options for an edge with the test carrier; the workers that were started are kept. */
function rig(changes: Partial<EdgeOptions> & { limits?: Partial<EdgeLimits> } = {}): Rig {
  const { limits, ...options } = changes;
  const logged: Rig["logged"] = [];
  const log = (level: string) => (message: string, fields: unknown) =>
    void logged.push({ level, message, fields });
  const result: Rig = {
    workers: [],
    facts: [],
    logged,
    refused: [],
    downs: 0,
    options: {
      settings: SETTINGS,
      // oxlint-disable-next-line typescript/require-await -- the interface is asynchronous
      onFact: async (fact) => {
        result.facts.push(fact);
        return DONE;
      },
      onRefused: (counts) => void result.refused.push(counts),
      onDown: () => {
        result.downs += 1;
      },
      log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") } satisfies Log,
      spawn: () => {
        const worker = new Worker(new URL("fixtures/worker.ts", import.meta.url), {
          workerData: { lingerMs: 200, reportFirstMs: 5, ...limits },
          env: {},
          execArgv: [],
          stdout: true,
          stderr: true,
        });
        result.workers.push(worker);
        return worker;
      },
      ...options,
    },
  };
  return result;
}

async function started(options: EdgeOptions): Promise<EdgeHandle> {
  const edge = await startEdge(options);
  onTestFinished(() => edge.close());
  return edge;
}

async function status(port: number, claim: string): Promise<number> {
  const wire = await dial(port);
  await wire.send(whole({ claim }));
  const reply = await wire.reply();
  wire.socket.destroy();
  return reply.status;
}

/** A port that somebody else holds until the returned function is called. */
async function takenPort(): Promise<{ port: number; free: () => Promise<void> }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const free = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  onTestFinished(free);
  return { port: typeof address === "object" && address ? address.port : 0, free };
}

describe("the edge", () => {
  it("hands verified facts up, and the decision down", async () => {
    const { options, facts } = rig();
    const edge = await started(options);
    expect(await status(edge.port, "c1")).toBe(204);
    expect(facts).toMatchObject([{ claim: "c1", carrier: "test" }]);
  });

  it("answers a repeat of a saved fact without the main thread", async () => {
    const { options, facts } = rig();
    const edge = await started(options);
    expect([await status(edge.port, "c"), await status(edge.port, "c")]).toEqual([204, 204]);
    expect(facts).toHaveLength(1);
  });

  it("asks the carrier to come again when the fact could not be saved, and says no more than a code", async () => {
    const { options, logged } = rig({ onFact: () => Promise.reject(new Error("disk full of +15550001234")) });
    const edge = await started(options);
    expect(await status(edge.port, "c")).toBe(503);
    expect(logged).toMatchObject([{ level: "error", fields: { code: "VC_INTERNAL" } }]);
    expect(JSON.stringify(logged)).not.toContain("15550001234");
  });

  it("asks the carrier to come again when the answer cannot be sent to the worker", async () => {
    const answer = { ...DONE, odd: () => {} };
    const { options } = rig({ onFact: () => Promise.resolve(answer) });
    const edge = await started(options);
    expect(await status(edge.port, "c")).toBe(503);
  });

  it("asks the carrier to come again when the main thread never answers", async () => {
    const { options } = rig({ limits: { replyTimeoutMs: 20 }, onFact: () => new Promise(() => {}) });
    const edge = await started(options);
    expect(await status(edge.port, "c")).toBe(503);
  });

  it("refuses forged requests and answers repeats while the main thread is blocked", async () => {
    const { options } = rig();
    const edge = await started(options);
    expect(await status(edge.port, "known")).toBe(204);
    const gate = new Int32Array(new SharedArrayBuffer(8));
    const client = new Worker(new URL("fixtures/blocked-client.ts", import.meta.url), {
      env: {},
      execArgv: [],
      workerData: {
        gate: gate.buffer,
        port: edge.port,
        texts: [whole({ claim: "known" }), whole({ claim: "f" }, { signature: "00" })],
      },
    });
    onTestFinished(async () => void (await client.terminate()));
    // Nothing of this thread runs until the client has its answers.
    expect(Atomics.wait(gate, 0, 0, 15_000)).not.toBe("timed-out");
    expect(Atomics.load(gate, 1)).toBe(204_403);
  });

  it("reports refusals by reason and nothing of what was sent", async () => {
    const { options, refused, logged } = rig();
    const edge = await started(options);
    const wire = await dial(edge.port);
    await wire.send(whole({ claim: "secret-words" }, { signature: "00" }));
    expect((await wire.reply()).status).toBe(403);
    await expect.poll(() => refused).toEqual([{ signature: 1 }]);
    expect(logged).toMatchObject([{ level: "warn", fields: { signature: 1 } }]);
    expect(JSON.stringify(logged)).not.toContain("secret-words");
  });

  it("warns about every webhook accepted despite its signature", async () => {
    const webhook = { ...SETTINGS.webhook, loopbackBypass: true };
    const { options, logged, facts } = rig({ settings: { ...SETTINGS, webhook } });
    const edge = await started(options);
    const wire = await dial(edge.port);
    await wire.send(whole({ claim: "dev" }, { signature: "00" }));
    expect((await wire.reply()).status).toBe(204);
    expect(facts).toHaveLength(1);
    await expect.poll(() => logged).toMatchObject([{ level: "warn", fields: { count: 1 } }]);
  });

  it("needs no signature where verification is switched off", async () => {
    const webhook = { ...SETTINGS.webhook, skipSignatureVerification: true };
    const { options } = rig({ settings: { ...SETTINGS, webhook } });
    const edge = await started(options);
    const wire = await dial(edge.port);
    await wire.send(whole({ claim: "local" }, { signature: null }));
    expect((await wire.reply()).status).toBe(204);
  });
});

describe("a start", () => {
  it("on a taken port says so, leaves nothing behind, and succeeds once the port is free", async () => {
    const { port, free } = await takenPort();
    const { options, workers } = rig({ settings: { ...SETTINGS, port } });
    await expect(startEdge(options)).rejects.toMatchObject({
      code: "VC_LISTENER_PORT_TAKEN",
      details: { bind: "127.0.0.1", port },
    });
    expect(workers[0]?.threadId).toBe(-1);
    await free();
    const edge = await started(options);
    expect(edge.port).toBe(port);
    expect(await status(port, "c")).toBe(204);
  });

  it.each<[string, Partial<EdgeOptions>]>([
    ["on an address that is not ours", { settings: { ...SETTINGS, bind: "192.0.2.1" } }],
    [
      "with a carrier that cannot be built",
      { settings: { ...SETTINGS, webhook: { ...SETTINGS.webhook, carrier: "broken" } } },
    ],
    ["of a worker that dies at once", { spawn: () => evaluated("process.exit(3)") }],
    ["of a worker that throws at once", { spawn: () => evaluated("throw new TypeError('no')") }],
  ])("%s fails with a code", async (_, changes) => {
    const { options } = rig(changes);
    const error: unknown = await startEdge(options).catch((reason: unknown) => reason);
    expect(isVoiceCallError(error) && error.code).toBe("VC_LISTENER_FAILED");
  });

  it("asked for twice at once gives one listener", async () => {
    const { options, workers } = rig();
    const start = singleFlight(() => started(options));
    const [one, two] = await Promise.all([start(), start()]);
    expect(one).toBe(two);
    expect(workers).toHaveLength(1);
  });

  it("with the real worker knows which carriers have webhooks", async () => {
    const { options } = rig({
      settings: { ...SETTINGS, webhook: { ...SETTINGS.webhook, carrier: "constructor" } },
    });
    const { spawn: _, ...real } = options;
    await expect(startEdge(real)).rejects.toMatchObject({
      code: "VC_LISTENER_FAILED",
      details: { problem: expect.stringContaining("has no webhooks") as string },
    });
  });

  it("with the real worker serves Twilio", async () => {
    const webhook = {
      ...SETTINGS.webhook,
      carrier: "twilio",
      secrets: { authToken: "t", accountSid: "AC1" },
    };
    const { options } = rig({ settings: { ...SETTINGS, webhook } });
    const { spawn: _, ...real } = options;
    const edge = await started(real);
    const wire = await dial(edge.port);
    await wire.send(whole({ claim: "x" }, { headers: ["X-Twilio-Signature: forged"] }));
    expect((await wire.reply()).status).toBe(403);
  });
});

describe("a worker that dies", () => {
  it("is reported and started again on the same port", async () => {
    const test = rig();
    const edge = await started(test.options);
    const { port } = edge;
    await test.workers[0]?.terminate();
    await expect.poll(() => test.logged.at(-1)?.message, { timeout: 10_000 }).toContain("is back");
    expect(test.downs).toBe(1);
    expect(edge.port).toBe(port);
    expect(await status(port, "after")).toBe(204);
  });

  it("again and again is started with growing pauses, and from the first pause once it ran well", async () => {
    const clock = manualClock();
    const test = rig({ clock });
    await started(test.options);
    const pauses: number[] = [];
    const kill = async (): Promise<void> => {
      const downs = test.downs;
      await test.workers.at(-1)?.terminate();
      await expect.poll(() => test.downs).toBe(downs + 1);
      pauses.push(clock.next() - clock.now());
      const lines = test.logged.length;
      clock.advance();
      await expect.poll(() => test.logged.length, { timeout: 10_000 }).toBe(lines + 1);
    };
    for (let round = 0; round < 3; round += 1) await kill();
    clock.pass(60_000);
    await kill();
    expect(pauses).toEqual([100, 200, 400, 100]);
  });

  it("keeps being started while its port is taken", async () => {
    const clock = manualClock();
    const test = rig({ clock });
    const edge = await started(test.options);
    await test.workers[0]?.terminate();
    await expect.poll(() => test.downs).toBe(1);
    const thief = createServer().listen(edge.port, "127.0.0.1");
    await once(thief, "listening");
    clock.advance();
    await expect
      .poll(() => test.logged.at(-1), { timeout: 10_000 })
      .toMatchObject({ level: "error", fields: { code: "VC_LISTENER_PORT_TAKEN" } });
    thief.close();
    await once(thief, "close");
    clock.advance();
    await expect.poll(() => test.logged.at(-1)?.message, { timeout: 10_000 }).toContain("is back");
    expect(await status(edge.port, "again")).toBe(204);
  });

  it("in all but name, because it hangs, is ended and started again", async () => {
    const test = rig({ beat: { everyMs: 20, misses: 3 } });
    const edge = await started(test.options);
    const wire = await dial(edge.port);
    await wire.send(whole({ claim: "hang" }));
    await expect.poll(() => test.logged.at(-1)?.message, { timeout: 10_000 }).toContain("is back");
    expect(test.logged[0]?.fields).toEqual({ cause: "it does not answer" });
    expect(test.downs).toBe(1);
    expect(await status(edge.port, "after")).toBe(204);
    wire.socket.destroy();
  });

  it("is not taken for dead while the gateway's own thread is blocked", async () => {
    const test = rig({ beat: { everyMs: 20, misses: 3 } });
    const edge = await started(test.options);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await status(edge.port, "well")).toBe(204);
    expect(test.downs).toBe(0);
  });

  it("is not started again after a close", async () => {
    const clock = manualClock();
    const test = rig({ clock });
    const edge = await started(test.options);
    await test.workers[0]?.terminate();
    await expect.poll(() => test.downs).toBe(1);
    await edge.close();
    expect(clock.next()).toBe(Number.POSITIVE_INFINITY);
    expect(test.workers).toHaveLength(1);
  });

  it("does not hurt the gateway when its own listeners throw", async () => {
    const test = rig({
      onDown: () => {
        throw new Error("boom");
      },
    });
    await started(test.options);
    await test.workers[0]?.terminate();
    await expect.poll(() => test.logged.at(-1)?.message, { timeout: 10_000 }).toContain("is back");
  });
});

describe("closing", () => {
  it("under load answers what is under way, takes nothing new and ends the worker", async () => {
    const open: (() => void)[] = [];
    const test = rig({
      onFact: () => new Promise((resolve) => open.push(() => resolve(DONE))),
      graceMs: 60_000,
    });
    const edge = await started(test.options);
    const wires = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const wire = await dial(edge.port);
        await wire.send(whole({ claim: `c${at}` }));
        return wire;
      }),
    );
    await expect.poll(() => open.length).toBe(20);
    const closing = edge.close();
    expect(edge.close()).toBe(closing);
    for (const answer of open) answer();
    const statuses = await Promise.all(wires.map(async (wire) => (await wire.reply()).status));
    expect(new Set(statuses)).toEqual(new Set([204]));
    await closing;
    expect(test.workers[0]?.threadId).toBe(-1);
    await expect(dial(edge.port)).rejects.toThrow("ECONNREFUSED");
    expect(test.downs).toBe(0);
  });

  it("does not wait for what stalls past the grace", async () => {
    const test = rig({ graceMs: 20, onFact: () => new Promise(() => {}) });
    const edge = await started(test.options);
    const [stalled, undecided] = [await dial(edge.port), await dial(edge.port)];
    await stalled.send(write({ claim: "a" }).head);
    await undecided.send(whole({ claim: "b" }));
    await edge.close();
    expect(test.workers[0]?.threadId).toBe(-1);
  });

  it("ends a worker that does not listen to reason", async () => {
    const test = rig({
      graceMs: 0,
      spawn: () =>
        evaluated(`
          const { parentPort } = require("node:worker_threads");
          parentPort.on("message", ({ type }) => {
            if (type === "listen") parentPort.postMessage({ type: "listening", port: 1 });
            else for (;;);
          });`),
    });
    const edge = await startEdge(test.options);
    await edge.close();
    expect(test.downs).toBe(0);
  });
});

function evaluated(code: string): Worker {
  return new Worker(code, { eval: true, env: {}, execArgv: [], stdout: true, stderr: true });
}

interface ManualClock extends Clock {
  /** When the next timer is due; infinity without one. */
  next(): number;
  pass(ms: number): void;
  /** Goes to the next timer and runs it. */
  advance(): void;
}

function manualClock(): ManualClock {
  const timers = new Set<{ at: number; fn: () => void }>();
  let now = 0;
  const next = (): number => Math.min(...[...timers].map(({ at }) => at));
  return {
    now: () => now,
    at: (at, fn) => {
      const timer = { at, fn };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    next,
    pass: (ms) => {
      now += ms;
    },
    advance: () => {
      const due = [...timers].find(({ at }) => at === next());
      if (due === undefined) return;
      timers.delete(due);
      now = Math.max(now, due.at);
      due.fn();
    },
  };
}
