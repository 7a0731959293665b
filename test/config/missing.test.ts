import { describe, expect, test } from "vitest";
import { missingCredentials, readConfig } from "../../src/config/index.ts";

function missing(raw: unknown, env = {}): string[] {
  const reading = readConfig(raw, env);
  if (!reading.ok) throw new Error("refused");
  return missingCredentials(reading.config);
}

test("mock needs nothing", () => {
  expect(missing({})).toEqual([]);
});

test.each([
  [
    "twilio",
    [
      "fromNumber (or TWILIO_FROM_NUMBER)",
      "twilio.accountSid (or TWILIO_ACCOUNT_SID)",
      "twilio.authToken (or TWILIO_AUTH_TOKEN)",
    ],
  ],
  [
    "telnyx",
    [
      "fromNumber",
      "telnyx.apiKey (or TELNYX_API_KEY)",
      "telnyx.connectionId (or TELNYX_CONNECTION_ID)",
      "telnyx.publicKey (or TELNYX_PUBLIC_KEY)",
    ],
  ],
  ["plivo", ["fromNumber", "plivo.authId (or PLIVO_AUTH_ID)", "plivo.authToken (or PLIVO_AUTH_TOKEN)"]],
])("%s names every key that is missing and the variable that may fill it", (provider, keys) => {
  expect(missing({ provider })).toEqual(keys);
});

test("credentials from the configuration and from the environment count alike", () => {
  const raw = { provider: "twilio", fromNumber: "+15550001234", twilio: { accountSid: "AC1" } };
  expect(missing(raw, { TWILIO_AUTH_TOKEN: "t" })).toEqual([]);
});

test("Telnyx does without its public key only when signatures are not verified", () => {
  const raw = { provider: "telnyx", fromNumber: "+15550001234", telnyx: { apiKey: "k", connectionId: "c" } };
  expect(missing(raw)).toHaveLength(1);
  expect(missing({ ...raw, skipSignatureVerification: true })).toEqual([]);
});

describe("a SecretRef that the host could not resolve", () => {
  const authToken = { source: "env", provider: "default", id: "NOPE" };
  const raw = { provider: "twilio", fromNumber: "+15550001234", twilio: { accountSid: "AC1", authToken } };

  test("counts as missing and says why", () => {
    expect(missing(raw)).toEqual(["twilio.authToken (its SecretRef was not resolved)"]);
  });

  test("is not replaced by the environment", () => {
    expect(missing(raw, { TWILIO_AUTH_TOKEN: "another" })).toHaveLength(1);
  });
});
