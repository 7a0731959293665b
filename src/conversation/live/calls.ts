import { isOver, type Call } from "../../call/call.ts";
import type { LiveRequest } from "../../call/effect.ts";
import { VoiceCallError } from "../../call/errors.ts";
import type { LiveCalls } from "../../call/ports.ts";
import type { StreamEvent } from "../../media/commands.ts";
import { Conversation, type ConversationParts, type SharedParts } from "./conversation.ts";
import { UtteranceCache } from "./utterance-cache.ts";

export interface LiveCallsParts extends ConversationParts {
  /** The call as it is now; null when nobody knows it. */
  find(callId: string): Call | null;
}

/** All conversations over live audio. What comes from the media plane finds its call here, by the number of its stream. */
export class LiveConversations implements LiveCalls {
  readonly #parts: LiveCallsParts & SharedParts;
  readonly #calls = new Map<string, Conversation>();
  /** Of calls that are over, until what was heard of our last words is told. */
  readonly #leaving = new Map<string, Conversation>();
  readonly #streams = new Map<number, { readonly callId: string; readonly token: string }>();

  constructor(parts: LiveCallsParts) {
    this.#parts = { ...parts, cache: new UtteranceCache(parts.clock) };
  }

  async problem({ route }: Pick<Call, "route">): Promise<VoiceCallError | null> {
    const { ears, voices } = this.#parts;
    try {
      const [listening, speaking] = await Promise.all([
        ears.providers(),
        voices.providers({ language: route.language, ownNumber: "" }),
      ]);
      if (listening.length === 0)
        return new VoiceCallError("VC_LISTENING_FAILED", {
          detail: "no transcription provider is configured",
        });
      if (speaking.length === 0)
        return new VoiceCallError("VC_SPEECH_FAILED", { detail: "no speech provider is configured" });
      return null;
    } catch (error) {
      const detail = error instanceof Error ? error.name : "unknown error";
      return new VoiceCallError("VC_SPEECH_FAILED", { detail }, { cause: error });
    }
  }

  prepare(call: Call): void {
    this.#of(call)?.prepare();
  }

  request(call: Call, request: LiveRequest): void {
    this.#of(call)?.request(request);
  }

  async end(callId: string): Promise<void> {
    const conversation = this.#calls.get(callId);
    if (conversation === undefined) return this.#leaving.get(callId)?.end();
    this.#calls.delete(callId);
    this.#leaving.set(callId, conversation);
    // In this order: before a stream is gone it tells what was heard.
    const told = conversation.end();
    this.#parts.send({ type: "stream-forget", callId });
    await told;
    this.#leaving.delete(callId);
    return undefined;
  }

  event(event: StreamEvent): void {
    if (event.type === "stream-audio") {
      for (const { stream, bytes } of event.heard) this.#on(stream)?.hear(bytes);
      return;
    }
    if (event.type === "stream-started") return this.#started(event);
    const conversation = this.#on(event.stream);
    conversation?.event(event);
    if (event.type !== "stream-lost") return;
    const lost = this.#streams.get(event.stream);
    this.#streams.delete(event.stream);
    if (lost !== undefined && event.reason !== "forgotten")
      this.#parts.report(lost.callId, { type: "stream-lost", token: lost.token });
  }

  /** Ends them all; the calls stay up. */
  close(): void {
    for (const callId of Array.from(this.#calls.keys())) void this.end(callId);
  }

  #started({ stream, callId, token }: Extract<StreamEvent, { type: "stream-started" }>): void {
    const call = this.#parts.find(callId);
    const conversation = call === null ? null : this.#of(call);
    if (conversation === null) return this.#parts.send({ type: "stream-forget", callId });
    this.#streams.set(stream, { callId, token });
    this.#parts.report(callId, { type: "stream-up", token });
    conversation.connect(stream);
  }

  #on(stream: number): Conversation | undefined {
    const known = this.#streams.get(stream);
    if (known === undefined) return undefined;
    return this.#calls.get(known.callId) ?? this.#leaving.get(known.callId);
  }

  /** Null for a call that has no live audio, or is over. */
  #of(call: Call): Conversation | null {
    const known = this.#calls.get(call.id);
    if (known !== undefined) return known;
    if (call.live === null || isOver(call) || call.hangup !== null) return null;
    const made = new Conversation(call, this.#parts);
    this.#calls.set(call.id, made);
    return made;
  }
}
