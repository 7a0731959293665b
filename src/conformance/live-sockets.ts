import assert from "node:assert/strict";
import type { Bench } from "./bench.ts";
import {
  audioOf,
  closed,
  hangsUp,
  heardOnce,
  hears,
  says,
  talk,
  tells,
  withLiveAudio,
  type Talk,
} from "./live-talk.ts";
import type { Script } from "./scripts.ts";

/** The sockets of live audio: one at a time, each by a token of its own, and another one when it is lost. */
export const LIVE_SOCKETS: readonly Script[] = [
  {
    name: "a socket of live audio that is lost is opened again under another token, and the conversation goes on",
    run: (bench) =>
      withLiveAudio(
        bench,
        async () => {
          const one = await talk(bench);
          const { audio } = one;
          await tells(bench, one, "My name is Ada.");
          for (const [words, sockets] of AGAIN) {
            const before = await tokenOf(bench, one);
            audio.drop();
            await bench.until("another socket is open", () => audio.isOpen && audio.sockets === sockets);
            await tells(bench, one, words);
            assert.notEqual(await tokenOf(bench, one), before);
          }
          heardOnce(bench, one, "Hello?");
          await hangsUp(bench, one, 3);
        },
        { complaints: true },
      ),
  },
  {
    name: "webhooks that all come twice open each socket of live audio once, and nothing is said twice",
    run: (bench) =>
      withLiveAudio(
        bench,
        async () => {
          bench.world.webhooks.duplicate = true;
          try {
            const one = await talk(bench);
            await onlyToken(bench, one);
            await tells(bench, one, "Say it once.");
            one.audio.drop();
            await bench.until("another socket is open", () => one.audio.isOpen && one.audio.sockets > 1);
            await tells(bench, one, "Can you hear me again?");
            await onlyToken(bench, one);
            for (const text of ["Hello?", "You said: Say it once."]) heardOnce(bench, one, text);
            await hangsUp(bench, one, 2);
          } finally {
            bench.world.webhooks.duplicate = false;
          }
        },
        { complaints: true },
      ),
  },
  {
    name: "where no socket of live audio gets through, the carrier apologises in its own voice and hangs up",
    run: (bench) =>
      withLiveAudio(
        bench,
        async () => {
          bench.isCutOff = true;
          try {
            const to = bench.somebody();
            const { id, far } = await bench.place({ to, mode: "conversation", message: "Hello?" });
            await bench.until(
              "the call is answered",
              async () => (await bench.record(id)).answeredAt !== null,
            );
            await bench.pass(NO_SOCKET_MS);
            await bench.passing("the call ends", far.ended);
            assert.match(far.heard().join(" "), APOLOGY);
            const { outcome, fault } = await closed(bench, { id, far, audio: audioOf(far) }, 0);
            assert.deepEqual([outcome, fault], ["failed", "VC_STREAM_MISSING"]);
          } finally {
            bench.isCutOff = false;
          }
        },
        { complaints: true },
      ),
  },
  {
    name: "where no voice of ours can speak any more, the carrier apologises in its own instead of the socket",
    run: (bench) =>
      withLiveAudio(bench, async () => {
        const one = await talk(bench);
        try {
          bench.tongue.isTied = true;
          for (const words of ["My name is Ada.", "Can you hear me again?"]) {
            await says(bench, one, words);
            const isTaken = async (): Promise<boolean> =>
              (await bench.said(one.id)).includes(`caller: ${words}`);
            await bench.until(`"${words}" is taken for a turn`, isTaken);
          }
          await bench.passing("the call ends", one.far.ended);
          assert.match(one.far.heard().join(" "), APOLOGY);
          const { outcome, fault } = await closed(bench, one);
          assert.deepEqual([outcome, fault], ["failed", "VC_SPEECH_FAILED"]);
        } finally {
          bench.tongue.isTied = false;
        }
      }),
  },
  {
    name: "a caller on live audio is handed over without it, and the call ends when the two are done",
    run: (bench) =>
      withLiveAudio(bench, async () => {
        if (!bench.capabilities.transfer) return;
        const one = await talk(bench);
        const { id, far, audio } = one;
        const to = bench.somebody();
        bench.world.callee(to).answers().hangsUpAfter(3_000);
        await bench.plant.switchboard.transfer(id, to, "I connect you now.");
        await hears(bench, one, "I connect you now.");
        await bench.until("the call is handed over", () => far.transferredTo() === to);
        assert.ok(!audio.isOpen, "the socket is still open");
        await bench.passing("the call ends", far.ended);
        const { outcome } = await closed(bench, one);
        assert.equal(outcome, "completed");
      }),
  },
  {
    name: "a caller who cannot be handed over comes back to live audio on another socket",
    run: (bench) =>
      withLiveAudio(bench, async () => {
        if (!bench.capabilities.transfer) return;
        const one = await talk(bench);
        const { id } = one;
        const to = bench.somebody();
        bench.world.callee(to).busy();
        await bench.plant.switchboard.transfer(id, to, "I connect you now.");
        await hears(bench, one, "I connect you now.");
        await hears(bench, one, "I'm sorry, I couldn't reach anybody there. How else can I help?");
        await tells(bench, one, "Never mind.");
        await hangsUp(bench, one, 2);
      }),
  },
  {
    name: "a call on live audio that is still up when we start again is given another socket, and is not greeted twice",
    run: (bench) =>
      withLiveAudio(
        bench,
        async () => {
          const one = await talk(bench);
          const { audio } = one;
          const before = await tokenOf(bench, one);
          const creates = bench.world.creates();
          await bench.restart();
          await bench.until("another socket is open", () => audio.isOpen && audio.sockets === 2);
          assert.equal(bench.world.creates(), creates);
          await tells(bench, one, "Are you back?");
          assert.notEqual(await tokenOf(bench, one), before);
          heardOnce(bench, one, "Hello?");
          await hangsUp(bench, one, 2);
        },
        { complaints: true },
      ),
  },
];

/** What is said on the sockets after the first one. */
const AGAIN = [
  ["Can you hear me again?", 2],
  ["We were cut off.", 3],
] as const;
const APOLOGY = /having trouble right now/;
/** Longer than a socket is waited for. */
const NO_SOCKET_MS = 12_000;

/** The token of the socket that is open. */
async function tokenOf(bench: Bench, { id }: Talk): Promise<string> {
  const { live } = await bench.record(id);
  assert.ok(live?.token, "the call has no socket on record");
  return live.token;
}

/** The socket that is open came by the last token that was made. */
async function onlyToken(bench: Bench, one: Talk): Promise<void> {
  const token = await tokenOf(bench, one);
  await bench.passing("no webhook is on its way", bench.world.webhooks.settled());
  const { instruction } = await bench.record(one.id);
  assert.deepEqual(instruction?.next, { kind: "stream", token });
}
