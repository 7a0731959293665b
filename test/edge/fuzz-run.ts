import { hash } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { CarrierFact } from "../../src/call/ports.ts";
import type { EdgeLimits } from "../../src/edge/limits.ts";
import type { FactAnswer, ListenerSettings } from "../../src/edge/protocol.ts";
import { startEdge, type EdgeHandle } from "../../src/edge/supervisor.ts";
import { CARRIERS, PATH, WEBHOOK, type SigningCarrier } from "../security/carriers.ts";
import { flawOf } from "../security/fact-shape.ts";
import { exchange, type Exchange } from "./fuzz-client.ts";
import { Dice } from "./fuzz-dice.ts";
import { Inputs, type Batch } from "./fuzz-inputs.ts";
import type { WorkerMemory } from "./fuzz-worker.ts";

/** What a listener may say, and nothing else. */
const ANSWERS: ReadonlySet<number> = new Set([200, 204, 400, 401, 403, 404, 405, 408, 413, 417, 431, 503]);
/** Refusals that would be a fault of ours. */
const FAULTS: ReadonlySet<string> = new Set(["webhook-fault", "reply-fault", "accept-error"]);

const LIMITS: Partial<EdgeLimits> = {
  headerTimeoutMs: 2_000,
  bodyTimeoutMs: 1_500,
  checkEveryMs: 100,
  reportFirstMs: 20,
  reportEveryMs: 200,
};
/** Long past every limit above: what is not over by then hangs. */
const PATIENCE_MS = 20_000;
const SIZE = 12;
const LANES = 48;
/** So much arrives in one piece. */
const ONE_READ = 60_000;
/** Facts that were signed are remembered for so many more, as one may be told after its client has left. */
const REMEMBERED = 5_000;

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Told now and then how many inputs have been sent. */
  readonly progress?: (sent: number) => void;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly answered: number;
  readonly seconds: number;
  /** By status, and how connections ended. */
  readonly answers: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  readonly facts: number;
  /** Genuine facts whose names and values were cut elsewhere; Twilio and Plivo sign them without a separator. */
  readonly recut: number;
  /** Live bytes of the three listeners after a collection: after the warm-up, half way and at the end; and the process's. */
  readonly memory: readonly { readonly at: number; readonly listeners: number; readonly process: number }[];
  /** What must not happen. */
  readonly failures: readonly string[];
}

