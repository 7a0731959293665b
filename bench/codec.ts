/** G.711: a frame of 160 samples each way, ours beside a textbook's loop and the host's. */
import { decode, encode, transcode } from "../src/media/g711.ts";
import { costs, hostAudio, textbook } from "./others.ts";
import { round, table } from "./table.ts";

/** What goes over all frames. */
function over<T>(all: readonly T[], work: (frame: T) => unknown): () => void {
  return () => {
    for (let at = 0; at < all.length; at++) work(all[at] as T);
  };
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

  const names = ["ours, PCMU", "ours, PCMA", "ours, PCMU, into new arrays", "textbook loop", "host"];
  const encodes = [
    over(frames, (frame) => encode(frame, "pcmu", bytes)),
    over(frames, (frame) => encode(frame, "pcma", bytes)),
    over(frames, (frame) => encode(frame, "pcmu")),
    over(frames, (frame) => textbook.encode(frame, bytes)),
    over(pcm, (frame) => host.pcmToMulaw(frame)),
  ];
  const decodes = [
    over(coded, (frame) => decode(frame, "pcmu", samples)),
    over(coded, (frame) => decode(frame, "pcma", samples)),
    over(coded, (frame) => decode(frame, "pcmu")),
    over(coded, (frame) => textbook.decode(frame, samples)),
    over(mulaw, (frame) => host.mulawToPcm(frame)),
  ];
  const across = over(coded, (frame) => transcode(frame, "pcmu", "pcma"));
  const nanos = costs([...encodes, ...decodes, across]).map((micros) => (1000 * micros) / frames.length);
  const cells = (from: number): string[][] => {
    const some = nanos.slice(from, from + names.length);
    return some.map((ns) => [round(ns, 0), `${round(ns / (some[0] ?? 1))} ×`]);
  };
  const [encoding, decoding] = [cells(0), cells(names.length)];
  table("G.711, ns for a frame of 160 samples (CPU time, best of forty rounds)", [
    ["", "encode", "of ours", "decode", "of ours"],
    ...names.map((name, at) => [name].concat(encoding[at] ?? [], decoding[at] ?? [])),
  ]);
  console.log(`PCMU to PCMA, into a new array: ${round(nanos.at(-1) ?? Number.NaN, 0)} ns`);

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
