import type { SetupCheck } from "../../call/service.ts";

/** Told as it is; nothing to do. */
export const passed = (id: string, message: string): SetupCheck => ({
  id,
  ok: true,
  level: "error",
  message,
});

/** Calls do not work like this. */
export const failed = (id: string, message: string, next: string): SetupCheck => ({
  id,
  ok: false,
  level: "error",
  message,
  next,
});

/** Calls work, but hardly as meant. */
export const warned = (id: string, message: string, next: string): SetupCheck => ({
  id,
  ok: false,
  level: "warning",
  message,
  next,
});

/** Nobody could tell: it takes a phone that runs. `what` follows "whether". */
export const unchecked = (id: string, what: string): SetupCheck =>
  warned(
    id,
    `Not checked, since this needs a running gateway with a running phone: whether ${what}.`,
    "Start the gateway, put right what the check named service says, and run setup again.",
  );

/** Could not be told because of another line. */
export const depends = (id: string, what: string, on: string): SetupCheck =>
  warned(id, `Not checked: whether ${what}.`, `Put right what the check named ${on} says first.`);
