import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { leaks } from "./log-calls.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

describe("the source", () => {
  it("names no words, digits, numbers or secrets in a log call or in the details of an error", () => {
    const files = globSync("src/**/*.ts", { cwd: ROOT });
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap((file) => leaks(file, readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
  });
});

describe("the search for leaks", () => {
  it.each([
    "log.info(`calling ${call.to}`)",
    "this.#deps.log.warn('heard', { said: event.text })",
    "log.debug('turn', { words })",
    "api.logger.info(message.body)",
    "log.error('bad', { a: { b: [config.authToken] } })",
    "log.info('call', { ...call })",
    "log.info('call', ...parts(call.digits))",
    "log.info('x', { code: pairing.code })",
    "log.info(request?.message)",
    "log.info(JSON.stringify(event))",
    "logger.error(String(request?.headers))",
    "log.info('x', { n: redactNumber(call.to), m: call.from })",
    "log.info('x', { n: partyOf(call) })",
    "log.info('x', ...(known ? [turn.text] : []))",
    "log.info('x', { party: call!.from.slice(0, 4) })",
    "new VoiceCallError('VC_CARRIER_REFUSED', { detail: reply.body })",
  ])("finds %s", (line) => {
    expect(leaks("a.ts", line)).toHaveLength(1);
  });

  it.each([
    "log.info('a call to somebody', { callId: call.id, outcome: call.outcome })",
    "log.info('x', { to: redactNumber(call.to), from: redactNumber(partyOf(call)) })",
    "log.info(redactText(message.body))",
    "log.error('failed', { error: error.code, why: error.message })",
    "log.info('x', { ...(late && { waitMs }) })",
    "log.info('words and digits are only text here')",
    "this.speak(call.to, message.text)",
    "Math.log(words)",
    "store.info(call.to)",
    "new VoiceCallError('VC_NUMBER_INVALID', { field: 'to' }, { cause: reply.body })",
  ])("accepts %s", (line) => {
    expect(leaks("a.ts", line)).toEqual([]);
  });
});
