import type { Connect } from "../carrier.ts";
import { createMockCarrier } from "./carrier.ts";

/** The carrier inside the process: no settings, no webhooks, a phone in the terminal. */
export const connectMock: Connect<null> = async (_settings, { clock, ids, deliver }) => {
  const carrier = createMockCarrier({ clock, ids, deliver });
  return { carrier, webhook: null, phone: carrier.phone };
};
