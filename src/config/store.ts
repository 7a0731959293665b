/** Where call records live and for how long. */

import { filled, integer, text } from "./option.ts";

const DEFAULT_RETENTION_DAYS = 30;

export const storeOptions = {
  store: text("Record store", "Folder for the call records.", {
    otherwise: "voice-call under the gateway's state directory",
    advanced: true,
  }),
  retentionDays: integer(
    "Retention",
    "Days that the record of an ended call, transcript included, is kept; 0 removes it at the next sweep. Spoken words are private, so they are not kept for ever.",
    { minimum: 0, maximum: 36_500, fallback: DEFAULT_RETENTION_DAYS, advanced: true },
  ),
};

export interface StoreConfig {
  /** A folder; undefined = under the gateway's state directory. */
  readonly store: string | undefined;
  /** Days after the end of a call. */
  readonly retentionDays: number;
}

export function resolveStore(user: { store?: string; retentionDays?: number }): StoreConfig {
  return { store: filled(user.store), retentionDays: user.retentionDays ?? DEFAULT_RETENTION_DAYS };
}
