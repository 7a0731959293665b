import type { IncomingMessage } from "node:http";
import { Ear } from "./ear.ts";
import { EarVendor, say, type EarFault, type EarNote, type VendorSocket } from "./ear-vendor.ts";

interface ClientEvent {
  readonly type?: string;
  readonly audio?: string;
  readonly session?: {
    readonly type?: string;
    readonly audio?: { readonly input?: Readonly<Record<string, unknown>> };
  };
}

const ERROR = {
  type: "error",
  error: { type: "server_error", code: null, message: "The server had an error" },
};

/**
 * OpenAI's realtime transcription, `wss://…/v1/realtime?intent=transcription`: `session.update` with PCMU and server VAD, audio
 * in `input_audio_buffer.append`, words as deltas and, after a turn, as completed items.
 */
export class OpenAiEar extends EarVendor {
  #items = 0;

  protected override refuse(url: URL, headers: IncomingMessage["headers"]): number | null {
    if (url.pathname !== "/v1/realtime" || url.searchParams.get("intent") !== "transcription") return 404;
    return /^Bearer \S+$/.test(headers.authorization ?? "") ? null : 401;
  }

  protected override run(socket: VendorSocket, note: EarNote, fault: EarFault | null): void {
    let ear: Ear | null = null;
    let isBroken = false;
    if (fault?.kind === "never") return;
    say(socket, { type: "session.created", session: { type: "transcription" } });
    socket.on("message", (data) => {
      const event = JSON.parse(data.toString("utf8")) as ClientEvent;
      switch (event.type) {
        case "session.update": {
          const input = event.session?.audio?.input ?? {};
          note.settings = input;
          const problem = problemOf(input);
          if (problem !== null)
            return say(socket, { type: "error", error: { type: "invalid_request_error", message: problem } });
          ear = this.#ear(socket, note, input, fault?.kind === "mute");
          return this.later(this.manner.connectMs, () =>
            say(socket, { type: "session.updated", session: event.session }),
          );
        }
        case "input_audio_buffer.append": {
          const audio = Buffer.from(event.audio ?? "", "base64");
          note.audioMs += audio.length / 8;
          if (isBroken && fault?.kind === "disconnect") return;
          isBroken ||= this.goesWrong(socket, note, fault, ERROR);
          return ear?.push(audio);
        }
        case "input_audio_buffer.commit":
          return ear?.finish();
        default:
          return say(socket, {
            type: "error",
            error: { type: "invalid_request_error", message: `unknown: ${event.type}` },
          });
      }
    });
  }

  #ear(socket: VendorSocket, note: EarNote, input: Readonly<Record<string, unknown>>, isMute: boolean): Ear {
    const vad = input["turn_detection"] as { readonly silence_duration_ms?: number } | undefined;
    let item = "";
    let previous: string | null = null;
    let said = "";
    const tell = (message: object): void => {
      if (!isMute) say(socket, message);
    };
    const about = () => ({ event_id: `event_${note.finals.length}`, item_id: item, content_index: 0 });
    const delta = (text: string): void => {
      if (!text.startsWith(said)) return;
      const more = text.slice(said.length);
      said = text;
      if (more !== "")
        tell({ type: "conversation.item.input_audio_transcription.delta", ...about(), delta: more });
    };
    return new Ear(
      { endpointMs: vad?.silence_duration_ms ?? 500, partialEveryMs: this.manner.partialEveryMs },
      {
        begin: (atMs) => {
          item = `item_${++this.#items}`;
          said = "";
          tell({
            type: "input_audio_buffer.speech_started",
            audio_start_ms: Math.round(atMs),
            item_id: item,
          });
        },
        partial: (text) => delta(text),
        end: (text, atMs) => {
          const own = { item_id: item };
          tell({ type: "input_audio_buffer.speech_stopped", audio_end_ms: Math.round(atMs), ...own });
          tell({ type: "input_audio_buffer.committed", previous_item_id: previous, ...own });
          const head = about();
          delta(text);
          previous = item;
          this.later(this.manner.tailMs, () => {
            if (!isMute) note.finals.push(text);
            tell({
              type: "conversation.item.input_audio_transcription.completed",
              ...head,
              transcript: text,
            });
          });
        },
      },
    );
  }
}

function problemOf(input: Readonly<Record<string, unknown>>): string | null {
  const format = input["format"] as { readonly type?: string } | undefined;
  if (format?.type !== "audio/pcmu") return "this server takes audio/pcmu only";
  const transcription = input["transcription"] as
    | { readonly model?: string; readonly language?: string }
    | undefined;
  if (typeof transcription?.model !== "string") return "no model";
  const { language } = transcription;
  return language === undefined || /^[a-z]{2,3}$/.test(language) ? null : "invalid language";
}
