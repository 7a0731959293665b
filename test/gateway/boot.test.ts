import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { startModel } from "../../demo/model.mjs";
import { run } from "./rig/process.ts";
import { REPO, rigRoom } from "./rig/room.ts";
import {
  GatewayExit,
  isAlive,
  modelConfig,
  openclaw,
  prepareState,
  startGateway,
  useGateway,
} from "./rig/suite.ts";

const dir = path.join(rigRoom(), "fixture-plugin");
const plugin = { id: "rig-fixture", dir };

const ENTRY = `
import leven from "leven";
import { definePluginEntry } from "openclaw/plugin-sdk/plugin-entry";
export default definePluginEntry({
  id: "rig-fixture", name: "Fixture", description: "Answers two methods.",
  register(api) {
    api.registerGatewayMethod("fixture.read", ({ params, respond }) =>
      respond(true, { params, greeting: api.pluginConfig?.greeting }), { scope: "operator.read" });
    api.registerGatewayMethod("fixture.write", ({ respond }) =>
      respond(true, { from: api.rootDir, distance: leven("cat", "cow") }), { scope: "operator.write" });
    api.registerService({ id: "fixture", start: (ctx) => ctx.logger.info("fixture service started"), stop() {} });
  },
});
`;
const FILES = {
  "index.js": ENTRY,
  "package.json": JSON.stringify({
    name: "rig-fixture",
    version: "1.0.0",
    type: "module",
    dependencies: { leven: "*" },
    openclaw: { extensions: ["./index.js"], compat: { pluginApi: ">=2026.9.6" } },
  }),
  "openclaw.plugin.json": JSON.stringify({
    id: "rig-fixture",
    activation: { onStartup: true },
    configSchema: {
      type: "object",
      additionalProperties: false,
      properties: { greeting: { type: "string" } },
    },
  }),
};

beforeAll(() => {
  mkdirSync(path.join(dir, "node_modules"), { recursive: true });
  for (const [name, content] of Object.entries(FILES)) writeFileSync(path.join(dir, name), content);
  cpSync(path.join(REPO, "node_modules/leven"), path.join(dir, "node_modules/leven"), { recursive: true });
});

describe("a gateway in a throw-away state directory", () => {
  const gateway = useGateway({ plugin, pluginConfig: { greeting: "hello" } });

  it("has started the plugin's service when it is ready", () => {
    expect(gateway().output()).toContain("fixture service started");
    expect(gateway().bootMs).toBeGreaterThan(0);
  });

  it("answers a plugin's method with the plugin's configuration", async () => {
    const answer = await gateway().rpc("fixture.read", { a: 1 });
    expect(answer).toEqual({ params: { a: 1 }, greeting: "hello" });
  });

  it("refuses a client that lacks the scope", async () => {
    const reader = await gateway().rpcWithScopes(["operator.read"]);
    await expect(reader.request("fixture.read")).resolves.toMatchObject({ greeting: "hello" });
    await expect(reader.request("fixture.write")).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.stringContaining("missing scope: operator.write"),
    });
  });

  it("answers the CLI run on the same state directory", async () => {
    const result = await gateway().cli(["gateway", "call", "fixture.read", "--json", "--params", '{"b":2}']);
    expect(result).toMatchObject({ code: 0 });
    expect(JSON.parse(result.stdout)).toEqual({ params: { b: 2 }, greeting: "hello" });
  });

  it("takes an edited configuration file without a restart", async () => {
    const { pid, config } = gateway();
    config.merge({ plugins: { entries: { [plugin.id]: { config: { greeting: "changed" } } } } });
    await expect
      .poll(() => gateway().rpc("fixture.read"), { timeout: 30_000 })
      .toMatchObject({ greeting: "changed" });
    expect(gateway().pid).toBe(pid);
    expect(gateway().ended).toBe(false);
  });
});

describe("a plugin installed from its tarball", () => {
  it("runs from its own copy of one installation, dependencies and all", { timeout: 300_000 }, async () => {
    await run("npm", ["pack", "--pack-destination", rigRoom()], { cwd: dir });
    const tarball = path.join(rigRoom(), "rig-fixture-1.0.0.tgz");
    const options = { plugin: { id: plugin.id }, install: "packed", tarball } as const;
    const gateway = await startGateway(options);
    const answer = await gateway.rpc<{ from: string }>("fixture.write");
    expect(answer).toMatchObject({ distance: 2, from: expect.stringContaining(gateway.stateDir) });

    const inspected = await gateway.cli(["plugins", "inspect", plugin.id, "--json"]);
    expect(inspected.stdout).toContain(answer.from);
    expect(inspected.stdout).not.toContain("installed-rig-fixture");
    await gateway.stop();
  });
});

describe("an agent", () => {
  it("talks through the stand-in model", async () => {
    const model = await startModel();
    try {
      const gateway = await startGateway({ plugin: false, hostConfig: modelConfig(model.url) });
      const said = await gateway.cli(["agent", "--agent", "main", "--message", "My name is Ada", "--json"]);
      expect(said.stdout).toContain("Nice to meet you, Ada.");
      expect(model.requests[0]?.stream).toBe(true);
      await gateway.stop();
    } finally {
      await model.close();
    }
  });
});

describe("stopping", () => {
  it("ends the process, keeps the state when asked and boots from it again", async () => {
    const first = await startGateway({ plugin });
    writeFileSync(path.join(first.stateDir, "mark"), "kept");
    expect(await first.stop({ keepState: true })).toBe(0);
    expect(isAlive(first.pid)).toBe(false);

    const second = await startGateway({ plugin, stateDir: first.stateDir });
    expect(existsSync(path.join(second.stateDir, "mark"))).toBe(true);
    await second.rpc("fixture.write");
    expect(await second.kill("SIGKILL")).toBeNull();
    expect(isAlive(second.pid)).toBe(false);
    await second.stop();
    expect(existsSync(second.stateDir)).toBe(false);
  });

  it("reports a gateway that refuses its configuration", async () => {
    const options = { plugin, pluginConfig: { unknown: true } };
    const { stateDir } = await prepareState(options);
    const exit = await startGateway({ ...options, stateDir }).catch((error: unknown) => error);
    expect(exit).toBeInstanceOf(GatewayExit);
    expect(exit).toMatchObject({ code: 78, logs: expect.stringContaining("config is invalid") });

    const verdict = await openclaw(stateDir, ["config", "validate"]);
    expect(verdict.code).toBe(1);
    expect(verdict.stdout + verdict.stderr).toContain("plugins.entries.rig-fixture.config");
  });
});
