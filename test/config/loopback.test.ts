import { expect, test } from "vitest";
import { isLoopbackHost } from "../../src/config/index.ts";

test.each([
  "localhost",
  "LOCALHOST",
  "127.0.0.1",
  "127.9.9.9",
  "::1",
  "[::1]",
  "0:0:0:0:0:0:0:1",
  "::ffff:127.0.0.1",
])("%s is this machine", (host) => {
  expect(isLoopbackHost(host)).toBe(true);
});

test.each([
  "0.0.0.0",
  "::",
  "10.0.0.1",
  "127.0.0.1.example.com",
  "localhost.example.com",
  "::ffff:10.0.0.1",
  "",
  "1270.0.0.1",
])("%j is not", (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});
