import { twilioWebhook } from "../../../src/carrier/twilio/webhook.ts";
import * as desk from "../desk.ts";
import { SETTINGS } from "./fixtures.ts";

export type { Desk } from "../desk.ts";

/** A desk for the webhooks of the sample account. */
export const openDesk = (): Promise<desk.Desk> => desk.openDesk(twilioWebhook(SETTINGS), 204);
