import { VoiceCallError } from "../call/errors.ts";

/** A failed model run as a coded error. Says the error's name, code and HTTP status; its message may hold words or keys. */
export function replyFailed(error: unknown): VoiceCallError {
  return new VoiceCallError("VC_REPLY_FAILED", { detail: detailOf(error) }, { cause: error });
}

function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  const { code, status } = error as { code?: unknown; status?: unknown };
  const parts = [error.name];
  if (typeof code === "string" && /^[A-Za-z0-9_]{1,40}$/.test(code)) parts.push(code);
  if (typeof status === "number") parts.push(`HTTP ${status}`);
  return parts.join(" ");
}
