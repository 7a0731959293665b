import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { validateRequest } from "twilio/lib/webhooks/webhooks.js";
import { keyTone } from "../audio/keys.ts";
import { SocketDesk, type DeskSocket } from "../audio/socket-desk.ts";
import { RealTicker } from "../audio/ticker.ts";
import { hear, speak } from "../audio/words.ts";
import { startTwilioEmulator, type LiveCall, type TwilioEmulator } from "./index.ts";

/** Media Streams as Twilio does them, towards a server that is not ours, ten times as fast as they are. */

const ACCOUNT = `AC${"0a".repeat(16)}`;
const TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
const HER = "+15550100001";
const OURS = "+15550001111";
const PUBLIC = "https://voice.example.test";
const STREAM = "wss://voice.example.test/voice/stream/tok_1";

let desk: SocketDesk;
let emulator: TwilioEmulator;

const start = (more: { readonly trial?: boolean; readonly connectMs?: number } = {}) =>
  startTwilioEmulator({
    accountSid: ACCOUNT,
    authToken: TOKEN,
    ticker: new RealTicker(10),
    reach: (url) => url.replace(PUBLIC, `http://127.0.0.1:${desk.port}`),
    ...more,
  });

beforeEach(async () => {
  desk = await new SocketDesk().open();
  emulator = await start();
});

afterEach(async () => {
  await emulator.close();
  await desk.close();
});

const connecting = (stream = `<Stream url="${STREAM}"/>`, after = ""): string =>
  `<Response><Connect>${stream}</Connect>${after}</Response>`;

