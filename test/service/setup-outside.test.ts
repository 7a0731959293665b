import { createHash } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import type { CarrierFact } from "../../src/call/ports.ts";
import type { SetupCheck } from "../../src/call/service.ts";
import type { WebhookSettings } from "../../src/carrier/carrier.ts";
import { startEdge, type EdgeHandle } from "../../src/edge/supervisor.ts";
import { buildWebhook } from "../../src/edge/carrier-parts.ts";
import { outsideChecks, type OutsideParts } from "../../src/service/setup/outside.ts";
import { randomIds } from "../../src/service/tools.ts";
import { recordedLog } from "../support/recorded-log.ts";
import { deadPort, publicSide, type Manners } from "./public-side.ts";

const PATH = "/voice/webhook";
const AUDIO = "/voice/stream";

const CARRIERS: Readonly<Record<"twilio" | "plivo" | "telnyx", WebhookSettings["secrets"]>> = {
  twilio: { accountSid: `AC${"0a".repeat(16)}`, authToken: "f0e1d2c3b4a5968778695a4b3c2d1e0f" },
  plivo: { authToken: "plivo-token" },
  telnyx: { publicKey: createHash("sha256").update("telnyx").digest("base64") },
};

const settingsOf = (
  carrier: keyof typeof CARRIERS,
  changes: Partial<WebhookSettings> = {},
): WebhookSettings => ({
  carrier,
  secrets: CARRIERS[carrier],
  skipSignatureVerification: false,
  loopbackBypass: false,
  ...changes,
});

interface Standing {
  readonly edge: EdgeHandle;
  readonly facts: readonly CarrierFact[];
  readonly webhook: WebhookSettings;
  readonly webhookUrl: string;
  readonly streamUrl: string;
  readonly seen: readonly string[];
}

/** A real listener behind a public side. `leads` is where that side leads instead. */
async function standing(
  options: { manners?: Manners; webhook?: WebhookSettings; leads?: () => number; tail?: string } = {},
): Promise<Standing> {
  const { manners = {}, webhook = settingsOf("twilio"), tail = PATH } = options;
  const handle: { edge: EdgeHandle | null } = { edge: null };
  const side = await publicSide(options.leads ?? (() => handle.edge?.port ?? 0), manners);
  const webhookUrl = side.origin + tail;
  const { edge, facts } = await listen(webhook, webhookUrl);
  handle.edge = edge;
  return {
    edge,
    facts,
    webhook,
    webhookUrl,
    streamUrl: side.origin.replace("http", "ws") + AUDIO,
    seen: side.seen,
  };
}

async function listen(webhook: WebhookSettings, publicUrl: string | null) {
  const facts: CarrierFact[] = [];
  const edge = await startEdge({
    settings: {
      bind: "127.0.0.1",
      port: 0,
      path: PATH,
      streamPath: AUDIO,
      publicUrl,
      streamUrl: null,
      awaitsPublicUrl: false,
      security: { allowedHosts: [], trustForwardingHeaders: false, trustedProxyIPs: [] },
      webhook,
      media: null,
    },
    log: recordedLog(),
    onFact: (fact) => {
      facts.push(fact);
      return Promise.resolve({ reply: { status: 204 }, remember: false });
    },
    graceMs: 0,
  });
  onTestFinished(() => edge.close());
  return { edge, facts };
}

async function look(at: Standing, changes: Partial<OutsideParts> = {}): Promise<Record<string, SetupCheck>> {
  const { edge, webhook, webhookUrl, streamUrl } = at;
  const checks = await outsideChecks({
    provider: webhook.carrier,
    edge,
    webhookUrl,
    streamUrl,
    webhook: await buildWebhook(webhook),
    audioPort: null,
    needsAudio: false,
    limitMs: 5_000,
    token: () => randomIds.token(),
    ...changes,
  });
  expect(checks.map(({ id }) => id)).toEqual(["outside.webhook", "outside.signature", "outside.audio"]);
  return Object.fromEntries(checks.map((check) => [check.id.replace("outside.", ""), check]));
}

const withoutFirst = (url: string): string => url.replace("/pbx", "");

/** What a proxy makes of the signature header: another value, or nothing. */
const signatureAs =
  (value: string | null): NonNullable<Manners["headers"]> =>
  (headers) =>
    Object.fromEntries(
      Object.entries(headers).flatMap(([name, given]) => {
        if (name !== "x-twilio-signature") return [[name, given]];
        return value === null ? [] : [[name, value]];
      }),
    );

const ok = { ok: true };
const error = (message: string) => ({
  ok: false,
  level: "error",
  message: expect.stringContaining(message) as string,
});
const warning = (message: string) => ({
  ok: false,
  level: "warning",
  message: expect.stringContaining(message) as string,
});

