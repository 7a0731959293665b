import { validateV3Signature } from "plivo";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decode } from "../audio/g711.ts";
import { keyTone } from "../audio/keys.ts";
import { SocketDesk, type DeskSocket } from "../audio/socket-desk.ts";
import { RealTicker } from "../audio/ticker.ts";
import { hear, Hearing, speak } from "../audio/words.ts";
import { MAIN, newDocument, PUBLIC } from "./desk.ts";
import { startPlivoEmulator, type LiveCall, type PlivoEmulator, type PlivoEmulatorOptions } from "./index.ts";

/** Audio streams as Plivo does them, towards a server that is not ours, ten times as fast as they are. */

const HER = "+15550101234";
const STREAM = "wss://voice.example.test:8443/voice/stream/tok_1?b=2&a=1";
const TWO_WAY = { bidirectional: true, keepCallAlive: true, contentType: "audio/x-mulaw;rate=8000" };

let desk: SocketDesk;
let emulator: PlivoEmulator;

const reach = (url: string): string =>
  url.replace(/^https:\/\/voice\.example\.test(:8443)?/, `http://127.0.0.1:${desk.port}`);

async function start(more: Partial<PlivoEmulatorOptions> = {}): Promise<PlivoEmulator> {
  emulator = await startPlivoEmulator({ ...MAIN, ticker: new RealTicker(10), reach, ...more });
  emulator.setApplication({ answerUrl: `${PUBLIC}/answer` });
  return emulator;
}

beforeEach(async () => {
  desk = await new SocketDesk("audio.plivo.com").open();
  await start();
});

afterEach(async () => {
  await emulator.close();
  await desk.close();
});

/** A call of hers that is answered with a stream, and perhaps more. */
function ring(attributes: object = {}, after = "", url = STREAM): LiveCall {
  const document = newDocument();
  document.addStream(url, { ...TWO_WAY, ...attributes });
  const xml = document.toXML().replace("</Response>", `${after}</Response>`);
  desk.document = ({ url }) => (url.startsWith("/answer") ? xml : "");
  return emulator.ring(HER);
}

async function connected(
  attributes: object = {},
  after = "",
): Promise<{ live: LiveCall; socket: DeskSocket; streamId: string }> {
  const live = ring(attributes, after);
  const socket = await desk.next();
  const [begin] = await socket.sees("start");
  const { streamId = "" } = (begin?.["start"] ?? {}) as Readonly<Record<string, string>>;
  return { live, socket, streamId };
}

const playAudio = (audio: Uint8Array, more: object = {}) => ({
  event: "playAudio",
  media: {
    contentType: "audio/x-mulaw",
    sampleRate: 8000,
    payload: Buffer.from(audio).toString("base64"),
    ...more,
  },
});
const say = (text: string) => playAudio(speak(text, { msPerChar: 30 }));
const checkpoint = (streamId: string, name: string) => ({ event: "checkpoint", streamId, name });

const payloads = (socket: DeskSocket): Buffer =>
  Buffer.concat(
    socket
      .of("media")
      .map(({ media }) => Buffer.from((media as { readonly payload: string }).payload, "base64")),
  );

const hears = (socket: DeskSocket, text: string): Promise<void> =>
  socket.until(`hears ${text}`, () => hear(payloads(socket)) === text);

/** Events of the status callback, in order. */
const events = async (): Promise<readonly string[]> => {
  await emulator.webhooks.settled();
  return emulator.webhooks.all
    .filter(({ url }) => url.endsWith("/status"))
    .map(({ params }) => params["Event"] ?? "");
};

