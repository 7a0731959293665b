import { toVoiceCallError, type VoiceCallError } from "../call/errors.ts";
import type { PhoneService } from "../call/service.ts";

export type Refusal = ReturnType<VoiceCallError["toJSON"]>;

/**
 * Runs a request. While the plugin is not set up, a call that cannot be found is answered with what is missing:
 * that is why there is no such call.
 */
export async function ask<T>(service: PhoneService, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    const error = toVoiceCallError(thrown);
    throw error.code === "VC_CALL_NOT_FOUND" ? (service.problem() ?? error) : error;
  }
}
