/** The room's front door. */

export { carrierSections } from "./carriers.ts";
export type { InboundPolicy } from "./inbound.ts";
export type { ConfigIssue } from "./issues.ts";
export type { Provider } from "./line.ts";
export { isLoopbackHost } from "./loopback.ts";
export { missingCredentials } from "./missing.ts";
export { forNumber, type NumberRoute } from "./numbers.ts";
export type { Environment } from "./option.ts";
export type { OutboundConfig } from "./outbound.ts";
export type { QuietHours } from "./outbound-guards.ts";
export { type ConfigReading, readConfig, type VoiceCallConfig } from "./resolve.ts";
export type { SessionScope } from "./replies.ts";

export { carrierTts } from "./tts-merge.ts";
