import type { Dice } from "./fuzz-dice.ts";
import { frame, OPCODE } from "./fixtures/websocket.ts";

/** A carrier with audio sockets, as its frames are: what it may send, by the shape of its documents. */
export interface TalkingCarrier {
  readonly name: "mock" | "twilio" | "telnyx" | "plivo";
  readonly secrets: Readonly<Record<string, string>>;
  start(callId: string, streamId: string): object;
  media(payload: string, count: number): object;
  key(digit: string): object;
  mark(name: string): object;
  /** Others that it sends. */
  readonly more: readonly object[];
  readonly stop: object;
}

export const TALKING: readonly TalkingCarrier[] = [
  {
    name: "mock",
    secrets: {},
    start: (call, stream) => ({ event: "start", stream, call, encoding: "pcmu" }),
    media: (payload, count) => ({ event: "media", chunk: count, payload }),
    key: (digit) => ({ event: "key", digit }),
    mark: (name) => ({ event: "mark", name }),
    more: [{ event: "cleared" }],
    stop: { event: "stop" },
  },
  {
    name: "twilio",
    secrets: { accountSid: `AC${"0a".repeat(16)}`, authToken: "token" },
    start: (callSid, streamSid) => ({
      event: "start",
      sequenceNumber: "1",
      start: {
        streamSid,
        callSid,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
        customParameters: {},
      },
      streamSid,
    }),
    media: (payload, count) => ({
      event: "media",
      sequenceNumber: String(count + 1),
      media: { track: "inbound", chunk: String(count), timestamp: String(count * 20), payload },
      streamSid: "MZ1",
    }),
    key: (digit) => ({ event: "dtmf", streamSid: "MZ1", dtmf: { track: "inbound_track", digit } }),
    mark: (name) => ({ event: "mark", streamSid: "MZ1", mark: { name } }),
    more: [{ event: "connected", protocol: "Call", version: "1.0.0" }],
    stop: { event: "stop", streamSid: "MZ1", stop: { accountSid: "AC1", callSid: "CA1" } },
  },
  {
    name: "telnyx",
    secrets: { publicKey: "unused" },
    start: (call, stream_id) => ({
      event: "start",
      sequence_number: "1",
      stream_id,
      start: { call_control_id: call, media_format: { encoding: "PCMA", sample_rate: 8000, channels: 1 } },
    }),
    media: (payload, count) => ({
      event: "media",
      sequence_number: String(count + 1),
      media: { track: "inbound", chunk: String(count), timestamp: String(count * 20), payload },
      stream_id: "s",
    }),
    key: (digit) => ({ event: "dtmf", stream_id: "s", occurred_at: "2026-11-26T07:00:00Z", dtmf: { digit } }),
    mark: (name) => ({ event: "mark", stream_id: "s", mark: { name } }),
    more: [
      { event: "connected", version: "1.0.0" },
      { event: "error", payload: { code: 100_004, title: "invalid_media", detail: "x" } },
    ],
    stop: { event: "stop", stop: { user_id: "u", call_control_id: "v3:1" } },
  },
  {
    name: "plivo",
    secrets: { authToken: "token" },
    start: (callId, streamId) => ({
      sequenceNumber: 1,
      event: "start",
      start: {
        callId,
        streamId,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000 },
      },
      extra_headers: "{}",
    }),
    media: (payload, count) => ({
      sequenceNumber: count + 1,
      streamId: "s",
      event: "media",
      media: { track: "inbound", timestamp: String(count * 20), chunk: count, payload },
    }),
    key: (digit) => ({ event: "dtmf", streamId: "s", dtmf: { track: "inbound", digit, timestamp: "1" } }),
    mark: (name) => ({ event: "playedStream", streamId: "s", name }),
    more: [{ event: "clearedAudio", streamId: "s" }],
    stop: { event: "stop", reason: "hangup" },
  },
];

/** Values that break readers which believe what they are sent. JSON text. */
const VALUES = [
  "null",
  "true",
  "-1",
  "0",
  "1e999",
  "-1e999",
  "9007199254740993",
  "1.5",
  `"${"9".repeat(40)}"`,
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  "[]",
  "{}",
  '{"__proto__":{"event":"start"}}',
  '[["media"]]',
  '"====" ',
  '"AAA"',
  '"////\\n////"',
  '"start"',
  '"stop"',
  `"${"A".repeat(400)}"`,
  `"${"é".repeat(200)}"`,
];

const SOUNDS = [0, 1, 2, 80, 160, 160, 160, 160, 161, 240, 320];
const LONG_SOUNDS = [1_600, 8_000, 8_001, 20_000];

/** Frames of one carrier. Hostile ones are costly to make, so each comes several times, among others each time. */
export class StreamFrames {
  readonly #dice: Dice;
  readonly #carrier: TalkingCarrier;
  readonly #pool: Buffer[];
  readonly #sounds: readonly string[];

  constructor(dice: Dice, carrier: TalkingCarrier) {
    this.#dice = dice;
    this.#carrier = carrier;
    this.#pool = Array.from({ length: POOL }, (_, at) => this.#hostile(at));
    this.#sounds = Array.from({ length: 16 }, () => dice.bytes(160).toString("base64"));
  }

  /** Makes some of the hostile ones anew. */
  refresh(): void {
    for (let change = 0; change < POOL / 16; change += 1) {
      this.#pool[this.#dice.upTo(POOL)] = this.#hostile(this.#dice.upTo(2 ** 31));
    }
  }

