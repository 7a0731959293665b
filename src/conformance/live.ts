import assert from "node:assert/strict";
import { nobodyIsCalled } from "./abilities.ts";
import {
  audioOf,
  closed,
  hangsUp,
  hears,
  LIVE_AUDIO,
  says,
  talk,
  tells,
  withLiveAudio,
} from "./live-talk.ts";
import type { Script } from "./scripts.ts";

const STORY =
  "Once upon a time there was a telephone that rang and rang until the whole town had heard of it, and far beyond.";
const TELL = "Tell me a story.";

/** Conversations over live audio: what is said and heard. A carrier without it refuses them. */
export const LIVE: readonly Script[] = [
  {
    name: "a conversation over live audio is heard and answered on one socket, which ends with the call",
    run: (bench) =>
      withLiveAudio(bench, async () => {
        const one = await talk(bench);
        await tells(bench, one, "My name is Ada.");
        await tells(bench, one, "What is the time?");
        await one.far.hangUp();
        const record = await closed(bench, one);
        assert.equal(record.outcome, "completed");
        assert.notEqual(record.answeredAt, null);
        assert.deepEqual(await bench.said(one.id), [
          "agent: Hello?",
          "caller: My name is Ada.",
          "agent: You said: My name is Ada.",
          "caller: What is the time?",
          "agent: You said: What is the time?",
        ]);
      }),
  },
  {
    name: "a caller is greeted and talked with over live audio, and the socket ends when we hang up",
    run: (bench) =>
      withLiveAudio(bench, async () => {
        const from = bench.somebody();
        bench.configure({
          ...LIVE_AUDIO,
          inboundPolicy: "allowlist",
          allowFrom: [from],
          inboundGreeting: "Good morning.",
        });
        const far = bench.world.ring(from);
        const { id, direction } = await bench.recordOf(far);
        const one = { id, far, audio: audioOf(far) };
        assert.equal(direction, "inbound");
        await hears(bench, one, "Good morning.");
        await tells(bench, one, "Good morning to you.");
        await hangsUp(bench, one);
      }),
  },
  {
    name: "on live audio keys of the person are an answer, and ours reach the person",
    run: (bench) =>
      withLiveAudio(bench, async () => {
        const one = await talk(bench, "Press your number, then hash.");
        const { id, far } = one;
        await bench.passing("the keys are pressed", far.press("123#"));
        await hears(bench, one, "You said: [digits 123]");
        await bench.plant.switchboard.press(id, "42#");
        await bench.until("the keys arrive", () => far.pressed().join("").endsWith("42#"));
        await tells(bench, one, "Are you still with me?");
        await hangsUp(bench, one);
      }),
  },
  {
    name: "keys right after the answer are pressed before the socket of live audio is there",
    run: (bench) =>
      withLiveAudio(bench, async () => {
        if (!bench.capabilities.preConnectDigits) return;
        const order = {
          to: bench.somebody(),
          mode: "conversation",
          digits: "9w1",
          message: "Hello?",
        } as const;
        const { id, far } = await bench.place(order);
        const one = { id, far, audio: audioOf(far) };
        await hears(bench, one, "Hello?");
        assert.equal(far.pressed().join("").replaceAll(/w/gi, ""), "91");
        await hangsUp(bench, one);
      }),
  },
  {
    name: "a caller who interrupts on live audio is listened to, and what had not been heard is not said",
    run: (bench) =>
      withLiveAudio(bench, async () => {
        const { tongue } = bench;
        bench.agent.answers.set(TELL, STORY);
        const one = await talk(bench);
        const { id, audio } = one;
        await says(bench, one, TELL);
        await bench.until("the story has begun", () => tongue.heardMs(audio.heard(), STORY) > 500);
        await says(bench, one, "Stop it, please, I have to go.");
        await hears(bench, one, "You said: Stop it, please, I have to go.");
        assert.ok(tongue.heardMs(audio.heard(), STORY) < tongue.lengthMs(STORY) / 2, "the story went on");
        const story = (await bench.said(id)).find((line) => line.startsWith("agent: Once"));
        assert.ok(story !== undefined && `agent: ${STORY}`.startsWith(story), `said was ${story}`);
        assert.ok(story.length < STORY.length, "the record has what was not heard");
        await hangsUp(bench, one);
      }),
  },
  {
    name: "live audio that a carrier does not have is refused before anybody is called, and callers are talked with without",
    run: async (bench) => {
      const { liveAudio, listening } = bench.capabilities;
      if (liveAudio) return;
      const from = bench.somebody();
      bench.configure({ ...LIVE_AUDIO, inboundPolicy: "open", inboundGreeting: "Good morning." });
      await nobodyIsCalled(bench, { to: bench.somebody() });
      if (!listening) return;
      const far = bench.world.ring(from);
      await bench.hears(far, "Good morning.");
      await bench.listening(far);
      const { id } = await bench.recordOf(far);
      await bench.plant.switchboard.end(id);
      await bench.over(id);
      await bench.atRest();
    },
  },
];
