import type { Subject } from "../../../src/conformance/bench.ts";
import type { CreateFault, FarEnd, Sent, Webhooks, World } from "../../../src/conformance/world.ts";
import { createTwilioCarrier } from "../../../src/carrier/twilio/index.ts";
import { liveAudio } from "../audio/live-audio.ts";
import type { Deliveries, Delivery } from "./delivery.ts";
import { TwilioEmulator, type Fault } from "./emulator.ts";
import type { LiveCall } from "./live-call.ts";

const ACCOUNT = `AC${"0a".repeat(16)}`;
const TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
const OURS = "+15550001111";

/** The number that stands for a withheld one (`ANONYMOUS` on the keys of a phone). */
const WITHHELD = "+266696687";

const FAULTS: Readonly<Record<CreateFault, Fault>> = {
  lost: { kind: "lose-reply" },
  reset: { kind: "reset" },
  refused: { kind: "error", status: 400, code: 21211 },
  busy: { kind: "error", status: 429, code: 20429 },
};

export interface TwilioWorld extends World {
  readonly emulator: TwilioEmulator;
}

/** The emulated Twilio in the words of the conformance scripts. `webhookUrl`: the voice URL of our number. */
export function twilioWorld(emulator: TwilioEmulator, webhookUrl: string): TwilioWorld {
  return {
    emulator,
    ours: OURS,
    problems: emulator.problems,
    webhooks: webhooksOf(emulator.deliveries),
    callee: (number) => emulator.callee(number),
    nextCall: async () => farEnd(await emulator.nextCall()),
    ring: (from, { withheld = false, fields = {} } = {}) =>
      farEnd(emulator.inbound({ from: withheld ? WITHHELD : from, to: OURS, voiceUrl: webhookUrl, fields })),
    failCreate: (fault) => emulator.fail("create", FAULTS[fault]),
    creates: () => emulator.requestsOf("create").length,
    close: () => emulator.close(),
  };
}

/** Twilio on this machine, and its carrier connected to it. */
export const twilioSubject: Subject = {
  async startWorld(options) {
    const reach = (url: string) => options.reach(url);
    const emulator = new TwilioEmulator({ accountSid: ACCOUNT, authToken: TOKEN, reach });
    return twilioWorld(await emulator.listen(), options.webhookUrl);
  },
  async connect(world, context) {
    const { emulator } = world as TwilioWorld;
    const settings = {
      accountSid: ACCOUNT,
      authToken: TOKEN,
      region: "us1",
      apiBaseUrl: emulator.url,
    } as const;
    return {
      carrier: createTwilioCarrier(settings, context),
      webhook: { carrier: "twilio", secrets: { accountSid: ACCOUNT, authToken: TOKEN }, ...context.security },
      phone: null,
    };
  },
};

const farEnd = (call: LiveCall): FarEnd => ({
  id: call.sid,
  ended: call.ended,
  heard: () => call.heard(),
  pressed: () => call.pressed(),
  transferredTo: () => call.transferredTo(),
  hears: (words) => call.hears(words),
  listening: () => call.listening(),
  speak: (text) => call.speak(text),
  press: (digits) => call.press(digits),
  hangUp: () => call.hangUp(),
  // A connection that breaks ends a call of Twilio's; a stream that is stopped does not.
  audio: () => liveAudio(call.phone, call.streams, (stream) => stream.stop()),
});

function webhooksOf(deliveries: Deliveries): Webhooks {
  const known = new WeakMap<Sent, Delivery>();
  const seen = new Map<Delivery, Sent>();
  const sentOf = (delivery: Delivery): Sent => {
    const { url, params, reply } = delivery;
    const isSpeech = "SpeechResult" in params || "Digits" in params;
    const sent = seen.get(delivery) ?? { url, status: reply.status, isSpeech };
    seen.set(delivery, sent);
    known.set(sent, delivery);
    return sent;
  };
  const deliveryOf = (sent: Sent): Delivery => {
    const delivery = known.get(sent);
    if (delivery === undefined) throw new Error("that was not sent here");
    return delivery;
  };
  return {
    get duplicate() {
      return deliveries.duplicate;
    },
    set duplicate(twice: boolean) {
      deliveries.duplicate = twice;
    },
    get all() {
      return deliveries.all.map(sentOf);
    },
    replay: (sent) => deliveries.replay(deliveryOf(sent)),
    forge: (sent, signature) => deliveries.replay(deliveryOf(sent), signature),
    settled: () => deliveries.settled(),
  };
}
