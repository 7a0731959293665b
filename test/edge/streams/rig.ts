import { onTestFinished } from "vitest";
import { Listener } from "../../../src/edge/listener.ts";
import type { EdgeLimits } from "../../../src/edge/limits.ts";
import type { ListenerSettings, MediaSettings } from "../../../src/edge/protocol.ts";
import { Streams, type StreamsParts } from "../../../src/edge/streams/streams.ts";
import type { Expected, StreamCommand, StreamEvent } from "../../../src/media/commands.ts";
import type { CarrierMedia } from "../../../src/media/protocol.ts";
import { sign } from "../fixtures/carrier.ts";
import { NEVER, PATIENT, SETTINGS } from "../fixtures/listening.ts";
import { testMedia } from "../fixtures/media.ts";
import { openSocket, type Handshake, type WebSocketClient } from "../fixtures/websocket.ts";

export const STREAM_PATH = SETTINGS.streamPath;
export const CALLER = "CA-caller";

export const MEDIA: MediaSettings = {
  carrier: { carrier: "test", secrets: {}, skipSignatureVerification: false, loopbackBypass: false },
  preStartTimeoutMs: NEVER,
  maxPendingConnections: 32,
  maxPendingConnectionsPerIp: 4,
  maxConnections: 128,
};

export interface StreamRig {
  readonly port: number;
  readonly listener: Listener;
  readonly streams: Streams;
  readonly events: StreamEvent[];
  readonly refused: string[];
  /** The clock that tokens expire by. */
  readonly time: { ms: number };
  /** Of one type. */
  readonly of: <T extends StreamEvent["type"]>(type: T) => readonly Extract<StreamEvent, { type: T }>[];
  readonly obey: (command: StreamCommand) => void;
  /** A stream of this call may come; the token it needs. */
  readonly expect: (callId: string, changes?: Partial<Expected>) => string;
  /** Opens a socket with a genuine signature. */
  readonly open: (token: string, how?: Handshake) => Promise<WebSocketClient>;
  /** Opens a socket and starts its stream. */
  readonly start: (callId: string, changes?: Partial<Expected>) => Promise<WebSocketClient>;
}

/** A listener in this thread that takes audio sockets of the test carrier. */
export async function streamRig(
  options: {
    readonly limits?: Partial<EdgeLimits>;
    readonly settings?: Partial<ListenerSettings>;
    readonly media?: Partial<MediaSettings>;
    readonly carrier?: CarrierMedia;
    readonly create?: StreamsParts["create"];
    readonly firstStream?: number;
  } = {},
): Promise<StreamRig> {
  const media = { ...MEDIA, ...options.media };
  const settings = { ...SETTINGS, ...options.settings, media };
  const limits = { ...PATIENT, ...options.limits };
  const [events, refused]: [StreamEvent[], string[]] = [[], []];
  const time = { ms: Date.now() };
  const streams = new Streams({
    settings,
    carrier: options.carrier ?? (await testMedia(media.carrier)),
    limits,
    firstStream: options.firstStream ?? 1,
    emit: (event) => void events.push(event),
    refused: (reason) => void refused.push(reason),
    now: () => time.ms,
    ...(options.create === undefined ? {} : { create: options.create }),
  });
  const listener = new Listener({
    settings,
    webhook: null,
    unverified: null,
    streams,
    limits,
    ask: (_, done) => done({ status: 204 }),
    refused: (reason) => void refused.push(reason),
    bypassed: () => {},
    now: () => time.ms,
  });
  const port = await listener.listen();
  onTestFinished(() => listener.close(0));

  let tokens = 0;
  const rig: StreamRig = {
    port,
    listener,
    streams,
    events,
    refused,
    time,
    of: <T extends StreamEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<StreamEvent, { type: T }> => event.type === type),
    obey: (command) => streams.obey(command),
    expect: (callId, changes = {}) => {
      tokens += 1;
      const expected = {
        token: `${"t".repeat(20)}-${tokens}`,
        callId,
        carrierCallId: null,
        expiresAt: time.ms + 30_000,
        bargeIn: { pauseMs: 120, commitMs: 500, resumeMs: 2000 },
        ...changes,
      };
      streams.obey({ type: "stream-expect", expected });
      return expected.token;
    },
    open: (token, how = {}) => {
      const target = `${STREAM_PATH}/${token}`;
      const host = how.host ?? "127.0.0.1";
      const signature = sign(`ws://${host}${target}`, "");
      return openSocket(port, target, {
        ...how,
        headers: { "X-Test-Signature": signature, ...how.headers },
      });
    },
    start: async (callId, changes = {}) => {
      const client = await rig.open(rig.expect(callId, changes));
      client.say(["connected"], startFrame(changes.carrierCallId ?? CALLER));
      await until(() => rig.of("stream-started").some((event) => event.callId === callId));
      return client;
    },
  };
  return rig;
}

export const startFrame = (carrierCallId = CALLER, encoding = "pcmu"): unknown => [
  "start",
  "MZ1",
  carrierCallId,
  encoding,
];

/** 20 ms of a sound that nobody has to recognise. */
export const SOUND = Buffer.alloc(160, 0x55).toString("base64");

/** Waits until it is so; gives up after so many looks that a busy machine does not matter. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let looks = 0; !isSo(); looks += 1) {
    if (looks > 5_000) throw new Error("it is not so");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
