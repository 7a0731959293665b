import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactFields, redactNumber, redactText, safeLog } from "../../src/observe/redact.ts";

const e164 = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.stringMatching(/^\d{7,14}$/))
  .map(([first, rest]) => `+${first}${rest}`);

describe("a redacted number", () => {
  it.each([
    ["+15550001234", "+15•••••34"],
    ["+4915112345678", "+49•••••78"],
    ["+12345678", "+12•••••78"],
    ["", "withheld"],
    ["15550001234", "•••••"],
    ["+0123456789", "•••••"],
    ["+1555", "•••••"],
    ["anonymous", "•••••"],
    ["sip:ann@example.test", "•••••"],
  ])("%j reads %j", (number, shown) => {
    expect(redactNumber(number)).toBe(shown);
  });

  it("never shows more than three characters in front and two at the end", () => {
    fc.assert(
      fc.property(e164, (number) => {
        expect(redactNumber(number).replace(/^.{3}•+.{2}$/, "")).toBe("");
      }),
    );
  });
});

describe("a line of text", () => {
  it.each([
    ["calling +15550001234 now", "calling +15•••••34 now"],
    ["calling +15550001234, +4915112345678", "calling +15•••••34, +49•••••78"],
    ["calling 15550001234.", "calling •••••."],
    ["local 5550123", "local •••••"],
    ["(555) 000-1234", "(•••••"],
    ["+1 (555) 000-1234 hung up", "+15•••••34 hung up"],
    ["555.123.4567", "•••••"],
    ["pressed 1 2 3 4 5 6 7", "pressed •••••"],
    ["to=15550001234&from=%2B15550004321", "to=•••••&from=%2B•••••"],
    ["sip:15550001234@carrier.test", "sip:•••••@carrier.test"],
    ["number15550001234x", "number•••••x"],
    ["4111 1111 1111 1111", "•••••"],
    ["٠١٢٣٤٥٦٧٨", "•••••"],
    ["https://user:pass@carrier.test/x", "https://•••••@carrier.test/x"],
    ["Authorization: Bearer abc.def-ghi", "Authorization: Bearer •••••"],
  ])("%j reads %j", (text, shown) => {
    expect(redactText(text)).toBe(shown);
  });

  it.each([
    "vc_12345678901234567890 is live",
    "effect vc_Ab1234567890#12.0 failed",
    "CA0123456789abcdef0123456789012345 ended",
    "CA01234567890123456789012345678901 ended",
    "v3:1234567890_abcdef-1234567890 ended",
    "call 01234567-8901-2345-6789-012345678901 ended",
    "open https://login.tailscale.com/a/0123456789ab once",
    "open https://login.tailscale.com/f/funnel?node=n12345678CNTRL once",
    `claim ${"0123456789abcdef".repeat(4)} was taken`,
    "at 2026-07-20T12:34:56.789Z",
    "on 2026-12-31",
    "openclaw 2026.12.31",
    "http://192.168.100.200:18789/voice/webhook",
    "error 21219 after 300000 ms on port 18789 (HTTP 429)",
  ])("%j stays as it is", (text) => {
    expect(redactText(text)).toBe(text);
  });

  it("never shows a number that was put into it, wherever and however grouped", () => {
    const around = fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[\d_]|vc/g, ""));
    const grouped = fc
      .tuple(
        e164,
        fc.array(fc.constantFrom("", "", "-", " ", ".", " (", ") "), { minLength: 16, maxLength: 16 }),
      )
      .map(([number, marks]) =>
        Array.from(number, (digit, index) => digit + (index > 0 ? marks[index] : "")).join(""),
      );
    fc.assert(
      fc.property(around, grouped, around, (before, number, after) => {
        const shown = redactText(`${before} ${number} ${after}`);
        const digits = shown.replaceAll(/\D/g, "");
        expect(digits.length).toBeLessThanOrEqual(4);
      }),
    );
  });
});

describe("the fields of a log line", () => {
  it("lose numbers, words, digits and secrets by their name", () => {
    const fields = {
      from: "+15550001234",
      to: "",
      fromNumber: "+15550001234",
      caller: 15_550_001_234,
      digits: "12#",
      text: "my words",
      authToken: "abc",
      apiKey: "abc",
      token: "abc",
    };
    expect(redactFields(fields)).toEqual({
      from: "+15•••••34",
      to: "withheld",
      fromNumber: "+15•••••34",
      caller: "•••••",
      digits: "•••••",
      text: "•••••",
      authToken: "•••••",
      apiKey: "•••••",
      token: "•••••",
    });
  });

  it("lose numbers by their look under any name", () => {
    expect(redactFields({ detail: "no route to +15550001234", odd: 15_550_001_234 })).toEqual({
      detail: "no route to +15•••••34",
      odd: "•••••",
    });
  });

  it("keep ids, codes, ports, times, durations and counts", () => {
    const fields = {
      effectKey: "vc_12345678901234567890#3.0",
      sessionKey: "agent:main:main",
      callId: "vc_12345678901234567890",
      carrierCallId: "CA01234567890123456789012345678901",
      error: "VC_CARRIER_REFUSED",
      carrierCode: "21219",
      port: 18_789,
      status: 429,
      at: 1_753_012_345_678,
      expiresAt: 1_753_012_345_678,
      waitMs: 7_200_000,
      cursor: 12_345_678,
      ratio: 0.123_456_789,
      ok: true,
      outcome: null,
      missing: undefined,
    };
    expect(redactFields(fields)).toEqual(fields);
  });
});

const ignore = () => {};

function recorded(): { lines: string[]; log: ReturnType<typeof safeLog> } {
  const lines: string[] = [];
  const level = (name: string) => (message: string) => void lines.push(`${name}: ${message}`);
  const log = safeLog({
    debug: level("debug"),
    info: level("info"),
    warn: level("warn"),
    error: level("error"),
  });
  return { lines, log };
}

describe("the plugin's log", () => {
  it("writes one line per message at the level of the message", () => {
    const { lines, log } = recorded();
    log.debug("one");
    log.info("two", { callId: "vc_a", count: 2, gone: undefined, outcome: null });
    log.warn("three", { why: "it is late", odd: 'a="b"' });
    log.error("four", {});
    expect(lines).toEqual([
      "debug: one",
      "info: two callId=vc_a count=2 outcome=null",
      'warn: three why="it is late" odd="a=\\"b\\""',
      "error: four",
    ]);
  });

  it("redacts messages and fields", () => {
    const { lines, log } = recorded();
    log.error("could not call +15550001234", { to: "+15550001234", detail: "busy: +15550001234" });
    expect(lines).toEqual(['error: could not call +15•••••34 to=+15•••••34 detail="busy: +15•••••34"']);
  });

  it("lets nobody begin a line of their own", () => {
    const { lines, log } = recorded();
    log.info("a\nb\u2028c", { detail: "x\r\n2026 error: forged", bare: "y\u0085z" });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  });

  it("does without a debug level", () => {
    const quiet = safeLog({ info: ignore, warn: ignore, error: ignore });
    expect(() => quiet.debug("nothing")).not.toThrow();
  });
});
