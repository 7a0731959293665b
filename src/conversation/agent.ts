/** What the conversation asks of the host's agent system. Implemented by `host/agent.ts`; tests bring their own. */
export interface PhoneAgent {
  /**
   * Runs one agent turn. Rejects with the signal's reason once it fires, or with whatever the model run failed with.
   * Turns of one session run one after another.
   */
  run(request: AgentRequest, signal: AbortSignal): Promise<AgentAnswer>;
  /** Loads everything a turn of this session needs, without asking the model. Rejects when that fails. */
  warm(request: AgentSetup, signal: AbortSignal): Promise<void>;
}

/** What is fixed for every turn of a call. */
export interface AgentSetup {
  readonly agentId: string;
  readonly sessionKey: string;
  readonly callId: string;
  /** E.164 of the person on the phone; "" when withheld. */
  readonly party: string;
  readonly systemPrompt: string;
  /** `provider/model`, an alias, or a bare model of the agent's provider; absent = the agent's own model. */
  readonly model?: string;
  /** The only tools of the turn, by exact name. */
  readonly tools: readonly string[];
}

export interface AgentRequest extends AgentSetup {
  /**
   * The user-level message. That of a run whose signal fired may stay in the session, unanswered. The next one takes its place
   * by containing it to the letter, on lines of its own.
   */
  readonly prompt: string;
  /** The host's own bound; it does not cover a model that keeps failing. */
  readonly timeoutMs: number;
  /** Everything is loaded: the model is being asked. */
  onModel?(): void;
  /** A new assistant message begins. */
  onMessage(): void;
  /** `text` is all of the current message so far. */
  onText(text: string): void;
  /** The current message is over and a tool starts. */
  onTool(name: string): void;
  /** The current message is over, and the model was not cut off. The run may go on, for example to compact its session. */
  onWritten?(): void;
}

export interface AgentAnswer {
  /** The final messages meant for the user, in order. Empty: the agent chose to say nothing, or `failure` says why. */
  readonly texts: readonly string[];
  /** Set when the run ended without an answer it should have given: a short word for the log, no content. */
  readonly failure: string | null;
}
