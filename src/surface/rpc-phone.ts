import { VoiceCallError } from "../call/errors.ts";
import type { PhonePort, PhoneService } from "../call/service.ts";
import { bytes, integer, optional, ref, text, type Params, type Values } from "./params.ts";
import { method, type Method } from "./rpc-method.ts";

const on = { carrierCallId: ref };
const position = integer(0, Number.MAX_SAFE_INTEGER);

/**
 * The other person's phone, with the `mock` carrier only. Admin throughout: who holds this phone plays the
 * callee, and its screen shows every word.
 */
export const PHONE_METHODS: readonly Method[] = [
  phone("screen", { after: optional(position) }, async (port, { after }) => await port.screen(after ?? 0)),
  phone(
    "call",
    { from: optional(ref), to: ref },
    async (port, { from, to }) => await port.call(from ?? "", to),
  ),
  phone("answer", on, async (port, { carrierCallId }) => await port.answer(carrierCallId)),
  phone("decline", on, async (port, { carrierCallId }) => await port.decline(carrierCallId)),
  phone("say", { ...on, text }, async (port, given) => await port.say(given.carrierCallId, given.text)),
  phone("press", { ...on, digits: ref }, async (port, given) => {
    await port.press(given.carrierCallId, given.digits);
  }),
  phone("play", { ...on, audio: bytes }, async (port, { carrierCallId, audio }) => ({
    success: true,
    ...(await port.play(carrierCallId, audio)),
  })),
  phone("listen", { ...on, after: optional(position) }, async (port, { carrierCallId, after }) => {
    const { cursor, audio } = await port.listen(carrierCallId, after ?? 0);
    return { cursor, audio: Buffer.from(audio).toString("base64") };
  }),
  phone("hangup", on, async (port, { carrierCallId }) => await port.hangUp(carrierCallId)),
];

function phone<P extends Params>(
  action: string,
  params: P,
  work: (port: PhonePort, values: Values<P>) => Promise<unknown>,
): Method {
  return method(`voicecall.phone.${action}`, "operator.admin", params, async (service, values) => {
    const answer = await work(portOf(service), values);
    return answer ?? { success: true };
  });
}

/** Throws `VC_NO_PHONE` with any carrier but `mock`. */
export function portOf(service: Pick<PhoneService, "phone">): PhonePort {
  const port = service.phone();
  if (port === null) throw new VoiceCallError("VC_NO_PHONE", { provider: "another provider" });
  return port;
}
