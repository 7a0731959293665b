import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { CarrierContext, CarrierSecurity } from "../../../src/carrier/carrier.ts";
import { connectTelnyx } from "../../../src/carrier/telnyx/index.ts";
import type { TelnyxSettings } from "../../../src/carrier/telnyx/settings.ts";
import { recordedLog } from "../../support/recorded-log.ts";
import { startTelnyxEmulator, type TelnyxEmulator } from "../../emulator/telnyx/index.ts";
import { failureOf, noStream } from "../samples.ts";
import { API_KEY, CONNECTION, OURS, PUBLIC_KEY, THEIRS, WEBHOOK } from "./fixtures.ts";

const FULL: TelnyxSettings = {
  apiKey: API_KEY,
  connectionId: CONNECTION,
  publicKey: PUBLIC_KEY,
  apiBaseUrl: undefined,
};
const CLOSED: CarrierSecurity = { skipSignatureVerification: false, loopbackBypass: false };

const log = recordedLog();
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  log.lines.length = 0;
  for (const close of closing.splice(0)) await close();
});

async function connect(
  change: Partial<TelnyxSettings> = {},
  { security = CLOSED, fetch = globalThis.fetch }: Partial<CarrierContext> = {},
) {
  const connected = await connectTelnyx({ ...FULL, ...change }, {
    webhookUrl: () => WEBHOOK,
    openStream: noStream,
    fetch,
    log,
    security,
  } as Partial<CarrierContext> as CarrierContext);
  closing.push(() => connected.carrier.close());
  return connected;
}

/** Answers by path. */
const answering =
  (answers: Readonly<Record<string, object>>): typeof fetch =>
  async (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const found = Object.entries(answers).find(([path]) => pathname.endsWith(path))?.[1];
    return new Response(JSON.stringify(found ?? {}), { status: found === undefined ? 404 : 200 });
  };

const numbers = (connection_id: string | null) => ({
  data: [{ phone_number: OURS, connection_id }],
});

describe("connecting", () => {
  it("gives the edge what it needs to verify, and no more", async () => {
    const { webhook, phone } = await connect();
    expect(webhook).toEqual({
      carrier: "telnyx",
      secrets: { publicKey: PUBLIC_KEY },
      skipSignatureVerification: false,
      loopbackBypass: false,
    });
    expect(JSON.stringify(webhook)).not.toContain(API_KEY);
    expect(phone).toBeNull();
  });

  it("is refused without a public key, unless signatures are not to be checked", async () => {
    for (const publicKey of [undefined, ""]) {
      expect(await failureOf(connect({ publicKey }))).toMatchObject({
        code: "VC_CREDENTIALS_MISSING",
        details: { provider: "telnyx", keys: "telnyx.publicKey" },
      });
    }
    const security = { ...CLOSED, skipSignatureVerification: true };
    await connect({ publicKey: undefined }, { security });
  });

  it("is refused without a key or an application", async () => {
    expect(await failureOf(connect({ apiKey: undefined, connectionId: undefined }))).toMatchObject({
      code: "VC_CREDENTIALS_MISSING",
      details: { keys: "telnyx.apiKey, telnyx.connectionId" },
    });
  });

  it("is refused with a public key in another form, without showing it", async () => {
    const hex = Buffer.from(PUBLIC_KEY, "base64").toString("hex");
    for (const publicKey of [hex, `-----BEGIN PUBLIC KEY-----\n${PUBLIC_KEY}`, PUBLIC_KEY.slice(1), "x"]) {
      const failure = await failureOf(connect({ publicKey }));
      expect(failure).toMatchObject({ code: "VC_CONFIG_INVALID" });
      expect(String(failure)).toContain("Base64");
      expect(String(failure)).not.toContain(` ${publicKey} `);
      expect(String(failure)).not.toContain(PUBLIC_KEY.slice(1));
    }
  });

  it("takes three small modules of the official package, and no client", async () => {
    const resolve = createRequire(import.meta.url).resolve;
    const root = dirname(resolve("telnyx"));
    const found = new Set<string>();
    const walk = async (path: string): Promise<void> => {
      if (found.has(path)) return;
      found.add(path);
      const source = await readFile(join(root, path), "utf8");
      for (const [, to = ""] of source.matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)) {
        if (to.startsWith(".")) await walk(relative(root, join(root, dirname(path), to)));
        else found.add(to);
      }
    };
    await walk("lib/webhooks.mjs");
    expect([...found].toSorted()).toEqual([
      "core/error.mjs",
      "crypto",
      "internal/errors.mjs",
      "lib/webhooks.mjs",
    ]);
  });
});

