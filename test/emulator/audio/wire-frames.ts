/** Frames of RFC 6455, from the client's side: ours are masked, the server's must not be. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
export type Opcode = (typeof OPCODE)[keyof typeof OPCODE];

export interface Message {
  readonly opcode: Opcode;
  readonly payload: Buffer;
}

/** What the other side sent is no WebSocket frame. `code`: of the close frame that tells it. */
export class ProtocolError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export function writeFrame(opcode: Opcode, payload: Uint8Array, fin = true): Buffer {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const begin = 2 + extra + 4;
  const frame = Buffer.alloc(begin + length);
  frame[0] = (fin ? 0x80 : 0) | opcode;
  frame[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) frame.writeUInt16BE(length, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  // Nobody is to be protected from these bytes.
  frame.writeUInt32BE(Math.floor(Math.random() * 2 ** 32), 2 + extra);
  for (let at = 0; at < length; at++) {
    frame[begin + at] = (payload[at] ?? 0) ^ (frame[begin - 4 + (at % 4)] ?? 0);
  }
  return frame;
}

interface Head {
  readonly fin: boolean;
  readonly opcode: Opcode;
  /** Of the head and of the payload. */
  readonly size: number;
  readonly length: number;
}

const OPCODES: ReadonlySet<number> = new Set(Object.values(OPCODE));

/** Puts messages together from what arrives. */
export class MessageReader {
  readonly #longest: number;
  #bytes: Buffer = Buffer.alloc(0);
  /** The first opcode and the parts of a message that is not whole yet. */
  #open: { readonly opcode: Opcode; readonly parts: Buffer[] } | null = null;

  /** `longest`: message that is taken, bytes. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Throws a `ProtocolError`. */
  *push(bytes: Buffer): Generator<Message> {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    for (let head = this.#head(); head !== null; head = this.#head()) {
      const payload = this.#bytes.subarray(head.size, head.size + head.length);
      this.#bytes = this.#bytes.subarray(head.size + head.length);
      const message = this.#join(head, payload);
      if (message !== null) yield message;
    }
  }

  /** Null: not all of the frame is there. */
  #head(): Head | null {
    const bytes = this.#bytes;
    const [first, second] = bytes;
    if (first === undefined || second === undefined) return null;
    const opcode = first & 0x0f;
    if ((first & 0x70) !== 0) throw new ProtocolError(1002, "reserved bits");
    if (!OPCODES.has(opcode)) throw new ProtocolError(1002, `opcode ${opcode}`);
    if (second >= 0x80) throw new ProtocolError(1002, "a masked frame from the server");
    const size = second < 126 ? 2 : second === 126 ? 4 : 10;
    if (bytes.length < size) return null;
    const length =
      size === 2 ? second : size === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    const fin = first >= 0x80;
    if (opcode >= 8 && (!fin || length > 125)) throw new ProtocolError(1002, "a broken control frame");
    if (length > this.#longest) throw new ProtocolError(1009, `${length} bytes`);
    return bytes.length < size + length ? null : { fin, opcode: opcode as Opcode, size, length };
  }

  #join({ fin, opcode }: Head, payload: Buffer): Message | null {
    if (opcode >= 8) return { opcode, payload };
    if ((opcode === OPCODE.continuation) !== (this.#open !== null)) {
      throw new ProtocolError(1002, "a fragment out of place");
    }
    this.#open ??= { opcode, parts: [] };
    this.#open.parts.push(payload);
    const whole = this.#open.parts.reduce((sum, { length }) => sum + length, 0);
    if (whole > this.#longest) throw new ProtocolError(1009, `${whole} bytes`);
    if (!fin) return null;
    const message = { opcode: this.#open.opcode, payload: Buffer.concat(this.#open.parts) };
    this.#open = null;
    if (message.opcode === OPCODE.text && !isUtf8(message.payload)) throw new ProtocolError(1007, "no UTF-8");
    return message;
  }
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
