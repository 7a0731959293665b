import type { MediaSettings } from "../protocol.ts";

/** Whose socket it is, as far as its request tells. */
export interface Applicant {
  readonly callId: string;
  /** Of the client behind our own proxies. */
  readonly address: string;
}

/** One socket's place; it begins as a pending one. */
export interface Place {
  /** It has proved to be the call's own. */
  live(): void;
  /** May be called again. */
  leave(): void;
}

interface Holder extends Applicant {
  readonly evict: () => void;
}

type Caps = Pick<MediaSettings, "maxPendingConnections" | "maxPendingConnectionsPerIp" | "maxConnections">;

/**
 * Who may have a socket. Only requests with a good token ask, so each call has one pending socket by right, and nobody's
 * flood keeps another call's out. Of sockets that share a call (a carrier's second try, or a token that leaked) the newest
 * has that right; the others count against the caps for pending sockets, and past those the oldest of them is closed. So
 * whoever holds a good token gets in, and `maxConnections` alone refuses.
 */
export class Places {
  readonly #caps: Caps;
  /** Pending, in order of age. */
  readonly #pending = new Set<Holder>();
  readonly #live = new Set<Holder>();

  constructor(caps: Caps) {
    this.#caps = caps;
  }

  /** Null: there is none. `evict` is called at most once, after the place was given away. */
  take(applicant: Applicant, evict: () => void): Place | null {
    const holder: Holder = { ...applicant, evict };
    this.#pending.add(holder);
    while (this.#size > this.#caps.maxConnections && this.#evictOne(() => true)) {
      // One surplus socket after the other.
    }
    if (this.#size > this.#caps.maxConnections) {
      this.#pending.delete(holder);
      return null;
    }
    this.#trim();
    return {
      live: () => {
        if (this.#pending.delete(holder)) this.#live.add(holder);
      },
      leave: () => {
        this.#pending.delete(holder);
        this.#live.delete(holder);
      },
    };
  }

  /** Open sockets. One that is about to take a live one's place has that place. */
  get #size(): number {
    const live = new Set([...this.#live].map(({ callId }) => callId));
    const returning = new Set([...this.#pending].map(({ callId }) => callId).filter((id) => live.has(id)));
    return this.#pending.size + this.#live.size - returning.size;
  }

  #trim(): void {
    const { maxPendingConnections, maxPendingConnectionsPerIp } = this.#caps;
    while (this.#surplus().length > maxPendingConnections) this.#evictOne(() => true);
    const addresses = Map.groupBy(this.#surplus(), ({ address }) => address);
    for (const [address, surplus] of addresses) {
      for (let over = surplus.length - maxPendingConnectionsPerIp; over > 0; over -= 1) {
        this.#evictOne((holder) => holder.address === address);
      }
    }
  }

  /** Pending sockets that a newer one of their call has robbed of its right, in order of age. */
  #surplus(): readonly Holder[] {
    const newest = new Map([...this.#pending].map((holder) => [holder.callId, holder]));
    return [...this.#pending].filter((holder) => newest.get(holder.callId) !== holder);
  }

  #evictOne(which: (holder: Holder) => boolean): boolean {
    const oldest = this.#surplus().find(which);
    if (oldest === undefined) return false;
    this.#pending.delete(oldest);
    oldest.evict();
    return true;
  }
}
