import { randomBytes, randomInt } from "node:crypto";
import type { Clock, Ids } from "../call/ports.ts";

/** `setTimeout` counts in 32 bits; anything further away is approached in steps. */
const FURTHEST_MS = 2_000_000_000;

/**
 * The machine's clock. Its timers keep the process alive only if asked to. After a thread has stood still its timers run before
 * anything that has arrived is read. So what is due waits for that: nobody has been silent whose words lie in a queue. It waits
 * for nothing else: what is due when it is asked for needs no timer, which takes a millisecond at least.
 */
function machineClock(keepsAlive: boolean): Clock {
  return {
    now: () => Date.now(),
    at(at, fn) {
      let cancel: () => void;
      const pass = () => {
        const next = setImmediate(fn);
        cancel = () => clearImmediate(next);
      };
      const arm = () => {
        const left = at - Date.now();
        if (left <= 0) return pass();
        const timer = setTimeout(left > FURTHEST_MS ? arm : pass, Math.min(left, FURTHEST_MS));
        if (!keepsAlive) timer.unref();
        cancel = () => clearTimeout(timer);
      };
      arm();
      return () => cancel();
    },
  };
}

/** For the gateway: a deadline never keeps it from ending. */
export const systemClock: Clock = machineClock(false);

/** For a command: the process lives as long as it has something to wait for. */
export const commandClock: Clock = machineClock(true);

/** 128 bits for a call, 192 for a token: neither can be guessed. */
export const randomIds: Ids = {
  call: () => `vc_${randomBytes(16).toString("hex")}`,
  token: () => freshBytes(24).toString("base64url"),
};

const POOL_BYTES = 24 * 128;
let pool = Buffer.alloc(0);

/** Every event takes a token, and asking the system for a few bytes costs as much as for a few thousand. */
function freshBytes(count: number): Buffer {
  if (pool.length < count) pool = randomBytes(POOL_BYTES);
  const taken = pool.subarray(0, count);
  pool = pool.subarray(count);
  return taken;
}

/** A pairing code a person can repeat: six digits. */
export const pairingCode = (): string => String(randomInt(1_000_000)).padStart(6, "0");
