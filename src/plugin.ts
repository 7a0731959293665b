import { toVoiceCallError, VoiceCallError } from "./call/errors.ts";
import type { CallStore, Clock, Ids, Log, LogFields, Reporter, Responder } from "./call/ports.ts";
import type { PhoneService } from "./call/service.ts";
import { missingCredentials, readConfig, type VoiceCallConfig } from "./config/index.ts";
import type { PhoneAgent } from "./conversation/agent.ts";
import { Thinker } from "./conversation/live/thinker.ts";
import { createResponder } from "./conversation/responder.ts";
import { singleFlight } from "./edge/single-flight.ts";
import { createAgentRuntime } from "./host/agent.ts";
import { listAgents, resolveAgent } from "./host/agents.ts";
import type { HostApi } from "./host/api.ts";
import { liveConfig } from "./host/config.ts";
import { tellTurn } from "./host/diagnostics.ts";
import { createEars } from "./host/ears.ts";
import { createVoices, type SpeechApi } from "./host/voice.ts";
import { leaveNote, type NextTurnApi } from "./host/next-turn.ts";
import { storePath } from "./host/paths.ts";
import { disarmInterruptedTurns } from "./host/recovery.ts";
import { sessionKeyFor } from "./host/sessions.ts";
import { abortOnShutdown } from "./host/shutdown.ts";
import { clearService, publishService } from "./host/slot.ts";
import { wrapUntrusted } from "./host/untrusted.ts";
import { createReporter } from "./report/outcome.ts";
import { Phone } from "./service/phone.ts";
import type { LiveHost } from "./service/live.ts";
import { plantSettings, startPlant, type Plant } from "./service/plant.ts";
import { setupReport } from "./service/setup.ts";
import { pairingCode, randomIds, systemClock } from "./service/tools.ts";
import { openSqliteStore } from "./store/sqlite.ts";

export interface PluginParts {
  readonly api: HostApi & NextTurnApi & SpeechApi;
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly ids?: Ids;
}

/** How the host's marks for untrusted content name who spoke. */
const CALLER = "caller on the phone";
const DAY_MS = 24 * 60 * 60 * 1_000;
const PRUNE_EVERY_MS = 6 * 60 * 60 * 1_000;
/** How often a changed configuration is looked for while no call is being placed. */
const REFRESH_EVERY_MS = 2_000;
/** The host is ready when its services are. One that waits longer, for a tunnel, is started beside it. */
const START_WAIT_MS = 10_000;
/** How often a start that failed, for example on a taken port, is tried again. */
const RETRY_EVERY_MS = 15_000;

/**
 * The running plugin: reads the configuration, opens the records, starts a plant, publishes the service.
 * A configuration that cannot work leaves the gateway up and every surface answering with the same error.
 */
export class VoiceCallPlugin {
  readonly #parts: PluginParts;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #phone: Phone;
  #config: VoiceCallConfig | null = null;
  #store: CallStore | null = null;
  #plant: Plant | null = null;
  #problem: VoiceCallError | null = new VoiceCallError("VC_NOT_RUNNING");
  /** Settings of the plant, or of the last attempt to build one. */
  #built = "";
  /** When a failed build is tried again without anybody asking; epoch ms. */
  #retryAt = Infinity;
  /** One at a time; a second request waits for the first. */
  readonly #refresh = singleFlight(() => this.#apply());
  /** Aborts when the plugin stops: a start may wait for a tunnel. */
  readonly #stop = new AbortController();
  readonly #complaints = new Set<string>();
  readonly #cleanups: (() => void)[] = [];

  constructor(parts: PluginParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#ids = parts.ids ?? randomIds;
    this.#phone = new Phone({
      state: () => ({
        plant: this.#plant,
        store: this.#store,
        problem: this.#problem,
        provider: this.#config?.provider ?? "",
      }),
      refresh: () => {
        this.#retryAt = 0;
        return this.#refresh();
      },
      setup: () => setupReport({ ...this.#parts, ...this.#state(), readConfig: () => this.#read() }),
      now: () => this.#clock.now(),
    });
  }

