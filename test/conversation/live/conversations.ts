import { LiveConversations, type LiveCallsParts } from "../../../src/conversation/live/calls.ts";
import { Thinker, type ThinkerParts } from "../../../src/conversation/live/thinker.ts";
import { recordedLog } from "../../support/recorded-log.ts";

type Needed = Pick<LiveCallsParts, "ears" | "voices" | "clock" | "find"> & Pick<ThinkerParts, "agent">;
type Wanted = Pick<LiveCallsParts, "send" | "report" | "settings"> & Pick<ThinkerParts, "wrap" | "note">;

/** Conversations around stand-ins; what a test does not care about does nothing. */
export function conversations(parts: Needed & Partial<Wanted>): LiveConversations {
  const { agent, wrap = (words: string) => Promise.resolve(words), note, ...others } = parts;
  return new LiveConversations({
    thinker: new Thinker({
      agent,
      settings: () => ({
        phoneTools: [],
        verifiedCallers: { numbers: [], tools: [], requireAttestation: "A" },
      }),
      wrap,
      ...(note === undefined ? {} : { note }),
    }),
    log: recordedLog(),
    send: () => {},
    report: () => {},
    timed: () => {},
    settings: () => ({ interruption: true, idlePromptMs: 0, fallback: true }),
    ...others,
  });
}