describe("asking about the account", () => {
  const signal = AbortSignal.timeout(10_000);
  let emulator: TelnyxEmulator;

  const open = async (webhookUrl?: string): Promise<void> => {
    emulator = await startTelnyxEmulator({
      apiKey: API_KEY,
      connectionId: CONNECTION,
      ours: OURS,
      ...(webhookUrl === undefined ? {} : { webhookUrl }),
    });
    closing.push(() => emulator.close());
  };

  const ask = async (number: string | null, change: Partial<TelnyxSettings> = {}) => {
    const { carrier } = await connect({ apiBaseUrl: emulator.url, ...change });
    return carrier.inspect(number, signal);
  };

  it("tells that the number is ours and where its calls go, with harmless requests", async () => {
    await open(WEBHOOK);
    const report = await ask(OURS);
    expect(report).toMatchObject({ credentials: "accepted", ownsNumber: true, inboundUrl: WEBHOOK });
    expect(Math.abs(report.clockSkewMs ?? Number.NaN)).toBeLessThan(60_000);
    expect(emulator.requests.map(({ method }) => method)).toEqual(["GET", "GET"]);
    expect(emulator.problems).toEqual([]);
  });

  it("tells that nobody gets the calls of a number, or that the number is somebody else's", async () => {
    await open();
    expect(await ask(OURS)).toMatchObject({ ownsNumber: true, inboundUrl: null });
    expect(await ask(THEIRS)).toMatchObject({ credentials: "accepted", ownsNumber: false });
    // A part of our number finds ours, which it is not.
    expect(await ask("+5550100001")).toMatchObject({ ownsNumber: false });
    expect(await ask(null)).toMatchObject({ credentials: "accepted", ownsNumber: null });
  });

  it("tells that the key or the application is not accepted", async () => {
    await open();
    expect(await ask(OURS, { apiKey: "KEY_wrong" })).toMatchObject({
      credentials: "refused",
      detail: "HTTP 401",
      ownsNumber: null,
    });
    expect(await ask(OURS, { connectionId: "1" })).toMatchObject({
      credentials: "refused",
      detail: "no Call Control application has this connectionId",
    });
  });

  it("tells that Telnyx cannot be reached, and never throws", async () => {
    await open();
    const { carrier } = await connect({ apiBaseUrl: emulator.url });
    emulator.fail("application", { kind: "error", status: 503 });
    expect(await carrier.inspect(OURS, signal)).toMatchObject({
      credentials: "unreachable",
      detail: "HTTP 503",
    });
    emulator.fail("application", { kind: "reset" });
    expect(await carrier.inspect(OURS, signal)).toMatchObject({
      credentials: "unreachable",
      clockSkewMs: null,
    });
    emulator.fail("phone_numbers", { kind: "reset" });
    expect(await carrier.inspect(OURS, signal)).toMatchObject({ credentials: "accepted", ownsNumber: null });
    expect(await carrier.inspect(OURS, AbortSignal.abort())).toMatchObject({ credentials: "unreachable" });
  });

  it("follows a number to the application that it is assigned to", async () => {
    const elsewhere = "https://other.example.test/";
    const answers = {
      [`/call_control_applications/${CONNECTION}`]: { data: { webhook_event_url: WEBHOOK } },
      "/call_control_applications/77": { data: { webhook_event_url: elsewhere } },
    };
    const urlFor = async (connection: string | null) => {
      const fetch = answering({ ...answers, "/phone_numbers": numbers(connection) });
      const { carrier } = await connect({}, { fetch });
      return (await carrier.inspect(OURS, signal)).inboundUrl;
    };
    expect(await urlFor(CONNECTION)).toBe(WEBHOOK);
    expect(await urlFor("77")).toBe(elsewhere);
    expect(await urlFor("a SIP connection")).toBeNull();
    expect(await urlFor(null)).toBeNull();
  });

  it("warns of an application that still sends version 1 of the webhooks", async () => {
    const version = async (webhook_api_version: string) => {
      const fetch = answering({
        [`/call_control_applications/${CONNECTION}`]: { data: { webhook_api_version } },
      });
      const { carrier } = await connect({}, { fetch });
      await carrier.inspect(null, signal);
      return log.lines.length;
    };
    expect(await version("2")).toBe(0);
    expect(await version("1")).toBe(1);
    expect(log.lines[0]).toMatchObject({ level: "warn" });
    expect(log.lines[0]?.message).toContain("version 2");
  });
});