describe("a stream", () => {
  it("is opened with a V3 signature over its URL in http, and begins with start", async () => {
    const { live, socket, streamId } = await connected({ extraHeaders: "call=vc1" });
    expect(socket.url).toBe("/voice/stream/tok_1?b=2&a=1");
    const { headers } = socket;
    expect(headers.host).toBe("voice.example.test:8443");
    expect(headers["sec-websocket-protocol"]).toBe("audio.plivo.com");
    const [signature, nonce] = ["x-plivo-signature-v3", "x-plivo-signature-v3-nonce"].map((name) =>
      String(headers[name]),
    );
    const signed = STREAM.replace("wss:", "http:");
    expect(validateV3Signature("GET", signed, nonce ?? "", MAIN.authToken, signature ?? "", {})).toBe(true);
    expect(socket.frames[0]).toEqual({
      event: "start",
      sequenceNumber: 1,
      start: {
        callId: live.uuid,
        streamId,
        accountId: MAIN.authId,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000 },
      },
      extra_headers: "call=vc1",
    });
    expect(emulator.problems).toEqual([]);
  });

  it("carries 20 ms of the caller at a time, numbered in numbers", async () => {
    const { live, socket, streamId } = await connected();
    await live.phone.says("Hello?");
    await hears(socket, "Hello?");
    const [, second] = socket.of("media");
    expect(second).toMatchObject({
      sequenceNumber: 3,
      streamId,
      media: { track: "inbound", chunk: 2, timestamp: expect.stringMatching(/^[0-9]{13}$/) },
      extra_headers: "",
    });
  });

  it("plays what it is sent and tells what was played", async () => {
    const { live, socket, streamId } = await connected();
    socket.send(say("Hello, this is your assistant."), checkpoint(streamId, "end"));
    expect(await live.hears("Hello")).toMatch(/^Hello/);
    const [played] = await socket.sees("playedStream");
    expect(played).toMatchObject({ streamId, name: "end", sequenceNumber: expect.any(Number) });
    expect(live.heard()).toEqual(["Hello, this is your assistant."]);
    expect(emulator.problems).toEqual([]);
  });

  it("drops what waits on clearAudio; its checkpoints are not told as played", async () => {
    const { live, socket, streamId } = await connected();
    socket.send(say("This will never be heard to its end."), checkpoint(streamId, "one"));
    await live.phone.interruptsAfter(300, "Stop.");
    socket.send({ event: "clearAudio", streamId }, checkpoint(streamId, "two"));
    await socket.sees("clearedAudio");
    const [played] = await socket.sees("playedStream");
    expect(played).toMatchObject({ name: "two" });
    expect("This will never be heard to its end.".startsWith(live.heard()[0] ?? "?")).toBe(true);
  });

  it("tells cleared checkpoints as played where Plivo is taken to do so", async () => {
    await emulator.close();
    await start({ returnsCleared: true });
    const { socket, streamId } = await connected();
    socket.send(say("This will never be heard."), checkpoint(streamId, "one"));
    socket.send({ event: "clearAudio", streamId });
    await socket.sees("playedStream");
    expect(socket.frames.map(({ event }) => event).filter((event) => event !== "media")).toEqual([
      "start",
      "clearedAudio",
      "playedStream",
    ]);
  });

  it("tells the caller's keys, and presses ours by frames and by tones", async () => {
    const { live, socket, streamId } = await connected();
    await live.press("5#");
    const keys = await socket.sees("dtmf", 2);
    expect(keys[0]).toMatchObject({ streamId, dtmf: { digit: "5", track: "inbound" } });
    socket.send({ event: "sendDTMF", dtmf: "12" }, playAudio(keyTone("7")), checkpoint(streamId, "end"));
    await socket.sees("playedStream");
    expect(live.pressed()).toEqual(["12", "7"]);
  });

  it("carries samples when it is asked to", async () => {
    const { live, socket, streamId } = await connected({ contentType: "audio/x-l16;rate=8000" });
    await live.phone.says("Hi.");
    const hearing = (): string => {
      const bytes = payloads(socket);
      const ear = new Hearing();
      ear.pushPcm(Int16Array.from({ length: bytes.length / 2 }, (_, at) => bytes.readInt16LE(at * 2)));
      return ear.text;
    };
    await socket.until("hears Hi.", () => hearing() === "Hi.");
    const samples = decode("pcmu", speak("Hello.", { msPerChar: 30 }));
    socket.send(
      playAudio(new Uint8Array(samples.buffer), { contentType: "audio/x-l16" }),
      checkpoint(streamId, "end"),
    );
    await socket.sees("playedStream");
    expect(live.heard()).toEqual(["Hello."]);
  });

  it("has a conversation by turns", async () => {
    emulator.callee(HER).says("I am fine.").thenHangsUp();
    const { live, socket } = await connected();
    socket.send(say("How are you?"));
    await hears(socket, "I am fine.");
    socket.send(say("Goodbye."));
    expect(await live.ended).toMatchObject({ by: "callee", code: 4000 });
    expect(live.heard()).toEqual(["How are you?", "Goodbye."]);
  });

  it("takes words that waited for somebody to listen, and listens in turn", async () => {
    const live = ring();
    const spoken = live.speak("Too early?");
    const socket = await desk.next();
    await spoken;
    await hears(socket, "Too early?");
    socket.send(say("Yes."));
    expect((await live.listening()).name).toBe("Stream");
  });
});

