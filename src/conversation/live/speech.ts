import type { AudioFormat } from "../../media/commands.ts";

/** What the live conversation asks of the host's speech providers. Implemented in `host/`; tests bring their own. */

/** How one call sounds; fixed when the call is made. */
export interface SpeechRoute {
  /** BCP-47. */
  readonly language: string;
  /** The number of ours on the call, E.164: it may have voices of its own. */
  readonly ownNumber: string;
}

/** Realtime transcription. */
export interface Ears {
  /** Ids of the providers that could listen, best first; empty when none is configured. */
  providers(): Promise<readonly string[]>;
  /** A session of one provider, not connected yet. Rejects when it cannot be made. */
  open(provider: string, route: SpeechRoute, on: EarEvents): Promise<EarSession>;
}

export interface EarEvents {
  /** The words of the present utterance so far; replaces what was said of it before. */
  partial(text: string): void;
  /** The final words of an utterance. */
  final(text: string): void;
  /** The provider's own detector heard somebody begin. */
  speechStart(): void;
  /** The session is of no use any more. At most once; never after `close`. */
  failed(error: Error): void;
}

export interface EarSession {
  /** Resolves once audio is taken. */
  connect(): Promise<void>;
  /** PCMU, 8 kHz, one channel. */
  send(audio: Uint8Array): void;
  close(): void;
}

/** Speech synthesis for telephones. */
export interface Voices {
  /** Ids of the providers that could speak, best first; never Microsoft's. Empty when none is configured. */
  providers(route: SpeechRoute): Promise<readonly string[]>;
  /**
   * Speaks `text` with exactly this provider. Resolves with the first audio at hand; its `chunks` may still be arriving.
   * Rejects, or `chunks` throws, when the provider fails or the signal fires.
   */
  speak(order: SpeakOrder, signal: AbortSignal): Promise<SpokenAudio>;
}

export interface SpeakOrder {
  readonly text: string;
  readonly provider: string;
  readonly route: SpeechRoute;
}

export interface SpokenAudio {
  readonly format: AudioFormat;
  /** In order. Each is the receiver's to keep. */
  readonly chunks: AsyncIterable<Uint8Array>;
}
