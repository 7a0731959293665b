import type { WordTools } from "../../../../src/conversation/live/turn/options.ts";

const BACKCHANNELS = new Set(["mhm", "okay", "yes", "uh-huh"]);
const bare = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}-]+/gu) ?? [];

/** As much of a language as the machine's tests need, so that they prove the machine and not the word lists. */
export const plainWords: WordTools = {
  isBackchannel: (text) => {
    const words = bare(text);
    return words.length > 0 && words.every((word) => BACKCHANNELS.has(word));
  },
  countWords: (text) => bare(text).length,
  sameWords: (a, b) => bare(a).join(" ") === bare(b).join(" "),
  isEchoOf: (heard, spoken) => {
    const words = bare(heard);
    const ours = ` ${bare(spoken.join(" ")).join(" ")} `;
    return words.length >= 2 && ours.includes(` ${words.join(" ")} `);
  },
  endsUnfinished: (text) => {
    const last = bare(text).at(-1) ?? "";
    if (/^\d+$/.test(last)) return "digits";
    if (/^[b-hj-z]$/.test(last)) return "spelling";
    return ["um", "and", "because"].includes(last) ? "hesitation" : null;
  },
};
