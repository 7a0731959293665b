import type { Instruction } from "../../call/instruction.ts";
import type {
  AccountReport,
  CallRef,
  Carrier,
  CarrierCapabilities,
  CarrierNotes,
  Snapshot,
  WebhookReply,
} from "../../call/ports.ts";
import { certaintyOf, isGone, type CarrierContext } from "../carrier.ts";
import { Recent } from "../recent.ts";
import { callPath, type TelnyxApi } from "./api.ts";
import { writeState } from "./client-state.ts";
import { commandsOf, reports, terms, type Command, type Running } from "./commands.ts";
import { refused, unreadable } from "./errors.ts";
import { asRecord, textField, type Json } from "../record.ts";
import { CALL_CONTROL_ID, idOf, snapshotOf } from "./snapshot.ts";

const CAPABILITIES: CarrierCapabilities = {
  control: "commands",
  confirmsPlayback: true,
  startsWithWords: false,
  reportsSilence: false,
  needsWebhook: true,
  acknowledge: 200,
  liveAudio: true,
  listening: true,
  dtmfOut: true,
  preConnectDigits: true,
  answeringMachine: "over",
  recording: false,
  transfer: true,
  idempotentCreate: true,
};

const NOTES: CarrierNotes = {
  inboundPlace: "the webhook URL of the Call Control application that the number is assigned to",
  signatureLifeMs: 300_000,
  // `answer` takes no limit (telnyx 7.24.0, `resources/calls/actions.d.ts`).
  limitsInbound: false,
};

/** What the carrier is built from, so that tests are repeatable. */
export interface TelnyxParts {
  readonly api: TelnyxApi;
  readonly connectionId: string;
  readonly webhookUrl: CarrierContext["webhookUrl"];
  readonly openStream: CarrierContext["openStream"];
  readonly inspect: (number: string | null, signal: AbortSignal) => Promise<AccountReport>;
  /** Resolves after `ms`, or rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What this process has asked for on a call. */
interface Progress {
  transcribing: Running;
  streaming: Running;
  /** The instruction that is being carried out, and what of it Telnyx has not confirmed yet. */
  gen: number;
  left: readonly Command[];
  /** The instruction whose words have been stopped because the person speaks. */
  quieted: number;
}

/**
 * Telnyx Call Control: every action is a request of ours, what happens comes back as events. Every command has an id
 * made of call, instruction and step, by which Telnyx ignores a repeat for a minute, and a step that was confirmed is
 * not sent again, so giving an instruction once more doubles nothing.
 */
export class TelnyxCarrier implements Carrier {
  readonly id = "telnyx";
  readonly capabilities = CAPABILITIES;
  readonly notes = NOTES;
  readonly inspect: Carrier["inspect"];
  readonly #api: TelnyxApi;
  readonly #parts: TelnyxParts;
  readonly #progress = new Recent<Progress>();
  readonly #closing = new AbortController();

