import { partyOf, type Call, type Outcome, type TranscriptTurn } from "../call/call.ts";
import type { Log, Reporter } from "../call/ports.ts";

/** The end of a long call matters most; this much of it is told. */
const MAX_TURNS = 40;
const MAX_TURN_CHARS = 500;

export interface ReporterParts {
  /** Leaves a note for the next turn of a session; the same key leaves one. False when there is no such session. */
  note(note: { sessionKey: string; agentId: string; text: string; key: string }): Promise<boolean>;
  /** Marks text as untrusted content from outside. */
  wrap(text: string): Promise<string>;
  readonly log: Log;
}

/** Tells the session that asked for a call how it went. Nobody asked, or it cannot be reached: nothing. */
export function createReporter(parts: ReporterParts): Reporter {
  return {
    async report(call, transcript) {
      const sessionKey = call.requester?.sessionKey;
      if (!sessionKey) return;
      const words = transcript.length > 0 ? await parts.wrap(transcriptText(transcript)) : null;
      const text = [
        summary(call),
        ...(words === null ? ["Nothing was said."] : ["What was said:", words]),
      ].join("\n");
      const taken = await parts.note({ sessionKey, agentId: call.agentId, text, key: call.id });
      if (!taken) parts.log.info("call report not taken: the session is gone", { callId: call.id });
    },
  };
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  completed: "was answered and is over",
  busy: "was not answered: the line was busy",
  "no-answer": "was not answered",
  canceled: "was cancelled before it was answered",
  failed: "failed",
  rejected: "was rejected",
  voicemail: "reached a voicemail or answering machine",
  timeout: "was ended by a time limit",
  lost: "broke off",
};

function summary(call: Call): string {
  const party = partyOf(call);
  const what = call.outcome ? OUTCOMES[call.outcome] : "is over";
  const lines = [`The phone call ${call.id}${party ? ` to ${party}` : ""} that you asked for ${what}.`];
  const talked = call.answeredAt !== null && call.endedAt !== null ? call.endedAt - call.answeredAt : null;
  if (talked !== null) lines.push(`It lasted ${Math.round(talked / 1000)} seconds.`);
  if (call.evidence?.hungUpBy === "them") lines.push("The other party hung up.");
  const reason = call.evidence?.error ?? call.evidence?.carrierCode;
  if (call.outcome !== "completed" && reason) lines.push(`Reason: ${reason}.`);
  return lines.join(" ");
}

/** The last turns, a line each; whoever is quoted cannot forge a line of the other. */
function transcriptText(transcript: readonly TranscriptTurn[]): string {
  const told = transcript.slice(-MAX_TURNS);
  const left = transcript.length - told.length;
  const lines = told.map(({ role, text }) => `${role === "agent" ? "You" : "Them"}: ${bounded(text)}`);
  return [...(left > 0 ? [`(${left} earlier turns left out)`] : []), ...lines].join("\n");
}

function bounded(text: string): string {
  const flat = text.replace(/\s+/gu, " ").trim();
  return flat.length > MAX_TURN_CHARS ? `${flat.slice(0, MAX_TURN_CHARS).toWellFormed()}…` : flat;
}
