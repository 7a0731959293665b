import { defineConfig } from "vitest/config";

/** `test/gateway/` boots real gateways and runs as its own project, one file at a time. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/gateway/**"],
          setupFiles: ["test/setup/silent.ts"],
          sequence: { groupOrder: 0 },
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "gateway",
          include: ["test/gateway/**/*.test.ts"],
          globalSetup: ["test/gateway/rig/global-setup.ts"],
          setupFiles: ["test/setup/silent.ts"],
          fileParallelism: false,
          // After the others: a gateway needs the machine for itself to boot in time.
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
    coverage: { provider: "v8", include: ["src/**/*.ts"], reporter: ["text-summary", "json-summary"] },
  },
});
