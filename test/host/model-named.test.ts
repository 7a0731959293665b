import { describe, expect, it } from "vitest";
import { isModelNamed } from "../../src/host/model-named.ts";

const named = (agents: object) => isModelNamed({ agents }, "main");

describe("the model of an agent is chosen", () => {
  it.each([
    ["by the defaults", { list: [{ id: "main" }], defaults: { model: { primary: "a/b" } } }],
    ["by the defaults in short", { list: [{ id: "main" }], defaults: { model: "a/b" } }],
    ["by its own entry as the file has it", { entries: { main: { model: "a/b" }, other: {} } }],
    ["by its own entry", { list: [{ id: "main", model: { primary: "a/b" } }] }],
    ["by its own entry in short", { list: [{ id: "main", model: "a/b" }] }],
  ])("%s", async (_, agents) => {
    expect(await named(agents)).toBe(true);
  });

  it.each([
    ["nobody", { list: [{ id: "main" }] }],
    ["another agent's entry", { list: [{ id: "main" }, { id: "other", model: "a/b" }] }],
    ["another agent's entry as the file has it", { entries: { main: {}, other: { model: "a/b" } } }],
    ["an empty name", { list: [{ id: "main", model: { primary: " " } }], defaults: { model: "" } }],
    ["fallbacks alone", { list: [{ id: "main" }], defaults: { model: { fallbacks: ["a/b"] } } }],
  ])("not by %s", async (_, agents) => {
    expect(await named(agents)).toBe(false);
  });
});
