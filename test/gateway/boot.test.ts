import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { rigRoom } from "./rig/room.ts";
import { GatewayExit, isAlive, openclaw, prepareState, startGateway, useGateway } from "./rig/suite.ts";

const dir = path.join(rigRoom(), "fixture-plugin");
const plugin = { id: "rig-fixture", dir };

const ENTRY = `
import { definePluginEntry } from "openclaw/plugin-sdk/plugin-entry";
export default definePluginEntry({
  id: "rig-fixture", name: "Fixture", description: "Answers two methods.",
  register(api) {
    api.registerGatewayMethod("fixture.read", ({ params, respond }) =>
      respond(true, { params, greeting: api.pluginConfig?.greeting }), { scope: "operator.read" });
    api.registerGatewayMethod("fixture.write", ({ respond }) => respond(true, {}), { scope: "operator.write" });
    api.registerService({ id: "fixture", start: (ctx) => ctx.logger.info("fixture service started"), stop() {} });
  },
});
`;

beforeAll(() => {
  mkdirSync(dir, { recursive: true });
  const files = {
    "package.json": {
      name: "rig-fixture",
      version: "1.0.0",
      type: "module",
      openclaw: { extensions: ["./index.js"] },
    },
    "openclaw.plugin.json": {
      id: "rig-fixture",
      activation: { onStartup: true },
      configSchema: {
        type: "object",
        additionalProperties: false,
        properties: { greeting: { type: "string" } },
      },
    },
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(path.join(dir, name), JSON.stringify(content));
  writeFileSync(path.join(dir, "index.js"), ENTRY);
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
