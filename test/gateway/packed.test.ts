import { cpSync, lstatSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startModel, type Model } from "../../demo/model.mjs";
import { conformanceScripts } from "../../src/conformance/index.ts";
import { run, type RunResult } from "./rig/process.ts";
import { NODE, rigRoom } from "./rig/room.ts";
import { modelConfig, openclaw, packageFolder, Person, prepareState, useGateway } from "./rig/suite.ts";

type Inspection = {
  plugin: { status: string };
  diagnostics: unknown[];
  tools: { names: string[] }[];
  gatewayMethods: string[];
  cliCommands: string[];
  services: string[];
};

const CONTRACT = [
  "initiate",
  "start",
  "continue",
  "continue.start",
  "continue.result",
  "speak",
  "dtmf",
  "end",
  "status",
];

const isOwn = (file: string): boolean => !lstatSync(file).isSymbolicLink();
const inspected = ({ stdout }: RunResult): Inspection => JSON.parse(stdout) as Inspection;
const WHOLE = {
  plugin: { status: "loaded" },
  diagnostics: [],
  tools: [{ names: ["voice_call"] }],
  gatewayMethods: expect.arrayContaining(CONTRACT.map((method) => `voicecall.${method}`)) as string[],
  cliCommands: ["voicecall"],
  services: ["voice-call"],
};

let model: Model;
beforeAll(async () => {
  model = await startModel();
});
afterAll(() => model.close());

describe("the plugin installed from its packed tarball", () => {
  const gateway = useGateway(() => ({
    install: "packed",
    pluginConfig: { provider: "mock", toNumber: "+15550100711", outbound: { defaultMode: "conversation" } },
    hostConfig: modelConfig(model.url),
  }));

  it("registers its tool, methods, command and service, with nothing to complain about", async () => {
    const result = await gateway().cli(["plugins", "inspect", "voice-call", "--runtime", "--json"]);
    expect(result).toMatchObject({ code: 0 });
    expect(inspected(result)).toMatchObject(WHOLE);
  });

  it("gives others the seam of a carrier, and the scripts that every carrier must pass", async () => {
    const folder = path.join(gateway().stateDir, "npm/projects");
    const code = [
      `const { conformanceScripts } = await import("@openclaw/voice-call/conformance");`,
      `const { CarrierError } = await import("@openclaw/voice-call/carrier");`,
      `const fault = new CarrierError("VC_CARRIER_RATE", "not-sent", { provider: "own", detail: "x" });`,
      `console.log(JSON.stringify({ scripts: conformanceScripts.length, certainty: fault.certainty }));`,
    ].join("\n");
    const [project = ""] = readdirSync(folder);
    const cwd = path.join(folder, project);
    const { stdout } = await run(NODE, ["--input-type=module", "--eval", code], { cwd });
    const found = JSON.parse(stdout) as { scripts: number; certainty: string };
    expect(found).toEqual({ scripts: conformanceScripts.length, certainty: "not-sent" });
  });

  it("shows its skill to agents", async () => {
    const result = await gateway().cli(["skills", "list", "--json"]);
    const { skills } = JSON.parse(result.stdout) as { skills: { name: string; eligible?: boolean }[] };
    expect(skills.find(({ name }) => name === "voice-call")).toMatchObject({ eligible: true });
  });

  it("holds a call", async () => {
    const person = await Person.at(gateway());
    const answering = person.answers();
    const message = "Hello from the packed plugin.";
    await gateway().rpc("voicecall.initiate", { message });
    const line = await answering;
    const from = await person.says(line, "My name is Ada.");
    await person.sees("spoken", { text: "Nice to meet you, Ada.", from });
    await person.hangsUp(line);
    expect(person.heard(line)[0]).toBe(message);
  });
});

describe("a folder that was built", () => {
  it("installs without any dependency, with nothing to complain about", async () => {
    const folder = path.join(rigRoom(), "folder");
    cpSync(await packageFolder(), folder, { recursive: true, filter: isOwn });

    const { stateDir } = await prepareState({ plugin: false });
    const args = ["plugins", "install", folder, "--force", "--accept-capabilities"];
    const installed = await openclaw(stateDir, args);
    expect(installed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Installed plugin: voice-call"),
    });
    const result = await openclaw(stateDir, ["plugins", "inspect", "voice-call", "--runtime", "--json"]);
    expect(inspected(result)).toMatchObject(WHOLE);
  });
});
