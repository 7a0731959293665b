import { describe, expect, test } from "vitest";
import { type ConfigIssue, readConfig, type VoiceCallConfig } from "../../src/config/index.ts";

function accepted(raw: unknown, env = {}): VoiceCallConfig & { warned: string[] } {
  const reading = readConfig(raw, env);
  if (!reading.ok) throw new Error(`refused: ${JSON.stringify(reading.issues)}`);
  return { ...reading.config, warned: reading.warnings.map(({ path }) => path) };
}

function refused(raw: unknown, env = {}): readonly ConfigIssue[] {
  const reading = readConfig(raw, env);
  if (reading.ok) throw new Error("accepted");
  return reading.issues;
}

describe("an unknown key", () => {
  test.each([
    [{ maxDurationSecond: 3 }, "maxDurationSecond", "maxDurationSeconds"],
    [{ twilio: { authTokn: "x" } }, "twilio.authTokn", "twilio.authToken"],
    [{ FromNumber: "+15550001234" }, "FromNumber", "fromNumber"],
    [{ accountSid: "AC1" }, "accountSid", "twilio.accountSid"],
    [{ outbound: { streamPath: "/x" } }, "outbound.streamPath", "streaming.streamPath"],
    [{ streaming: { maxConnection: 0 } }, "streaming.maxConnection", "streaming.maxConnections"],
  ])("in %j is refused with its path and the nearest known key", (raw, path, near) => {
    expect(refused(raw)).toEqual([
      { path, problem: "is not a known key", hint: `The nearest known key is "${near}".` },
    ]);
  });

  test("below a dialled number is refused without showing the number", () => {
    const [found] = refused({ numbers: { "+15550009999": { greeting: "Hi" } } });
    expect(found?.path).toBe("numbers.+*******9999.greeting");
    expect(found?.hint).toBe('The nearest known key is "numbers.+*******9999.inboundGreeting".');
  });

  test("that was renamed points to the doctor", () => {
    expect(refused({ twilio: { from: "+15550001234" } })[0]?.hint).toContain("doctor --fix");
  });

  test("is reported beside every other mistake in one reading", () => {
    const found = refused({ serve: { prt: 1, path: "no-slash" }, provider: "twillio" });
    expect(found.map(({ path }) => path)).toEqual(["serve.prt", "serve.path", "provider"]);
  });
});

describe("a wrong value", () => {
  test.each([
    [{ provider: "twillio" }, "provider", '"twilio"'],
    [{ provider: "log" }, "provider", "doctor --fix"],
    [{ serve: { port: 70_000 } }, "serve.port", "0 to 65535"],
    [{ serve: { port: 1.5 } }, "serve.port", "whole number"],
    [{ serve: { port: "3334" } }, "serve.port", "whole number"],
    [{ enabled: "yes" }, "enabled", "true or false"],
    [{ allowFrom: "+15550001234" }, "allowFrom", "a list"],
    [{ allowFrom: ["+15550001234", "5550001234"] }, "allowFrom.1", "E.164"],
    [{ fromNumber: "+0155500012" }, "fromNumber", "E.164"],
    [{ fromNumber: "+1 555 000 1234" }, "fromNumber", "E.164"],
    [{ numbers: { "5550001234": {} } }, "numbers.******1234", "E.164"],
    [{ twilio: { authToken: { source: "vault", id: "x" } } }, "twilio.authToken", "SecretRef"],
    [{ twilio: "AC" }, "twilio", "an object"],
    [{ tts: { providers: { openai: "alloy" } } }, "tts.providers.openai", "an object"],
    [{ phoneTools: ["group:fs"] }, "phoneTools.0", "without groups"],
    [{ language: "en_US" }, "language", "BCP-47"],
    [[], "", "an object"],
    ["text", "", "an object"],
  ])("%j is refused at its path with what is expected", (raw, path, expected) => {
    const [found] = refused(raw);
    expect(found?.path).toBe(path);
    expect(found?.hint).toContain(expected);
  });

  test("is never repeated, since it may be a secret or somebody's number", () => {
    const words = JSON.stringify(
      refused({ toNumber: "4915112345678", twilio: { region: "sk-secret", authToken: 4_242_424_242 } }),
    );
    expect(words).not.toMatch(/4915112345678|sk-secret|4242424242/u);
  });
});

