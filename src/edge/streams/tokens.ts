import { createHmac, randomBytes } from "node:crypto";
import type { Expected } from "../../media/commands.ts";

/** Calls of which tokens are known; more push out the one that was heard of longest ago. */
const MOST_CALLS = 4096;
/** Used tokens that are remembered of one call. */
const MOST_USED = 32;
/** What `Ids.token` makes, with room to spare. Nothing else is looked up. */
const TOKEN = /^[A-Za-z0-9_-]{16,128}$/;

interface CallTokens {
  /** The one that may still be used; null when it was. */
  current: { readonly expected: Expected; readonly digest: string } | null;
  /** Digests of those that were, so that none is ever armed again. */
  readonly used: string[];
}

/**
 * The tokens of streams that may come: one per call, each for one stream, until it expires. They are found by a keyed
 * digest, so neither the time a look-up takes nor its path through a table depends on how much of a guess is right.
 */
export class Tokens {
  readonly #now: () => number;
  readonly #key = randomBytes(32);
  /** In the order in which they were last heard of. */
  readonly #calls = new Map<string, CallTokens>();
  readonly #byDigest = new Map<string, Expected>();

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Arms a token, and voids the call's older one. The same token may come again with more known about its call. False, and
   * nothing changes, when it was used before or is another call's.
   */
  expect(expected: Expected): boolean {
    const { token, callId } = expected;
    if (!TOKEN.test(token)) return false;
    const digest = this.#digest(token);
    const call = this.#calls.get(callId) ?? { current: null, used: [] };
    const holder = this.#byDigest.get(digest);
    if (call.used.includes(digest) || (holder !== undefined && holder.callId !== callId)) return false;
    this.#void(call);
    call.current = { expected, digest };
    this.#byDigest.set(digest, expected);
    this.#calls.delete(callId);
    this.#calls.set(callId, call);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > MOST_CALLS && oldest !== undefined) this.forget(oldest);
    return true;
  }

  /** What the token is good for; null when it is unknown, void, used or expired. */
  find(token: string): Expected | null {
    const expected = this.peek(token);
    return expected !== null && expected.expiresAt > this.#now() ? expected : null;
  }

  /** The same, expired or not: for a socket that came in time. */
  peek(token: string): Expected | null {
    return (TOKEN.test(token) ? this.#byDigest.get(this.#digest(token)) : undefined) ?? null;
  }

  /** The token is used. False when it was used before, is void or is unknown; its time does not matter any more. */
  use(token: string): boolean {
    const digest = this.#digest(token);
    const expected = this.#byDigest.get(digest);
    const call = expected === undefined ? undefined : this.#calls.get(expected.callId);
    if (call === undefined) return false;
    this.#void(call);
    call.used.push(digest);
    if (call.used.length > MOST_USED) call.used.shift();
    return true;
  }

  /** The call is over: none of its tokens is good any more. */
  forget(callId: string): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) this.#void(call);
    this.#calls.delete(callId);
  }

  /** What may still come. */
  unused(): readonly Expected[] {
    const now = this.#now();
    return [...this.#byDigest.values()].filter(({ expiresAt }) => expiresAt > now);
  }

  #void(call: CallTokens): void {
    if (call.current !== null) this.#byDigest.delete(call.current.digest);
    call.current = null;
  }

  #digest(token: string): string {
    return createHmac("sha256", this.#key).update(token).digest("base64");
  }
}
