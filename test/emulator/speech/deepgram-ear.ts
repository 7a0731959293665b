import type { IncomingMessage } from "node:http";
import { Ear } from "./ear.ts";
import { EarVendor, say, type EarFault, type EarNote, type VendorSocket } from "./ear-vendor.ts";

const ERROR = {
  type: "Error",
  description: "The server had an error",
  message: "internal error",
  variant: "SERVER",
};

/**
 * Deepgram's live transcription, `ws…/v1/listen`: bare PCMU in binary frames, `Results` with `is_final` and `speech_final`,
 * `SpeechStarted` for who asks for it. For `streaming.providers.deepgram.baseUrl`: `baseUrl`.
 */
export class DeepgramEar extends EarVendor {
  /** Sent though nobody asks for it. */
  speechStarted = false;

  get baseUrl(): string {
    return `${this.url}/v1`;
  }

  protected override refuse(
    { pathname, searchParams }: URL,
    headers: IncomingMessage["headers"],
  ): number | null {
    if (pathname !== "/v1/listen") return 404;
    if (!/^Token \S+$/.test(headers.authorization ?? "")) return 401;
    return searchParams.get("encoding") === "mulaw" && searchParams.get("sample_rate") === "8000"
      ? null
      : 400;
  }

  protected override run(socket: VendorSocket, note: EarNote, fault: EarFault | null): void {
    note.settings = Object.fromEntries(note.url.searchParams);
    const ear = this.#ear(socket, note, fault?.kind === "mute");
    let isBroken = false;
    socket.on("message", (data, isBinary) => {
      if (!isBinary) {
        const { type } = JSON.parse(data.toString("utf8")) as { readonly type?: string };
        if (type === "CloseStream") return socket.close();
        return type === "Finalize" ? ear.finish() : undefined;
      }
      note.audioMs += data.length / 8;
      if (fault?.kind === "never" || (isBroken && fault?.kind === "disconnect")) return undefined;
      isBroken ||= this.goesWrong(socket, note, fault, ERROR);
      return ear.push(data);
    });
  }

  #ear(socket: VendorSocket, note: EarNote, isMute: boolean): Ear {
    const asked = note.url.searchParams;
    const results = (transcript: string, how: object): void => {
      if (!isMute)
        say(socket, {
          type: "Results",
          channel_index: [0, 1],
          start: 0,
          duration: note.audioMs / 1000,
          ...how,
          channel: { alternatives: [{ transcript, confidence: 0.99, words: [] }] },
        });
    };
    return new Ear(
      { endpointMs: Number(asked.get("endpointing") ?? 10), partialEveryMs: this.manner.partialEveryMs },
      {
        begin: (atMs) => {
          if (!isMute && (this.speechStarted || asked.get("vad_events") === "true"))
            say(socket, { type: "SpeechStarted", channel: [0, 1], timestamp: atMs / 1000 });
        },
        partial: (text) => {
          if (asked.get("interim_results") === "true")
            results(text, { is_final: false, speech_final: false });
        },
        end: (text) =>
          this.later(this.manner.tailMs, () => {
            if (!isMute) note.finals.push(text);
            results(text, { is_final: true, speech_final: true });
          }),
      },
    );
  }
}
