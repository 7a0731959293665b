import type { Evidence, Outcome, DeadlineName } from "./call.ts";
import type { ErrorCode } from "./errors.ts";

/** A fact from a carrier, neutral. Any of them may come twice, late, out of order or never. */
export type CarrierEvent =
  | { readonly type: "initiated" }
  | { readonly type: "ringing" }
  | { readonly type: "answered" }
  /** Answering machine detection. `over`: the machine's greeting has ended, a message may be left now. */
  | { readonly type: "detected"; readonly by: "human" | "machine" | "unknown"; readonly over?: boolean }
  /**
   * The carrier asks what to do now (a redirect or a re-fetch); changes nothing by itself. With `gen` it asks for
   * that instruction, which it was only told where to fetch.
   */
  | { readonly type: "fetched"; readonly gen?: number }
  /**
   * The caller's final words in the listen with this token. A carrier that did not echo the token says null and when
   * the words ended (`at`, epoch ms by its clock): they count if that was after the present listen began.
   */
  | {
      readonly type: "speech";
      readonly token: string | null;
      readonly text: string;
      readonly confidence?: number;
      readonly at?: number;
    }
  | { readonly type: "digits"; readonly token: string; readonly digits: string }
  /** One key, from a carrier that does not gather them: `0-9 A-D * #`. */
  | { readonly type: "key"; readonly digit: string }
  /** The caller has begun to speak; the words follow. */
  | { readonly type: "speaking" }
  /** A listen ended without a word. */
  | { readonly type: "silence"; readonly token: string }
  /** The words of instruction `gen` have been played to the end. */
  | { readonly type: "played"; readonly gen: number }
  /** The hand-over that instruction `gen` asked for is over; `reached`: the two have talked. */
  | { readonly type: "transfer-ended"; readonly gen: number; readonly reached: boolean }
  /** The carrier could not open the audio socket under this token, or has lost it; null = it does not say which. */
  | { readonly type: "stream-failed"; readonly token: string | null }
  | { readonly type: "ended"; readonly outcome: Outcome; readonly evidence: Evidence };

/** What a surface asks of a running call. */
export type RequestEvent =
  | { readonly type: "speak"; readonly text: string }
  /** Say something and give the caller's next words to the command that asked. */
  | { readonly type: "ask"; readonly text: string }
  | { readonly type: "press"; readonly digits: string }
  /** Say something (or nothing) and hand the call over to another number, E.164. */
  | { readonly type: "transfer"; readonly to: string; readonly text: string }
  | { readonly type: "hang-up" }
  /** The agent on the phone is done: hang up once its goodbye has been spoken. */
  | { readonly type: "close" };

/** What our own side found out. */
export type OwnEvent =
  /** The carrier took our create request. */
  | { readonly type: "dialed"; readonly carrierCallId: string }
  /** It certainly did not dial. */
  | { readonly type: "dial-refused"; readonly error: ErrorCode; readonly detail: string }
  /** It may have dialled: wait for callbacks and look for the call. */
  | { readonly type: "dial-uncertain" }
  /** The carrier has been given the instruction of this generation. */
  | { readonly type: "delivered"; readonly gen: number }
  /** The carrier finally refused an instruction: the line is dead air. */
  | { readonly type: "stuck" }
  /** The carrier confirmed our hang-up, or said that the call is gone. */
  | { readonly type: "hung-up"; readonly carrierCode?: string }
  /** A reply for the caller's turn `turn`; `final: false` is a lead-in before slow work. */
  | { readonly type: "reply"; readonly turn: number; readonly text: string; readonly final: boolean }
  | { readonly type: "reply-failed"; readonly turn: number; readonly error: ErrorCode }
  /** The audio socket that was asked for under this token is open. */
  | { readonly type: "stream-up"; readonly token: string }
  /** It is gone. `token: null`: whichever there was, since this process has just begun. */
  | { readonly type: "stream-lost"; readonly token: string | null }
  /** On live audio: what the caller said, or what of our words was heard. */
  | { readonly type: "said"; readonly role: "agent" | "caller"; readonly text: string }
  /** On live audio: the caller's words for the command that asked; null = none in time. */
  | { readonly type: "answer"; readonly text: string | null }
  /** On live audio: no voice of ours can speak any more. */
  | { readonly type: "voice-lost" }
  /** On live audio: nobody hears the caller any more. The conversation says so, and ends. */
  | { readonly type: "listening-lost" }
  /** On live audio: everything has been said before a hang-up or a hand-over, or nothing can be said any more. */
  | { readonly type: "talked-out"; readonly reason: "goodbye" | "hand-over" | "failed" }
  | { readonly type: "deadline"; readonly name: DeadlineName };

export type CallEvent = CarrierEvent | RequestEvent | OwnEvent;
