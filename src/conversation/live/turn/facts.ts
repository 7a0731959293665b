/**
 * The live turn: what one call is doing with its caller while a stream is up. A value that moves by facts; moving
 * produces effects. Times are epoch milliseconds, passed in.
 */

export type LiveFact =
  /** The caller can be heard and spoken to (again). */
  | { readonly type: "ready" }
  /** The stream is gone; it may come back with another `ready`. `cut`: see `HeardPiece`; absent when nobody can tell. */
  | { readonly type: "line-lost"; readonly cut?: HeardPiece }
  /** The call is over. What was said and heard goes on record; a `stopped` still tells what was heard of what plays. */
  | { readonly type: "call-over" }
  // ------------------------------------------------------------ the caller
  /** The speech gate. `at`: when the speech began or ended. */
  | { readonly type: "speech"; readonly on: boolean; readonly at: number }
  /** The transcription provider heard somebody begin. */
  | { readonly type: "provider-speech" }
  /** The words of the present utterance so far. */
  | { readonly type: "partial"; readonly text: string }
  /** The final words of an utterance. An utterance is not yet a turn. */
  | { readonly type: "final"; readonly text: string }
  | { readonly type: "key"; readonly digit: string }
  // ------------------------------------------------------------ the agent
  /** One speakable sentence of the reply, in order. */
  | { readonly type: "sentence"; readonly thought: number; readonly text: string }
  /** The model finds that the caller has not finished; nothing of this thought is said. */
  | { readonly type: "unfinished"; readonly thought: number }
  /** Slow work begins: a tool runs. What came before it is said now. */
  | { readonly type: "working"; readonly thought: number }
  /** The answer is complete, though the run that gave it goes on. */
  | { readonly type: "written"; readonly thought: number }
  /** Nothing more comes. */
  | { readonly type: "thought"; readonly thought: number }
  | { readonly type: "thought-failed"; readonly thought: number }
  // ------------------------------------------------------------ our voice
  | { readonly type: "piece-started"; readonly piece: number }
  | { readonly type: "piece-played"; readonly piece: number }
  /** The piece could not be spoken by any voice. */
  | { readonly type: "piece-failed"; readonly piece: number }
  | { readonly type: "paused"; readonly piece: number }
  | { readonly type: "resumed"; readonly piece: number }
  /** Playback was cut. `heard`: the words of the cut piece that were heard; null when nothing was playing. */
  | { readonly type: "stopped"; readonly piece: number | null; readonly heard: string | null }
  // ------------------------------------------------------------ requests
  /** Say this; what is being said gives way, a reply in preparation follows. */
  | { readonly type: "speak"; readonly text: string }
  /** Say this, and give the caller's next words to the command that asked. */
  | { readonly type: "ask"; readonly text: string; readonly timeoutMs: number }
  /** Hang up once everything has been said. */
  | { readonly type: "close" }
  /** Stop talking: words would go to a machine's greeting. Over with the next `speak`. */
  | { readonly type: "hush" }
  /** The interim words have stood long enough, and the agents are busy with callers who are done speaking. */
  | { readonly type: "no-capacity" }
  | { readonly type: "deadline"; readonly name: LiveDeadline };

/** The piece that was being heard, and the words of it that were. */
export interface HeardPiece {
  readonly piece: number;
  readonly heard: string;
}

export type LiveDeadline =
  /** The caller's turn is over unless more is said. */
  | "turn-end"
  /** The interim words have stood long enough to think about them. */
  | "stable"
  /** No further key followed. */
  | "keys"
  /** The line has been silent. */
  | "idle"
  /** The agent takes long: a word in between. */
  | "progress"
  /** The agent takes too long. */
  | "give-up"
  /** The command that asked has waited long enough. */
  | "ask"
  /** Words after an unfinished turn did not come: it was finished after all. */
  | "unfinished"
  /** A voice stopped our words and said none: they go on. */
  | "recover"
  /** The command that got its answer says nothing more: the agent is there again. */
  | "follow-up"
  /** The last words are out. */
  | "hang-up"
  /** Reports of played pieces are overdue. */
  | "watchdog";

export type LiveEffect =
  /** Let the agent answer `words`. With `sure: false` its sentences are kept until `confirmed`. */
  | {
      readonly kind: "think";
      readonly thought: number;
      readonly words: string;
      readonly sure: boolean;
      /** The agent found these very words unfinished before: it is not asked that again. */
      readonly mustAnswer: boolean;
      /** The thought about an earlier part or version of these words; 0 = there is none. */
      readonly from: number;
    }
  /** The caller has said no more than that: the thought counts. */
  | { readonly kind: "confirmed"; readonly thought: number }
  /** Nobody wants this thought any more. */
  | { readonly kind: "drop"; readonly thought: number }
  | { readonly kind: "say"; readonly piece: number; readonly text: string; readonly yields: Yielding }
  /** Cut what plays and what waits. A `stopped` follows. */
  | { readonly kind: "stop" }
  /** A paused piece goes on. */
  | { readonly kind: "resume" }
  /** A line of the transcript: what the caller said, or what of one piece was heard. In the order of the call. */
  | { readonly kind: "said"; readonly role: "agent" | "caller"; readonly text: string }
  /** A reply was cut: in the agent's memory it ends with `heard`, which is all of it that was heard. */
  | { readonly kind: "interrupted"; readonly heard: string }
  /** The caller's words for the command that asked; null = none in time. */
  | { readonly kind: "answer"; readonly text: string | null }
  | { readonly kind: "hang-up"; readonly reason: "goodbye" | "failed" };

/** See `Yields` of the media plane. */
export type Yielding = "to-speech" | "to-words" | "never";
