/**
 * A plugin without its credentials, or with a carrier that was not there, started all the same: it listened, said
 * nothing, and every call failed in a way of its own. Here it says so once, names the keys, and opens nothing.
 */
import { describe, expect, it } from "vitest";
import { freePort, isListening, pluginIn } from "./gateway.ts";

const hello = { to: "+15550002222", message: "Hello?", requester: { surface: "tool" } } as const;
const NUMBER = { fromNumber: "+15550001111", publicUrl: "https://voice.example.com/voice/webhook" };
const UNRESOLVED = { source: "env", provider: "default", id: "NOPE" };

describe("a configuration that cannot place calls", () => {
  it.each<[string, object, string, readonly string[]]>([
    [
      "Twilio without anything",
      { provider: "twilio", publicUrl: NUMBER.publicUrl },
      "VC_CREDENTIALS_MISSING",
      ["fromNumber", "twilio.accountSid (or TWILIO_ACCOUNT_SID)", "twilio.authToken (or TWILIO_AUTH_TOKEN)"],
    ],
    [
      "a secret that could not be resolved",
      { ...NUMBER, provider: "twilio", twilio: { accountSid: "AC1", authToken: UNRESOLVED } },
      "VC_CREDENTIALS_MISSING",
      ["twilio.authToken (its SecretRef was not resolved)"],
    ],
    [
      "Telnyx without the key that its webhooks are verified with",
      { ...NUMBER, provider: "telnyx", telnyx: { apiKey: "k", connectionId: "c" } },
      "VC_CREDENTIALS_MISSING",
      ["telnyx.publicKey (or TELNYX_PUBLIC_KEY)"],
    ],
    [
      "Plivo without its token",
      { ...NUMBER, provider: "plivo", plivo: { authId: "MA1" } },
      "VC_CREDENTIALS_MISSING",
      ["plivo.authToken (or PLIVO_AUTH_TOKEN)"],
    ],
  ])(
    "(%s) is one warning, the same error for everybody, and no open port",
    async (_, config, code, words) => {
      const port = await freePort();
      const { plugin, complaints } = pluginIn({ ...config, serve: { port } });
      await plugin.start();
      const problem = plugin.service.problem();
      expect(problem).toMatchObject({ code });
      for (const word of words) expect(problem?.message).toContain(word);
      const refusals = [
        () => plugin.service.initiate(hello),
        () => plugin.service.initiate(hello),
        () => plugin.service.end("vc_1"),
        () => plugin.service.speak("vc_1", "Hi."),
      ];
      for (const ask of refusals)
        await expect(ask()).rejects.toMatchObject({ code, message: problem?.message });
      expect(complaints()).toEqual([expect.objectContaining({ level: "warn", message: problem?.message })]);
      expect(await isListening(port)).toBe(false);
      expect(await plugin.service.list(10)).toEqual([]);
    },
  );
});
