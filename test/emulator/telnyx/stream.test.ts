import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type Telnyx from "telnyx";
import { transcode } from "../audio/g711.ts";
import { keyTone } from "../audio/keys.ts";
import { SocketDesk, type DeskSocket } from "../audio/socket-desk.ts";
import { RealTicker } from "../audio/ticker.ts";
import { hear, speak } from "../audio/words.ts";
import type { LiveCall, TelnyxEmulatorOptions } from "./index.ts";
import { Office, OURS, refusal, THEIRS } from "./office.ts";

/** Media streaming as Telnyx does it, asked for with the official client, ten times as fast as it is. */

const STREAM = "wss://voice.example.test/voice/stream/tok_1?a=1";
const RTP = {
  stream_url: STREAM,
  stream_track: "inbound_track",
  stream_codec: "PCMU",
  stream_bidirectional_mode: "rtp",
  stream_bidirectional_codec: "PCMU",
  stream_bidirectional_target_legs: "self",
} as const;

let desk: SocketDesk;
let office: Office;

const reach = (url: string): string =>
  url.replace("https://voice.example.test", `http://127.0.0.1:${desk.port}`);

async function start(more: Partial<TelnyxEmulatorOptions> = {}): Promise<void> {
  office = await Office.open({ ticker: new RealTicker(10), reach, ...more });
}

async function restart(more: Partial<TelnyxEmulatorOptions>): Promise<void> {
  await office.close();
  await start(more);
}

beforeEach(async () => {
  desk = await new SocketDesk().open();
  await start();
});

afterEach(async () => {
  await office.close();
  await desk.close();
});

interface Streamed {
  readonly id: string;
  readonly live: LiveCall;
  readonly socket: DeskSocket;
  readonly streamId: string;
}

const startOn = (id: string, more: Telnyx.Calls.ActionStartStreamingParams = {}): Promise<unknown> =>
  office.telnyx.calls.actions.startStreaming(id, { ...RTP, ...office.once(), ...more });

async function connected(more: Telnyx.Calls.ActionStartStreamingParams = {}): Promise<Streamed> {
  const id = await office.reach({ client_state: "dmNfMQ==" });
  await startOn(id, more);
  return taken(id);
}

async function taken(id: string): Promise<Streamed> {
  const socket = await desk.next();
  const [begin] = await socket.sees("start");
  return { id, live: office.emulator.call(id), socket, streamId: String(begin?.["stream_id"]) };
}

const media = (audio: Uint8Array) => ({
  event: "media",
  media: { payload: Buffer.from(audio).toString("base64") },
});
const mark = (name: string) => ({ event: "mark", mark: { name } });
const say = (text: string) => media(speak(text, { msPerChar: 30 }));

const payloads = (socket: DeskSocket): Buffer =>
  Buffer.concat(
    socket
      .of("media")
      .map(({ media }) => Buffer.from((media as { readonly payload: string }).payload, "base64")),
  );

const hears = (socket: DeskSocket, text: string): Promise<void> =>
  socket.until(`hears ${text}`, () => hear(payloads(socket)) === text);

