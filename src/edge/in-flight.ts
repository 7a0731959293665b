/** A body that is being read. */
export interface BodySlot {
  /** Counts bytes that are now held. May evict slots, this one too. */
  grow(bytes: number): void;
  release(): void;
}

/**
 * The room for unfinished bodies. When it is full the oldest goes, never the newcomer: a body that arrives whole is
 * done before anyone could push it out, and one that stalls or drips, from whatever address, ages until it is the
 * one to leave. Bounds are global on purpose, since behind a proxy every client has the same address.
 */
export class BodySlots {
  readonly #limits: { readonly slots: number; readonly bytes: number };
  /** In order of age. */
  readonly #open = new Map<BodySlot, { bytes: number; readonly evict: () => void }>();
  #bytes = 0;

  constructor(limits: { readonly slots: number; readonly bytes: number }) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Always admits. `evict` is called at most once, after the slot was released. */
  admit(evict: () => void): BodySlot {
    const slot: BodySlot = {
      grow: (bytes) => {
        const entry = this.#open.get(slot);
        if (entry === undefined) return;
        entry.bytes += bytes;
        this.#bytes += bytes;
        while (this.#bytes > this.#limits.bytes) this.#evictOldest();
      },
      release: () => {
        this.#bytes -= this.#open.get(slot)?.bytes ?? 0;
        this.#open.delete(slot);
      },
    };
    if (this.#open.size >= this.#limits.slots) this.#evictOldest();
    this.#open.set(slot, { bytes: 0, evict });
    return slot;
  }

  #evictOldest(): void {
    const oldest = this.#open.entries().next().value;
    if (oldest === undefined) return;
    oldest[0].release();
    oldest[1].evict();
  }
}
