/** A provider that failed comes last for so long. */
const GRUDGE_MS = 60_000;

/**
 * Remembers across calls which providers failed of late, so that not every call has to find out for itself. Times are epoch
 * milliseconds.
 */
export class Standing {
  readonly #failedAt = new Map<string, number>();

  failed(provider: string, now: number): void {
    this.#failedAt.set(provider, now);
  }

  worked(provider: string): void {
    this.#failedAt.delete(provider);
  }

  /** The same providers, those that failed of late last. */
  order(providers: readonly string[], now: number): readonly string[] {
    const stands = (id: string): boolean => now - (this.#failedAt.get(id) ?? -Infinity) >= GRUDGE_MS;
    return [...providers.filter(stands), ...providers.filter((id) => !stands(id))];
  }
}