describe("a stream", () => {
  it("is opened without a signature, and begins with connected and start", async () => {
    const { id, live, socket, streamId } = await connected({
      stream_auth_token: "secret",
      custom_parameters: [{ name: "call", value: "vc_1" }],
    });
    expect(socket.url).toBe("/voice/stream/tok_1?a=1");
    expect(socket.headers).toMatchObject({ host: "voice.example.test", authorization: "Bearer secret" });
    const [first, second] = socket.frames;
    expect(first).toEqual({ event: "connected", version: "1.0.0" });
    expect(second).toEqual({
      event: "start",
      sequence_number: "1",
      start: {
        user_id: expect.any(String),
        call_control_id: id,
        call_session_id: live.sessionId,
        from: OURS,
        to: THEIRS,
        tags: [],
        client_state: "dmNfMQ==",
        custom_parameters: [{ name: "call", value: "vc_1" }],
        media_format: { encoding: "PCMU", sample_rate: 8000, channels: 1 },
      },
      stream_id: streamId,
    });
    const started = await office.sees("streaming.started", id);
    expect(started.payload).toMatchObject({ stream_url: STREAM, client_state: "dmNfMQ==" });
    expect(office.emulator.problems).toEqual([]);
  });

  it("carries 20 ms of the caller at a time, numbered in strings", async () => {
    const { live, socket, streamId } = await connected();
    await live.phone.says("Hello?");
    await hears(socket, "Hello?");
    const [, second] = socket.of("media");
    expect(second).toMatchObject({
      sequence_number: "3",
      media: { track: "inbound", chunk: "2", timestamp: "20" },
      stream_id: streamId,
    });
  });

  it("carries frames out of order when told to", async () => {
    office.emulator.streamFaults.late = (chunk) => chunk % 3 === 1;
    const { socket } = await connected();
    const frames = await socket.sees("media", 6);
    const chunks = frames.map(({ media }) => (media as { readonly chunk: string }).chunk);
    expect(chunks).toEqual(["2", "1", "3", "5", "4", "6"]);
  });

  it("plays what it is sent, and returns marks when it is played, at once when nothing waits", async () => {
    const { live, socket, streamId } = await connected();
    socket.send(mark("early"));
    await socket.sees("mark");
    socket.send(say("Hello, this is your assistant."), mark("end"));
    expect(await live.hears("Hello")).toMatch(/^Hello/);
    const [, end] = await socket.sees("mark", 2);
    expect(end).toMatchObject({ stream_id: streamId, mark: { name: "end" } });
    expect(live.heard()).toEqual(["Hello, this is your assistant."]);
    expect(office.emulator.problems).toEqual([]);
  });

  it("drops what waits on clear, and returns its marks", async () => {
    const { live, socket } = await connected();
    const text = "This will never be heard to its end, whatever happens.";
    socket.send(say(text), mark("one"), mark("two"));
    await live.phone.interruptsAfter(300, "Stop.");
    socket.send({ event: "clear" });
    const marks = await socket.sees("mark", 2);
    expect(marks.map((frame) => frame["mark"])).toEqual([{ name: "one" }, { name: "two" }]);
    const [heard = "?"] = live.heard();
    expect(text.startsWith(heard)).toBe(true);
    expect(heard.length).toBeLessThan(text.length);
  });

  it("tells the caller's keys by a frame and by a webhook, and hears ours as tones", async () => {
    const { id, live, socket } = await connected();
    await live.press("5");
    expect((await socket.sees("dtmf"))[0]).toMatchObject({ dtmf: { digit: "5" } });
    expect((await office.sees("call.dtmf.received", id)).payload).toMatchObject({ digit: "5" });
    socket.send(media(keyTone("7")), mark("pressed"));
    await socket.sees("mark");
    expect(live.pressed()).toEqual(["7"]);
  });

  it("has a conversation by turns", async () => {
    office.emulator.callee(THEIRS).says("I am fine.").thenHangsUp();
    const { live, socket } = await connected();
    socket.send(say("How are you?"));
    await hears(socket, "I am fine.");
    socket.send(say("Goodbye."));
    expect(await live.ended).toEqual({ by: "callee" });
    expect(live.heard()).toEqual(["How are you?", "Goodbye."]);
  });

  it("takes words that waited for somebody to listen, and listens in turn", async () => {
    const id = await office.reach();
    const live = office.emulator.call(id);
    const spoken = live.speak("Too early?");
    await startOn(id);
    const { socket } = await taken(id);
    await spoken;
    await hears(socket, "Too early?");
    socket.send(say("Yes."));
    await live.listening();
    expect(live.heard()).toEqual(["Yes."]);
  });

  it("is heard beside the carrier's voice", async () => {
    const { id, live, socket } = await connected();
    await office.say(id, "By the carrier.");
    socket.send(say("By us."), mark("end"));
    await socket.sees("mark");
    expect(live.heard()).toEqual(["By the carrier.", "By us."]);
  });
});

describe("A-law", () => {
  it("is what a call may come in, whatever was asked", async () => {
    await restart({ callLaw: "pcma", transcodes: false });
    const { live, socket } = await connected();
    expect(socket.of("start")[0]).toMatchObject({ start: { media_format: { encoding: "PCMA" } } });
    await live.phone.says("Hello?");
    await socket.until("hears", () => hear(transcode("pcma", "pcmu", payloads(socket))) === "Hello?");
    socket.send(say("Ours is µ-law."), mark("end"));
    await socket.sees("mark");
    expect(live.heard()).toEqual(["Ours is µ-law."]);
  });

  it("is made µ-law where that is asked for, and spoken by us where we said so", async () => {
    await restart({ callLaw: "pcma" });
    const { live, socket } = await connected({ stream_bidirectional_codec: "PCMA" });
    expect(socket.of("start")[0]).toMatchObject({ start: { media_format: { encoding: "PCMU" } } });
    await live.phone.says("Hello?");
    await hears(socket, "Hello?");
    socket.send(media(transcode("pcmu", "pcma", speak("In A-law.", { msPerChar: 30 }))), mark("end"));
    await socket.sees("mark");
    expect(live.heard()).toEqual(["In A-law."]);
  });
});

