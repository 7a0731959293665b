import { isOver } from "../call/call.ts";
import { toVoiceCallError, VoiceCallError } from "../call/errors.ts";
import type { CallRecords, Pairing } from "../call/ports.ts";
import type {
  AskResult,
  CallDetail,
  CallView,
  EventPage,
  Heard,
  InitiateRequest,
  LatencyRow,
  PhonePort,
  PhoneService,
  SetupReport,
  TransferRequest,
} from "../call/service.ts";
import { summarise } from "../observe/latency.ts";
import { Operations } from "./operations.ts";
import type { Plant } from "./plant.ts";
import { lineOf, viewOf } from "./view.ts";

/** What the phone is running on at the moment; changes when the configuration does. */
export interface PhoneState {
  readonly plant: Plant | null;
  readonly store: CallRecords | null;
  /** The carrier whose ids `status` understands. */
  readonly provider: string;
  /** Why there is no plant. */
  readonly problem: VoiceCallError | null;
}

export interface PhoneDeps {
  readonly state: () => PhoneState;
  /** Applies a changed configuration if no call would suffer; called before every new call. */
  readonly refresh: () => Promise<void>;
  readonly setup: () => Promise<SetupReport>;
  readonly now: () => number;
}

/** The service the surfaces talk to. Every refusal is a `VoiceCallError`. */
export class Phone implements PhoneService {
  readonly #deps: PhoneDeps;
  readonly #operations: Operations;

  constructor(deps: PhoneDeps) {
    this.#deps = deps;
    this.#operations = new Operations(deps.now);
  }

  problem(): VoiceCallError | null {
    return this.#deps.state().problem;
  }

  initiate(request: InitiateRequest): Promise<CallView> {
    return coded(async () => {
      await this.#deps.refresh();
      return viewOf(await this.#plant().switchboard.initiate(request));
    });
  }

  speak(callId: string, text: string): Promise<void> {
    return coded(async () => {
      requireWords(text);
      await this.#plant().switchboard.request(callId, { type: "speak", text: text.trim() });
    });
  }

  ask(callId: string, message: string): Promise<Heard> {
    return coded(() => this.#plant().switchboard.ask(callId, message.trim()));
  }

  askStart(callId: string, message: string): Promise<{ operationId: string }> {
    return coded(async () => {
      const plant = this.#plant();
      if ((await plant.manager.get(callId)) === null) throw new VoiceCallError("VC_CALL_NOT_FOUND");
      return { operationId: this.#operations.start(plant.switchboard.ask(callId, message.trim())) };
    });
  }

  askResult(operationId: string): Promise<AskResult> {
    return coded(async () => this.#operations.result(operationId));
  }

  press(callId: string, digits: string): Promise<void> {
    return coded(() => this.#plant().switchboard.press(callId, digits));
  }

  transfer({ callId, to, message, override }: TransferRequest): Promise<void> {
    return coded(() => this.#plant().switchboard.transfer(callId, to, (message ?? "").trim(), override));
  }

  end(callId: string): Promise<void> {
    return coded(() => this.#plant().switchboard.end(callId));
  }

  close(callId: string): Promise<void> {
    return coded(async () => {
      await this.#plant().manager.apply(callId, { type: "close" });
    });
  }

  status(ref: string): Promise<CallDetail | null> {
    return coded(async () => {
      const store = this.#store();
      const { plant, provider } = this.#deps.state();
      const call =
        (await plant?.manager.get(ref)) ?? (await store.get(ref)) ?? (await store.byCarrierId(provider, ref));
      if (call === null) return null;
      return { ...viewOf(call), transcript: await store.transcript(call.id) };
    });
  }

  list(limit: number): Promise<readonly CallView[]> {
    return coded(async () => {
      const active = this.#deps.state().plant?.manager.active ?? [];
      const recent = await this.#store().recent(limit);
      const ended = recent.filter((call) => isOver(call) || active.length === 0);
      return [...active.toReversed(), ...ended].slice(0, limit).map(viewOf);
    });
  }

  events({ after, limit }: { after: number | null; limit: number }): Promise<EventPage> {
    return coded(async () => {
      const store = this.#store();
      if (after === null) return { cursor: await store.cursor(), events: [] };
      const events = await store.events({ after, limit });
      return { cursor: events.at(-1)?.cursor ?? after, events: events.map(lineOf) };
    });
  }

  latency(last: number): Promise<readonly LatencyRow[]> {
    return coded(async () => summarise(await this.#store().samples(last)));
  }

  setup(): Promise<SetupReport> {
    return coded(() => this.#deps.setup());
  }

  pairings(): Promise<readonly Pairing[]> {
    return coded(() => this.#store().pairings());
  }

  approvePairing(code: string): Promise<Pairing> {
    return coded(() => this.#plant().desk.approve(code));
  }

  revokePairing(number: string): Promise<boolean> {
    return coded(() => this.#plant().desk.revoke(number));
  }

  phone(): PhonePort | null {
    return this.#deps.state().plant?.phone ?? null;
  }

  #plant(): Plant {
    const { plant, problem } = this.#deps.state();
    if (plant === null) throw problem ?? new VoiceCallError("VC_NOT_RUNNING");
    return plant;
  }

  #store(): CallRecords {
    const { store, problem } = this.#deps.state();
    if (store === null) throw problem ?? new VoiceCallError("VC_NOT_RUNNING");
    return store;
  }
}

function requireWords(message: string): void {
  if (message.trim() === "")
    throw new VoiceCallError("VC_REQUEST_INVALID", { problem: "message must not be empty." });
}

async function coded<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw toVoiceCallError(error);
  }
}
