import { describe, expect, it } from "vitest";
import { readFault, refusal } from "../../../src/carrier/telnyx/errors.ts";

const fault = (code: string, pointer = "") => ({ code, pointer });

describe("a refusal by Telnyx", () => {
  it.each([
    [401, "10009", "VC_CARRIER_AUTH"],
    [403, "10010", "VC_CARRIER_AUTH"],
    [401, null, "VC_CARRIER_AUTH"],
    [403, "20012", "VC_CARRIER_AUTH"],
    [403, "20017", "VC_CARRIER_AUTH"],
    [403, "10038", "VC_CARRIER_BLOCKED"],
    [403, "10039", "VC_CARRIER_BLOCKED"],
    [422, "10015", "VC_CARRIER_REFUSED"],
    [404, "10005", "VC_CARRIER_REFUSED"],
    [400, null, "VC_CARRIER_REFUSED"],
    [422, "constructor", "VC_CARRIER_REFUSED"],
  ])("to place a call, HTTP %s with code %s, is %s: nothing happened", (status, code, expected) => {
    const error = refusal("create", status, code === null ? null : fault(code));
    expect(error).toMatchObject({ code: expected, certainty: "refused" });
    expect(error.details).toMatchObject({ provider: "telnyx", status, ...(code === null ? {} : { code }) });
  });

  it("says which number is wrong, where Telnyx points at it", () => {
    for (const pointer of ["/to", "/body/to", "to"]) {
      expect(refusal("create", 422, fault("10016", pointer)).code).toBe("VC_CARRIER_TO_INVALID");
    }
    expect(refusal("create", 422, fault("10015", "/from")).code).toBe("VC_CARRIER_FROM_INVALID");
    expect(refusal("create", 422, fault("10015", "/photo")).code).toBe("VC_CARRIER_REFUSED");
    expect(refusal("create", 401, fault("10009", "/to")).code).toBe("VC_CARRIER_AUTH");
  });

  it("for going too fast, or for too many calls at once, may be repeated", () => {
    for (const [status, code] of [
      [429, "10011"],
      [429, null],
      [422, "90041"],
      [403, "90042"],
      [422, "90043"],
    ] as const) {
      expect(refusal("create", status, code === null ? null : fault(code))).toMatchObject({
        code: "VC_CARRIER_RATE",
        certainty: "not-sent",
      });
    }
  });

  it("of a command to a call that is over, or unknown, says that it is gone", () => {
    for (const [status, code] of [
      [422, "90018"],
      [422, "90015"],
      [404, "10005"],
      [404, null],
    ] as const) {
      for (const kind of ["update", "read"] as const) {
        expect(refusal(kind, status, code === null ? null : fault(code))).toMatchObject({
          code: "VC_CARRIER_CALL_GONE",
          certainty: "gone",
        });
      }
    }
  });

  it("of a command to a call that has not been answered yet may be repeated", () => {
    expect(refusal("update", 422, fault("90034"))).toMatchObject({
      code: "VC_CARRIER_REFUSED",
      certainty: "not-sent",
      details: { code: "90034" },
    });
  });
});

describe("an answer that leaves it open", () => {
  it.each([500, 502, 503, 504, 408, 302, 307])("to a create (HTTP %s) is no refusal", (status) => {
    expect(refusal("create", status, null)).toMatchObject({
      code: "VC_CARRIER_UNCERTAIN",
      certainty: "unknown",
    });
  });

  it("to anything else is reported as what it is", () => {
    expect(refusal("update", 503, null)).toMatchObject({ code: "VC_CARRIER_REFUSED", certainty: "unknown" });
    expect(refusal("read", 503, null)).toMatchObject({ code: "VC_CARRIER_REFUSED", certainty: "not-sent" });
  });
});

describe("the body of a refusal", () => {
  it("names its first error", () => {
    const source = { pointer: "/to" };
    expect(readFault({ errors: [{ code: "10016", title: "x", source }, { code: "1" }] })).toEqual({
      code: "10016",
      pointer: "/to",
    });
    expect(readFault({ errors: [{ code: 90018 }] })).toEqual({ code: "90018", pointer: "" });
  });

  it("that names none, or is none, is no reason", () => {
    for (const body of [
      null,
      "<html>",
      [],
      {},
      { errors: {} },
      { errors: [] },
      { errors: ["x"] },
      { errors: [{}] },
      { errors: [{ code: null }] },
      { errors: [{ code: "much too long a code" }] },
      { errors: [{ code: "a b" }] },
    ]) {
      expect(readFault(body)).toBeNull();
    }
  });

  it("brings no text of Telnyx's into ours", () => {
    const body = { errors: [{ code: "10015", title: "t", detail: "the number +15550100002 is bad" }] };
    const error = refusal("create", 422, readFault(body));
    expect(error.message).not.toContain("15550100002");
    expect(error.message).toContain("10015, HTTP 422");
  });
});
