import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Call } from "../call/call.ts";
import type { CarrierCapabilities, Log } from "../call/ports.ts";
import type { CarrierContext, Connected } from "../carrier/carrier.ts";
import { readConfig, type VoiceCallConfig } from "../config/index.ts";
import { startPlant, type Plant } from "../service/plant.ts";
import { randomIds } from "../service/tools.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import { virtualClock, type VirtualClock } from "./clock.ts";
import { Echo } from "./echo.ts";
import { liveHost } from "./live-host.ts";
import { Tongue } from "./tongue.ts";
import type { FarEnd, World } from "./world.ts";

/** A carrier to be tested, and the stand-in for the company behind it. */
export interface Subject {
  /**
   * Starts the stand-in. Its webhooks and audio sockets go to `reach(url)`, where the public `url` is really served; `now`
   * (epoch ms) is the time that they tell, where they tell one.
   */
  readonly startWorld: (options: {
    readonly webhookUrl: string;
    reach(url: string): string;
    now(): number;
  }) => Promise<World>;
  /** Connects the carrier to that stand-in. */
  readonly connect: (world: World, context: CarrierContext) => Promise<Connected>;
}

/** The URL under which the stand-in believes to reach the plugin. */
const WEBHOOK_URL = "https://voice.example.test/voice/webhook";
const ORIGIN = /^(http|ws)s:\/\/voice\.example\.test/;
const STREAMS = "/voice/stream";

/** Reserved, and never listened on (RFC 6335: tcpmux). */
const NOBODY = 1;

/** While something is waited for, so much call time passes at every look; on live audio no more than really has. */
const LOOK_MS = 5;
const PASSES_MS = 100;
/** Looks before it is said that something does not happen. */
const MOST_LOOKS = 2_000;

/** A whole plugin on a subject: records on disk, the edge worker, real HTTP, virtual time. */
export class Bench {
  readonly world: World;
  readonly agent = new Echo();
  /** What is spoken on live audio. */
  readonly tongue = new Tongue();
  /** No audio socket gets through to us. */
  isCutOff = false;
  /** Ids of calls whose outcome was reported, once per report. */
  readonly reports: string[] = [];
  readonly #subject: Subject;
  readonly #folder = mkdtempSync(path.join(tmpdir(), "voice-call-conformance-"));
  readonly #clock: VirtualClock;
  #config: VoiceCallConfig;
  #plant: Plant | null = null;
  #store: Awaited<ReturnType<typeof openSqliteStore>> | null = null;
  #people = 0;
  #complaints = 0;
  #port = NOBODY;
  /** When call time passed last; of `performance`. */
  #passedAt = 0;

  private constructor(subject: Subject, world: World, clock: VirtualClock) {
    this.#subject = subject;
    this.#clock = clock;
    this.world = world;
    this.#config = configOf(world.ours, {});
  }

  static async open(subject: Subject): Promise<Bench> {
    const holder: { bench: Bench | null } = { bench: null };
    const clock = virtualClock(Date.now());
    const world = await subject.startWorld({
      webhookUrl: WEBHOOK_URL,
      reach: (url) => url.replace(ORIGIN, `$1://127.0.0.1:${holder.bench?.portFor(url) ?? NOBODY}`),
      now: () => clock.now(),
    });
    holder.bench = new Bench(subject, world, clock);
    await holder.bench.#start();
    return holder.bench;
  }

