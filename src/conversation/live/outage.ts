/** Why a speech provider failed, in a few words for the log: its message may hold words or keys. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  if (error.name === OUTAGE) return error.message;
  const { code, status } = error as { code?: unknown; status?: unknown };
  if (typeof code === "string" && /^[\w-]{1,40}$/.test(code)) return code;
  const named =
    typeof status === "number"
      ? status
      : /(?:\bHTTP|\bstatus(?: code)?|\bresponse:?|\()\s*([45]\d\d)\b/i.exec(error.message)?.[1];
  if (named !== undefined) return `HTTP ${named}`;
  if (error.name === "TimeoutError" || /\btim(?:ed? ?out)\b/i.test(error.message)) return "timeout";
  return error.name;
}

/** A failure of which our own word says the reason. */
export function outage(reason: string): Error {
  return Object.assign(new Error(reason), { name: OUTAGE });
}

const OUTAGE = "SpeechOutage";
