import { afterEach, beforeEach, vi } from "vitest";

/** A test that prints is a test that hides something: every console method fails the test that used it. */
const METHODS = ["log", "info", "warn", "error", "debug"] as const;
let printed: string[] = [];

beforeEach(() => {
  printed = [];
  for (const method of METHODS) {
    vi.spyOn(console, method).mockImplementation((...args: unknown[]) => {
      printed.push(`console.${method}: ${args.map(String).join(" ")}`);
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  if (printed.length > 0)
    throw new Error(`a test must be silent, but this one printed:\n${printed.join("\n")}`);
});
