import { TelnyxEmulator, type TelnyxEmulatorOptions } from "./emulator.ts";

export { TelnyxEmulator, type Fault, type RestRequest, type TelnyxEmulatorOptions } from "./emulator.ts";
export type { Callee } from "../person.ts";
export type { Delivery } from "./delivery.ts";
export type { CallEvent } from "./events.ts";
export type { CallEnd, CallState } from "./leg.ts";
export type { LiveCall } from "./live-call.ts";
export type { TelnyxStream } from "./stream.ts";
export type { Operation } from "./rest.ts";

/** Starts Telnyx on a free port of 127.0.0.1; close it in the end. */
export const startTelnyxEmulator = (options: TelnyxEmulatorOptions): Promise<TelnyxEmulator> =>
  new TelnyxEmulator(options).listen();