describe("a stream begins", () => {
  it("when the call is answered that was dialled with one", async () => {
    const id = await office.dial(RTP);
    const { socket } = await taken(id);
    expect(socket.of("start")).toHaveLength(1);
    await office.sees("streaming.started", id);
    expect(office.types).toEqual(["call.initiated", "call.answered", "streaming.started"]);
  });

  it("with the answer to an inbound call", async () => {
    const live = office.emulator.ring(THEIRS);
    await office.sees("call.initiated");
    await office.telnyx.calls.actions.answer(live.id, { ...RTP, ...office.once() });
    const { socket } = await taken(live.id);
    expect(socket.of("start")[0]).toMatchObject({ start: { from: THEIRS, to: OURS } });
  });

  it("once: another one is refused as long as it runs", async () => {
    const { id, socket } = await connected();
    expect(await refusal(startOn(id))).toEqual([422, "90045"]);
    await office.telnyx.calls.actions.stopStreaming(id, office.once());
    await socket.closed;
    await startOn(id);
    expect((await taken(id)).socket).not.toBe(socket);
  });

  it("not before the answer, and not without a URL", async () => {
    office.emulator.callee(THEIRS).answers(100_000);
    const id = await office.dial();
    expect(await refusal(startOn(id))).toEqual([422, "90034"]);
    const url = "https://voice.example.test";
    expect(await refusal(startOn(id, { stream_url: url }))).toEqual([422, "10015"]);
    expect(office.emulator.problems).toEqual(["streaming_start: stream_url is missing or wrong"]);
  });
});

describe("a stream ends", () => {
  it("with the call: stop, then a close; and it is told before the call's end", async () => {
    const { id, live, socket, streamId } = await connected();
    await live.hangUp();
    expect(await socket.closed).toBe(1000);
    expect(socket.frames.at(-1)).toMatchObject({
      event: "stop",
      stop: { call_control_id: id },
      stream_id: streamId,
    });
    await office.sees("call.hangup", id);
    expect(office.types.slice(-2)).toEqual(["streaming.stopped", "call.hangup"]);
  });

  it("by command; the call stays up", async () => {
    const { id, live, socket } = await connected();
    await office.telnyx.calls.actions.stopStreaming(id, office.once());
    expect(await socket.closed).toBe(1000);
    await office.sees("streaming.stopped", id);
    expect([live.isAlive, live.stream]).toEqual([true, null]);
    const again = office.telnyx.calls.actions.stopStreaming(id, office.once());
    expect(await refusal(again)).toEqual([422, "90048"]);
  });

  it("when our side closes it; the call stays up", async () => {
    const { id, live, socket } = await connected();
    socket.close();
    await office.sees("streaming.stopped", id);
    expect(live.isAlive).toBe(true);
    await startOn(id);
    await taken(id);
  });

  it("when the connection is lost; the call stays up", async () => {
    const { id, live, socket } = await connected();
    socket.terminate();
    const failed = await office.sees("streaming.failed", id);
    expect(failed.payload).toMatchObject({
      failure_reason: "connection lost",
      stream_params: { stream_url: STREAM, track: "inbound_track" },
    });
    expect(live.isAlive).toBe(true);
  });

  it("before it began when it is refused; the call stays up", async () => {
    desk.answer = () => 403;
    const id = await office.reach();
    await startOn(id);
    const failed = await office.sees("streaming.failed", id);
    expect(failed.payload).toMatchObject({ failure_reason: "HTTP 403", stream_type: "websocket" });
    expect(office.emulator.call(id).isAlive).toBe(true);
    expect(office.emulator.problems).toEqual(["streaming failed: HTTP 403"]);
  });
});

describe("nobody hears", () => {
  it.each([
    ["the default mode", { stream_bidirectional_mode: "mp3" }, /mode is mp3/],
    ["audio for the opposite leg", { stream_bidirectional_target_legs: "opposite" }, /opposite leg/],
  ] as const)("%s", async (_, more, problem) => {
    const { live, socket } = await connected(more);
    socket.send(say("Hello."), mark("end"));
    await socket.sees("mark");
    expect(live.heard()).toEqual([]);
    expect(office.emulator.problems).toEqual([expect.stringMatching(problem)]);
  });
});

describe("a frame of ours is answered with an error", () => {
  it.each([
    ["of an unknown kind", { event: "playAudio" }, 100_003, "malformed_frame"],
    ["without its payload", { event: "media", media: {} }, 100_003, "malformed_frame"],
    ["without its name", { event: "mark" }, 100_003, "malformed_frame"],
    [
      "with a payload that is no base64",
      { event: "media", media: { payload: "a" } },
      100_004,
      "invalid_media",
    ],
  ])("%s", async (_, frame, code, title) => {
    const { socket, streamId } = await connected();
    socket.send(frame);
    const [error] = await socket.sees("error");
    expect(error).toEqual({
      event: "error",
      payload: { code, title, detail: expect.any(String) },
      stream_id: streamId,
    });
  });

  it("when it is binary, or no message at all", async () => {
    const { socket } = await connected();
    socket.sendRaw(Uint8Array.of(1));
    socket.sendRaw("hello");
    await socket.sees("error", 2);
    expect(office.emulator.problems).toEqual(["100003: a binary message", "100003: hello"]);
  });

  it("and only complained about when it is too short", async () => {
    const { socket } = await connected();
    socket.send(media(new Uint8Array(80).fill(0xff)), mark("end"));
    await socket.sees("mark");
    expect(office.emulator.problems).toEqual(["media: 10 ms, not 20 ms to 30 s"]);
  });
});
