/**
 * A carrier and the people on its network, as the conformance scripts see them. Whoever writes a carrier describes its
 * stand-in in these words: a real server that speaks the carrier's wire protocol, signs as it signs and keeps its rules.
 */
export interface World {
  /** Our own number at the carrier, E.164. */
  readonly ours: string;
  /** What the carrier's console would complain about: broken documents, failed webhooks, unknown fields. */
  readonly problems: readonly string[];
  readonly webhooks: Webhooks;
  /** The person at that number. Describe them before they are called; without a description they answer. */
  callee(number: string): Person;
  /** The next call that is placed through the carrier, or the first one that nobody has taken yet. */
  nextCall(): Promise<FarEnd>;
  /** Somebody calls us. `withheld` hides the number as this carrier does; `fields` are more of the carrier's own. */
  ring(from: string, more?: { readonly withheld?: boolean; readonly fields?: Fields }): FarEnd;
  /** Lets the next request that places a call go wrong. */
  failCreate(fault: CreateFault): void;
  /** Requests that asked the carrier to place a call, answered or not. */
  creates(): number;
  close(): Promise<void>;
}

export type Fields = Readonly<Record<string, string>>;

/** `lost`: carried out, the answer never arrives. `reset`: nothing happens. `refused`: a final refusal. `busy`: HTTP 429. */
export type CreateFault = "lost" | "reset" | "refused" | "busy";

/** Describes a person in sentences: `world.callee("+1…").answers().says("Hello", "Bye").thenHangsUp()`. */
export interface Person {
  /** Picks up after ringing for `ringMs` of call time (default one second). */
  answers(ringMs?: number): this;
  busy(): this;
  /** Rings until the caller gives up. */
  noAnswer(): this;
  /** The number does not exist. */
  fails(): this;
  /** The person declines. */
  declines(): this;
  /** An answering machine picks up and says its greeting for `greetingMs`, then beeps (`beep: false`: it does not). */
  machine(options?: { readonly greetingMs?: number; readonly beep?: boolean }): this;
  /** What is said in each listening turn; null = nothing. After the last one, the test speaks for the person. */
  says(...lines: readonly (string | null)[]): this;
  thenHangsUp(): this;
  hangsUpAfter(ms: number): this;
}

/** The other end of one call: the person's ear, mouth and keys. */
export interface FarEnd {
  /** The carrier's id of the call. */
  readonly id: string;
  readonly ended: Promise<{ readonly by: "callee" | "api" | "document" | "carrier" }>;
  /** Everything that was said to the person, in order. */
  heard(): readonly string[];
  /** Tones that reached the person. */
  pressed(): readonly string[];
  /** The number the call was handed over to, if it was. */
  transferredTo(): string | null;
  /** Resolves with the first words heard that match; rejects when the call ends before. */
  hears(words: string | RegExp): Promise<string>;
  /** Resolves once the carrier listens to the person. */
  listening(): Promise<unknown>;
  /** Says something in this or the next listening turn; resolves once the webhook is answered or the call over. */
  speak(text: string): Promise<void>;
  press(digits: string): Promise<void>;
  hangUp(): Promise<unknown>;
  /** The person's telephone for calls with live audio; null where the carrier has none. */
  audio(): LiveAudio | null;
}

/** The person's end of a call's audio sockets. Audio is µ-law at 8 kHz, without headers, in real time. */
export interface LiveAudio {
  /** Sockets that the carrier has opened for this call, those that are over included. */
  readonly sockets: number;
  /** One of them is open. */
  readonly isOpen: boolean;
  /** All that was played to the person, in order. Silence may be left out. */
  heard(): Uint8Array;
  /** Says that, whoever else speaks; resolves when it is said or the call over. */
  say(audio: Uint8Array): Promise<void>;
  /** The open socket is lost, in the way in which this carrier loses one and keeps the call. */
  drop(): void;
}

/** The carrier's webhooks, as they were sent. */
export interface Webhooks {
  /** Send every webhook twice. */
  duplicate: boolean;
  readonly all: readonly Sent[];
  /** Sends one again, byte for byte. */
  replay(sent: Sent): Promise<{ readonly status: number; readonly body: string }>;
  /** Sends one with a signature that is forged, or missing (`null`). */
  forge(sent: Sent, signature: string | null): Promise<{ readonly status: number }>;
  /** Resolves once nothing is on its way. */
  settled(): Promise<void>;
}

export interface Sent {
  readonly url: string;
  /** 0 when nothing came back. */
  readonly status: number;
  /** The listening turn's result, as opposed to reports and requests for documents. */
  readonly isSpeech: boolean;
}
