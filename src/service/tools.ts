import { randomBytes, randomInt } from "node:crypto";
import type { Clock, Ids } from "../call/ports.ts";

/** `setTimeout` counts in 32 bits; anything further away is approached in steps. */
const FURTHEST_MS = 2_000_000_000;

/** The machine's clock. Its timers never keep the gateway alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at(at, fn) {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const left = at - Date.now();
      timer = setTimeout(left > FURTHEST_MS ? arm : fn, Math.max(0, Math.min(left, FURTHEST_MS)));
      timer.unref();
    };
    arm();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** 128 bits for a call, 192 for a token: neither can be guessed. */
export const randomIds: Ids = {
  call: () => `vc_${randomBytes(16).toString("hex")}`,
  token: () => randomBytes(24).toString("base64url"),
};

/** A pairing code a person can repeat: six digits. */
export const pairingCode = (): string => String(randomInt(1_000_000)).padStart(6, "0");