function post(path: string, params: Readonly<Record<string, string>>) {
  return fetch(`${emulator.url}/2010-04-01/Accounts/${ACCOUNT}/Calls${path}.json`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString("base64")}` },
    body: new URLSearchParams(params),
  });
}

async function dial(twiml = connecting()): Promise<LiveCall> {
  const taken = emulator.nextCall();
  expect((await post("", { To: HER, From: OURS, Twiml: twiml })).status).toBe(201);
  return taken;
}

/** A call with its stream, and the stream's id. */
async function connected(twiml?: string): Promise<{ live: LiveCall; socket: DeskSocket; streamSid: string }> {
  const live = await dial(twiml);
  const socket = await desk.next();
  const [begin] = await socket.sees("start");
  return { live, socket, streamSid: String(begin?.["streamSid"]) };
}

const media = (streamSid: string, audio: Uint8Array) => ({
  event: "media",
  streamSid,
  media: { payload: Buffer.from(audio).toString("base64") },
});
const mark = (streamSid: string, name: string) => ({ event: "mark", streamSid, mark: { name } });
const say = (streamSid: string, text: string) => media(streamSid, speak(text, { msPerChar: 30 }));

/** What the caller has said on the stream. */
const saidOn = (socket: DeskSocket): string =>
  hear(
    Buffer.concat(
      socket
        .of("media")
        .map(({ media }) => Buffer.from((media as { readonly payload: string }).payload, "base64")),
    ),
  );

const hears = (socket: DeskSocket, text: string): Promise<void> =>
  socket.until(`hears ${text}`, () => saidOn(socket) === text);

describe("a stream", () => {
  it("is opened with a signature over its URL, and begins with connected and start", async () => {
    const { live, socket, streamSid } = await connected(
      connecting(`<Stream url="${STREAM}"><Parameter name="call" value="vc_1"/></Stream>`),
    );
    expect(socket.url).toBe("/voice/stream/tok_1");
    expect(socket.headers.host).toBe("voice.example.test");
    const signature = String(socket.headers["x-twilio-signature"]);
    expect(validateRequest(TOKEN, signature, STREAM, {})).toBe(true);
    const [first, second] = socket.frames;
    expect(first).toEqual({ event: "connected", protocol: "Call", version: "1.0.0" });
    expect(second).toEqual({
      event: "start",
      sequenceNumber: "1",
      start: {
        accountSid: ACCOUNT,
        streamSid,
        callSid: live.sid,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
        customParameters: { call: "vc_1" },
      },
      streamSid,
    });
  });

  it("carries 20 ms of the caller at a time, numbered in strings, silence included", async () => {
    const { live, socket, streamSid } = await connected();
    await live.phone.says("Hello?");
    await hears(socket, "Hello?");
    const frames = await socket.sees("media", 20);
    expect(frames[0]).toMatchObject({ event: "media", streamSid, sequenceNumber: "2" });
    expect(frames[19]).toMatchObject({
      sequenceNumber: "21",
      media: { track: "inbound", chunk: "20", timestamp: "380" },
    });
    for (const { media } of frames) {
      expect(Buffer.from((media as { payload: string }).payload, "base64")).toHaveLength(160);
    }
  });

  it("plays what it is sent to the caller, in any lengths, and returns marks when it is played", async () => {
    const { live, socket, streamSid } = await connected();
    const audio = speak("Hello, this is your assistant.", { msPerChar: 30 });
    socket.send(mark(streamSid, "early"), media(streamSid, audio.subarray(0, 77)));
    socket.send(media(streamSid, audio.subarray(77)), mark(streamSid, "end"));
    const [early] = await socket.sees("mark");
    expect(early).toMatchObject({ streamSid, mark: { name: "early" } });
    expect(await live.hears("Hello")).toMatch(/^Hello/);
    await socket.sees("mark", 2);
    expect(live.heard()).toEqual(["Hello, this is your assistant."]);
    expect(socket.of("mark").map((frame) => frame["mark"])).toEqual([{ name: "early" }, { name: "end" }]);
    expect(live.stream?.longestWaitingMs).toBeGreaterThan(900);
    expect(emulator.problems).toEqual([]);
  });

  it("drops what waits on clear, and returns its marks", async () => {
    const { live, socket, streamSid } = await connected();
    const text = "This will never be heard to its end, whatever happens.";
    socket.send(say(streamSid, text), mark(streamSid, "one"), mark(streamSid, "two"));
    await live.phone.interruptsAfter(300, "Stop.");
    await hears(socket, "Stop.");
    socket.send({ event: "clear", streamSid });
    const marks = await socket.sees("mark", 2);
    expect(marks.map((frame) => frame["mark"])).toEqual([{ name: "one" }, { name: "two" }]);
    const [heard = ""] = live.heard();
    expect(text.startsWith(heard)).toBe(true);
    expect(heard.length).toBeLessThan(text.length);
  });

  it("tells the caller's keys, and hears ours as tones", async () => {
    const { live, socket, streamSid } = await connected();
    await live.press("5#");
    const keys = await socket.sees("dtmf", 2);
    expect(keys.map((frame) => frame["dtmf"])).toEqual([
      { track: "inbound_track", digit: "5" },
      { track: "inbound_track", digit: "#" },
    ]);
    socket.send(media(streamSid, keyTone("7")), mark(streamSid, "pressed"));
    await socket.sees("mark");
    expect(live.pressed()).toEqual(["7"]);
  });

  it("loses frames and sends them late when told to", async () => {
    emulator.streamFaults.lose = (chunk) => chunk === 2;
    emulator.streamFaults.late = (chunk) => chunk === 3;
    const { socket } = await connected();
    const frames = await socket.sees("media", 3);
    expect(frames.map(({ media }) => (media as { chunk: string }).chunk)).toEqual(["1", "4", "3"]);
  });
});

describe("a conversation on a stream", () => {
  it("goes by turns, and is hung up by the script", async () => {
    emulator.callee(HER).says("I am fine.", "Bye.").thenHangsUp();
    const { live, socket, streamSid } = await connected();
    socket.send(say(streamSid, "How are you?"));
    await hears(socket, "I am fine.");
    socket.send(say(streamSid, "Good."));
    await hears(socket, "I am fine. Bye.");
    socket.send(say(streamSid, "Goodbye."));
    expect(await live.ended).toEqual({ status: "completed", by: "callee" });
    expect(live.heard()).toEqual(["How are you?", "Good.", "Goodbye."]);
  });

  it("takes words and keys that waited for somebody to listen", async () => {
    const live = await dial(connecting());
    const spoken = live.speak("Too early?");
    const pressed = live.press("1");
    const socket = await desk.next();
    await Promise.all([spoken, pressed, live.silent()]);
    await hears(socket, "Too early?");
    expect((await socket.sees("dtmf"))[0]).toMatchObject({ dtmf: { digit: "1" } });
  });

  it("listens when it is the caller's turn", async () => {
    const { live, socket, streamSid } = await connected();
    socket.send(say(streamSid, "Go ahead."));
    expect((await live.listening()).name).toBe("Stream");
    expect(live.heard()).toEqual(["Go ahead."]);
    await live.speak("Thank you.");
    await hears(socket, "Thank you.");
  });
});

describe("a stream ends", () => {
  it("when the caller hangs up: stop, then a close", async () => {
    const { live, socket, streamSid } = await connected();
    await socket.sees("media");
    await live.hangUp();
    expect(await socket.closed).toBe(1000);
    expect(socket.frames.at(-1)).toMatchObject({
      event: "stop",
      streamSid,
      stop: { accountSid: ACCOUNT, callSid: live.sid },
    });
    expect(live.stream).toBeNull();
  });

  it("when the call is redirected over REST; the call goes on", async () => {
    const { live, socket } = await connected();
    await post(`/${live.sid}`, {
      Twiml: "<Response><Say>Elsewhere.</Say><Pause length='9'/></Response>".replaceAll("'", '"'),
    });
    await socket.closed;
    expect(socket.of("stop")).toHaveLength(1);
    await live.hears("Elsewhere.");
    expect(live.status).toBe("in-progress");
  });

  it("when our side closes it: the document goes on after Connect", async () => {
    const { live, socket } = await connected(connecting(undefined, "<Say>We are back.</Say>"));
    socket.close();
    expect(await live.ended).toEqual({ status: "completed", by: "document" });
    expect(live.heard()).toEqual(["We are back."]);
    expect(socket.of("stop")).toEqual([]);
  });

  it("when our side closes it and there is nothing more: with the call", async () => {
    const { live, socket } = await connected();
    socket.close();
    expect(await live.ended).toEqual({ status: "completed", by: "document" });
  });

  it("when the connection is lost: with the call", async () => {
    const { live, socket } = await connected(connecting(undefined, "<Say>Never said.</Say>"));
    socket.terminate();
    expect(await live.ended).toEqual({ status: "completed", by: "carrier" });
    expect(emulator.problems).toEqual(["31921: the connection was lost"]);
    expect(live.heard()).toEqual([]);
  });

  it("and another one begins on the same call", async () => {
    const { live, socket, streamSid } = await connected();
    socket.send(say(streamSid, "One."));
    await live.hears("One.");
    await post(`/${live.sid}`, { Twiml: connecting(`<Stream url="${STREAM}2"/>`) });
    const other = await desk.next();
    const [begin] = await other.sees("start");
    other.send(say(String(begin?.["streamSid"]), "Two."));
    await live.hears("Two.");
    expect(live.heard()).toEqual(["One.", "Two."]);
    expect(live.streams).toHaveLength(2);
    expect(begin?.["streamSid"]).not.toBe(streamSid);
  });
});

describe("a stream that cannot be opened", () => {
  it.each([
    ["refused with a status", () => 403, "31920: Handshake error: HTTP 403"],
    ["not answered", () => 0, "31901: Connection timeout"],
  ])("is %s: the document goes on", async (_, answer, problem) => {
    await emulator.close();
    emulator = await start({ connectMs: 50 });
    desk.answer = answer;
    const live = await dial(connecting(undefined, "<Say>Sorry.</Say>"));
    expect(await live.ended).toEqual({ status: "completed", by: "document" });
    expect(live.heard()).toEqual(["Sorry."]);
    expect(emulator.problems).toEqual([problem]);
  });

  it("leads to nobody", async () => {
    const live = await dial(connecting(`<Stream url="wss://127.0.0.1:1/x"/>`));
    await live.ended;
    expect(emulator.problems).toEqual(["31902: Connection refused"]);
  });

  it.each([
    ["of another scheme", "https://voice.example.test/x", /^31922/],
    ["that is no URL", "voice.example.test", /^31923/],
  ])("has a URL %s", async (_, url, problem) => {
    const live = await dial(connecting(`<Stream url="${url}"/>`));
    await live.ended;
    expect(emulator.problems).toEqual([expect.stringMatching(problem)]);
    expect(desk.asked).toEqual([]);
  });

  it("belongs to a trial account, whose documents lose it", async () => {
    await emulator.close();
    emulator = await start({ trial: true });
    const live = await dial(connecting(undefined, "<Say>On.</Say>"));
    await live.ended;
    expect(live.heard()).toEqual(["On."]);
    expect(desk.asked).toEqual([]);
    expect(emulator.problems).toEqual([]);
  });
});

describe("what Twilio does with the URL and the status", () => {
  it("is to leave out a query", async () => {
    const { socket } = await connected(connecting(`<Stream url="${STREAM}?token=secret"/>`));
    expect(socket.url).toBe("/voice/stream/tok_1");
    expect(emulator.problems).toEqual(["the URL of a Stream takes no query: it is left out"]);
  });

  it("is to report its beginning, its end and its failure", async () => {
    const callback = `statusCallback="${PUBLIC}/status"`;
    const { live, streamSid } = await connected(connecting(`<Stream url="${STREAM}" ${callback}/>`));
    await live.hangUp();
    desk.answer = () => 403;
    await (
      await dial(connecting(`<Stream url="${STREAM}" ${callback}/>`))
    ).ended;
    await emulator.deliveries.settled();
    const reports = desk.posts.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect(reports.map(({ StreamEvent }) => StreamEvent)).toEqual([
      "stream-started",
      "stream-stopped",
      "stream-error",
    ]);
    expect(reports[0]).toMatchObject({ StreamSid: streamSid, CallSid: live.sid, AccountSid: ACCOUNT });
    expect(reports[2]?.["StreamError"]).toMatch(/^31920/);
  });
});

describe("a frame of ours", () => {
  it.each([
    ["with a field that does not exist", { event: "clear", extra: 1 }, "31951: clear: unknown extra"],
    ["of another stream", { event: "clear", streamSid: "MZ1" }, "31951: clear: streamSid"],
    ["of an unknown kind", { event: "playAudio" }, "31951: unknown event playAudio"],
    [
      "with a payload that is no base64",
      { event: "media", media: { payload: "a" } },
      "31951: media: payload",
    ],
    ["with a mark without a name", { event: "mark", mark: {} }, "31951: mark: name"],
    [
      "with a field within that does not exist",
      { event: "media", media: { payload: "", track: "outbound" } },
      "31951: media: unknown media.track",
    ],
  ])("is complained about once %s", async (_, frame, problem) => {
    const { socket, streamSid } = await connected();
    socket.send({ streamSid, ...frame }, { streamSid, ...frame }, mark(streamSid, "after"));
    await socket.sees("mark");
    expect(emulator.problems).toEqual([problem]);
  });

  it("is complained about when it is binary, or no message at all", async () => {
    const { socket, streamSid } = await connected();
    socket.sendRaw(Uint8Array.of(1));
    socket.sendRaw("hello");
    socket.send(mark(streamSid, "after"));
    await socket.sees("mark");
    expect(emulator.problems).toEqual(["31950: a binary message", "31951: no message: hello"]);
  });
});
