/** What the live turn is told when a call begins. Everything in milliseconds unless a key says otherwise. */

/** What the machine has to know about words. Every `language` is a BCP-47 tag. */
export interface WordTools {
  /** A sign of listening that claims no turn: "mhm", "okay". */
  isBackchannel(text: string, language: string): boolean;
  countWords(text: string, language: string): number;
  /** The same words, whatever their case and punctuation. */
  sameWords(a: string, b: string): boolean;
  /** `heard` is our own voice that came back over the line. `spoken`: what we said of late, newest last. */
  isEchoOf(heard: string, spoken: readonly string[]): boolean;
  /** Words that end as if more were to come. */
  endsUnfinished(text: string, language: string): Unfinished | null;
}

export type Unfinished = "digits" | "spelling" | "hesitation";

/** What the machine says of itself, in the call's language. */
interface LivePhrases {
  /** The line is silent. */
  readonly stillThere: string;
  /** Before hanging up on a line that stays silent. */
  readonly goodbye: string;
  /** The agent failed or was late. */
  readonly sorry: string;
  /** The agent failed again; the call ends. */
  readonly giveUp: string;
  /** The agent takes long. Said in turn; empty = none. */
  readonly progress: readonly string[];
}

/** What differs from call to call. */
export interface LiveSettings {
  /** The first words, ours; "" = the caller begins. */
  readonly opening: string;
  /** BCP-47. */
  readonly language: string;
  /** Silence that surely ends a turn whose words are final; the floor that is learnt never exceeds it. */
  readonly silenceMs: number;
  /** The agent has this long for its first sentence, and again after each stretch of speech. */
  readonly giveUpMs: number;
  /** Mutual silence after which the caller is asked for; 0 = never. */
  readonly idleMs: number;
  /** False: our words are heard out, and the caller's are kept until then. */
  readonly interruption: boolean;
  readonly phrases: LivePhrases;
  readonly words: WordTools;
}

/** What is the same for every call unless somebody measures better. */
export interface LiveTuning {
  /** Silence before the first pause of this caller was measured. 300: the shortest wait at which few sentences are cut. */
  readonly floorMs: number;
  /** The learnt floor falls no lower: stops inside words (a long "t") are up to 200. */
  readonly floorMinMs: number;
  /** Weight (0–1) of the newest pause in the learnt floor. */
  readonly floorWeight: number;
  /** Silence after a digit: people read numbers in groups, a second apart. */
  readonly digitsMs: number;
  /** Silence after a spelled letter. */
  readonly spellingMs: number;
  /** Silence after "um", "and", "because": hardly any turn ends so, and the search for a word takes its time. */
  readonly hesitationMs: number;
  /** Added to `silenceMs` before interim words count as final: longer than any provider's usual tail. */
  readonly interimMs: number;
  /** The provider's tail (silence → final words) before the first was measured. */
  readonly tailMs: number;
  /** Speech by the gate in which no word changes for this long is noise. */
  readonly noiseMs: number;
  /** The same while the provider has told no interim words on this call: a long sentence tells none. */
  readonly noiseBlindMs: number;
  /** More words are awaited this long when the model finds that the caller has not finished. */
  readonly unfinishedMs: number;
  /** Interim words that stand this long are thought about. Sooner the last word is often still to come, also in silence. */
  readonly stableMs: number;
  /** Thoughts about interim words, per turn of the caller's. */
  readonly earlyThoughts: number;
  /** Silence of ours while the agent thinks, before a progress line. 4 s: people ask "hello?" after about that. */
  readonly progressMs: number;
  /** The same once the agent works (a tool runs): it will surely take long. */
  readonly workingMs: number;
  /** From one progress line to the next. */
  readonly progressEveryMs: number;
  /** Progress lines, per thought. */
  readonly progressLines: number;
  /** Keys that nothing follows for this long are complete, as in carriers' own gathering. */
  readonly keysMs: number;
  /** Our words were stopped by a voice that said none: they go on after this much quiet. */
  readonly recoverMs: number;
  /** Our words stay paused this long without words of the caller's, then they go on: the gate hears noise. */
  readonly pausedMs: number;
  /** The agent thinks about what cut its words once it is known what was heard of them, or after this long. */
  readonly stopReportMs: number;
  /** How often the caller is asked for before goodbye. */
  readonly prompts: number;
  /** Failed thoughts in a row that end the call. */
  readonly failures: number;
  /** A command that got its answer keeps the caller this long. */
  readonly followUpMs: number;
  /** Between the last words and the hang-up: the last frames are on their way. */
  readonly goodbyePauseMs: number;
  /** The longest time to speak a character, from above; only lost reports are waited for this long. */
  readonly characterMs: number;
  /** Added to that before a report counts as lost. */
  readonly lostReportMs: number;
}

export type LiveOptions = LiveSettings & LiveTuning;

export const LIVE_TUNING: LiveTuning = {
  floorMs: 300,
  floorMinMs: 250,
  floorWeight: 0.3,
  digitsMs: 1_500,
  spellingMs: 1_500,
  hesitationMs: 2_000,
  interimMs: 1_000,
  tailMs: 500,
  noiseMs: 5_000,
  noiseBlindMs: 15_000,
  unfinishedMs: 5_000,
  stableMs: 200,
  earlyThoughts: 3,
  progressMs: 4_000,
  workingMs: 1_000,
  progressEveryMs: 8_000,
  progressLines: 3,
  keysMs: 3_000,
  recoverMs: 3_000,
  pausedMs: 5_000,
  stopReportMs: 1_000,
  prompts: 2,
  failures: 2,
  followUpMs: 15_000,
  goodbyePauseMs: 300,
  characterMs: 100,
  lostReportMs: 10_000,
};

export function liveOptions(settings: LiveSettings & Partial<LiveTuning>): LiveOptions {
  return { ...LIVE_TUNING, ...settings };
}
