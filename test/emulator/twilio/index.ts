import { TwilioEmulator, type TwilioEmulatorOptions } from "./emulator.ts";

export { TwilioEmulator, type Fault, type Operation, type RestRequest } from "./emulator.ts";
export type { Callee } from "./callee.ts";
export type { Delivery, Params, Reply } from "./delivery.ts";
export type { CallEnd, CallStatus, LiveCall } from "./live-call.ts";
export type { TwilioStream } from "./stream.ts";
export { parseTwiml, type Verb } from "./twiml.ts";

/** Starts Twilio on a free port of 127.0.0.1; close it in the end. */
export const startTwilioEmulator = (options: TwilioEmulatorOptions): Promise<TwilioEmulator> =>
  new TwilioEmulator(options).listen();