  /** The carrier's next frame of audio, or something else. */
  next(count: number): Buffer {
    if (this.#dice.chance(0.5)) return this.#dice.pick(this.#pool);
    return whole(JSON.stringify(this.#carrier.media(this.#dice.pick(this.#sounds), count)));
  }

  #hostile(count: number): Buffer {
    return asFrames(this.#dice, hostileText(this.#dice, this.#carrier, count));
  }
}

const POOL = 256;

/** One text frame: what the carrier might send, often enough not quite. */
function hostileText(dice: Dice, carrier: TalkingCarrier, count: number): string {
  const genuine = (): object => {
    const kind = dice.upTo(20);
    if (kind === 0) return carrier.key(dice.pick(["0", "9", "#", "*", "A", "d", "12", ""]));
    if (kind === 1) return carrier.mark(dice.pick(["g1.1", "g1.2", "g2.1", "m", "", "x".repeat(300)]));
    if (kind === 2) return dice.pick(carrier.more);
    if (kind === 3) return carrier.start(`call-${dice.upTo(5)}`, "again");
    const length = dice.pick(dice.chance(0.02) ? LONG_SOUNDS : SOUNDS);
    const sound = Buffer.alloc(length, dice.upTo(256)).toString("base64");
    return carrier.media(sound, dice.chance(0.9) ? count : dice.upTo(2 ** 40) - 100);
  };
  const text = JSON.stringify(genuine());
  return dice.chance(0.5) ? text : broken(dice, text);
}

function broken(dice: Dice, text: string): string {
  switch (dice.upTo(8)) {
    case 0:
      return text.slice(0, dice.upTo(text.length));
    case 1: {
      const at = dice.upTo(text.length);
      return text.slice(0, at) + String.fromCodePoint(dice.upTo(0xd7ff)) + text.slice(at + dice.upTo(3));
    }
    case 2:
      return "[".repeat(dice.chance(0.1) ? dice.upTo(30_000) : dice.upTo(50)) + text;
    case 3:
      // The last of two counts, or the first: either must be read as one.
      return text.replace("{", `{"event":${dice.pick(VALUES)},"media":${dice.pick(VALUES)},`);
    case 4:
      return text.slice(0, -1) + `,"event":${dice.pick(VALUES)}}`;
    case 5:
      return dice.pick(VALUES);
    default:
      return swapped(dice, text);
  }
}

/** A value of the frame in place of which something else stands. */
function swapped(dice: Dice, text: string): string {
  const values = [...text.matchAll(/:("(?:[^"\\]|\\.)*"|-?[0-9.]+|\{|\[)/g)];
  const found = values.length === 0 ? undefined : dice.pick(values);
  if (found === undefined || /[[{]/.test(found[1] ?? "")) return text.replace('"', dice.pick(VALUES));
  return text.slice(0, found.index + 1) + dice.pick(VALUES) + text.slice(found.index + found[0].length);
}

/** The text in one frame, or in fragments with control frames between them. */
export function asFrames(dice: Dice, text: string): Buffer {
  const bytes = Buffer.from(text);
  if (dice.chance(0.9)) return whole(text);
  const cuts = Array.from({ length: 1 + dice.upTo(4) }, () => dice.upTo(bytes.length + 1)).toSorted(
    (a, b) => a - b,
  );
  const parts = [0, ...cuts].map((from, at) => bytes.subarray(from, cuts[at] ?? bytes.length));
  const frames = parts.flatMap((part, at) => {
    const fragment = frame(part, {
      opcode: at === 0 ? OPCODE.text : OPCODE.more,
      fin: at === parts.length - 1,
    });
    return dice.chance(0.3) ? [control(dice), fragment] : [fragment];
  });
  return Buffer.concat(frames);
}

function control(dice: Dice): Buffer {
  return frame(dice.bytes(dice.upTo(126)), { opcode: dice.pick([OPCODE.ping, OPCODE.pong]) });
}

/** Masked with zeros, which costs nothing: the mask has tests of its own. */
function whole(text: string): Buffer {
  const plain = frame(text, { masked: false });
  const at = plain.length - Buffer.byteLength(text);
  const masked = Buffer.allocUnsafe(plain.length + 4);
  plain.copy(masked, 0, 0, at);
  masked.writeUInt8((plain[1] ?? 0) | 0x80, 1);
  masked.fill(0, at, at + 4);
  plain.copy(masked, at + 4, at);
  return masked;
}

/** Bytes after which no socket stays open. */
export function lethal(dice: Dice): Buffer {
  switch (dice.upTo(9)) {
    case 0:
      return frame("x", { opcode: OPCODE.binary });
    case 1:
      return frame("", { length: dice.pick([65_537, 2 ** 21, 2 ** 32, 2 ** 53]) });
    case 2:
      return frame("x", { masked: false });
    case 3:
      return frame("x", { rsv: 1 + dice.upTo(7) });
    case 4:
      return frame("x", { opcode: dice.pick([3, 4, 7, 11, 15]) });
    case 5:
      return frame(Buffer.from([0xc3, 0x28]));
    case 6:
      return Buffer.concat([frame("a", { fin: false }), frame("b")]);
    case 7:
      return frame(dice.bytes(1), { opcode: OPCODE.close });
    default:
      return frame(Buffer.from([0x03, 0xe8]), { opcode: OPCODE.close });
  }
}
