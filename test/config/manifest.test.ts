import { existsSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { configurationDoc } from "../../scripts/generate/configuration-doc.ts";
import { manifest } from "../../scripts/generate/manifest.ts";
import { listOptions, secretPaths } from "../../scripts/generate/options.ts";

interface Manifest {
  configSchema: { properties: Record<string, unknown> };
  uiHints: Record<string, { label: string; help?: string; sensitive?: boolean; presentation?: string }>;
  configGroups: { id: string; properties: string[] }[];
  configContracts: { secretInputs: { paths: { path: string; ownerKind: string }[] } };
}

const file = new URL("../../openclaw.plugin.json", import.meta.url);
const shipped = JSON.parse(readFileSync(file, "utf8")) as Manifest;

test("the shipped manifest is what the schema generates", () => {
  expect(shipped).toEqual(JSON.parse(JSON.stringify(manifest())));
});

test("the shipped documentation is what the schema generates", () => {
  const doc = new URL("../../docs/configuration.md", import.meta.url);
  expect(existsSync(doc) && readFileSync(doc, "utf8")).toBe(configurationDoc());
});

test("the schema holds nothing that a strict JSON Schema validator does not know", () => {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });
  expect(() => ajv.compile(shipped.configSchema)).not.toThrow();
});

test("the host's defaults leave an empty configuration working", () => {
  const raw = { serve: {}, streaming: {}, realtime: { agentContext: {} }, twilio: {} };
  expect(new Ajv({ useDefaults: true }).validate(shipped.configSchema, raw)).toBe(true);
  expect(raw.serve).toEqual({ port: 3334, bind: "127.0.0.1", path: "/voice/webhook" });
});

describe("the settings form", () => {
  test("has a label and a help for every option and a group for every top-level key, once", () => {
    const unlabelled = listOptions().filter(
      ({ path }) => path !== "numbers.*" && !shipped.uiHints[path]?.help,
    );
    expect(unlabelled.map(({ path }) => path)).toEqual([]);
    const grouped = shipped.configGroups.flatMap((group) => group.properties);
    expect(grouped.toSorted()).toEqual(Object.keys(shipped.configSchema.properties).toSorted());
  });

  test("conceals every credential and shows numbers as telephone numbers", () => {
    for (const path of secretPaths()) expect(shipped.uiHints[path]?.sensitive).toBe(true);
    for (const path of ["fromNumber", "toNumber"]) {
      expect(shipped.uiHints[path]?.presentation).toBe("phone-number");
    }
  });
});

test("a credential that cannot be resolved never keeps the gateway from starting", () => {
  const { paths } = shipped.configContracts.secretInputs;
  expect(paths.map(({ path }) => path)).toEqual(secretPaths());
  expect(paths.every(({ ownerKind }) => ownerKind === "capability")).toBe(true);
  expect(secretPaths()).toEqual(
    expect.arrayContaining([
      "twilio.authToken",
      "telnyx.apiKey",
      "plivo.authToken",
      "tunnel.ngrokAuthToken",
      "tts.providers.*.apiKey",
      "tts.*.apiKey",
      "streaming.providers.*.apiKey",
      "realtime.providers.*.apiKey",
    ]),
  );
});

test("the manifest declares what the plugin registers", () => {
  expect(shipped).toMatchObject({
    id: "voice-call",
    activation: { onStartup: true },
    skills: ["./skills"],
    categories: ["voice"],
    contracts: { tools: ["voice_call"] },
    toolMetadata: { voice_call: { sideEffecting: true } },
    cliCommands: [{ name: "voicecall", hasSubcommands: true }],
    doctorContract: { configRepair: true },
  });
});
