import type { Connect } from "../carrier.ts";
import { createMockCarrier } from "./carrier.ts";

/** The carrier inside the process: no settings, no webhooks, a phone in the terminal. */
export const connectMock: Connect<null> = async (_settings, context) => {
  const { clock, ids } = context;
  const carrier = createMockCarrier({
    clock,
    ids,
    deliver: (fact) => context.deliver(fact),
    openStream: (call, token) => context.openStream(call, token),
  });
  return { carrier, webhook: null, phone: carrier.phone };
};
