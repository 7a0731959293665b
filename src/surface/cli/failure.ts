import { CATALOGUE, toVoiceCallError, VoiceCallError } from "../../call/errors.ts";
import type { Refusal } from "../refusal.ts";
import type { Gateway } from "./deps.ts";

/** The gateway carried the request to the plugin, and the plugin said no. */
export class GatewayRefusal extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.what}: ${refusal.why} ${refusal.next} [${refusal.code}]`);
    this.name = "GatewayRefusal";
    this.refusal = refusal;
  }
}

/**
 * No gateway has seen the request. `absent`: nothing listens on this machine. `locked`: there is no credential
 * to ask with, so it is not known whether one runs.
 */
export class NoGateway extends Error {
  readonly why: "absent" | "locked";

  constructor(why: "absent" | "locked", cause: unknown) {
    super(firstLine(cause), { cause });
    this.name = "NoGateway";
    this.why = why;
  }
}

/** What went wrong, for a person and for a program. */
export function failureOf(thrown: unknown): { message: string; refusal: Refusal } {
  if (thrown instanceof GatewayRefusal) return { message: thrown.message, refusal: thrown.refusal };
  const error =
    thrown instanceof NoGateway
      ? new VoiceCallError("VC_GATEWAY_ERROR", { detail: thrown.message })
      : toVoiceCallError(thrown);
  return { message: error.message, refusal: error.toJSON() };
}

/**
 * Sorts what a gateway request rejected with. Only a refused connection on this machine means that no gateway
 * runs; a time-out, a closed connection or a rejected credential comes from a gateway that is there.
 */
export function sortFailure(gateway: Gateway, thrown: unknown, writes: boolean): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (gateway.isTransportError(error)) {
    if (isRefusedHere(error)) return new NoGateway("absent", error);
    const late = writes && property(error, "kind") === "timeout" ? LATE : "";
    return gatewayError(`${firstLine(error)}.${late}`);
  }
  if (error.name === "GatewayCredentialsRequiredError") return new NoGateway("locked", error);
  const details = property(error, "details");
  if (isRefusal(details)) return new GatewayRefusal(details);
  if (error.message.startsWith("unknown method: voicecall.")) return new VoiceCallError("VC_NOT_RUNNING");
  return gatewayError(firstLine(error));
}

export const gatewayError = (detail: string): VoiceCallError =>
  new VoiceCallError("VC_GATEWAY_ERROR", { detail });

const LATE = " It may have been carried out all the same: look at `openclaw voicecall status` first.";

/** The host gives a refused connection no close code and names the socket error in its reason or message. */
function isRefusedHere(error: Error): boolean {
  const url = property(property(error, "connectionDetails"), "url");
  return (
    property(error, "kind") === "closed" &&
    property(error, "code") === undefined &&
    /\bECONNREFUSED\b/.test(`${String(property(error, "reason"))} ${error.message}`) &&
    typeof url === "string" &&
    URL.canParse(url) &&
    /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)
  );
}

export function isRefusal(value: unknown): value is Refusal {
  const code = property(value, "code");
  return (
    typeof code === "string" &&
    Object.hasOwn(CATALOGUE, code) &&
    ["what", "why", "next"].every((name) => typeof property(value, name) === "string")
  );
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

const firstLine = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split("\n", 1)[0]?.trim().replace(/\.$/, "") ??
  "";
