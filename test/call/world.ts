import { Desk } from "../../src/call/admission.ts";
import type { Call } from "../../src/call/call.ts";
import { CallManager } from "../../src/call/manager.ts";
import { Outbox } from "../../src/call/outbox.ts";
import type {
  Carrier,
  CarrierCapabilities,
  CarrierFact,
  CallStore,
  Clock,
  Ids,
  LiveCalls,
  ReplyTurn,
  WebhookReply,
} from "../../src/call/ports.ts";
import { Reception } from "../../src/call/reception.ts";
import { recover, type RecoveryDeps } from "../../src/call/recovery.ts";
import { Switchboard } from "../../src/call/switchboard.ts";
import {
  createMockCarrier,
  INSTANT,
  type MockCarrier,
  type MockPace,
  type MockScript,
} from "../../src/carrier/mock/carrier.ts";
import { sequentialIds, settled, virtualClock, type VirtualClock } from "../support/clock.ts";
import { recordedLog } from "../support/recorded-log.ts";
import { unreliable, type Unreliability } from "../support/unreliable.ts";
import { memoryStore, type Dump } from "../store/memory.ts";
import { configOf } from "./bench.ts";

/** A command as the carrier got it, with the stored record of the call at that moment. */
export interface Command {
  readonly kind: "dial" | "instruct" | "hangup" | "reject";
  readonly callId: string;
  /** Of the instruction; 0 for the others. */
  readonly gen: number;
  readonly stored: Call | undefined;
}

export interface WorldOptions {
  readonly config?: Record<string, unknown>;
  readonly script?: MockScript;
  readonly pace?: Partial<MockPace>;
  readonly faults?: Unreliability;
  /** Instead of the mock carrier. */
  readonly carrier?: Carrier;
  /** Whether a repeated create is known to dial once. Default false, so that every create is one of its own. */
  readonly idempotentCreate?: boolean;
  readonly failOn?: (op: string) => boolean;
  readonly reply?: (turn: ReplyTurn, signal: AbortSignal) => Promise<string>;
  readonly code?: () => string;
  readonly holdMs?: number;
  /** Conversations over live audio; by default no call has one. */
  readonly live?: LiveCalls;
  readonly identify?: () => Promise<{ agentId: string; sessionKey: string }>;
}

/** What a process may put between the plugin and the rest of the world. */
export interface Seams {
  readonly store?: (store: CallStore) => CallStore;
  readonly carrier?: (carrier: Carrier) => Carrier;
  readonly clock?: (clock: Clock) => Clock;
  readonly effects?: (run: () => void) => void;
  readonly reply?: (reply: NonNullable<WorldOptions["reply"]>) => NonNullable<WorldOptions["reply"]>;
  readonly report?: (report: () => Promise<void>) => Promise<void>;
}

/** The running plugin, as the composition root builds it around the call core. */
export interface Office {
  readonly manager: CallManager;
  readonly outbox: Outbox;
  readonly reception: Reception;
  readonly desk: Desk;
  readonly switchboard: Switchboard;
  receive(fact: CarrierFact): Promise<WebhookReply>;
  recover(): Promise<void>;
  stop(): Promise<void>;
}

export interface World {
  readonly clock: VirtualClock;
  readonly ids: Ids;
  readonly store: CallStore & { dump(): Dump };
  /** The mock carrier; throws when another one is in its place. */
  readonly mock: MockCarrier;
  readonly log: ReturnType<typeof recordedLog>;
  readonly commands: readonly Command[];
  /** `commands` of one kind. */
  count(kind: Command["kind"]): number;
  /** Turns the agent was asked to answer: `<call id>/<turn>`. */
  readonly asked: readonly string[];
  /** Calls that were reported, by id. */
  readonly reports: readonly string[];
  /** What each of them had on record then: `agent: …` and `caller: …`. */
  readonly reported: ReadonlyMap<string, readonly string[]>;
  /** Starts the plugin; webhooks go to the newest. */
  start(seams?: Seams): Office;
  /** Where webhooks go; replaced by `start`. */
  deliver: (fact: CarrierFact) => Promise<WebhookReply>;
  /** Brings what an unreliable path still holds. */
  flush(): Promise<void>;
  /** Runs until nothing is left to happen. */
  finish(): Promise<void>;
  /** The stored record. */
  call(callId: string): Call;
  words(callId: string, role?: "agent" | "caller"): string[];
}

const identity = { agentId: "main", sessionKey: "agent:main:phone" };

