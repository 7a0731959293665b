import { isVoiceCallError, VoiceCallError } from "../../call/errors.ts";
import type { CallDetail } from "../../call/service.ts";
import { untilInterrupted, type Io } from "./deps.ts";
import { GatewayRefusal } from "./failure.ts";
import type { CliPhone } from "./phone.ts";
import { over } from "./words.ts";

const POLL_MS = 500;
/** Reads after Ctrl-C until the call must be over. */
const LAST_READS = 20;

/**
 * Watches a call until it is over and returns it. `moved` is called for every new state. Ctrl-C hangs the call
 * up and waits a little longer for its end.
 */
export async function followCall(
  phone: CliPhone,
  callId: string,
  io: Io,
  moved: (call: CallDetail) => void,
): Promise<CallDetail> {
  return await untilInterrupted(io, async (signal) => {
    let shown: string | null = null;
    let left = LAST_READS;
    let hungUp = false;
    for (;;) {
      const call = await phone.status(callId);
      if (call === null) throw new VoiceCallError("VC_CALL_NOT_FOUND");
      if (call.state !== shown) moved(call);
      shown = call.state;
      if (over(call) || left === 0) return call;
      if (signal.aborted && !hungUp) {
        hungUp = true;
        await hangUp(phone, callId);
      }
      if (hungUp) left -= 1;
      await io.sleep(POLL_MS, hungUp ? undefined : signal);
    }
  });
}

async function hangUp(phone: CliPhone, callId: string): Promise<void> {
  try {
    await phone.end(callId);
  } catch (thrown) {
    const code =
      thrown instanceof GatewayRefusal ? thrown.refusal.code : isVoiceCallError(thrown) && thrown.code;
    if (code !== "VC_CALL_NOT_ACTIVE") throw thrown;
  }
}
