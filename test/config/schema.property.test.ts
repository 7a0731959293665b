import { Ajv } from "ajv";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { listOptions, schema, withoutNotes } from "../../scripts/generate/options.ts";
import { check } from "../../src/config/check.ts";
import { readConfig } from "../../src/config/index.ts";
import { migrateLegacyConfig } from "../../src/config/legacy.ts";

const validate = new Ajv({ strict: false }).compile(withoutNotes(schema) as object);

/** Configurations that are right or nearly right: real keys with values that often fit. */
const values = fc.oneof(
  fc.constantFrom<unknown>(true, false, 0, 1, 443, 3334, -1, 1.5, 1e9, "", "mock", "twilio", "log", "A"),
  fc.constantFrom<unknown>(
    "+15550001234",
    "5550001234",
    "/voice/webhook",
    "https://a.example",
    "http://[::1]:1/",
  ),
  fc.constantFrom<unknown>("en-US", "127.0.0.1", "web_search", "off", "serve", "disabled", "a b", null),
  fc.constantFrom<unknown>(["+15550001234"], ["web_search"], [], [3], {}, { provider: "x", openai: {} }),
  fc.constantFrom<unknown>(
    { source: "env", id: "X" },
    { source: "env" },
    { "+15550001234": { agentId: "a" } },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);
const paths = listOptions()
  .map(({ path }) => path)
  .filter((path) => !path.includes("*"));

const nearlyValid = fc
  .array(fc.tuple(fc.constantFrom(...paths, "unknwn", "twilio.from"), values), { maxLength: 6 })
  .map((members) => {
    const config: Record<string, unknown> = {};
    for (const [path, value] of members) {
      const [head = "", ...rest] = path.split(".");
      const section = typeof config[head] === "object" && config[head] !== null ? config[head] : {};
      const inner = rest.reduceRight<unknown>((below, key) => ({ [key]: below }), structuredClone(value));
      config[head] = rest.length === 0 ? inner : { ...section, ...(inner as object) };
    }
    return config;
  });

test("our checker and a JSON Schema validator agree on every configuration", () => {
  let valid = 0;
  fc.assert(
    fc.property(nearlyValid, (config) => {
      const plain: unknown = JSON.parse(JSON.stringify(config));
      const ours = check(schema, plain).length === 0;
      valid += ours ? 1 : 0;
      expect(ours).toBe(validate(plain));
    }),
    { numRuns: 2000 },
  );
  expect(valid, "both outcomes have to occur").toBeGreaterThan(100);
});

test("reading never throws, whatever JSON it is given, and always says why it refuses", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), nearlyValid, fc.object()), (raw) => {
      const reading = readConfig(raw, {});
      expect(reading.ok || reading.issues.length > 0).toBe(true);
      const said = reading.ok ? reading.warnings : reading.issues;
      for (const { problem, hint } of said) expect(problem !== "" && hint !== "").toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("reading never throws for values that JSON does not have", () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
      (raw) => {
        expect(readConfig({ tts: raw, store: raw }, {})).toHaveProperty("ok");
      },
    ),
  );
});

test("migrating twice is migrating once", () => {
  const legacy = [
    "twilio.from",
    "streaming.sttProvider",
    "streaming.vadThreshold",
    "streaming.providers",
    "provider",
  ];
  const config = fc.array(fc.tuple(fc.constantFrom(...legacy), values)).map((members) => {
    const config: Record<string, Record<string, unknown>> = { twilio: {}, streaming: {} };
    for (const [path, value] of members) {
      const [section = "", key] = path.split(".");
      if (key === undefined) Object.assign(config, { [section]: value });
      else (config[section] ??= {})[key] = value;
    }
    return config;
  });
  fc.assert(
    fc.property(config, (before) => {
      const once = migrateLegacyConfig(before);
      expect(migrateLegacyConfig(once.config)).toEqual({ config: once.config, changes: [] });
    }),
  );
});