/** Clock, records and a carrier with people: everything that outlives the plugin's process. */
export function world(options: WorldOptions = {}): World {
  const clock = virtualClock();
  const ids = sequentialIds();
  const log = recordedLog();
  const store = memoryStore(options.failOn === undefined ? {} : { failOn: options.failOn });
  const commands: Command[] = [];
  const asked: string[] = [];
  const reports: string[] = [];
  const reported = new Map<string, readonly string[]>();
  const path = unreliable((fact) => it.deliver(fact), options.faults ?? { seed: 1 });
  const mock = createMockCarrier({
    clock,
    ids,
    deliver: path,
    pace: { ...INSTANT, ...options.pace },
    ...(options.script === undefined ? {} : { script: options.script }),
  });
  const idempotentCreate = options.idempotentCreate ?? false;
  const carrier = counted(options.carrier ?? mock, { idempotentCreate }, commands, store);
  const config = configOf(options.config);
  const identify = options.identify ?? (() => Promise.resolve(identity));
  const answer = options.reply ?? ((turn) => Promise.resolve(`You said: ${turn.words}`));

  const reply: NonNullable<WorldOptions["reply"]> = (turn, signal) => {
    asked.push(`${turn.call.id}/${turn.turn}`);
    return answer(turn, signal);
  };

  const it: World = {
    clock,
    ids,
    store,
    log,
    commands,
    asked,
    reports,
    reported,
    count: (kind) => commands.filter((command) => command.kind === kind).length,
    get mock() {
      if (options.carrier) throw new Error("there is no mock carrier");
      return mock;
    },
    deliver: () => Promise.reject(new Error("nobody is there")),
    start(seams = {}) {
      const own = {
        store: seams.store?.(store) ?? store,
        carrier: seams.carrier?.(carrier) ?? carrier,
        clock: seams.clock?.(clock) ?? clock,
        ids,
        log,
        live: options.live ?? null,
      };
      const manager = new CallManager(own);
      const outbox = new Outbox({
        ...own,
        manager,
        responder: { warm: () => {}, reply: seams.reply?.(reply) ?? reply, close: () => Promise.resolve() },
        reporter: {
          report(call, transcript) {
            const report = (): Promise<void> => {
              reports.push(call.id);
              reported.set(
                call.id,
                transcript.map(({ role, text }) => `${role}: ${text}`),
              );
              return Promise.resolve();
            };
            return seams.report?.(report) ?? report();
          },
        },
      });
      const run = seams.effects ?? ((effects) => effects());
      manager.connect({ run: (...work) => run(() => outbox.run(...work)) });
      const desk = new Desk({
        ...own,
        carrier,
        config: () => config,
        identify,
        code: options.code ?? (() => String(100_000 + Number(ids.token().slice(6)))),
      });
      const reception = new Reception({
        ...own,
        manager,
        outbox,
        admit: (offer, carrierCallId) => desk.admit(offer, carrierCallId),
        holdMs: options.holdMs ?? 5_000,
      });
      const switchboard = new Switchboard({ ...own, manager, outbox, config: () => config, identify });
      const recovery: RecoveryDeps = { ...own, manager, outbox };
      const stopping = new AbortController();
      const receive = async (fact: CarrierFact) => (await reception.receive(fact)).reply;
      it.deliver = receive;
      return {
        manager,
        outbox,
        reception,
        desk,
        switchboard,
        receive,
        recover: () => recover(recovery, stopping.signal),
        async stop() {
          stopping.abort();
          await outbox.stop();
          await manager.stop();
        },
      };
    },
    async flush() {
      await path.flush();
      await settled();
    },
    async finish() {
      await clock.runAll();
      await it.flush();
      await clock.runAll();
    },
    call(callId) {
      const call = store.dump().calls.find((one) => one.id === callId);
      if (call === undefined) throw new Error(`no call ${callId}`);
      return call;
    },
    words(callId, role) {
      const turns = store.dump().turns[callId] ?? [];
      return turns.filter((turn) => role === undefined || turn.role === role).map(({ text }) => text);
    },
  };
  return it;
}

/** Notes what the carrier is asked for; a part of its capabilities may be another. */
function counted(
  carrier: Carrier,
  capabilities: Partial<CarrierCapabilities>,
  commands: Command[],
  store: { dump(): Dump },
): Carrier {
  const note = (kind: Command["kind"], callId: string, gen = 0): void => {
    commands.push({ kind, callId, gen, stored: store.dump().calls.find((call) => call.id === callId) });
  };
  return {
    ...carrier,
    capabilities: { ...carrier.capabilities, ...capabilities },
    dial(call, instruction, signal) {
      note("dial", call.id);
      return carrier.dial(call, instruction, signal);
    },
    instruct(call, instruction, signal) {
      note("instruct", call.id, instruction.gen);
      return carrier.instruct(call, instruction, signal);
    },
    hangup(call, signal) {
      note("hangup", call.id);
      return carrier.hangup(call, signal);
    },
    reject(call, reason, signal) {
      note("reject", call.id);
      return carrier.reject(call, reason, signal);
    },
  };
}
