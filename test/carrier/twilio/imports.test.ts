import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { noStream } from "../samples.ts";
import { ACCOUNT, OUTBOUND, receive, TOKEN } from "./fixtures.ts";

/** Modules of npm packages that this test file has made Node load so far. */
function loaded(): readonly string[] {
  return Object.keys(createRequire(import.meta.url).cache)
    .map((path) => path.split("/node_modules/").slice(1).join("/"))
    .filter((path) => path !== "");
}

const of = (name: string): readonly string[] => loaded().filter((path) => path.startsWith(`${name}/`));

describe("what is loaded", () => {
  it("to verify a webhook is one file of the official package, and to place a call a small part of it", async () => {
    expect(receive("?call=vc_1&event=status", {})).toMatchObject({ ok: false });
    expect(of("twilio")).toEqual(["twilio/lib/webhooks/webhooks.js"]);

    const { createTwilioCarrier } = await import("../../../src/carrier/twilio/index.ts");
    expect(of("twilio")).not.toContain("twilio/lib/rest/api/v2010/account/call.js");
    const carrier = createTwilioCarrier(
      { accountSid: ACCOUNT, authToken: TOKEN, region: "us1" },
      {
        webhookUrl: () => "https://voice.example.test/",
        openStream: noStream,
        missed: () => {},
        fetch: async () => new Response("{}", { status: 404 }),
      },
    );
    expect(await carrier.lookup(OUTBOUND.carrierCallId ?? "", AbortSignal.timeout(1000))).toEqual({
      found: false,
    });
    expect(of("twilio")).toContain("twilio/lib/rest/api/v2010/account/call.js");
    for (const heavy of ["axios", "jsonwebtoken", "https-proxy-agent"]) expect(of(heavy)).toEqual([]);
    await carrier.close();
  });
});
