/** G.711: a frame of 160 samples each way, ours beside a textbook's loop and the host's. */
import { decode, encode, transcode } from "../src/media/g711.ts";
import { cost, hostAudio, textbook } from "./others.ts";
import { round, table } from "./table.ts";

/** Over all frames; ns for one. */
function each<T>(all: readonly T[], work: (frame: T) => unknown): number {
  const run = (): void => {
    for (const frame of all) work(frame);
  };
  return (1000 * cost(run)) / all.length;
}

export async function bench(): Promise<void> {
  const host = await hostAudio();
  // Half of a second of a voice's swing, another frame each time, so that no table stays warm by chance.
  const speech = Int16Array.from({ length: 4000 }, (_, at) =>
    Math.round(9000 * Math.sin(at / 7) * Math.sin(at / 400) + 900 * Math.sin(at * at)),
  );
  const frames = Array.from({ length: 25 }, (_, at) => speech.slice(at * 160, (at + 1) * 160));
  const coded = frames.map((frame) => encode(frame, "pcmu"));
  const pcm = frames.map((frame) => Buffer.from(frame.buffer));
  const mulaw = coded.map((bytes) => Buffer.from(bytes));
  const bytes = new Uint8Array(160);
  const samples = new Int16Array(160);

  const rows: [string, number, number][] = [
    [
      "ours, PCMU",
      each(frames, (f) => encode(f, "pcmu", bytes)),
      each(coded, (b) => decode(b, "pcmu", samples)),
    ],
    [
      "ours, PCMA",
      each(frames, (f) => encode(f, "pcma", bytes)),
      each(coded, (b) => decode(b, "pcma", samples)),
    ],
    [
      "ours, PCMU, into new arrays",
      each(frames, (f) => encode(f, "pcmu")),
      each(coded, (b) => decode(b, "pcmu")),
    ],
    [
      "textbook loop",
      each(frames, (f) => textbook.encode(f, bytes)),
      each(coded, (b) => textbook.decode(b, samples)),
    ],
    ["host", each(pcm, (f) => host.pcmToMulaw(f)), each(mulaw, (b) => host.mulawToPcm(b))],
  ];
  const [, encodes = 1, decodes = 1] = rows[0] ?? [];
  table("G.711, ns for a frame of 160 samples (median of seven rounds, CPU time)", [
    ["", "encode", "of ours", "decode", "of ours"],
    ...rows.map(([name, to, from]) => [
      name,
      round(to, 0),
      `${round(to / encodes)} ×`,
      round(from, 0),
      `${round(from / decodes)} ×`,
    ]),
  ]);
  console.log(
    `PCMU to PCMA: ${round(
      each(coded, (b) => transcode(b, "pcmu", "pcma")),
      0,
    )} ns`,
  );

  const every = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
  const theirs = host.pcmToMulaw(Buffer.from(every.buffer));
  const back = host.mulawToPcm(Buffer.from(codes));
  const differ = encode(every, "pcmu").filter((code, at) => code !== theirs[at]).length;
  const differBack = decode(codes, "pcmu").filter((sample, at) => sample !== back.readInt16LE(2 * at)).length;
  console.log(
    `differences from the host's codes: ${differ} of 65,536 encoding, ${differBack} of 256 decoding`,
  );
}
