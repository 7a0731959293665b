/** Every bound of the public listener. Times in milliseconds. */
export interface EdgeLimits {
  /** Request line and headers; more is answered 431. */
  readonly headerBytes: number;
  /** From connecting, or from a request's first byte, to the end of its headers; longer is answered 408. */
  readonly headerTimeoutMs: number;
  /** How often header time-outs are looked for. */
  readonly checkEveryMs: number;
  /** One request's body; more is answered 413. */
  readonly bodyBytes: number;
  /** From the end of the headers to the end of the body; longer is answered 408. */
  readonly bodyTimeoutMs: number;
  /** Bodies being read at once. One more evicts the oldest with 408. */
  readonly bodySlots: number;
  /** Bytes held by unfinished bodies, all together. More evicts the oldest with 408. */
  readonly bodyBufferBytes: number;
  /** Open connections. One more closes the oldest that has no verified request under way. */
  readonly connections: number;
  /** Verified requests that wait for the main thread; more are answered 503. */
  readonly pendingFacts: number;
  /** Of those, requests with one and the same claim. */
  readonly pendingPerClaim: number;
  /** Carriers give up after 15 s (Twilio's ceiling); before that we answer 503 so that they try again. */
  readonly replyTimeoutMs: number;
  /** Claims whose repeat is answered without asking the main thread. */
  readonly rememberedReplies: number;
  /** How long, and for how many unread bytes, a closed connection is kept so that its last answer arrives. */
  readonly lingerMs: number;
  readonly lingerBytes: number;
  /** An idle connection is kept this long: longer than the 60 s of common proxies, so that they close first. */
  readonly keepAliveMs: number;
  /** A connection without any traffic inside a request is dropped after this. Above `replyTimeoutMs`. */
  readonly stuckMs: number;
  /** One frame of an audio socket; Plivo's longest is 64 KB. More closes it with 1009, unread. */
  readonly streamFrameBytes: number;
  /** Fragments of such a frame, and pieces in which one may arrive; more closes with 1008. */
  readonly streamFragments: number;
  readonly streamChunks: number;
  /** Frames that are passed over before a valid `start`; one more closes with 1008. */
  readonly streamEarlyFrames: number;
  /**
   * What a carrier may send on one socket, each frame counted with `streamFrameCost` more than its length: so much a
   * second, and as much as that of a minute at once, as after a network that stood still. 20 ms of audio take about 300
   * bytes. More closes with 1008.
   */
  readonly streamBytesPerSecond: number;
  readonly streamFrameCost: number;
  /** What may wait for a carrier to take it: about ten seconds of speech. More cuts the socket. */
  readonly streamBacklogBytes: number;
  /** Audio sockets that have been closed and whose carriers have not; one more cuts the oldest. */
  readonly closingStreams: number;
  /** The first refusal is reported after `reportFirstMs`, later ones gathered for `reportEveryMs`. */
  readonly reportFirstMs: number;
  readonly reportEveryMs: number;
}

export const EDGE_LIMITS: EdgeLimits = {
  headerBytes: 16 * 1024,
  headerTimeoutMs: 5_000,
  checkEveryMs: 500,
  bodyBytes: 64 * 1024,
  bodyTimeoutMs: 5_000,
  bodySlots: 256,
  bodyBufferBytes: 8 * 1024 * 1024,
  connections: 512,
  pendingFacts: 1024,
  pendingPerClaim: 64,
  replyTimeoutMs: 12_000,
  rememberedReplies: 4096,
  lingerMs: 1_000,
  lingerBytes: 256 * 1024,
  keepAliveMs: 75_000,
  stuckMs: 30_000,
  streamFrameBytes: 64 * 1024,
  streamFragments: 64,
  streamChunks: 4096,
  streamEarlyFrames: 64,
  streamBytesPerSecond: 64 * 1024,
  streamFrameCost: 256,
  streamBacklogBytes: 128 * 1024,
  closingStreams: 64,
  reportFirstMs: 1_000,
  reportEveryMs: 60_000,
};
