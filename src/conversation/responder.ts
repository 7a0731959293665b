import type { Call, TranscriptTurn } from "../call/call.ts";
import { VoiceCallError } from "../call/errors.ts";
import type { Clock, Log, ReplyTurn, Responder } from "../call/ports.ts";
import { abortable } from "./abortable.ts";
import type { AgentAnswer, AgentSetup, PhoneAgent } from "./agent.ts";
import { replyFailed } from "./failure.ts";
import { StreamedMessage } from "./message.ts";
import { OwnWords } from "./own-words.ts";
import type { PhoneToolSettings } from "./phone-tools.ts";
import { systemPrompt, turnPrompt } from "./prompt.ts";
import { setupOf } from "./setup.ts";
import { speakable } from "./speakable.ts";

/** A warm-up that takes longer is not worth waiting for: the real turn queues behind it. */
const WARM_MS = 30_000;

export interface ResponderParts {
  readonly agent: PhoneAgent;
  readonly clock: Clock;
  readonly log: Log;
  /** The configuration in force. Read for every turn. */
  settings(): PhoneToolSettings;
  /** Marks the caller's words as untrusted content from outside. */
  wrap(words: string): Promise<string>;
  /** What has been said on the call so far, oldest first. */
  transcript(callId: string): Promise<readonly TranscriptTurn[]>;
}

/** Answers callers through the host's agent. */
export function createResponder(parts: ResponderParts): Responder {
  const { agent, clock, log } = parts;
  const turns = new Map<string, AbortController>();
  const warming = new Map<string, AbortController>();
  const ownWords = new OwnWords();
  let closed = false;

  const setup = (call: Call): AgentSetup => setupOf(call, systemPrompt(call), parts.settings());

  async function warm(call: Call, own: AbortController): Promise<void> {
    const cancel = clock.at(clock.now() + WARM_MS, () => own.abort());
    try {
      const loading = Promise.all([agent.warm(setup(call), own.signal), parts.wrap("")]);
      await abortable(loading, own.signal);
    } catch (error) {
      const { detail } = replyFailed(error).details;
      if (!own.signal.aborted) log.debug("agent warm-up failed", { callId: call.id, detail });
    } finally {
      cancel();
      if (warming.get(call.id) === own) warming.delete(call.id);
    }
  }

  async function answer(turn: ReplyTurn, signal: AbortSignal): Promise<string> {
    const { call } = turn;
    const message = new StreamedMessage(call.route.language);
    const given: string[] = [];
    let heardModel = false;
    const leadIn = (): void => {
      if (signal.aborted) return;
      const text = message.takeLeadIn();
      if (!text) return;
      given.push(text);
      turn.onPart(text);
    };
    const wrapped = await parts.wrap(turn.words.trim());
    const transcript = await parts.transcript(call.id);
    const said = ownWords.news(call.id, transcript);
    signal.throwIfAborted();
    const result = await agent.run(
      {
        ...setup(call),
        prompt: turnPrompt(said, wrapped),
        timeoutMs: call.route.responseTimeoutMs,
        onMessage() {
          // Another message follows, so the one before was not the answer.
          leadIn();
          message.start();
        },
        onText(text) {
          if (!heardModel && !signal.aborted) turn.onFirst();
          heardModel = true;
          message.update(text);
        },
        onTool: leadIn,
      },
      signal,
    );
    const final = finalWords(result, given, call.route.language);
    ownWords.replied(call.id, transcript.length, [...given, final]);
    return final;
  }

  return {
    warm(call) {
      if (closed || warming.has(call.id)) return;
      const own = new AbortController();
      warming.set(call.id, own);
      void warm(call, own);
    },

    async reply(turn, signal) {
      const { call } = turn;
      turns.get(call.id)?.abort(new DOMException("a newer turn has begun", "AbortError"));
      if (closed) throw new VoiceCallError("VC_NOT_RUNNING");
      signal.throwIfAborted();
      // Nothing was said, so there is nothing to answer.
      if (!turn.words.trim()) return "";

      const own = new AbortController();
      const either = AbortSignal.any([signal, own.signal]);
      const limit = call.route.responseTimeoutMs;
      const late = new VoiceCallError("VC_REPLY_TIMEOUT", { seconds: Math.round(limit / 1000) });
      const cancel = clock.at(clock.now() + limit, () => own.abort(late));
      turns.set(call.id, own);
      try {
        return await abortable(answer(turn, either), either);
      } catch (error) {
        if (either.aborted) throw either.reason as Error;
        throw replyFailed(error);
      } finally {
        cancel();
        if (turns.get(call.id) === own) turns.delete(call.id);
      }
    },

    close() {
      closed = true;
      const reason = new VoiceCallError("VC_NOT_RUNNING");
      for (const running of [...turns.values(), ...warming.values()]) running.abort(reason);
      return Promise.resolve();
    },
  };
}

/** The words that have not been said as a lead-in. Throws when the run gave no answer though it should have. */
function finalWords(answer: AgentAnswer, given: readonly string[], language: string): string {
  if (answer.failure !== null) {
    throw Object.assign(new Error("the run gave no answer"), {
      name: "AgentRun",
      code: codeOf(answer.failure),
    });
  }
  const words = answer.texts.map((text) => speakable(text, language));
  return words.filter((text) => text && !given.includes(text)).join(" ");
}

const codeOf = (failure: string): string => failure.replace(/[^A-Za-z0-9]/g, "_");