describe("a public URL that leads to this gateway", () => {
  it.each(["twilio", "plivo"] as const)(
    "is told so, with the signature of %s and the audio path",
    async (carrier) => {
      const at = await standing({ webhook: settingsOf(carrier) });
      expect(await look(at)).toMatchObject({ webhook: ok, signature: ok, audio: ok });
      expect(at.facts).toEqual([]);
      expect(at.seen.map((line) => line.replace(/=.*/u, ""))).toEqual(
        expect.arrayContaining([`GET ${PATH}?check`, `UPGRADE ${AUDIO}?check`, `POST ${PATH}?check`]),
      );
      expect(at.seen).toHaveLength(3);
    },
  );

  it("needs no signature of ours where only the carrier can sign", async () => {
    const at = await standing({ webhook: settingsOf("telnyx") });
    const { webhook, signature } = await look(at);
    expect([webhook, signature]).toMatchObject([
      ok,
      { ok: true, message: expect.stringContaining("Only telnyx can sign") },
    ]);
    expect(at.seen.filter((line) => line.startsWith("POST"))).toEqual([]);
  });

  it("is sent no signature where none is verified", async () => {
    const at = await standing({ webhook: settingsOf("twilio", { skipSignatureVerification: true }) });
    const { webhook, signature } = await look(at, { webhook: null });
    expect([webhook, signature]).toMatchObject([
      ok,
      { ok: true, message: expect.stringContaining("not verified") },
    ]);
    expect(at.seen.filter((line) => line.startsWith("POST"))).toEqual([]);
  });

  it("may have a query of its own, which carriers are not given", async () => {
    expect(await look(await standing({ tail: `${PATH}?tenant=1` }))).toMatchObject({
      webhook: ok,
      signature: ok,
    });
  });

  it("may have another path than the listener, if the proxy turns one into the other", async () => {
    const at = await standing({ tail: `/pbx${PATH}`, manners: { target: withoutFirst } });
    expect(await look(at)).toMatchObject({ webhook: ok, signature: ok, audio: ok });
  });

  it("is told by two checks at the same moment", async () => {
    const at = await standing();
    const both = await Promise.all([look(at), look(at)]);
    for (const checks of both) expect(checks).toMatchObject({ webhook: ok, signature: ok, audio: ok });
  });
});

/** What a wrong public side does, what is said of it, and what to do. */
const WRONG: readonly (readonly [string, Manners, string, RegExp])[] = [
  ["cuts the path", { target: () => "/" }, "Nothing is at that path there (HTTP 404)", /serve\.path/u],
  [
    "cuts the beginning of the path",
    { target: (url) => url.replace("/voice", "") },
    "Nothing is at that path there (HTTP 404)",
    /serve\.path/u,
  ],
  [
    "strips the query",
    { target: (url) => url.replace(/\?.*/u, "") },
    "knows nothing of this check (HTTP 405)",
    /query/u,
  ],
  [
    "redirects",
    { answer: { status: 301, headers: { location: "https://www.example.test/voice/webhook?token=hush" } } },
    "redirects to https://www.example.test/voice/webhook (HTTP 301)",
    /final URL/u,
  ],
  ["redirects to nowhere", { answer: { status: 308 } }, "It redirects (HTTP 308)", /final URL/u],
  ["asks for a login", { answer: { status: 401 } }, "asks for a login (HTTP 401)", /without one/u],
  [
    "lets nobody in",
    { answer: { status: 403 } },
    "does not let us in (HTTP 403)",
    /Let the webhook's path through/u,
  ],
  ["has lost its target", { answer: { status: 502 } }, "does not reach the listener (HTTP 502)", /target/u],
  ["is not available", { answer: { status: 503 } }, "is not available (HTTP 503)", /again/u],
  ["waits in vain", { answer: { status: 504 } }, "does not answer it (HTTP 504)", /target/u],
  [
    "is another server",
    { answer: { status: 200, body: "Welcome!" } },
    "Another server answers there (HTTP 200)",
    /publicUrl/u,
  ],
  ["closes", { closes: true }, "closed without an answer", /log of the proxy/u],
];

describe("a public URL whose far side", () => {
  it.each(WRONG)("%s is told apart", async (_, manners, what, next) => {
    const at = await standing({ manners });
    const { webhook, signature, audio } = await look(at);
    expect(webhook).toMatchObject(error(what));
    expect(webhook?.next).toMatch(next);
    expect(webhook?.message).toContain(at.webhookUrl);
    expect(signature).toMatchObject(warning("Not checked"));
    expect(audio?.level === "warning" || audio?.ok).toBe(true);
    expect(JSON.stringify([webhook, signature, audio])).not.toContain("hush");
    expect([at.facts, at.seen.filter((line) => line.startsWith("POST"))]).toEqual([[], []]);
  });

  it("leads to nobody is told apart", async () => {
    const port = await deadPort();
    expect(await look(await standing({ leads: () => port }))).toMatchObject({
      webhook: error("does not reach the listener (HTTP 502)"),
      audio: warning("Audio sockets do not come through"),
    });
  });

  it("leads to another gateway is told apart", async () => {
    const other = await listen(settingsOf("twilio"), null);
    const at = await standing({ leads: () => other.edge.port });
    const checks = await look(at);
    expect(checks).toMatchObject({
      webhook: error("knows nothing of this check (HTTP 405)"),
      audio: warning("answered HTTP 404"),
    });
    expect(checks["webhook"]?.next).toContain("another gateway");
  });

  it("is not there is told apart", async () => {
    const at = await standing();
    const webhookUrl = `http://127.0.0.1:${await deadPort()}${PATH}`;
    expect((await look(at, { webhookUrl }))["webhook"]).toMatchObject(error("The connection is refused."));
  });

  it("has a certificate that nobody trusts is told apart, by its fault", async () => {
    const at = await standing({ manners: { selfSigned: true } });
    const webhookUrl = at.webhookUrl.replace("http:", "https:");
    const streamUrl = at.streamUrl.replace("ws:", "wss:");
    expect(await look(at, { webhookUrl, streamUrl })).toMatchObject({
      webhook: error("The TLS connection fails: DEPTH_ZERO_SELF_SIGNED_CERT."),
      audio: warning("The TLS connection fails"),
    });
  });

  it("has no name is told apart", async () => {
    const webhookUrl = `https://${"a".repeat(64)}.invalid${PATH}`;
    expect((await look(await standing(), { webhookUrl }))["webhook"]).toMatchObject(
      error("does not resolve"),
    );
  });

  it("never answers is told apart", async () => {
    const at = await standing({ manners: { stalls: true } });
    expect((await look(at, { limitMs: 100 }))["webhook"]).toMatchObject(error("Nothing answers in time."));
  });
});

