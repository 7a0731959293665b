import { describe, expect, it } from "vitest";
import { publicSetup } from "../../src/surface/redact.ts";

const shown = (message: string) => {
  const check = { id: "a", ok: false, level: "error", message, next: message } as const;
  const [seen] = publicSetup({ ok: false, checks: [check] }).checks;
  expect(seen?.next).toBe(seen?.message);
  return seen?.message;
};

describe("a setup check as a reader without write scope sees it", () => {
  it.each([
    ["It is https://voice.example.com/voice/webhook", "It is [URL]"],
    ["It is (https://voice.example.com:8443/a?b=c)", "It is ([URL])"],
    ["Sockets at wss://voice.example.com/voice/stream fail.", "Sockets at [URL] fail."],
    ["Not HTTP://1.2.3.4/x or ws://[::1]:80/y", "Not [URL] or [URL]"],
    ["Calls go out from +15550001234.", "Calls go out from [number]."],
    ["Listening on 127.0.0.1:3334/voice/webhook.", "Listening on 127.0.0.1:3334/voice/webhook."],
    ["Set serve.port (HTTP 404).", "Set serve.port (HTTP 404)."],
  ])("%s", (message, expected) => {
    expect(shown(message)).toBe(expected);
  });
});
