import type { Instruction } from "../../src/call/instruction.ts";
import type {
  CallRef,
  CarrierCapabilities,
  Carrier,
  CarrierFact,
  DocumentContent,
  Snapshot,
  WebhookReply,
} from "../../src/call/ports.ts";
import type { CarrierEvent } from "../../src/call/event.ts";

/** A request that was made of the carrier. */
export type CarrierRequest =
  | { readonly kind: "dial" | "hangup" | "reject"; readonly callId: string }
  | { readonly kind: "instruct"; readonly callId: string; readonly instruction: Instruction };

export interface DocumentCarrier extends Carrier {
  readonly requests: CarrierRequest[];
  /** What `lookup` and `find` answer. */
  seen: Snapshot;
}

/** A carrier that asks for documents and does nothing by itself; a document is its content as JSON. */
export function documentCarrier(able: Partial<CarrierCapabilities> = {}): DocumentCarrier {
  const requests: CarrierRequest[] = [];
  const carrier: DocumentCarrier = {
    id: "paper",
    requests,
    seen: { found: false },
    notes: { inboundPlace: "the paper", signatureLifeMs: null, limitsInbound: true },
    capabilities: {
      control: "documents",
      confirmsPlayback: false,
      startsWithWords: true,
      reportsSilence: true,
      needsWebhook: true,
      acknowledge: 204,
      liveAudio: false,
      listening: true,
      dtmfOut: true,
      preConnectDigits: false,
      answeringMachine: "none",
      recording: false,
      transfer: false,
      idempotentCreate: false,
      ...able,
    },
    async dial(call) {
      requests.push({ kind: "dial", callId: call.id });
      return { carrierCallId: `paper-${call.id}` };
    },
    async answer() {},
    async inspect() {
      return { credentials: "accepted", ownsNumber: null, clockSkewMs: null };
    },
    async instruct(call, instruction) {
      requests.push({ kind: "instruct", callId: call.id, instruction });
    },
    async hangup(call) {
      requests.push({ kind: "hangup", callId: call.id });
    },
    async reject(call) {
      requests.push({ kind: "reject", callId: call.id });
    },
    async lookup() {
      return carrier.seen;
    },
    async find() {
      return carrier.seen;
    },
    document: (call, content) => ({ status: 200, body: JSON.stringify({ call: call?.id ?? null, content }) }),
    async close() {},
  };
  return carrier;
}

/** What a document says. */
export function contentOf(reply: WebhookReply): DocumentContent {
  const { content } = JSON.parse(reply.body ?? "{}") as { content: DocumentContent };
  return content;
}

let facts = 0;

/** A webhook of the document carrier about `call`; each is a new one unless it has a `claim`. */
export function paperFact(
  call: Pick<CallRef, "id" | "carrierCallId">,
  events: readonly CarrierEvent[],
  changes: Partial<CarrierFact> = {},
): CarrierFact {
  facts += 1;
  return {
    carrier: "paper",
    claim: `paper-claim-${facts}`,
    callId: call.id,
    carrierCallId: call.carrierCallId,
    events,
    wants: "document",
    offer: null,
    ...changes,
  };
}
