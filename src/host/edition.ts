import type { HostConfig } from "./api.ts";

/**
 * Tells whether the configurations are still those of the last time. The host's is the same object until it changes; ours
 * is read anew every few seconds, so it is its content that counts.
 */
export class Edition<Ours extends object> {
  readonly #content: (ours: Ours) => unknown;
  #host: HostConfig | null = null;
  #ours: Ours | null = null;
  #text = "";

  /** `content`: the part of ours that matters. */
  constructor(content: (ours: Ours) => unknown) {
    this.#content = content;
  }

  /** True when something changed since it was asked last. */
  isNew(host: HostConfig, ours: Ours): boolean {
    if (this.#host === host && this.#ours === ours) return false;
    const text = JSON.stringify(this.#content(ours));
    const changed = this.#host !== host || this.#text !== text;
    this.#host = host;
    this.#ours = ours;
    this.#text = text;
    return changed;
  }
}
