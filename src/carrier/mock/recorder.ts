import type { PhonePort } from "../../call/service.ts";

/** Keeps what is heard on calls with live audio, one after another. Whoever follows a call looks in every few seconds. */
export class Recorder {
  readonly #phone: Pick<PhonePort, "listen">;
  readonly #parts: Uint8Array[] = [];
  #call = "";
  #cursor = 0;

  constructor(phone: Pick<PhonePort, "listen">) {
    this.#phone = phone;
  }

  /** Takes what has been heard on this call since the last time. Rejects as `listen` does. */
  async follow(carrierCallId: string): Promise<void> {
    if (this.#call !== carrierCallId) this.#cursor = 0;
    this.#call = carrierCallId;
    for (;;) {
      const { cursor, audio } = await this.#phone.listen(carrierCallId, this.#cursor);
      this.#cursor = cursor;
      if (audio.length === 0) return;
      this.#parts.push(audio);
    }
  }

  /** A WAV file of it: µ-law, 8 kHz, one channel. Null when nothing was heard. */
  file(): Uint8Array | null {
    if (this.#parts.length === 0) return null;
    const audio = Buffer.concat(this.#parts);
    return Buffer.concat([header(audio.length), audio]);
  }
}

const MU_LAW = 7;
const RATE = 8_000;

/** RIFF WAVE, with the chunk `fact` that formats other than PCM have to have. */
function header(bytes: number): Buffer {
  const head = Buffer.alloc(58);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(head.length - 8 + bytes, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(18, 16);
  head.writeUInt16LE(MU_LAW, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("fact", 38, "latin1");
  head.writeUInt32LE(4, 42);
  head.writeUInt32LE(bytes, 46);
  head.write("data", 50, "latin1");
  head.writeUInt32LE(bytes, 54);
  return head;
}
