import { randomBytes } from "node:crypto";
import type { SetupCheck } from "../../call/service.ts";
import type { CarrierWebhook } from "../../carrier/carrier.ts";
import type { EdgeHandle } from "../../edge/supervisor.ts";
import { probe, type ProbeAnswer } from "../probe.ts";
import { depends, failed, passed, warned } from "./check.ts";
import { answeredWrongly, unanswered, type Finding } from "./findings.ts";

export interface OutsideParts {
  readonly provider: string;
  readonly edge: Pick<EdgeHandle, "expect">;
  /** As the carrier is given it. */
  readonly webhookUrl: string;
  readonly streamUrl: string | null;
  /** Signs as the carrier does, where anybody but the carrier can; null: nothing is verified. */
  readonly webhook: Pick<CarrierWebhook, "sign"> | null;
  /** The one port at which the carrier opens audio sockets; null = any. */
  readonly audioPort: number | null;
  /** Whether calls need the audio path. */
  readonly needsAudio: boolean;
  /** Milliseconds for each request. */
  readonly limitMs: number;
  token(): string;
}

/** An unguessable question and its answer. */
interface Armed {
  readonly query: string;
  readonly proof: string;
}

const WEBHOOK = "outside.webhook";
const SIGNATURE = "outside.signature";
const AUDIO = "outside.audio";

/**
 * Looks at the public URL as the carrier does, from this machine: whether it leads to this very process, whether a
 * signature survives the way, whether a socket does. Requests go to the two URLs and nowhere else. Never rejects.
 */
export async function outsideChecks(parts: OutsideParts): Promise<SetupCheck[]> {
  const armed: Armed = { query: parts.token(), proof: parts.token() };
  const { query: nonce, proof } = armed;
  // Two requests follow one another.
  parts.edge.expect({ nonce, proof, expiresAt: Date.now() + 3 * parts.limitMs });
  const [[webhook, signature], audio] = await Promise.all([
    webhookChecks(parts, armed),
    audioCheck(parts, armed),
  ]);
  return [webhook, signature, audio];
}

/** Only a listener that has proved to be ours is sent a signature. */
async function webhookChecks(
  parts: OutsideParts,
  { query, proof }: Armed,
): Promise<[SetupCheck, SetupCheck]> {
  const { webhookUrl, limitMs } = parts;
  const url = `${bare(webhookUrl)}?check=${query}`;
  const answer = await probe({ url, method: "GET", limitMs });
  if (answer.kind === "answer" && answer.status === 200 && answer.body === proof) {
    return [
      passed(WEBHOOK, `The public URL leads to this gateway: ${webhookUrl}`),
      await signatureCheck(parts, url, proof),
    ];
  }
  const { what, next } = answer.kind === "silence" ? unanswered(answer) : answeredWrongly(answer);
  return [
    failed(WEBHOOK, `The public URL does not lead to this gateway. ${what} (${webhookUrl})`, next),
    depends(SIGNATURE, "signed webhooks are verified behind the public URL", WEBHOOK),
  ];
}

async function signatureCheck(
  { provider, webhook, limitMs }: OutsideParts,
  url: string,
  proof: string,
): Promise<SetupCheck> {
  if (webhook === null) return passed(SIGNATURE, "Signatures are not verified (skipSignatureVerification).");
  const body = "Check=setup";
  const signed = webhook.sign?.({ url, body });
  if (signed === undefined) {
    const message = `Only ${provider} can sign its webhooks, so this cannot be tried here; a first call shows it.`;
    return passed(SIGNATURE, message);
  }
  const headers = {
    ...signed,
    "content-type": "application/x-www-form-urlencoded",
    "content-length": String(Buffer.byteLength(body)),
  };
  const answer = await probe({ url, method: "POST", headers, body, limitMs });
  if (answer.kind === "silence") {
    const { what, next } = unanswered(answer);
    return failed(SIGNATURE, `A signed webhook does not get through the public URL. ${what}`, next);
  }
  const verdict = verdictOf(answer, proof);
  if (verdict === "valid") return passed(SIGNATURE, "A signed webhook comes through the public URL intact.");
  const lost =
    "A proxy on the way changes signed requests: keep path, query, body and the carrier's signature header as they are.";
  if (verdict === "invalid") {
    return failed(
      SIGNATURE,
      "The signature of a webhook does not survive the way through the public URL.",
      lost,
    );
  }
  const message = `A signed webhook does not get through the public URL: it was answered HTTP ${answer.status}.`;
  return failed(SIGNATURE, message, lost);
}

function verdictOf(answer: Extract<ProbeAnswer, { kind: "answer" }>, proof: string): unknown {
  if (answer.status !== 200) return null;
  try {
    const report: unknown = JSON.parse(answer.body);
    const isOurs = typeof report === "object" && report !== null && Reflect.get(report, "proof") === proof;
    return isOurs ? Reflect.get(report, "signature") : null;
  } catch {
    return null;
  }
}

async function audioCheck(parts: OutsideParts, { query, proof }: Armed): Promise<SetupCheck> {
  const { streamUrl, needsAudio, limitMs } = parts;
  const trouble = needsAudio ? failed : warned;
  if (streamUrl === null) {
    const next = "Set publicUrl, tunnel.provider or tailscale.mode.";
    return trouble(AUDIO, "There is no public URL for audio.", next);
  }
  const { audioPort: port, provider } = parts;
  if (needsAudio && port !== null && portOf(streamUrl) !== port) {
    const next = `Have the gateway reached on port ${port}: a public URL without a port, or another port of the tunnel.`;
    return failed(AUDIO, `${provider} opens audio sockets on port ${port} only: ${streamUrl}`, next);
  }
  // RFC 6455, 4.1.
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
  };
  const answer = await probe({ url: `${streamUrl}?check=${query}`, method: "GET", headers, limitMs });
  if (answer.kind === "answer" && answer.status === 101) {
    if (answer.headers["x-voice-call-proof"] === proof) {
      return passed(AUDIO, `Audio sockets come through to this gateway: ${streamUrl}`);
    }
    const next = "Have the audio path lead to the same listener as the webhook.";
    return trouble(AUDIO, `Another server than this gateway opens audio sockets at ${streamUrl}`, next);
  }
  const { what, next } = answer.kind === "silence" ? unanswered(answer) : noUpgrade(answer.status);
  const purpose = needsAudio ? "" : " Calls work without; only live audio would need it.";
  return trouble(AUDIO, `Audio sockets do not come through. ${what} (${streamUrl})${purpose}`, next);
}

/** Of a `wss:` or `ws:` URL. */
function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== "") return Number(port);
  return protocol === "wss:" ? 443 : 80;
}

const noUpgrade = (status: number): Finding => ({
  what: `The upgrade to a WebSocket was answered HTTP ${status}.`,
  next: "Let the proxy pass upgrades (Connection, Upgrade) on the audio path to the same listener as the webhook.",
});

/** Without query and fragment, which are not part of what carriers are given either. */
const bare = (url: string): string => url.replace(/[?#].*$/su, "");