describe("a stream ends", () => {
  it("with the call: its socket is just closed, and nobody is told", async () => {
    const { live, socket } = await connected({ statusCallbackUrl: `${PUBLIC}/status` });
    await live.hangUp();
    expect(await socket.closed).toBe(1000);
    expect(socket.of("stop")).toEqual([]);
    expect(await events()).toEqual(["StartStream"]);
  });

  it("when our side closes it: the document goes on", async () => {
    const { live, socket } = await connected(
      { statusCallbackUrl: `${PUBLIC}/status` },
      "<Speak>We are back.</Speak>",
    );
    socket.close();
    expect(await live.ended).toMatchObject({ code: 4010 });
    expect(live.heard()).toEqual(["We are back."]);
    expect(await events()).toEqual(["StartStream", "StopStream"]);
  });

  it("when the connection is lost; the call stays up, as there is nothing more", async () => {
    const { live, socket } = await connected({ statusCallbackUrl: `${PUBLIC}/status` });
    socket.terminate();
    await live.handset.until("has lost its stream", () => live.liveStream === null);
    expect(await events()).toEqual(["StartStream", "DroppedStream"]);
    expect(live.status).toBe("in-progress");
  });

  it("and the call with it, where Plivo is taken to do so", async () => {
    await emulator.close();
    await start({ staysAfterStream: false });
    const { live, socket } = await connected();
    socket.close();
    expect(await live.ended).toMatchObject({ code: 4010, by: "document" });
  });

  it("when the call is transferred", async () => {
    const { live, socket } = await connected();
    live.transfer({ url: `${PUBLIC}/elsewhere`, method: "POST" });
    expect(await socket.closed).toBe(1000);
    await live.ended;
    expect(live.liveStream).toBeNull();
  });

  it("when its time is up", async () => {
    const { live, socket } = await connected({ streamTimeout: 20 }, "<Speak>Time is up.</Speak>");
    await socket.closed;
    await live.ended;
    expect(live.heard()).toEqual(["Time is up."]);
  });

  it("with the call at once when nothing keeps it alive", async () => {
    const live = ring({ keepCallAlive: false });
    expect(await live.ended).toMatchObject({ code: 4010 });
  });

  it("not before the document that runs beside it", async () => {
    const { live, socket, streamId } = await connected(
      { keepCallAlive: false },
      "<Speak>Beside.</Speak><Wait length='100'/>",
    );
    socket.send(say("Over it."), checkpoint(streamId, "end"));
    await socket.sees("playedStream");
    expect(live.heard()).toEqual(["Beside.", "Over it."]);
  });
});

