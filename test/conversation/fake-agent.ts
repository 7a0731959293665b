import type { AgentAnswer, AgentRequest, AgentSetup, PhoneAgent } from "../../src/conversation/agent.ts";

export interface Run {
  readonly request: AgentRequest;
  readonly signal: AbortSignal;
  /** Streams one assistant message, growing word by word. */
  stream(text: string): void;
  finish(...texts: string[]): void;
  fail(error: unknown): void;
  end(answer: AgentAnswer): void;
}

export interface FakeAgent extends PhoneAgent {
  readonly runs: Run[];
  readonly warmed: { setup: AgentSetup; signal: AbortSignal }[];
}

/** An agent whose runs are driven by the test. It ignores the signal, as a hung model does. */
export function fakeAgent(): FakeAgent {
  const runs: Run[] = [];
  const warmed: FakeAgent["warmed"] = [];
  return {
    runs,
    warmed,
    warm(setup, signal) {
      warmed.push({ setup, signal });
      return new Promise(() => {});
    },
    run(request, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<AgentAnswer>();
      runs.push({
        request,
        signal,
        stream(text) {
          request.onMessage();
          let soFar = "";
          for (const piece of text.split(/(?<= )/)) request.onText((soFar += piece));
        },
        finish: (...texts) => resolve({ texts, failure: null }),
        fail: reject,
        end: resolve,
      });
      return promise;
    },
  };
}