  /** What surfaces talk to, from before `start` until after `stop`. */
  get service(): PhoneService {
    return this.#phone;
  }

  async start(): Promise<void> {
    this.#cleanups.push(abortOnShutdown(() => this.#plant?.hush()));
    publishService(this.#phone);
    await this.#atMost(START_WAIT_MS, this.#refresh());
    this.#every(REFRESH_EVERY_MS, () => this.#refresh());
    this.#every(PRUNE_EVERY_MS, () => this.#prune());
  }

  async stop(): Promise<void> {
    this.#stop.abort(new VoiceCallError("VC_NOT_RUNNING"));
    clearService(this.#phone);
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    // One under way is given up and waited for; none begins any more.
    await this.#refresh();
    await this.#dismantle(new VoiceCallError("VC_NOT_RUNNING"));
  }

  #state() {
    return { config: this.#config, plant: this.#plant, problem: this.#problem, store: this.#store };
  }

  #read(): ReturnType<typeof readConfig> {
    return readConfig(liveConfig(this.#parts.api), this.#parts.env);
  }

  /** Takes over a changed configuration. What would replace the listener or the carrier waits until no call is up. */
  async #apply(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const reading = this.#read();
    if (!reading.ok) {
      const problems = reading.issues.map((one) => `${one.path} ${one.problem}. ${one.hint}`).join(" ");
      return this.#fail(new VoiceCallError("VC_CONFIG_INVALID", { problems }));
    }
    const { config } = reading;
    const wanted = JSON.stringify([config.enabled, plantSettings(config)]);
    const due = this.#plant === null && this.#clock.now() >= this.#retryAt;
    const busy = (this.#plant?.manager.active.length ?? 0) > 0;
    this.#config = config;
    if ((wanted === this.#built && !due) || busy) return;
    for (const { path, problem, hint } of reading.warnings) this.#complain(`${path} ${problem}. ${hint}`);
    await this.#dismantle(null);
    this.#built = wanted;
    this.#retryAt = Infinity;
    const obstacle = obstacleOf(config);
    try {
      if (config.enabled) this.#store = await this.#open(config);
      if (obstacle !== null) return this.#fail(obstacle);
      await this.#disarm();
      this.#plant = await this.#build(config);
      this.#problem = null;
      this.#complaints.clear();
      this.#parts.log.info("voice-call is ready", { provider: config.provider, port: this.#plant.port });
      await this.#prune();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#retryAt = this.#clock.now() + RETRY_EVERY_MS;
      this.#fail(toVoiceCallError(error));
    }
  }

  #fail(problem: VoiceCallError): void {
    this.#complain(problem.message);
    if (this.#plant === null) this.#problem = problem;
  }

  /** Says each thing once, however often it is met, until a start succeeds. */
  #complain(message: string, fields: LogFields = {}): void {
    const complaint = message + JSON.stringify(fields);
    if (!this.#complaints.has(complaint)) this.#parts.log.warn(message, fields);
    this.#complaints.add(complaint);
  }

  /** The log of a plant. What it warns of while it starts is warned of once, however often that is tried. */
  #plantLog(): Log {
    const { log } = this.#parts;
    return {
      debug: (message, fields) => log.debug(message, fields),
      info: (message, fields) => log.info(message, fields),
      warn: (message, fields) =>
        this.#plant === null ? this.#complain(message, fields) : log.warn(message, fields),
      error: (message, fields) => log.error(message, fields),
    };
  }

  #open(config: VoiceCallConfig): Promise<CallStore> {
    return openSqliteStore({ path: storePath(this.#parts.api, config.store), now: () => this.#clock.now() });
  }

  #build(config: VoiceCallConfig): Promise<Plant> {
    const { api } = this.#parts;
    const log = this.#plantLog();
    const store = this.#openStore();
    const current = () => this.#config ?? config;
    const agent = createAgentRuntime(api);
    const responder: Responder = createResponder({
      agent,
      clock: this.#clock,
      log,
      settings: current,
      wrap: (words) => wrapUntrusted(words, CALLER),
      transcript: (callId) => store.transcript(callId),
    });
    const reporter: Reporter = createReporter({
      note: (note) => leaveNote(api, note),
      wrap: (text) => wrapUntrusted(text, "transcript of a phone call"),
      log,
    });
    return startPlant(config, {
      store,
      log,
      responder,
      reporter,
      clock: this.#clock,
      ids: this.#ids,
      config: current,
      code: pairingCode,
      live: config.streaming.enabled ? this.#live(agent, current) : undefined,
      signal: this.#stop.signal,
      identify: async ({ agentId: wished, callId, party, config: now }) => {
        const host = api.runtime.config.current();
        const agentId = await resolveAgent(host, wished ?? now.agentId);
        return {
          agentId,
          sessionKey: sessionKeyFor(host, { scope: now.sessionScope, agentId, callId, party }),
        };
      },
    });
  }

  /** Ears, voices and thoughts for live audio. */
  #live(agent: PhoneAgent, settings: () => VoiceCallConfig): LiveHost {
    const { api } = this.#parts;
    const thinker = new Thinker({
      agent,
      settings,
      wrap: (words) => wrapUntrusted(words, CALLER),
      note: (note) => leaveNote(api, note),
    });
    return { ears: createEars(api, settings), voices: createVoices(api, settings), thinker, tell: tellTurn };
  }

  /** Before anything else of a new start: the host must not finish interrupted phone turns by itself. */
  async #disarm(): Promise<void> {
    const { api, log } = this.#parts;
    const calls = await this.#openStore().unfinished();
    const agentIds = [
      ...(await listAgents(api.runtime.config.current())),
      ...calls.map((call) => call.agentId),
    ];
    const sessionKeys = calls.map((call) => call.sessionKey);
    const disarmed = await disarmInterruptedTurns(api, { agentIds: agentIds.filter(Boolean), sessionKeys });
    if (disarmed > 0)
      log.info("interrupted phone turns were closed; the host will not replay them", { turns: disarmed });
  }

  #openStore(): CallStore {
    if (this.#store === null) throw new VoiceCallError("VC_NOT_RUNNING");
    return this.#store;
  }

  async #dismantle(problem: VoiceCallError | null): Promise<void> {
    const { plant, store } = { plant: this.#plant, store: this.#store };
    this.#plant = null;
    this.#store = null;
    this.#problem = problem ?? this.#problem;
    await plant?.close();
    await store?.close();
  }

  async #prune(): Promise<void> {
    if (this.#store === null || this.#config === null) return;
    const now = this.#clock.now();
    await this.#store.prune(now - this.#config.retentionDays * DAY_MS, now);
  }

  /** Waits for the task, or goes on without it after `ms`. */
  async #atMost(ms: number, task: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.at(this.#clock.now() + ms, () => {
      task.catch(this.#failedTask);
      resolve();
    });
    await Promise.race([task, promise]).finally(cancel);
  }

  readonly #failedTask = (error: unknown): void => {
    this.#parts.log.error("a background task failed", { error: toVoiceCallError(error).code });
  };

  #every(ms: number, task: () => Promise<void>): void {
    const timer = setInterval(() => {
      task().catch(this.#failedTask);
    }, ms);
    timer.unref();
    this.#cleanups.push(() => {
      clearInterval(timer);
    });
  }
}

/** Why no call could be placed or taken, before anything is started. */
function obstacleOf(config: VoiceCallConfig): VoiceCallError | null {
  if (!config.enabled) return new VoiceCallError("VC_DISABLED");
  const keys = missingCredentials(config);
  return keys.length === 0
    ? null
    : new VoiceCallError("VC_CREDENTIALS_MISSING", { provider: config.provider, keys: keys.join(", ") });
}
