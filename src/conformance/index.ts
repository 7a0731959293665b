/**
 * What every carrier must do, as scripts that any test runner can run. A third party's carrier runs the same ones: see
 * `Subject` and `World` for what it brings along.
 */
export { Bench, type Subject } from "./bench.ts";
export { conformanceScripts, type Script } from "./scripts.ts";
export type { CreateFault, FarEnd, Fields, LiveAudio, Person, Sent, Webhooks, World } from "./world.ts";
