/**
 * Twilio's emulator in a process of its own, whose beat nothing that the test's process does can hold up. Started with the
 * account, its token and our public address.
 */
import { startTwilioEmulator, type LiveCall } from "../twilio/index.ts";
import { machineTime, type FarAnswer, type FarOrder, type FarPerson } from "./person.ts";
import { eventually } from "../../support/eventually.ts";

const [accountSid = "", authToken = "", publicUrl = ""] = process.argv.slice(2);
let port = 0;

const twilio = await startTwilioEmulator({
  accountSid,
  authToken,
  reach: (url) => url.replace(publicUrl, `http://127.0.0.1:${port}`),
});

async function callOf(to: string): Promise<LiveCall> {
  const find = (): LiveCall | undefined => twilio.calls.find(({ plan }) => plan.to === to);
  await eventually(() => find() !== undefined);
  return find() as LiveCall;
}

function person(to: string): FarPerson {
  return {
    async speak(text, msPerChar) {
      const { phone } = await callOf(to);
      await phone.speak(text, msPerChar === undefined ? {} : { msPerChar });
    },
    hears: async (words) => (await callOf(to)).hears(words),
    heard: async () => (await callOf(to)).heard(),
    async asks(text, msPerChar) {
      const call = await callOf(to);
      const { phone } = call;
      await phone.speak(text, { msPerChar });
      const silentAt = phone.sounds.findLast(({ who, on }) => who === "me" && !on)?.at ?? Number.NaN;
      // Silence arrives all the time.
      const answer = () => call.stream?.arrivals.find(({ audible, at }) => audible && at > silentAt);
      await call.until("is answered", () => answer() !== undefined);
      const arrivedAt = answer()?.at ?? Number.NaN;
      return { silentAt: machineTime(silentAt), arrivedAt: machineTime(arrivedAt) };
    },
    async hangUp() {
      await (await callOf(to)).hangUp();
    },
    async ended() {
      const call = await callOf(to);
      await call.ended;
      await Promise.all(call.streams.map(({ ended }) => ended));
      return call.streams.length;
    },
  };
}

async function answer(id: number, value: Promise<unknown>): Promise<void> {
  try {
    send({ type: "answer", id, value: await value });
  } catch (error) {
    send({ type: "failure", id, message: String(error) });
  }
}

const send = (said: FarAnswer): void => void process.send?.(said);

process.on("message", (order: FarOrder) => {
  if (order.type === "reach") return void ({ port } = order);
  const { id } = order;
  if (order.type === "problems") return void answer(id, Promise.resolve(twilio.problems));
  const { to, what, args } = order;
  const act = person(to)[what] as (...args: readonly unknown[]) => Promise<unknown>;
  return void answer(id, act(...args));
});
process.on("disconnect", () => process.exit());
send({ type: "ready", url: twilio.url });
