import { expect } from "vitest";
import type { Call } from "../../src/call/call.ts";
import type { Instruction } from "../../src/call/instruction.ts";
import type { CallRef, CarrierFact } from "../../src/call/ports.ts";
import type { RawWebhook, WebhookVerdict } from "../../src/carrier/carrier.ts";

/** What the tests of all carriers share: a call, an instruction, webhooks and failures. */

/** A live outbound call; each carrier's fixtures say its id there and the two numbers. */
export const SAMPLE = {
  id: "vc_1",
  direction: "outbound",
  route: { language: "en-US", responseTimeoutMs: 30_000 },
  state: "live",
  limits: {
    ringMs: 30_000,
    maxDurationMs: 300_000,
    staleMs: 0,
    transcriptMs: 180_000,
    notifyHangupMs: 3000,
    silenceMs: 800,
  },
  screening: null,
  createdAt: Date.UTC(2026, 9, 1),
} as const satisfies Partial<CallRef & Pick<Call, "createdAt">>;

export const BYE: Instruction = { gen: 1, say: ["Dinner is ready."], next: { kind: "hangup", afterMs: 0 } };

/** A form's fields. */
export type Fields = Readonly<Record<string, string>>;

export function raw(url: string, body: string, headers: RawWebhook["headers"], method = "POST"): RawWebhook {
  const { pathname, search } = new URL(url);
  return { method, target: pathname + search, headers, body: Buffer.from(body) };
}

/** The fact of a webhook that must be understood. */
export function factIn(verdict: WebhookVerdict): CarrierFact {
  if (!verdict.ok) throw new Error(`refused: ${verdict.status} ${verdict.reason}`);
  return verdict.fact;
}

/** What `command` throws. */
export async function failureOf(command: Promise<unknown>): Promise<unknown> {
  return command.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

/** Where the samples expect audio sockets. */
export const STREAMS = "wss://voice.example.test/voice/stream";

/** Expects them, and remembers what for: the call's own id and the carrier's, and the token. */
export interface Sockets {
  readonly expected: {
    readonly call: string;
    readonly carrierCallId: string | null;
    readonly token: string;
  }[];
  open: (call: Pick<CallRef, "id" | "carrierCallId">, token: string) => string;
}

export function sockets(): Sockets {
  const expected: Sockets["expected"] = [];
  return {
    expected,
    open: ({ id: call, carrierCallId }, token) => {
      expected.push({ call, carrierCallId, token });
      return `${STREAMS}/${token}`;
    },
  };
}

/** For tests in which nobody asks for one. */
export const noStream = (): string => {
  throw new Error("no audio socket was to be expected");
};
