import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { credentialsOf, readOptions, readOwnModel, UsageError } from "../../demo/options.ts";

const room = mkdtempSync(path.join(tmpdir(), "voice-call-demo-options-"));
afterAll(() => rmSync(room, { recursive: true }));

function configFile(text: string): string {
  const file = path.join(room, "openclaw.json");
  writeFileSync(file, text);
  return file;
}

describe("the demo's options", () => {
  it("lets the person at the terminal answer the phone", () => {
    expect(readOptions([], {}, true)).toEqual({ help: false, auto: false, timeoutMs: 170_000, config: null });
  });

  it("plays the person when asked to, and whenever there is no terminal", () => {
    expect(readOptions(["--auto"], {}, true).auto).toBe(true);
    expect(readOptions([], {}, false).auto).toBe(true);
  });

  it("takes a longer time-out in seconds", () => {
    expect(readOptions(["--timeout", "180"], {}, false).timeoutMs).toBe(180_000);
  });

  it.each([["--timeout=soon"], ["--timeout=0"], ["--timeout=1e9"], ["--loud"], ["now"]])(
    "refuses %s",
    (word) => {
      expect(() => readOptions([word], {}, true)).toThrow(UsageError);
    },
  );
});

describe("a model of one's own", () => {
  it("comes with what belongs to it and nothing else of that configuration", () => {
    const file = configFile(`{
      // as the host writes it
      models: { providers: { local: { baseUrl: "http://127.0.0.1:1/v1" } } },
      env: { LOCAL_KEY: "k" },
      agents: { defaults: { model: { primary: "local/small" }, workspace: "/home/me/work" }, list: [{ id: "me" }] },
      channels: { telegram: { enabled: true } },
      gateway: { port: 1 },
    }`);
    expect(readOwnModel(file)).toEqual({
      name: "local/small",
      config: {
        models: { providers: { local: { baseUrl: "http://127.0.0.1:1/v1" } } },
        env: { LOCAL_KEY: "k" },
        agents: { defaults: { model: { primary: "local/small" } } },
      },
    });
  });

  it("may be named by a string", () => {
    expect(readOwnModel(configFile(`{ agents: { defaults: { model: "local/small" } } }`)).name).toBe(
      "local/small",
    );
  });

  it("has to be there", () => {
    expect(() => readOwnModel(configFile("{}"))).toThrow("agents.defaults.model.primary is not set");
    expect(() => readOwnModel(configFile("{"))).toThrow(UsageError);
    expect(() => readOwnModel(path.join(room, "missing.json"))).toThrow("cannot be read");
  });

  it("gets credentials from the environment, but no tie to another gateway", () => {
    const env = {
      OPENAI_API_KEY: "k",
      OPENCLAW_STATE_DIR: "/mine",
      HOME: "/me",
      NODE_OPTIONS: "--x",
      PATH: "/bin",
    };
    expect(credentialsOf(env)).toEqual({ OPENAI_API_KEY: "k" });
  });
});
