/**
 * How a carrier's audio socket speaks. Each carrier implements it in its folder's `media.ts`, which runs in the edge worker
 * and knows nothing but frames: no sockets, no clock, no calls.
 */

/** G.711 as it travels on a stream: 8 kHz, one byte a sample. */
export type Encoding = "pcmu" | "pcma";

/** What a frame from the carrier says. */
export type MediaFact =
  /** A greeting before `start`. */
  | { readonly type: "connected" }
  | {
      readonly type: "start";
      /** The carrier's id of the stream, to be repeated in frames to it where it wants that. */
      readonly streamId: string;
      readonly carrierCallId: string;
      /** Null: an encoding that we do not speak. */
      readonly encoding: Encoding | null;
    }
  | {
      readonly type: "media";
      /** Counts the caller's frames, from whatever the carrier begins with; null when it does not tell. */
      readonly chunk: number | null;
      /** Since the stream began, ms; null when it does not tell. */
      readonly timestampMs: number | null;
      /** G.711 in the stream's encoding, usually 20 ms. */
      readonly payload: Buffer;
    }
  /** The carrier has played everything that was sent before this mark, or had it cleared. */
  | { readonly type: "mark"; readonly name: string }
  | { readonly type: "cleared" }
  /** A key: `0-9 A-D * #`. */
  | { readonly type: "dtmf"; readonly digit: string }
  | { readonly type: "stop" }
  /** The carrier did not like a frame of ours. */
  | { readonly type: "complaint"; readonly code: string }
  /** Understood, and of no interest: another track, a heartbeat. */
  | { readonly type: "nothing" };

export interface MediaProtocol {
  /** Reads one text frame. Null when it is none of this carrier's. Never throws. */
  read(frame: string): MediaFact | null;
  /** A frame that plays `payload`: G.711 in the stream's encoding, no headers. */
  media(stream: MediaStreamName, payload: Uint8Array): string;
  /** Comes back as `mark` when everything before it was played. `name`: at most 32 of `A-Z a-z 0-9 . -`. */
  mark(stream: MediaStreamName, name: string): string;
  /** Throws away what the carrier has queued and not played. */
  clear(stream: MediaStreamName): string;
  /** Presses a key by a frame; null where there is no such frame, and tones go into the audio. */
  readonly key: ((stream: MediaStreamName, digit: string) => string) | null;
  /** Frames of the caller may arrive out of order and are sorted by `chunk`. */
  readonly reorders: boolean;
}

/** What a frame to the carrier has to name. */
export interface MediaStreamName {
  readonly streamId: string;
  readonly encoding: Encoding;
}

/** The request that opens a socket. */
export interface UpgradeRequest {
  /** As the carrier called it: `wss://…`, as rebuilt by the edge from what the configuration allows. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** A carrier's part of the audio sockets. */
export interface CarrierMedia {
  readonly carrier: string;
  readonly protocol: MediaProtocol;
  /** False when the carrier signs upgrades and this one is not its. A carrier that signs none says true. */
  admits(request: UpgradeRequest): boolean;
  /** Spoken when the client offers it. */
  readonly subprotocol: string | null;
}
