import type { LiveAudio } from "../../../src/conformance/world.ts";
import { SILENCE } from "./earpiece.ts";
import type { Phone } from "./phone-audio.ts";
import type { CarrierStream } from "./socket-client.ts";

/** What the conformance scripts see of a phone and its call's streams. `lose`: how the carrier loses one and keeps the call. */
export const liveAudio = <Stream extends CarrierStream>(
  phone: Phone,
  streams: readonly Stream[],
  lose: (stream: Stream) => void,
): LiveAudio => ({
  get sockets() {
    return streams.length;
  },
  get isOpen() {
    return streams.some(({ isOpen }) => isOpen);
  },
  heard: () => Buffer.concat(phone.played.map(({ frame }) => frame ?? SILENCE)),
  say: (audio) => phone.plays(audio),
  drop: () => {
    const last = streams.at(-1);
    if (last !== undefined) lose(last);
  },
});
