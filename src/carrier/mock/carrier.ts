import { VoiceCallError } from "../../call/errors.ts";
import type { CallRef, Carrier, CarrierFact, Clock, Ids, WebhookReply } from "../../call/ports.ts";
import type { PhonePort } from "../../call/service.ts";
import type { Instruction } from "../../call/instruction.ts";
import { CarrierError, type CarrierContext } from "../carrier.ts";
import type { Socket } from "./phone-socket.ts";
import { Exchange } from "./exchange.ts";
import type { Line, Order } from "./line.ts";
import { createPhone } from "./phone.ts";
import { NATURAL, type MockCasting, type MockPace, type MockScript } from "./script.ts";

export { INSTANT, MAGIC_NUMBERS, NATURAL } from "./script.ts";
export type { FarEndAudio } from "./phone-socket.ts";
export type { MockCasting, MockPace, MockScript, PartyScript, WebhookScript } from "./script.ts";

/** A carrier with a person's phone attached. */
export interface MockCarrier extends Carrier {
  readonly phone: PhonePort;
}

export interface MockCarrierOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  /** Takes the webhooks. Called without waiting for the answer; again if it throws or answers 5xx. */
  readonly deliver: (fact: CarrierFact) => Promise<WebhookReply>;
  /** Where audio sockets are expected; without it no call can have live audio. */
  readonly openStream?: CarrierContext["openStream"];
  /** By default Node's own WebSocket. */
  readonly connect?: (url: string) => Socket;
  /** How the other parties behave; without it as `MAGIC_NUMBERS` says. */
  readonly script?: MockScript | MockCasting;
  /** Default `NATURAL`. */
  readonly pace?: Partial<MockPace>;
}

/**
 * A carrier inside the process: it rings, connects, speaks, listens and hangs up as a real one does, reports by
 * webhooks that arrive later, and needs neither a network nor keys. Its calls live as long as the process.
 */
export function createMockCarrier(options: MockCarrierOptions): MockCarrier {
  const { clock, ids, deliver, script, openStream, connect } = options;
  const exchange = new Exchange({
    clock,
    ids,
    deliver,
    script,
    connect,
    pace: { ...NATURAL, ...options.pace },
  });
  const orderOf = (call: CallRef, instruction: Instruction): Order => {
    const { next } = instruction;
    if (next.kind !== "stream") return { instruction, streamUrl: null };
    if (openStream === undefined)
      throw new CarrierError("VC_UNSUPPORTED", "refused", { provider: "mock", feature: "Live audio" });
    return { instruction, streamUrl: openStream(call, next.token) };
  };
  const lineOf = (call: CallRef): Line | null =>
    call.carrierCallId === null ? exchange.lineOf(call.id) : exchange.line(call.carrierCallId);

  return {
    id: "mock",
    capabilities: {
      control: "commands",
      confirmsPlayback: true,
      startsWithWords: true,
      reportsSilence: true,
      needsWebhook: false,
      acknowledge: 204,
      liveAudio: true,
      listening: true,
      dtmfOut: true,
      preConnectDigits: true,
      answeringMachine: "over",
      recording: false,
      transfer: true,
      idempotentCreate: true,
    },
    notes: { inboundPlace: "the terminal phone", signatureLifeMs: null, limitsInbound: true },
    phone: createPhone(exchange),

    async dial(call, instruction, signal) {
      if (signal.aborted || exchange.closed) throw unsent("the request was aborted");
      const known = exchange.lineOf(call.id);
      if (known) return { carrierCallId: known.id };
      if (exchange.full) throw new CarrierError("VC_CARRIER_RATE", "not-sent", mock("too many calls"));
      const create = exchange.scriptOf(call.to)?.create ?? "accepted";
      if (create === "refused")
        throw new CarrierError("VC_CARRIER_TO_INVALID", "refused", mock("not in service"));
      if (create === "not-sent") throw unsent("connection refused");
      if (create === "lost-unplaced") throw lostReply();
      const order = orderOf(call, instruction);
      const { id: callId, from, to } = call;
      const ringLimitMs = call.limits.ringMs;
      const { line, party } = exchange.open({ callId, direction: "outbound", from, to, ringLimitMs }, null);
      line.place(order, () => party.reached());
      if (create === "lost") throw lostReply();
      return { carrierCallId: line.id };
    },

    async answer() {
      throw new VoiceCallError("VC_UNSUPPORTED", { provider: "mock", feature: "Answering without words" });
    },

    async instruct(call, instruction, signal) {
      const line = lineOf(call);
      if (!line || line.state === "ended") throw gone(line);
      if (signal.aborted) throw unsent("the request was aborted");
      const order = orderOf(call, instruction);
      if (line.direction === "inbound") {
        line.callId ??= call.id;
        line.answer();
      }
      if (line.state !== "answered") {
        throw new CarrierError("VC_CALL_NOT_ANSWERED", "refused", { state: line.state });
      }
      line.run(order);
    },

    async hangup(call, signal) {
      if (signal.aborted) throw unsent("the request was aborted");
      const line = lineOf(call);
      if (!line) return;
      if (line.state === "answered") line.end("completed", "us", "completed");
      else if (line.direction === "outbound") line.end("canceled", "us", "canceled");
      else line.end("rejected", "us", "rejected");
    },

    async reject(call, reason, signal) {
      if (signal.aborted) throw unsent("the request was aborted");
      const line = lineOf(call);
      if (line?.outcome === "rejected") return;
      if (!line || line.state === "ended") throw gone(line);
      if (line.direction !== "inbound" || line.state !== "ringing") {
        throw new CarrierError(
          "VC_CARRIER_REFUSED",
          "refused",
          mock("the call is not a ringing inbound call"),
        );
      }
      line.callId ??= call.id;
      line.end("rejected", "us", reason === "busy" ? "busy" : "rejected");
    },

    async lookup(carrierCallId) {
      return exchange.line(carrierCallId)?.snapshot() ?? { found: false };
    },

    async find(call) {
      return lineOf(call)?.snapshot() ?? { found: false };
    },

    /** Every number is ours, and there is no console in which to point one anywhere. */
    async inspect() {
      return { credentials: "accepted", ownsNumber: true, clockSkewMs: 0 };
    },

    document() {
      throw new VoiceCallError("VC_UNSUPPORTED", {
        provider: "mock",
        feature: "Answering webhooks with documents",
      });
    },

    async close() {
      exchange.close();
    },
  };
}

const mock = (detail: string): { provider: string; detail: string } => ({ provider: "mock", detail });

const unsent = (detail: string): CarrierError =>
  new CarrierError("VC_CARRIER_UNREACHABLE", "not-sent", mock(detail));

const lostReply = (): CarrierError =>
  new CarrierError("VC_CARRIER_UNCERTAIN", "unknown", mock("the connection was reset"));

const gone = (line: Line | null): CarrierError =>
  new CarrierError("VC_CARRIER_CALL_GONE", "gone", mock(line?.outcome ?? "unknown call"));