describe("a key that reaches a prototype", () => {
  const places = [
    "",
    "twilio",
    "tts",
    "tts.providers.openai",
    "realtime.providers.x.y",
    "streaming.providers.a",
  ];
  const cases = places.flatMap((place) =>
    ["__proto__", "constructor", "prototype"].map((key) => [key, place]),
  );

  test.each(cases)("%s is refused below '%s'", (key, place) => {
    const inner = `{${JSON.stringify(key)}:{"polluted":true}}`;
    const text =
      place === "" ? inner : place.split(".").reduceRight((json, name) => `{"${name}":${json}}`, inner);
    const found = refused(JSON.parse(text));
    expect(found[0]?.path).toBe([...place.split("."), key].filter(Boolean).join("."));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("is refused inside a list as well", () => {
    const raw: unknown = JSON.parse('{"realtime":{"tools":[{"a":[{"__proto__":1}]}]}}');
    expect(refused(raw)[0]?.path).toBe("realtime.tools.0.a.0.__proto__");
  });
});

describe("the environment", () => {
  const env = {
    TWILIO_ACCOUNT_SID: "ACenv",
    TWILIO_AUTH_TOKEN: " token ",
    TWILIO_FROM_NUMBER: "+15550001111",
    TELNYX_API_KEY: "K",
    TELNYX_CONNECTION_ID: "C",
    TELNYX_PUBLIC_KEY: "P",
    PLIVO_AUTH_ID: "MA",
    PLIVO_AUTH_TOKEN: "T",
    NGROK_AUTHTOKEN: "N",
    NGROK_DOMAIN: "d.ngrok.app",
  };

  test("fills every credential that is absent", () => {
    expect(accepted({ provider: "twilio" }, env)).toMatchObject({
      fromNumber: "+15550001111",
      twilio: { accountSid: "ACenv", authToken: "token" },
      telnyx: { apiKey: "K", connectionId: "C", publicKey: "P" },
      plivo: { authId: "MA", authToken: "T" },
      tunnel: { ngrokAuthToken: "N", ngrokDomain: "d.ngrok.app" },
    });
  });

  test("never overrides what is written", () => {
    const raw = { provider: "twilio", fromNumber: "+15550002222", twilio: { authToken: "mine" } };
    expect(accepted(raw, env)).toMatchObject({ fromNumber: "+15550002222", twilio: { authToken: "mine" } });
  });

  test("fills a credential that is written as empty text, and is itself absent when empty", () => {
    expect(accepted({ twilio: { authToken: "" } }, env).twilio.authToken).toBe("token");
    expect(accepted({}, { TWILIO_AUTH_TOKEN: "  " }).twilio.authToken).toBeUndefined();
  });

  test.each(["telnyx", "plivo"])("does not lend Twilio's number to %s", (provider) => {
    expect(accepted({ provider }, env).fromNumber).toBeUndefined();
  });

  test("with a number that is not E.164 is ignored with a warning that does not show it", () => {
    const reading = readConfig({ provider: "twilio" }, { TWILIO_FROM_NUMBER: "4915112345678" });
    expect(reading).toMatchObject({ ok: true, config: { fromNumber: undefined } });
    expect(JSON.stringify(reading)).toContain("TWILIO_FROM_NUMBER");
    expect(JSON.stringify(reading)).not.toContain("4915112345678");
  });
});

describe("an API base URL", () => {
  test.each([
    "https://proxy.example.com",
    "https://proxy.example.com:8443/v1",
    "http://localhost:4010",
    "http://127.0.0.1",
    "http://127.1.2.3:80/x",
    "http://[::1]:4010/",
  ])("may be %s", (url) => {
    expect(accepted({ twilio: { apiBaseUrl: url } }).twilio.apiBaseUrl).toBe(url);
  });

  test.each([
    "http://proxy.example.com",
    "http://127.0.0.1.example.com",
    "http://127.0.0.1@example.com",
    "http://localhost:80@example.com",
    "http://localhost\\@example.com",
    "https://user:pass@example.com",
    "https://",
    "https://a b",
    "ftp://127.0.0.1",
    "https://exa%mple.com",
    "http://127.999.0.1/",
  ])("may not be %s", (url) => {
    expect(refused({ telnyx: { apiBaseUrl: url } })[0]?.path).toBe("telnyx.apiBaseUrl");
  });
});

describe("skipSignatureVerification", () => {
  test.each([
    { publicUrl: "https://voice.example.com/voice/webhook" },
    { tunnel: { provider: "ngrok" } },
    { tunnel: { provider: "tailscale-serve" } },
    { tailscale: { mode: "funnel" } },
    { tailscale: { mode: "serve" } },
  ])("is refused together with %j", (exposure) => {
    expect(refused({ skipSignatureVerification: true, ...exposure })[0]?.path).toBe(
      "skipSignatureVerification",
    );
  });

  test("is warned about where it is taken", () => {
    expect(accepted({ skipSignatureVerification: true }).warned).toEqual(["skipSignatureVerification"]);
  });
});

describe("the ngrok bypass", () => {
  const tunnel = { provider: "ngrok", allowNgrokFreeTierLoopbackBypass: true };

  test.each(["127.0.0.1", "localhost", "::1"])(
    "is in force on ngrok with the listener on %s, with a warning",
    (bind) => {
      const config = accepted({ tunnel, serve: { bind } });
      expect(config.tunnel.allowNgrokFreeTierLoopbackBypass).toBe(true);
      expect(config.warned).toContain("tunnel.allowNgrokFreeTierLoopbackBypass");
    },
  );

  test.each([
    { tunnel, serve: { bind: "0.0.0.0" } },
    { tunnel, serve: { bind: "127.0.0.1.example.com" } },
    { tunnel: { ...tunnel, provider: "tailscale-funnel" } },
    { tunnel: { allowNgrokFreeTierLoopbackBypass: true } },
  ])("is off in %j, and that is said", (raw) => {
    const config = accepted(raw);
    expect(config.tunnel.allowNgrokFreeTierLoopbackBypass).toBe(false);
    expect(config.warned).toContain("tunnel.allowNgrokFreeTierLoopbackBypass");
  });
});

describe("rules between options", () => {
  test("speech-to-speech and streaming exclude each other", () => {
    expect(refused({ realtime: { enabled: true }, streaming: { enabled: true } })[0]?.path).toBe(
      "realtime.enabled",
    );
    expect(accepted({ realtime: { enabled: true }, streaming: { enabled: false } }).realtime.enabled).toBe(
      true,
    );
  });

  test.each([
    [{ staleCallReaperSeconds: 300 }, true],
    [{ staleCallReaperSeconds: 299 }, true],
    [{ staleCallReaperSeconds: 301 }, false],
    [{ staleCallReaperSeconds: 0 }, false],
    [{ staleCallReaperSeconds: 301, maxDurationSeconds: 900 }, true],
  ])("a reaper that can cut off healthy calls is warned about: %j", (raw, warned) => {
    expect(accepted(raw).warned.includes("staleCallReaperSeconds")).toBe(warned);
  });

  test.each([
    [{ tailscale: { mode: "funnel", port: 444 } }, false],
    [{ tunnel: { provider: "tailscale-funnel" }, tailscale: { port: 444 } }, false],
    [{ tailscale: { mode: "funnel", port: 10_000 } }, true],
    [{ tailscale: { mode: "serve", port: 444 } }, true],
  ])("a funnel uses only the ports that Tailscale opens: %j", (raw, ok) => {
    expect(readConfig(raw, {}).ok).toBe(ok);
  });

  test.each(["exec", "write", "gateway", "Message", "voice_call"])(
    "%s never becomes a phone tool",
    (tool) => {
      expect(refused({ phoneTools: ["web_search", tool] })[0]?.path).toBe("phoneTools.1");
    },
  );

  test("a verified caller may have any tool, only under attestation A", () => {
    const verifiedCallers = { numbers: ["+15550001234"], tools: ["exec"] };
    expect(accepted({ verifiedCallers }).verifiedCallers).toEqual({
      ...verifiedCallers,
      requireAttestation: "A",
    });
    expect(refused({ verifiedCallers: { requireAttestation: "B" } })[0]?.path).toBe(
      "verifiedCallers.requireAttestation",
    );
  });

  test.each([
    [{ provider: "twilio" }, "publicUrl"],
    [{ provider: "twilio", publicUrl: "http://voice.example.com/" }, "publicUrl"],
    [{ tunnel: { provider: "ngrok" }, tailscale: { mode: "funnel" } }, "tailscale.mode"],
    [{ webhookSecurity: { trustForwardingHeaders: true } }, "webhookSecurity.trustForwardingHeaders"],
    [{ inboundPolicy: "allowlist" }, "allowFrom"],
    [{ tts: { provider: "edge" } }, "tts.provider"],
  ])("%j works but is warned about", (raw, path) => {
    expect(accepted(raw).warned).toEqual([path]);
  });
});

test("nothing at all is a working configuration without warnings", () => {
  for (const raw of [undefined, null, {}]) {
    expect(accepted(raw)).toMatchObject({ enabled: true, provider: "mock", warned: [] });
  }
});

test("phone tools only read by default, and an empty list stays empty", () => {
  expect(accepted({}).phoneTools).toEqual(["web_search", "web_fetch", "memory_search", "memory_get"]);
  expect(accepted({ phoneTools: [] }).phoneTools).toEqual([]);
});

test("the input is left alone and shares nothing with what is read", () => {
  const raw = { tts: { openai: { voice: "alloy" } }, allowFrom: ["+15550001234"] };
  const before = structuredClone(raw);
  const config = accepted(raw);
  (config.tts.openai as { voice: string }).voice = "changed";
  expect(raw).toEqual(before);
});

test("a configuration nested beyond reason is refused instead of overflowing the stack", () => {
  let deep: unknown = {};
  for (let level = 0; level < 20_000; level += 1) deep = { deep };
  expect(refused({ tts: deep })[0]?.problem).toContain("deeply");
});
