import { PlivoEmulator, type PlivoEmulatorOptions } from "./emulator.ts";

export {
  PlivoEmulator,
  type ApplicationUrls,
  type Fault,
  type PlivoEmulatorOptions,
  type RestRequest,
} from "./emulator.ts";
export type { CallEnd, CallStatus, HangupSource } from "./causes.ts";
export type { Delivery, DeliveryKind, Hook, Reply } from "./delivery.ts";
export type { LiveCall } from "./live-call.ts";
export type { Callee } from "../person.ts";
export type { PlivoStream } from "./stream.ts";
export type { Operation } from "./routes.ts";
export type { Method, Params } from "./signature.ts";
export type { Element } from "./xml.ts";

/** Starts Plivo on a free port of 127.0.0.1; close it in the end. */
export const startPlivoEmulator = (options: PlivoEmulatorOptions): Promise<PlivoEmulator> =>
  new PlivoEmulator(options).listen();