describe("a signed webhook", () => {
  it("whose body is changed on the way does not survive it", async () => {
    const at = await standing({ manners: { body: (body) => body.replace("setup", "SETUP") } });
    expect(await look(at)).toMatchObject({ webhook: ok, signature: error("does not survive") });
  });

  it("whose signature is changed on the way does not survive it", async () => {
    const { signature } = await look(await standing({ manners: { headers: signatureAs("AAAA") } }));
    expect(signature).toMatchObject(error("does not survive"));
    expect(signature?.next).toContain("signature header");
  });

  it("whose signature is taken away does not get through", async () => {
    expect(
      (await look(await standing({ manners: { headers: signatureAs(null) } })))["signature"],
    ).toMatchObject(error("it was answered HTTP 401"));
  });

  it("of another account's token is not taken for the carrier's", async () => {
    const at = await standing();
    const secrets = { ...CARRIERS.twilio, authToken: "another" };
    const webhook = await buildWebhook({ ...at.webhook, secrets });
    expect((await look(at, { webhook }))["signature"]).toMatchObject(error("does not survive"));
  });

  it("verified against another URL than the one that is called does not survive", async () => {
    const at = await standing();
    at.edge.setPublicUrl("https://old.example.test/voice/webhook");
    expect((await look(at))["signature"]).toMatchObject(error("does not survive"));
  });
});

describe("the audio path", () => {
  it("without upgrades is a warning while nothing needs it", async () => {
    const at = await standing({ manners: { noUpgrades: true } });
    const { webhook, audio } = await look(at);
    expect([webhook, audio]).toMatchObject([ok, warning("Calls work without")]);
    expect(audio?.next).toContain("upgrades");
  });

  it("without upgrades is an error once live audio needs it", async () => {
    const { audio } = await look(await standing({ manners: { noUpgrades: true } }), { needsAudio: true });
    expect(audio).toMatchObject(error("answered HTTP 404"));
    expect(audio?.message).not.toContain("Calls work without");
  });

  it("at a port at which the carrier opens no sockets is an error once live audio needs it", async () => {
    const at = await standing();
    const { port } = new URL(at.streamUrl);
    const { audio } = await look(at, { needsAudio: true, audioPort: 443 });
    expect(audio).toMatchObject(error("twilio opens audio sockets on port 443 only"));
    expect(at.seen.some((line) => line.startsWith("UPGRADE"))).toBe(false);
    expect(await look(at, { audioPort: 443 })).toMatchObject({ audio: ok });
    expect(await look(at, { needsAudio: true, audioPort: Number(port) })).toMatchObject({ audio: ok });
    const plain = await look(at, {
      needsAudio: true,
      audioPort: 443,
      streamUrl: "wss://127.0.0.1/s",
    });
    expect(plain["audio"]?.message).not.toContain("only");
  });

  it("that opens sockets elsewhere is told apart", async () => {
    const headers = { connection: "Upgrade", upgrade: "websocket", "x-voice-call-proof": "guessed" };
    const far = await publicSide(() => 0, { answer: { status: 101, headers } });
    const streamUrl = far.origin.replace("http", "ws") + AUDIO;
    const at = await standing();
    expect(await look(at, { streamUrl })).toMatchObject({ webhook: ok, audio: warning("Another server") });
  });

  it("may be missing", async () => {
    const at = await standing();
    expect((await look(at, { streamUrl: null }))["audio"]).toMatchObject(warning("no public URL for audio"));
  });

  it("that closes is told apart", async () => {
    const { origin } = await publicSide(() => 0, { closes: true, noUpgrades: true });
    const at = await standing();
    const { audio } = await look(at, { streamUrl: origin.replace("http", "ws") + AUDIO });
    expect(audio).toMatchObject(warning("closed without an answer"));
  });
});