  constructor(parts: TelnyxParts) {
    this.#parts = parts;
    this.#api = parts.api;
    this.inspect = (number, signal) => parts.inspect(number, this.#until(signal));
  }

  /**
   * Without words: they follow once the call is answered. Words that could not be said then are refused now. The
   * state's `gen` is that of no instruction.
   */
  async dial(
    call: CallRef,
    instruction: Instruction,
    signal: AbortSignal,
  ): Promise<{ carrierCallId: string }> {
    const untried = { transcribing: "no", streaming: "no", streamUrl: () => "" } as const;
    commandsOf(call, instruction, { webhookUrl: this.#webhookUrl(), ...untried });
    const body = {
      connection_id: this.#parts.connectionId,
      to: call.to,
      from: call.from,
      ...terms(call, this.#webhookUrl()),
      // Says who picked up, and of a machine when its greeting ends, with a beep or without one.
      ...(call.screening === null ? {} : { answering_machine_detection: "greeting_end" }),
      client_state: stateOf(call),
      command_id: `${call.id}.dial`,
    };
    this.#begin(call.id);
    const { data } = await this.#api(
      { kind: "create", method: "POST", path: "calls", body },
      this.#until(signal),
    );
    const carrierCallId = textField(asRecord(data) ?? {}, "call_control_id", CALL_CONTROL_ID);
    if (!carrierCallId) throw unreadable("create");
    return { carrierCallId };
  }

  async answer(call: CallRef, signal: AbortSignal): Promise<void> {
    const params = { ...reports(call, this.#webhookUrl()), client_state: stateOf(call) };
    this.#begin(call.id);
    await this.#command(call, "answer", params, signal);
  }

  async instruct(call: CallRef, instruction: Instruction, signal: AbortSignal): Promise<void> {
    const progress = this.#progress.get(call.id) ?? this.#remember(call.id, "unknown");
    if (progress.gen !== instruction.gen) {
      const { transcribing, streaming } = progress;
      progress.left = commandsOf(call, instruction, {
        webhookUrl: this.#webhookUrl(),
        transcribing,
        streaming,
        streamUrl: (token) => this.#parts.openStream(call, token),
      });
      progress.gen = instruction.gen;
    }
    for (let [command] = progress.left; command !== undefined; [command] = progress.left) {
      const { takesMs } = command;
      const change = CHANGES.get(command.action);
      // Until it is confirmed nobody knows; a later instruction then begins anew.
      if (change !== undefined) progress[change.what] = "unknown";
      await this.#carryOut(call, instruction.gen, command, signal);
      if (change !== undefined) progress[change.what] = change.to;
      progress.left = progress.left.slice(1);
      if (takesMs > 0 && progress.left.length > 0) await this.#parts.sleep(takesMs, this.#until(signal));
    }
  }

  /** Telnyx talks on while the person speaks. A stop without a state is not taken for the end of other words. */
  async quiet(call: CallRef, signal: AbortSignal): Promise<void> {
    const progress = this.#progress.get(call.id);
    if (progress === undefined || progress.quieted === progress.gen) return;
    progress.quieted = progress.gen;
    const id = `${call.id}.${progress.gen}.quiet`;
    try {
      await this.#command(call, "playback_stop", { stop: "all" }, signal, { id, method: "POST" });
    } catch (error) {
      // There was nothing to stop.
      if (certaintyOf(error) !== "refused") throw error;
    }
  }

  async hangup(call: CallRef, signal: AbortSignal): Promise<void> {
    // What was still to be asked for is not any more.
    const progress = this.#progress.get(call.id);
    if (progress !== undefined) progress.left = [];
    try {
      await this.#command(call, "hangup", { client_state: stateOf(call) }, signal);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    this.#progress.delete(call.id);
  }

  async reject(call: CallRef, reason: "policy" | "busy", signal: AbortSignal): Promise<void> {
    const cause = reason === "busy" ? "USER_BUSY" : "CALL_REJECTED";
    try {
      await this.#command(call, "reject", { cause, client_state: stateOf(call) }, signal);
    } catch (error) {
      // Whoever has hung up need not be refused any more.
      if (!isGone(error)) throw error;
    }
  }

  async lookup(carrierCallId: string, signal: AbortSignal): Promise<Snapshot> {
    try {
      const asked = { kind: "read", method: "GET", path: callPath(carrierCallId) } as const;
      const { data } = await this.#api(asked, this.#until(signal));
      return snapshotOf(carrierCallId, data);
    } catch (error) {
      if (isGone(error)) return { found: false };
      throw error;
    }
  }

  /** Telnyx lists live calls with the state we gave them. A call that is over is not found any more. */
  async find(call: CallRef, signal: AbortSignal): Promise<Snapshot> {
    const path = `connections/${encodeURIComponent(this.#parts.connectionId)}/active_calls`;
    const query = { "page[size]": "250" };
    const { data } = await this.#api({ kind: "read", method: "GET", path, query }, this.#until(signal));
    const carrierCallId = idOf(call.id, data);
    return carrierCallId === null ? { found: false } : { found: true, carrierCallId, state: "dialing" };
  }

  /** Nobody asks: Telnyx takes no document. */
  document(): WebhookReply {
    throw refused("VC_UNSUPPORTED", { feature: "An answer with instructions" });
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  async #carryOut(call: CallRef, gen: number, command: Command, signal: AbortSignal): Promise<void> {
    const { step, action, method, params, optional } = command;
    try {
      await this.#command(call, action, params, signal, { id: `${call.id}.${gen}.${step}`, method });
    } catch (error) {
      if (!optional || certaintyOf(error) !== "refused") throw error;
    }
  }

  async #command(
    call: CallRef,
    action: string,
    params: Json,
    signal: AbortSignal,
    { id, method }: { readonly id: string; readonly method: Command["method"] } = {
      id: `${call.id}.${action}`,
      method: "POST",
    },
  ): Promise<void> {
    if (call.carrierCallId === null) throw refused("VC_CARRIER_REFUSED", { detail: "no call id yet" });
    // `client_state_update`, the only PUT, has no command id: doing it twice is doing it once.
    const body = method === "PUT" ? params : { ...params, command_id: id };
    const path = `${callPath(call.carrierCallId)}/actions/${action}`;
    await this.#api({ kind: "update", method, path, body }, this.#until(signal));
  }

  #webhookUrl(): string {
    const url = this.#parts.webhookUrl();
    if (url === null) throw refused("VC_PUBLIC_URL_MISSING");
    return url;
  }

  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal]);
  }

  /** Before the request: the call may be answered before that is. */
  #begin(callId: string): void {
    if (!this.#progress.has(callId)) this.#remember(callId, "no");
  }

  #remember(callId: string, running: Running): Progress {
    const progress: Progress = { transcribing: running, streaming: running, gen: 0, left: [], quieted: 0 };
    this.#progress.put(callId, progress);
    return progress;
  }
}

/** What commands begin or end that goes on by itself. */
const CHANGES = new Map<string, { readonly what: "transcribing" | "streaming"; readonly to: Running }>([
  ["transcription_start", { what: "transcribing", to: "yes" }],
  ["transcription_stop", { what: "transcribing", to: "no" }],
  ["streaming_start", { what: "streaming", to: "yes" }],
  ["streaming_stop", { what: "streaming", to: "no" }],
]);

/** The state of commands that belong to no instruction. */
const stateOf = ({ id, direction }: CallRef): string =>
  writeState({ callId: id, direction, gen: 0, mark: "none", token: null });
