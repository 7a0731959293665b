/** One chat message as the model receives it. */
export type ChatMessage = { role: string; content: unknown; tool_calls?: unknown; tool_call_id?: string };

/** A completion request, and what became of it. */
export type ModelRequest = {
  /** 1 for the first request of this server. */
  readonly index: number;
  /** `Date.now()` at arrival. */
  readonly at: number;
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly ChatMessage[];
  /** All system texts, joined by a newline. */
  readonly system: string;
  /** Texts of the user's turns, oldest first, without what the host adds for itself. */
  readonly userTurns: readonly string[];
  /** The last of `userTurns`, or an empty string. */
  readonly lastUser: string;
  /** Names of the tools offered. */
  readonly tools: readonly string[];
  /** The result when the request only brings tool results: the text of the last one. */
  readonly toolResult: string | undefined;
  /** The whole request body. */
  readonly body: { readonly [key: string]: unknown };
  /** `answering` until the answer is complete, the client went away, or the server cut it. */
  readonly state: "answering" | "done" | "aborted";
};

export type ToolCall = { name: string; arguments?: { [key: string]: unknown }; id?: string };

/**
 * What the model does. `text` is streamed word by word, `toolCalls` follow it. `status` answers with that HTTP error
 * instead. `hang` never finishes: after `text` when there is one, else without a byte. `drop` cuts the connection there.
 */
export type Answer = {
  text?: string;
  toolCalls?: readonly ToolCall[];
  status?: number;
  hang?: boolean;
  drop?: boolean;
  /** Milliseconds before the first token, and between tokens; the server's own settings unless given. */
  ttftMs?: number;
  perTokenMs?: number;
};

export type Script = (request: ModelRequest) => Answer | Promise<Answer>;

export type Model = {
  /** Base URL for an OpenAI-compatible provider, ending in `/v1`. */
  readonly url: string;
  readonly port: number;
  /** Every completion request since the start, oldest first. */
  readonly requests: readonly ModelRequest[];
  /** Replaces the script for the requests to come. */
  use(script: Script): void;
  /** Resolves with request number `index` (1 is the first), now or when it arrives. */
  request(index: number): Promise<ModelRequest>;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
};

/** Starts a stand-in model on 127.0.0.1 on a free port. Without a script it makes small talk. */
export function startModel(options?: {
  script?: Script;
  ttftMs?: number;
  perTokenMs?: number;
}): Promise<Model>;
