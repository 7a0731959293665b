import tls from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../../src/config/index.ts";
import { Listener } from "../../src/conversation/live/listener.ts";
import { createEars } from "../../src/host/ears.ts";
import { loadTranscription } from "../../src/host/speech-sdk.ts";
import { speak } from "../emulator/audio/words.ts";
import { silence } from "../emulator/speech/ear.ts";
import { OPENAI_HOST, OpenAiEar, selfMade } from "../emulator/speech/index.ts";
import { virtualClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";
import { recordedLog } from "../support/recorded-log.ts";

/** A vendor that says that its session is set only when the test lets it. */
class SlowEar extends OpenAiEar {
  readonly held: (() => void)[] = [];

  protected override later(ms: number, fn: () => void): void {
    if (ms === this.manner.connectMs) this.held.push(fn);
    else super.later(ms, fn);
  }
}

const identity = selfMade([OPENAI_HOST]);
const vendor = new SlowEar(identity);

beforeAll(async () => {
  vendor.manner = { connectMs: 1_234, tailMs: 0, partialEveryMs: 0 };
  await vendor.listen();
  process.env["STAND_IN_VENDORS"] = `${OPENAI_HOST}=${vendor.port}`;
  await import("../emulator/speech/gateway-tls.ts");
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), identity.cert]);
  await loadTranscription();
}, 60_000);

afterAll(async () => {
  delete process.env["STAND_IN_VENDORS"];
  await vendor.close();
});

it("a vendor whose session is not set yet gets no audio and nobody is greeted; then it hears all of it", async () => {
  const reading = readConfig({ streaming: { providers: { openai: { apiKey: "not-a-key" } } } }, {});
  if (!reading.ok) throw new Error("refused");
  const told: string[] = [];
  const listener = new Listener({
    callId: "vc_1",
    ears: createEars({ runtime: { config: { current: () => ({}) } } }, () => reading.config),
    route: { language: "de-DE", ownNumber: "+15550001234" },
    clock: virtualClock(),
    log: recordedLog(),
    fallback: false,
    on: {
      ready: () => told.push("ready"),
      partial: () => {},
      final: (text) => told.push(text),
      speechStart: () => {},
      lost: () => told.push("lost"),
    },
  });
  listener.start();
  listener.push(Buffer.concat([silence(100), speak("Guten Tag"), silence(1_000)]));
  await eventually(() => vendor.held.length > 0);
  expect([told, vendor.sessions.map(({ audioMs }) => audioMs)]).toEqual([[], [0]]);
  for (const tell of vendor.held) tell();
  await eventually(() => told.includes("Guten Tag"));
  listener.close();
  expect(told).toEqual(["ready", "Guten Tag"]);
});