/** Sends inputs to the real listener of every carrier, several connections at a time. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const run = new Run(options);
  try {
    return await run.all();
  } finally {
    await run.close();
  }
}

interface Target {
  readonly carrier: SigningCarrier;
  readonly edge: EdgeHandle;
  readonly worker: () => Worker;
  readonly known: Map<string, string>;
}

class Run {
  readonly #options: FuzzOptions;
  readonly #targets: Target[] = [];
  readonly #answers = new Map<string, number>();
  readonly #kinds = new Map<string, number>();
  readonly #refusals = new Map<string, number>();
  readonly #failures: string[] = [];
  #sent = 0;
  #answered = 0;
  #facts = 0;
  #recut = 0;

  constructor(options: FuzzOptions) {
    this.#options = options;
  }

  async all(): Promise<FuzzReport> {
    for (const carrier of CARRIERS) this.#targets.push(await this.#open(carrier));
    const { inputs } = this.#options;
    const began = performance.now();
    const memory = [];
    for (const part of [0.1, 0.55, 1]) {
      await this.#until(Math.round(inputs * part));
      memory.push(await this.#memory());
    }
    const seconds = (performance.now() - began) / 1_000;
    return {
      inputs: this.#sent,
      answered: this.#answered,
      seconds,
      answers: sorted(this.#answers),
      kinds: sorted(this.#kinds),
      refusals: sorted(this.#refusals),
      facts: this.#facts,
      recut: this.#recut,
      memory,
      failures: this.#failures,
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#targets.map(({ edge }) => edge.close()));
  }

  async #open(carrier: SigningCarrier): Promise<Target> {
    const known = new Map<string, string>();
    const holder: { worker: Worker | null } = { worker: null };
    const edge = await startEdge({
      settings: settingsOf(carrier),
      onFact: (fact) => Promise.resolve(this.#onFact(carrier, known, fact)),
      onRefused: (counts) => {
        for (const [reason, count] of Object.entries(counts)) {
          bump(this.#refusals, reason, count);
          if (FAULTS.has(reason)) this.#fail(`${carrier.name}: ${reason}`);
        }
      },
      onDown: () => this.#fail(`${carrier.name}: the listener died`),
      log: QUIET,
      spawn: () => {
        holder.worker = new Worker(new URL("fuzz-worker.ts", import.meta.url), {
          workerData: LIMITS,
          env: {},
          execArgv: [],
          stdout: true,
          stderr: true,
        });
        return holder.worker;
      },
    });
    return { carrier, edge, known, worker: () => holder.worker as Worker };
  }

  /** Goes on until so many inputs have been sent in all. */
  async #until(total: number): Promise<void> {
    const { seed } = this.#options;
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      const target = this.#targets[lane % this.#targets.length] as Target;
      // Every part of the run has inputs of its own.
      const own = seed * 1_000_003 + lane * 7_919 + total;
      const [inputs, dice] = [new Inputs(target.carrier, own), new Dice(own + 1)];
      while (this.#sent < total && this.#failures.length < 10) await this.#one(target, inputs, dice);
    });
    await Promise.all(lanes);
  }

  async #one({ carrier, edge, known }: Target, inputs: Inputs, dice: Dice): Promise<void> {
    const batch = await inputs.batch(SIZE);
    for (const fact of batch.facts) known.set(fact.claim, digest(fact));
    for (const claim of known.keys()) {
      if (known.size <= REMEMBERED) break;
      known.delete(claim);
    }
    this.#sent += batch.inputs.length;
    this.#options.progress?.(this.#sent);
    for (const { kind } of batch.inputs) bump(this.#kinds, kind);
    const bytes = Buffer.concat(batch.inputs.map((input) => input.bytes));
    const cuts = dice.chance(0.5) ? 0 : 1 + dice.upTo(4);
    const atOnce = cuts === 0 && bytes.length < ONE_READ;
    const leaves = dice.chance(0.05);
    const pieces = cut(dice, bytes, cuts);
    const seen = await exchange(edge.port, { pieces, leaves, patienceMs: PATIENCE_MS });
    if (leaves) bump(this.#answers, "client left");
    else this.#check(carrier, batch, seen, atOnce);
  }

  #check(
    { name }: SigningCarrier,
    { inputs, whole }: Batch,
    { statuses, end }: Exchange,
    atOnce: boolean,
  ): void {
    if (end === "hang" || end === "broken") this.#fail(`${name}: ${end} after ${kindsOf(inputs)}`);
    if (end === "reset") bump(this.#answers, "reset");
    this.#answered += statuses.length;
    for (const [at, status] of statuses.entries()) {
      bump(this.#answers, String(status));
      const { kind = "nothing", expected = null } = inputs[at] ?? {};
      if (!ANSWERS.has(status)) this.#fail(`${name}: ${status} to ${kind}`);
      // Past a trick nobody can say where a request ends, and cut into pieces one may come too late.
      const isKnown = expected !== null && at < firstOpen(inputs);
      const isLate = !atOnce && status === 408;
      if (isKnown && !isLate && !expected.includes(status)) {
        this.#fail(`${name}: ${status} instead of ${expected.join(" or ")} to ${kind}`);
      }
    }
    if (
      whole &&
      atOnce &&
      end === "end" &&
      firstOpen(inputs) === inputs.length &&
      statuses.length !== inputs.length
    )
      this.#fail(`${name}: ${statuses.length} answers to ${inputs.length} requests: ${kindsOf(inputs)}`);
  }

  #onFact(carrier: SigningCarrier, known: ReadonlyMap<string, string>, fact: CarrierFact): FactAnswer {
    this.#facts += 1;
    const flaw = flawOf(fact);
    if (flaw !== null) this.#fail(`${carrier.name}: a fact with a bad ${flaw}`);
    const signed = known.get(fact.claim);
    if (signed === undefined) this.#fail(`${carrier.name}: a fact that nobody signed`);
    else if (signed !== digest(fact)) {
      if (carrier.name === "telnyx") this.#fail("telnyx: a fact that says something else than was signed");
      this.#recut += 1;
    }
    const wantsDocument = fact.wants === "document";
    const document = { status: 200, contentType: "text/xml", body: "<Response/>" };
    return { reply: wantsDocument ? document : { status: 204 }, remember: true };
  }

  async #memory() {
    const held = await Promise.all(this.#targets.map(({ worker }) => memoryOf(worker())));
    const listeners = held.reduce((sum, bytes) => sum + bytes, 0);
    return { at: this.#sent, listeners, process: process.memoryUsage().rss };
  }

  #fail(what: string): void {
    if (this.#failures.length < 100) this.#failures.push(what);
  }
}

export const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const settingsOf = ({ settings }: SigningCarrier): ListenerSettings => ({
  bind: "127.0.0.1",
  port: 0,
  path: PATH,
  streamPath: "/voice/stream",
  publicUrl: WEBHOOK,
  streamUrl: null,
  awaitsPublicUrl: false,
  security: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
  webhook: settings,
  media: null,
});

/** The first input that may end or shift the connection. */
function firstOpen(inputs: Batch["inputs"]): number {
  const at = inputs.findIndex(({ expected }) => expected === null);
  return at === -1 ? inputs.length : at;
}

const kindsOf = (inputs: Batch["inputs"]): string => inputs.map(({ kind }) => kind).join(" | ");

export function cut(dice: Dice, bytes: Buffer, cuts: number): readonly Buffer[] {
  const at = Array.from({ length: cuts }, () => dice.upTo(bytes.length)).toSorted((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

export function memoryOf(worker: Worker): Promise<number> {
  return new Promise((resolve) => {
    const hear = (message: WorkerMemory | { readonly type: "other" }): void => {
      if (message.type !== "memory") return;
      worker.off("message", hear);
      resolve(message.bytes);
    };
    worker.on("message", hear);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    worker.postMessage({ type: "memory" });
  });
}

const digest = (fact: CarrierFact): string => hash("sha1", JSON.stringify(fact));

export const bump = (counts: Map<string, number>, key: string, by = 1): void =>
  void counts.set(key, (counts.get(key) ?? 0) + by);

export const sorted = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
