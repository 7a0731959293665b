import { describe, expect, it, test } from "vitest";
import { readConfig, type VoiceCallConfig } from "../../src/config/index.ts";

function accepted(raw: Record<string, unknown>): VoiceCallConfig & { warned: string[] } {
  const reading = readConfig(raw, {});
  if (!reading.ok) throw new Error(`refused: ${JSON.stringify(reading.issues)}`);
  return { ...reading.config, warned: reading.warnings.map(({ path }) => path) };
}

function refused(outbound: Record<string, unknown>): { path: string; hint: string } {
  const reading = readConfig({ outbound }, {});
  if (reading.ok) throw new Error("accepted");
  const [found] = reading.issues;
  if (found === undefined || reading.issues.length > 1) throw new Error(JSON.stringify(reading.issues));
  return found;
}

const night = { start: "22:00", end: "08:00" };

describe("what is refused by default", () => {
  it("is emergency and expensive numbers, and nothing else", () => {
    expect(accepted({}).outbound).toMatchObject({
      allowEmergency: false,
      allowPremium: false,
      allowTo: [],
      maxCallsPerHour: 0,
      maxMinutesPerDay: 0,
      quietHours: undefined,
    });
  });

  it("is not changed by a limit of 0, which is none", () => {
    const { outbound } = accepted({ outbound: { maxCallsPerHour: 0, maxMinutesPerDay: 0, allowTo: [] } });
    expect(outbound).toEqual(accepted({}).outbound);
  });
});

describe("the guards of outbound calls", () => {
  it("are taken as written", () => {
    const outbound = {
      allowEmergency: true,
      allowPremium: true,
      allowTo: ["+15550001234", "+49*", "+1*"],
      maxCallsPerHour: 6,
      maxMinutesPerDay: 60,
      quietHours: { ...night, timeZone: "Europe/Berlin" },
    };
    expect(accepted({ outbound }).outbound).toMatchObject(outbound);
  });

  it("name each callee once", () => {
    const { outbound } = accepted({ outbound: { allowTo: ["+49*", "+15550001234", "+49*"] } });
    expect(outbound.allowTo).toEqual(["+49*", "+15550001234"]);
  });

  test.each([
    [{ allowTo: ["+0*"] }, "outbound.allowTo.0", "E.164"],
    [{ allowTo: ["+49*", "*"] }, "outbound.allowTo.1", "asterisk"],
    [{ allowTo: ["49*"] }, "outbound.allowTo.0", "E.164"],
    [{ allowTo: ["+49*1"] }, "outbound.allowTo.0", "E.164"],
    [{ allowTo: ["+4930 1234"] }, "outbound.allowTo.0", "E.164"],
    [{ allowTo: "+49*" }, "outbound.allowTo", "a list"],
    [{ maxCallsPerHour: -1 }, "outbound.maxCallsPerHour", "whole number from 0"],
    [{ maxMinutesPerDay: 1.5 }, "outbound.maxMinutesPerDay", "whole number from 0"],
    [{ allowEmergency: "yes" }, "outbound.allowEmergency", "true or false"],
    [{ allowPremium: 1 }, "outbound.allowPremium", "true or false"],
    [{ quietHours: "22:00-08:00" }, "outbound.quietHours", "an object"],
    [{ quietHours: { start: "22:00" } }, "outbound.quietHours.end", "Add it"],
    [{ quietHours: { ...night, start: "24:00" } }, "outbound.quietHours.start", "from 00:00 to 23:59"],
    [{ quietHours: { ...night, end: "8:00" } }, "outbound.quietHours.end", "from 00:00 to 23:59"],
    [{ quietHours: { ...night, end: "08:60" } }, "outbound.quietHours.end", "from 00:00 to 23:59"],
    [{ quietHours: { ...night, end: "10 pm" } }, "outbound.quietHours.end", "from 00:00 to 23:59"],
    [{ quietHours: { ...night, end: "22:00" } }, "outbound.quietHours.end", "two times"],
    [{ quietHours: { ...night, timeZone: "Mars/Olympus" } }, "outbound.quietHours.timeZone", "Europe/Berlin"],
    [{ quietHours: { ...night, timeZone: "" } }, "outbound.quietHours.timeZone", "Expected"],
    [{ quietHours: { ...night, zone: "UTC" } }, "outbound.quietHours.zone", "outbound.quietHours"],
  ])("in the form %j are refused at their path with what is expected", (outbound, path, expected) => {
    const found = refused(outbound);
    expect(found.path).toBe(path);
    expect(found.hint).toContain(expected);
  });

  test.each(["Europe/Berlin", "America/New_York", "UTC", "Asia/Kathmandu"])(
    "know the zone %s",
    (timeZone) => {
      expect(accepted({ outbound: { quietHours: { ...night, timeZone } } }).outbound.quietHours).toEqual({
        ...night,
        timeZone,
      });
    },
  );

  it("warn of limits whose calls are forgotten at once", () => {
    const outbound = { maxMinutesPerDay: 10 };
    expect(accepted({ outbound, retentionDays: 0 }).warned).toContain("retentionDays");
    expect(accepted({ outbound, retentionDays: 1 }).warned).not.toContain("retentionDays");
    expect(accepted({ retentionDays: 0 }).warned).not.toContain("retentionDays");
  });
});
