import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { checkQuietHours, localTime, quietUntil } from "../../../src/call/guard/quiet-hours.ts";
import { configOf } from "../bench.ts";

const MINUTE = 60_000;
const at = (iso: string): number => Date.parse(iso);
const iso = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString().replace(":00.000Z", "Z");

const night = { start: "22:00", end: "08:00" };
const UTC = { ...night, timeZone: "UTC" };
const BERLIN = { ...night, timeZone: "Europe/Berlin" };
const NEW_YORK = { ...night, timeZone: "America/New_York" };

describe("quiet hours over midnight", () => {
  test.each([
    ["2027-06-01T21:59:59Z", null],
    ["2027-06-01T22:00Z", "2027-06-02T08:00Z"],
    ["2027-06-01T23:59:59Z", "2027-06-02T08:00Z"],
    ["2027-06-02T00:00Z", "2027-06-02T08:00Z"],
    ["2027-06-02T07:59:59Z", "2027-06-02T08:00Z"],
    ["2027-06-02T08:00Z", null],
    ["2027-06-02T15:00Z", null],
    ["2027-12-31T22:30Z", "2028-01-01T08:00Z"],
  ])("at %s end at %s", (now, end) => {
    expect(iso(quietUntil(UTC, at(now)))).toBe(end);
  });
});

describe("quiet hours within a day", () => {
  const noon = { start: "12:00", end: "13:30", timeZone: "Asia/Kolkata" };
  test.each([
    ["2027-06-01T06:29Z", null],
    ["2027-06-01T06:30Z", "2027-06-01T08:00Z"],
    ["2027-06-01T07:59Z", "2027-06-01T08:00Z"],
    ["2027-06-01T08:00Z", null],
  ])("at %s end at %s", (now, end) => {
    expect(iso(quietUntil(noon, at(now)))).toBe(end);
  });
});

describe("quiet hours on a day on which the clocks change", () => {
  test.each([
    ["Berlin, the evening before summer time", BERLIN, "2027-03-27T20:59Z", null],
    ["Berlin, the night of 9 hours", BERLIN, "2027-03-27T21:00Z", "2027-03-28T06:00Z"],
    ["Berlin, just after the change", BERLIN, "2027-03-28T01:00Z", "2027-03-28T06:00Z"],
    ["Berlin, 8 o'clock of summer time", BERLIN, "2027-03-28T06:00Z", null],
    ["Berlin, the evening before winter time", BERLIN, "2027-10-30T20:00Z", "2027-10-31T07:00Z"],
    ["Berlin, the hour that comes twice", BERLIN, "2027-10-31T00:30Z", "2027-10-31T07:00Z"],
    ["Berlin, the same hour again", BERLIN, "2027-10-31T01:30Z", "2027-10-31T07:00Z"],
    ["Berlin, 8 o'clock of winter time", BERLIN, "2027-10-31T07:00Z", null],
    ["New York, the evening before summer time", NEW_YORK, "2027-03-14T03:00Z", "2027-03-14T12:00Z"],
    ["New York, just before the change", NEW_YORK, "2027-03-14T06:59Z", "2027-03-14T12:00Z"],
    ["New York, 8 o'clock of summer time", NEW_YORK, "2027-03-14T12:00Z", null],
    ["New York, the evening before winter time", NEW_YORK, "2027-11-07T02:00Z", "2027-11-07T13:00Z"],
    ["New York, the hour that comes twice", NEW_YORK, "2027-11-07T06:30Z", "2027-11-07T13:00Z"],
    ["New York, 8 o'clock of winter time", NEW_YORK, "2027-11-07T13:00Z", null],
  ] as const)("%s", (_, hours, now, end) => {
    expect(iso(quietUntil(hours, at(now)))).toBe(end);
  });

  it("end with the change when it skips their end", () => {
    const hours = { start: "22:00", end: "02:30", timeZone: "Europe/Berlin" };
    expect(iso(quietUntil(hours, at("2027-03-28T00:59Z")))).toBe("2027-03-28T01:00Z");
    expect(quietUntil(hours, at("2027-03-28T01:00Z"))).toBeNull();
  });

  it("do not take place when it skips all of them", () => {
    const hours = { start: "02:10", end: "02:50", timeZone: "Europe/Berlin" };
    for (let now = at("2027-03-27T23:00Z"); now < at("2027-03-28T05:00Z"); now += MINUTE)
      expect(quietUntil(hours, now)).toBeNull();
  });

  it("come twice when it repeats them", () => {
    const hours = { start: "02:10", end: "02:50", timeZone: "Europe/Berlin" };
    expect(iso(quietUntil(hours, at("2027-10-31T00:20Z")))).toBe("2027-10-31T00:50Z");
    expect(quietUntil(hours, at("2027-10-31T00:55Z"))).toBeNull();
    expect(iso(quietUntil(hours, at("2027-10-31T01:20Z")))).toBe("2027-10-31T01:50Z");
  });
});

const two = (value: number): string => String(value).padStart(2, "0");

describe("quiet hours at any time in any zone", () => {
  const clock = fc.integer({ min: 0, max: 1_439 }).map((minute) => {
    return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  });
  const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
  const moment = fc.integer({ min: at("2027-01-01T00:00Z") / MINUTE, max: at("2028-01-01T00:00Z") / MINUTE });

  it("end at a moment that is not quiet, after moments that all are", () => {
    let quiet = 0;
    fc.assert(
      fc.property(clock, clock, fc.constantFrom(...zones), moment, (start, end, timeZone, minute) => {
        fc.pre(start !== end);
        const hours = { start, end, timeZone };
        const now = minute * MINUTE;
        const until = quietUntil(hours, now);
        if (until === null) return;
        quiet += 1;
        expect(until).toBeGreaterThan(now);
        expect(until - now).toBeLessThanOrEqual(25 * 60 * MINUTE);
        expect(quietUntil(hours, until)).toBeNull();
        expect(quietUntil(hours, until - 1)).toBe(until);
        const between = now + Math.floor((until - now) / 2 / MINUTE) * MINUTE;
        expect(quietUntil(hours, between)).not.toBeNull();
      }),
      { numRuns: 300 },
    );
    expect(quiet).toBeGreaterThan(50);
  });
});

describe("the refusal", () => {
  const { outbound } = configOf({ outbound: { quietHours: BERLIN } });
  const now = at("2027-03-27T22:30Z");

  it("names the moment from which calls may be placed, in local time", () => {
    expect(() => checkQuietHours(outbound, now, [])).toThrow(
      "nobody is called during quiet hours: Calls may be placed again from 2027-03-28 08:00 (Europe/Berlin).",
    );
    expect(() => checkQuietHours(outbound, now, ["emergency"])).toThrow(
      expect.objectContaining({ code: "VC_QUIET_HOURS", retryable: true }) as Error,
    );
  });

  it("does not come by day, when nothing is set, or when it is overridden", () => {
    expect(checkQuietHours(outbound, at("2027-03-28T10:00Z"), ["quiet-hours"])).toEqual([]);
    expect(checkQuietHours(configOf().outbound, now, [])).toEqual([]);
    expect(checkQuietHours(outbound, now, ["quiet-hours"])).toEqual([
      { guard: "quiet-hours", by: "request" },
    ]);
  });

  it("goes by the machine's clock when no zone is named", () => {
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (let hour = 0; hour < 24; hour++) {
      const moment = now + hour * 60 * MINUTE;
      expect(quietUntil(night, moment)).toBe(quietUntil({ ...night, timeZone: zone }, moment));
    }
    expect(localTime(now, undefined)).toContain(`(${zone})`);
  });
});
