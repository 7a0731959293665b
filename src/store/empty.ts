import type { CallRecords } from "../call/ports.ts";

/** The records of a gateway that has kept none yet. */
export const emptyRecords: CallRecords = {
  get: () => Promise.resolve(null),
  byCarrierId: () => Promise.resolve(null),
  recent: () => Promise.resolve([]),
  transcript: () => Promise.resolve([]),
  events: () => Promise.resolve([]),
  cursor: () => Promise.resolve(0),
  samples: () => Promise.resolve([]),
  pairings: () => Promise.resolve([]),
  outboundSince: () => Promise.resolve({ calls: 0, talkMs: 0 }),
  close: () => Promise.resolve(),
};
