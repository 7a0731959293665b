import type { Direction } from "../../call/call.ts";

/**
 * What we give Telnyx with every command and get back in the events that follow, inside the signed body. Telnyx calls it
 * the state of "every subsequent webhook" (telnyx 7.24.0, `resources/calls/actions.d.ts`), so an event may carry the
 * state of its own command or of a later one; nothing is read from it that would be wrong then.
 */
export interface ClientState {
  readonly callId: string;
  readonly direction: Direction;
  /** The instruction that the command belongs to; 0 before the first. */
  readonly gen: number;
  /** `words`: all words of the instruction are in one command. `other-leg`: of the number that is handed over to. */
  readonly mark: "none" | "words" | "other-leg";
  /** The listen that was going on. */
  readonly token: string | null;
}

const MARKS = { "-": "none", w: "words", t: "other-leg" } as const;
const LETTERS = { none: "-", words: "w", "other-leg": "t" } as const;

/** `vc1.<i|o>.<gen>.<mark>.<call id>.<token>`; ids have no dots. */
const WRITTEN = /^vc1\.([io])\.([0-9]{1,9})\.([-wt])\.([A-Za-z0-9_-]{1,128})\.([A-Za-z0-9_-]{0,128})$/;

/** Longest that is looked at: no state of ours is longer. */
const MAX_ENCODED = 512;

export function writeState({ callId, direction, gen, mark, token }: ClientState): string {
  const way = direction === "inbound" ? "i" : "o";
  return Buffer.from(`vc1.${way}.${gen}.${LETTERS[mark]}.${callId}.${token ?? ""}`).toString("base64");
}

/** Null for anything that is not ours, such as the state of another program on the same account. */
export function readState(encoded: unknown): ClientState | null {
  if (typeof encoded !== "string" || encoded.length > MAX_ENCODED) return null;
  const [, way, gen, mark, callId, token] =
    WRITTEN.exec(Buffer.from(encoded, "base64").toString("latin1")) ?? [];
  if (gen === undefined || callId === undefined || token === undefined) return null;
  return {
    callId,
    direction: way === "i" ? "inbound" : "outbound",
    gen: Number(gen),
    mark: MARKS[mark as keyof typeof MARKS],
    token: token === "" ? null : token,
  };
}
