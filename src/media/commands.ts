import type { Encoding } from "./protocol.ts";

/**
 * What the main thread and the edge worker tell each other about live audio. Audio travels as transferred buffers; a
 * **piece** is one stretch of speech (usually a sentence), a **stream** one socket that was let in. Both are numbers that are
 * never used twice, so whatever is stamped with an old one is dropped.
 */

/** How the caller's voice interrupts. Milliseconds. */
export interface BargeIn {
  /** Speech after which the playing piece pauses. 0 = it never does. */
  readonly pauseMs: number;
  /** Speech after which it is dropped, with everything behind it. */
  readonly commitMs: number;
  /** Quiet after which a paused piece goes on where it stopped. */
  readonly resumeMs: number;
}

/** What the caller's voice may do to a piece. */
export type Yields =
  /** Pause it, and stop it by speaking on for `commitMs`. */
  | "to-speech"
  /** Pause it; only the main thread stops it, once there are words. */
  | "to-words"
  | "never";

/** Audio as a speech provider gives it, one channel. */
export type AudioFormat =
  | { readonly encoding: Encoding }
  /** Signed 16-bit little-endian samples. `rate` in Hz. */
  | { readonly encoding: "pcm16"; readonly rate: number };

/** A stream that may come: one socket, once, with this token in its path. */
export interface Expected {
  readonly token: string;
  readonly callId: string;
  /** Null while it is not known. */
  readonly carrierCallId: string | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly bargeIn: BargeIn;
}

export type StreamCommand =
  | { readonly type: "stream-expect"; readonly expected: Expected }
  /** The call is over: its tokens are void and its sockets are closed. */
  | { readonly type: "stream-forget"; readonly callId: string }
  /** A piece begins; pieces are played in the order in which they began. Numbers grow within a stream, others are ignored. */
  | { readonly type: "piece"; readonly stream: number; readonly piece: number; readonly yields: Yields }
  | {
      readonly type: "piece-audio";
      readonly stream: number;
      readonly piece: number;
      readonly format: AudioFormat;
      readonly bytes: Uint8Array;
    }
  /** Nothing more comes for this piece. */
  | { readonly type: "piece-end"; readonly stream: number; readonly piece: number }
  /** Drop what plays and what waits, now. Answered by `stopped`. */
  | { readonly type: "stop"; readonly stream: number }
  /** It was no interruption: a paused piece goes on now. */
  | { readonly type: "resume"; readonly stream: number }
  /** Press keys, after what is queued: `0-9 A-D * #`, `w` = 0.5 s pause. */
  | { readonly type: "keys"; readonly stream: number; readonly digits: string };

/** Why a stream is over. */
export type LostReason =
  /** The carrier said `stop`. */
  | "stopped"
  | "closed"
  /** No audio of the caller's for 30 s. */
  | "silent"
  /** Its encoding, its frames or its call are not what was agreed. */
  | "protocol"
  /** Another socket of the same call took its place. */
  | "replaced"
  /** It did not take what was sent to it. */
  | "congested"
  | "forgotten";

export type StreamEvent =
  | {
      readonly type: "stream-started";
      readonly stream: number;
      readonly callId: string;
      readonly token: string;
      readonly carrierCallId: string;
    }
  /** The caller's audio since the last event, PCMU, in order, gaps filled with silence; all streams together. */
  | { readonly type: "stream-audio"; readonly heard: readonly HeardAudio[] }
  /** The speech gate: the caller began (`at`: when the speech did) or fell silent (`at`: when it ended). Epoch ms. */
  | { readonly type: "speech"; readonly stream: number; readonly on: boolean; readonly at: number }
  | {
      readonly type: "piece-started";
      readonly stream: number;
      readonly piece: number;
      /** When its first frame was sent; epoch ms. */
      readonly at: number;
      /** When its first audio had come from the main thread; epoch ms. */
      readonly readyAt: number;
      /** Leading silence that was cut off. */
      readonly trimmedMs: number;
    }
  /** Nothing of it could be heard: it was empty, or none of the formats there are. */
  | {
      readonly type: "piece-failed";
      readonly stream: number;
      readonly piece: number;
      readonly reason: "empty" | "format" | "too-long";
    }
  /** Heard to its end: its mark came back. */
  | { readonly type: "piece-played"; readonly stream: number; readonly piece: number; readonly at: number }
  | { readonly type: "paused"; readonly stream: number; readonly piece: number; readonly playedMs: number }
  | { readonly type: "resumed"; readonly stream: number; readonly piece: number }
  | {
      readonly type: "stopped";
      readonly stream: number;
      /** Who decided: the gate after `commitMs`, or a `stop`. */
      readonly by: "speech" | "order";
      /** The piece that was cut, and what of it was heard; null when nothing was playing. */
      readonly cut: CutPiece | null;
    }
  /** The caller pressed a key. */
  | { readonly type: "key"; readonly stream: number; readonly digit: string }
  /** The keys of a `keys` command have been sent. Those that a `stopped` has dropped are not told of. */
  | { readonly type: "keys-sent"; readonly stream: number }
  | {
      readonly type: "stream-lost";
      readonly stream: number;
      readonly reason: LostReason;
      /** The piece that was being heard, and what of it was; absent when there was none, or nobody can tell. */
      readonly cut?: CutPiece;
    };

export interface HeardAudio {
  readonly stream: number;
  readonly bytes: Uint8Array;
}

/** A piece that ends before its end. */
export interface CutPiece {
  readonly piece: number;
  /** What the caller heard of it. */
  readonly playedMs: number;
  /** What had arrived of it, after trimming. */
  readonly knownMs: number;
  /** `knownMs` is all of it. */
  readonly whole: boolean;
}
