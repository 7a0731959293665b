import type { emitDiagnosticEvent } from "openclaw/plugin-sdk/diagnostic-runtime";
import type { TurnTimes } from "../conversation/live/stopwatch.ts";

/** What the host counts about Talk sessions; its Prometheus and OpenTelemetry exporters know these events. */
type TalkEventType = Extract<
  Parameters<typeof emitDiagnosticEvent>[0],
  { type: "talk.event" }
>["talkEventType"];

/** Which of the host's events stands for which stretch of a turn. */
const EVENTS: readonly (readonly [keyof TurnTimes, TalkEventType])[] = [
  ["endpointing", "input.audio.committed"],
  ["transcript", "transcript.done"],
  ["model", "output.text.delta"],
  ["sentence", "output.text.done"],
  ["voice", "output.audio.started"],
  ["turn", "latency.metrics"],
  ["response", "turn.ended"],
];

/** Tells the host's diagnostics where the time of a turn on live audio went: durations only, no words and no numbers. */
export async function tellTurn(callId: string, times: TurnTimes): Promise<void> {
  const { emitDiagnosticEvent: emit } = await import("openclaw/plugin-sdk/diagnostic-runtime");
  for (const [stretch, talkEventType] of EVENTS) {
    const durationMs = times[stretch];
    if (durationMs === null) continue;
    emit({
      type: "talk.event",
      talkEventType,
      mode: "stt-tts",
      transport: "gateway-relay",
      brain: "agent-consult",
      provider: "voice-call",
      sessionId: callId,
      durationMs,
    });
  }
}