describe("a connection", () => {
  it("is tried three times, each with a signature of its own", async () => {
    desk.answer = (count) => (count < 3 ? 503 : 101);
    const { live } = await connected();
    await live.streaming();
    const nonces = desk.asked.map(({ headers }) => headers["x-plivo-signature-v3-nonce"]);
    expect(new Set(nonces).size).toBe(3);
    expect(emulator.problems).toEqual(["Stream: HTTP 503", "Stream: HTTP 503"]);
  });

  it("is given up then; the document goes on", async () => {
    desk.answer = () => 403;
    const live = ring({ statusCallbackUrl: `${PUBLIC}/status` }, "<Speak>Sorry.</Speak>");
    expect(await live.ended).toMatchObject({ code: 4010 });
    expect(live.heard()).toEqual(["Sorry."]);
    expect(desk.asked).toHaveLength(3);
    expect(await events()).toEqual(["DroppedStream"]);
  });

  it.each([
    [{ audioTrack: "both" }, STREAM, "Stream: bidirectional takes the inbound track alone"],
    [{ contentType: "audio/x-l16;rate=16000" }, STREAM, "Stream: audio/x-l16;rate=16000 is not run here"],
    [{}, "https://voice.example.test/x", "Stream: https://voice.example.test/x is no socket's URL"],
  ])("is not made with %j to %s", async (attributes, url, problem) => {
    const live = ring(attributes, "", url);
    await live.ended;
    expect(emulator.problems).toEqual([problem]);
    expect(desk.asked).toEqual([]);
  });
});

describe("what is reported", () => {
  it("is what was played and cleared, with the stream's id", async () => {
    const { socket, streamId } = await connected({ statusCallbackUrl: `${PUBLIC}/status` });
    socket.send(checkpoint(streamId, "a"), { event: "clearAudio", streamId });
    await socket.sees("clearedAudio");
    expect(await events()).toEqual(["StartStream", "PlayedStream", "ClearedAudio"]);
    const [, played] = emulator.webhooks.all.filter(({ url }) => url.endsWith("/status"));
    expect(played?.params).toMatchObject({ StreamID: streamId, ServiceURL: STREAM, Name: "a" });
  });
});

describe("a frame of ours is complained about", () => {
  it.each([
    ["of an unknown kind", { event: "media" }, "unknown event media"],
    [
      "of another content type",
      playAudio(new Uint8Array(8), { contentType: "audio/x-l16" }),
      "playAudio: audio/x-l16 at 8000",
    ],
    [
      "with a rate in its content type",
      playAudio(new Uint8Array(8), { contentType: "audio/x-mulaw;rate=8000" }),
      "playAudio: audio/x-mulaw;rate=8000 at 8000",
    ],
    [
      "with a payload that is no base64",
      playAudio(new Uint8Array(0), { payload: "a" }),
      "playAudio: payload",
    ],
    ["with more than 16 KB", playAudio(new Uint8Array(13_000)), "playAudio: payload over 16 KB"],
    ["with a checkpoint of another stream", checkpoint("x", "name"), "checkpoint: streamId"],
    ["with keys that are none", { event: "sendDTMF", dtmf: "x" }, "sendDTMF: dtmf"],
  ])("%s", async (_, frame, problem) => {
    const { socket, streamId } = await connected();
    socket.send(frame, checkpoint(streamId, "after"));
    await socket.until("is through", () => socket.of("playedStream").some(({ name }) => name === "after"));
    expect(emulator.problems).toEqual([problem]);
  });

  it("when the buffer is full: it is dropped", async () => {
    const { live, socket, streamId } = await connected();
    const second = playAudio(new Uint8Array(8000).fill(0xff));
    socket.send(...Array<typeof second>(45).fill(second), { event: "clearAudio", streamId });
    await socket.sees("clearedAudio");
    expect(emulator.problems[0]).toBe("playAudio: the buffer is full");
    expect(live.streams[0]?.longestWaitingMs).toBe(40_000);
    expect(live.streams[0]?.droppedMs).toBeGreaterThan(3000);
  });

  it("when it is longer than 64 KB: the socket is closed", async () => {
    const { socket } = await connected();
    socket.sendRaw("x".repeat(64 * 1024 + 1));
    expect(await socket.closed).toBe(1009);
  });
});
