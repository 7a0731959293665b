import type { PhonePort } from "../src/call/service.ts";
import { RemotePhone } from "../src/surface/cli/remote.ts";
import { processIo } from "../src/surface/cli/process.ts";
import type { TestGateway } from "../test/gateway/rig/gateway.ts";

/** The number of the phone in this terminal; reserved for examples, so it belongs to nobody. */
export const NUMBER = "+15550100100";

export const PLUGIN_CONFIG = { provider: "mock", toNumber: NUMBER };

const GREETING = "Hello, this is OpenClaw. Whom am I speaking with?";
/** From the end of a call on the line to its record. */
const RECORD_MS = 10_000;

/** The plugin's phone in a running gateway, over the gateway's own protocol. */
export function connectPhone(gateway: TestGateway): RemotePhone {
  return new RemotePhone(
    {
      call: (method, params, { timeoutMs }) => gateway.rpc(method, params, { timeoutMs }),
      isTransportError: () => false,
    },
    processIo,
  );
}

export interface PlacedCall {
  readonly callId: string;
  readonly carrierCallId: string;
  /** When it was asked for; epoch milliseconds. */
  readonly placedAt: number;
}

/** Has the agent ring this terminal's phone. A phone that is looked at is attached: the call waits for its answer. */
export async function placeCall(remote: RemotePhone, phone: PhonePort): Promise<PlacedCall> {
  await phone.screen(0);
  const placedAt = Date.now();
  const requester = { surface: "rpc" } as const;
  const { callId, carrierCallId } = await remote.initiate({
    message: GREETING,
    mode: "conversation",
    requester,
  });
  if (carrierCallId === null) throw new Error("the carrier gave the call no id");
  return { callId, carrierCallId, placedAt };
}

/** The record of a call that has ended on the line. */
export async function endedCall(remote: RemotePhone, callId: string) {
  const deadline = Date.now() + RECORD_MS;
  for (;;) {
    const call = await remote.status(callId);
    if (call !== null && call.endedAt !== null) return call;
    if (Date.now() > deadline) throw new Error("the call has ended but its record is not closed");
    await processIo.sleep(100);
  }
}