  get plant(): Plant {
    if (this.#plant === null) throw new Error("the bench is closed");
    return this.#plant;
  }

  /** Where that public URL is served; a port on which nobody listens while the plugin is stopped. */
  portFor(url: string): number {
    return this.isCutOff && url.includes(STREAMS) ? NOBODY : this.#port;
  }

  get capabilities(): CarrierCapabilities {
    return this.plant.carrier.capabilities;
  }

  /** Settings of the next calls, over the bench's own. */
  configure(settings: Record<string, unknown>): void {
    this.#config = { ...configOf(this.world.ours, settings), serve: this.#config.serve };
    this.#passedAt = performance.now();
  }

  /** A number that nobody has used yet. */
  somebody(): string {
    this.#people += 1;
    return `+1555010${String(this.#people).padStart(4, "0")}`;
  }

  /** Places a call; both ends of it. */
  async place(order: {
    readonly to: string;
    readonly message?: string;
    readonly mode?: "notify" | "conversation";
    readonly digits?: string;
  }): Promise<{ readonly id: string; readonly far: FarEnd }> {
    const taken = this.world.nextCall();
    const request = { message: "Dinner is ready.", ...order, requester: { surface: "rpc" } as const };
    const call = await this.passing("the carrier takes the call", this.plant.switchboard.initiate(request));
    return { id: call.id, far: await this.passing("the call is placed", taken) };
  }

  /** A conversation that is answered and listens. */
  async converse(to: string, message = "Hello?"): Promise<{ readonly id: string; readonly far: FarEnd }> {
    const { id, far } = await this.place({ to, message, mode: "conversation" });
    await this.passing("the carrier listens", far.listening());
    await this.until("the call is answered", async () => (await this.record(id)).answeredAt !== null);
    return { id, far };
  }

  /** Says something, and resolves once it was taken. */
  async tell(far: FarEnd, words: string): Promise<void> {
    await this.passing(`"${words}" is heard`, far.speak(words));
  }

  async hears(far: FarEnd, words: string | RegExp): Promise<void> {
    await this.passing(`the person hears ${String(words)}`, far.hears(words));
  }

  async listening(far: FarEnd): Promise<void> {
    await this.passing("the carrier listens", far.listening());
  }

  async record(id: string): Promise<Call> {
    const call = await this.#records().get(id);
    assert.ok(call, `no record of ${id}`);
    return call;
  }

  async said(id: string): Promise<readonly string[]> {
    return (await this.#records().transcript(id)).map(({ role, text }) => `${role}: ${text}`);
  }

  /** The record of the call that the carrier knows by this id. */
  async recordOf(far: FarEnd): Promise<Call> {
    const find = () => this.#records().byCarrierId(this.plant.carrier.id, far.id);
    await this.until("the call is on record", async () => (await find()) !== null);
    return (await find()) as Call;
  }

  /** The record, once it is over. */
  async over(id: string): Promise<Call> {
    await this.until("the call is over", async () => (await this.record(id)).endedAt !== null);
    return this.record(id);
  }

  /** Waits for a promise while call time passes. Fails when it does not settle. */
  async passing<T>(what: string, promise: Promise<T>): Promise<T> {
    let settled = false;
    const outcome = promise.finally(() => {
      settled = true;
    });
    outcome.catch(() => {});
    await this.until(what, () => settled);
    return outcome;
  }

  /** Waits until something holds while call time passes. Fails when it never does. */
  async until(what: string, test: () => boolean | Promise<boolean>): Promise<void> {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      if (await test()) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      await this.#clock.advance(this.#passing());
    }
    assert.fail(`it never happened that ${what}`);
  }

  /** Lets call time pass, however little really has. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += PASSES_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      await this.#clock.advance(PASSES_MS);
    }
  }

  /** Audio takes its time, whatever the clock says: with it the clock is no faster than the audio. Whole milliseconds. */
  #passing(): number {
    if (!this.#config.streaming.enabled) return PASSES_MS;
    const passed = Math.floor(performance.now() - this.#passedAt);
    this.#passedAt += passed;
    return Math.min(passed, PASSES_MS);
  }

  /** Stops the plugin as a shutdown would and starts it on the same records. */
  async restart(meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
    await this.#stop();
    await meanwhile();
    await this.#start();
  }

  /** Nothing may be left: no call up, no effect to run, and unless `complaints`, nothing the carrier complains of. */
  async atRest({ complaints = false } = {}): Promise<void> {
    await this.until("no call is up", () => this.plant.manager.active.length === 0);
    await this.until(
      "nothing is left to do",
      async () => (await this.#records().pendingEffects()).length === 0,
    );
    await this.passing("no webhook is on its way", this.world.webhooks.settled());
    const fresh = this.world.problems.slice(this.#complaints);
    this.#complaints = this.world.problems.length;
    if (!complaints) assert.deepEqual(fresh, [], "the carrier complains");
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.world.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #records() {
    if (this.#store === null) throw new Error("the bench is closed");
    return this.#store;
  }

  async #start(): Promise<void> {
    const clock = this.#clock;
    const store = await openSqliteStore({
      path: path.join(this.#folder, "calls.sqlite"),
      now: () => clock.now(),
    });
    this.#store = store;
    // A plant that starts asks for audio sockets before it is there itself.
    this.#port = this.#config.serve.port || NOBODY;
    // A plant that could have live audio; whether a call does is in its own settings.
    const streaming = { ...this.#config.streaming, enabled: true };
    this.#plant = await startPlant(
      { ...this.#config, streaming },
      {
        store,
        clock,
        ids: randomIds,
        log: QUIET,
        responder: this.agent,
        reporter: { report: async ({ id }) => void this.reports.push(id) },
        config: () => this.#config,
        identify: async ({ party }) => ({ agentId: "main", sessionKey: `phone:${party}` }),
        code: () => "123456",
        live: liveHost(this.tongue, this.agent),
        connect: (context) => this.#subject.connect(this.world, context),
      },
    );
    // A restarted listener is found where the first one was.
    this.#config = { ...this.#config, serve: { ...this.#config.serve, port: this.plant.port ?? 0 } };
    this.#port = this.plant.port ?? NOBODY;
  }

  async #stop(): Promise<void> {
    await this.#plant?.close();
    this.#port = NOBODY;
    await this.#store?.close();
    this.#plant = null;
    this.#store = null;
  }
}

const QUIET: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** `provider` says nothing here: the subject connects its own carrier. */
function configOf(ours: string, settings: Record<string, unknown>): VoiceCallConfig {
  const reading = readConfig(
    { provider: "mock", fromNumber: ours, publicUrl: WEBHOOK_URL, maxConcurrentCalls: 100, ...settings },
    {},
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  return { ...reading.config, serve: { ...reading.config.serve, port: 0 } };
}
