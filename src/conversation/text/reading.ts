import type { Writing } from "./writing.ts";

/** A text that is still being written, and the sentence in it that is being read. */
export interface Reading {
  readonly text: string;
  /** Where the sentence begins. */
  readonly from: number;
  /** Nothing more follows the text. */
  readonly whole: boolean;
  readonly writing: Writing;
}

/** Whether a sentence ends at a mark; "wait" while what decides has not arrived. */
export type Verdict = "cut" | "go-on" | "wait";

/** In place of an index: the sentence goes on. */
export const GO_ON = -1;
/** In place of an index: what decides has not arrived. */
export const WAIT = -2;
