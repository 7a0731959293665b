/** Writes WAV files, right ones and wrong ones. */
export interface WavHeader {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly extensible?: boolean;
  /** What the header says; else the truth. */
  readonly length?: number;
  /** Chunks before the audio. */
  readonly before?: Buffer;
}

export function wav(audio: Uint8Array, header: WavHeader = {}): Buffer {
  const { tag = 1, channels = 1, rate = 24_000, bits = 16, extensible = false } = header;
  const format = Buffer.alloc(extensible ? 40 : 16);
  format.writeUInt16LE(extensible ? 0xfffe : tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE((rate * channels * bits) / 8, 8);
  format.writeUInt16LE((channels * bits) / 8, 12);
  format.writeUInt16LE(bits, 14);
  if (extensible) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(tag, 24);
  }
  const head = Buffer.from("RIFF\0\0\0\0WAVE", "latin1");
  const data = chunkOf("data", audio, header.length);
  return Buffer.concat([head, chunkOf("fmt ", format), header.before ?? Buffer.alloc(0), data]);
}

export function chunkOf(name: string, body: Uint8Array, length: number = body.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, "latin1");
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}
