import { describe, expect, it } from "vitest";
import { loss, refusal } from "../../../src/carrier/twilio/errors.ts";

describe("a refusal by Twilio", () => {
  it.each([
    [401, 20003, "VC_CARRIER_AUTH"],
    [403, 20003, "VC_CARRIER_AUTH"],
    [401, null, "VC_CARRIER_AUTH"],
    [400, 21201, "VC_CARRIER_TO_INVALID"],
    [400, 21211, "VC_CARRIER_TO_INVALID"],
    [400, 21217, "VC_CARRIER_TO_INVALID"],
    [400, 21210, "VC_CARRIER_FROM_INVALID"],
    [400, 21212, "VC_CARRIER_FROM_INVALID"],
    [400, 21213, "VC_CARRIER_FROM_INVALID"],
    [400, 21215, "VC_CARRIER_GEO"],
    [400, 21216, "VC_CARRIER_BLOCKED"],
    [400, 21219, "VC_CARRIER_NUMBER_UNVERIFIED"],
    [400, 12345, "VC_CARRIER_REFUSED"],
    [404, 20404, "VC_CARRIER_REFUSED"],
    [400, null, "VC_CARRIER_REFUSED"],
  ])(
    "with HTTP %s and code %s is %s: nothing happened, repeating will not help",
    (status, code, expected) => {
      const error = refusal("create", status, code);
      expect(error).toMatchObject({ code: expected, certainty: "refused" });
      expect(error.details).toMatchObject({ provider: "twilio", status, ...(code === null ? {} : { code }) });
    },
  );

  it("for going too fast may be repeated", () => {
    for (const [status, code] of [
      [429, 20429],
      [429, null],
      [400, 20429],
    ] as const) {
      expect(refusal("create", status, code)).toMatchObject({
        code: "VC_CARRIER_RATE",
        certainty: "not-sent",
      });
    }
  });

  it("of an update to a call that is over says that it is gone", () => {
    for (const [status, code] of [
      [404, 20404],
      [404, null],
      [400, 21220],
    ] as const) {
      expect(refusal("update", status, code)).toMatchObject({
        code: "VC_CARRIER_CALL_GONE",
        certainty: "gone",
      });
    }
    expect(refusal("read", 404, 20404).certainty).toBe("gone");
  });
});

describe("an answer that leaves it open", () => {
  it.each([500, 502, 503, 504, 408, 302, 307])(
    "to a create (HTTP %s) is never taken for a refusal",
    (status) => {
      expect(refusal("create", status, null)).toMatchObject({
        code: "VC_CARRIER_UNCERTAIN",
        certainty: "unknown",
      });
    },
  );

  it("to anything else is reported as what it is", () => {
    expect(refusal("update", 503, null)).toMatchObject({ code: "VC_CARRIER_REFUSED", certainty: "unknown" });
    expect(refusal("read", 503, null)).toMatchObject({ code: "VC_CARRIER_REFUSED", certainty: "not-sent" });
  });
});

describe("a request without an answer", () => {
  it("that never left may be repeated", () => {
    const error = loss("create", { kind: "not-sent", cause: "ECONNREFUSED" });
    expect(error).toMatchObject({ code: "VC_CARRIER_UNREACHABLE", certainty: "not-sent" });
    expect(error.message).toContain("ECONNREFUSED");
  });

  it("that may have arrived is uncertain, unless it only read", () => {
    const lost = { kind: "lost", cause: "ECONNRESET" } as const;
    expect(loss("create", lost)).toMatchObject({ code: "VC_CARRIER_UNCERTAIN", certainty: "unknown" });
    expect(loss("update", lost)).toMatchObject({ code: "VC_CARRIER_UNREACHABLE", certainty: "unknown" });
    expect(loss("read", lost)).toMatchObject({ code: "VC_CARRIER_UNREACHABLE", certainty: "not-sent" });
  });
});
