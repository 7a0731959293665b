import { onTestFinished } from "vitest";
import type { CarrierFact } from "../../src/call/ports.ts";
import type { EdgeLimits } from "../../src/edge/limits.ts";
import { Listener } from "../../src/edge/listener.ts";
import type { ListenerSettings } from "../../src/edge/protocol.ts";
import { PATIENT, SETTINGS } from "../edge/fixtures/listening.ts";
import { dial } from "../edge/fixtures/wire.ts";
import { PATH, WEBHOOK, type Headers, type Signed, type SigningCarrier } from "./carriers.ts";

export interface Listening {
  readonly port: number;
  readonly listener: Listener;
  readonly facts: readonly CarrierFact[];
  readonly refused: readonly string[];
  readonly bypassed: () => number;
}

interface Options {
  readonly limits?: Partial<EdgeLimits>;
  readonly settings?: Partial<ListenerSettings>;
  readonly now?: () => number;
  /** The development switch for ngrok is on. */
  readonly bypass?: boolean;
}

/** The listener of a carrier in this thread, behind a public URL. Every fact is answered at once. */
export async function listenFor(carrier: SigningCarrier, options: Options = {}): Promise<Listening> {
  const [facts, refused]: [CarrierFact[], string[]] = [[], []];
  let bypassed = 0;
  const settings = { ...carrier.settings, loopbackBypass: options.bypass ?? false };
  const listener = new Listener({
    settings: { ...SETTINGS, publicUrl: WEBHOOK, ...options.settings },
    webhook: carrier.create(settings),
    streams: null,
    unverified: options.bypass ? carrier.create({ ...settings, skipSignatureVerification: true }) : null,
    limits: { ...PATIENT, ...options.limits },
    ask: (fact, done) => {
      facts.push(fact);
      done({ status: fact.wants === "document" ? 200 : 204 });
    },
    refused: (reason) => void refused.push(reason),
    bypassed: () => void (bypassed += 1),
    now: options.now ?? Date.now,
  });
  const port = await listener.listen();
  onTestFinished(() => listener.close(0));
  return { port, listener, facts, refused, bypassed: () => bypassed };
}

interface Letter {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  /** Beside the signed ones. */
  readonly more?: Headers;
  /** Announce another length than the body has. */
  readonly length?: number;
}

/** A webhook as text, Latin-1: head and body apart. */
export function written(carrier: SigningCarrier, request: Signed, letter: Letter = {}) {
  const { method = "POST", target = PATH + request.query, host = "voice.example.test", more = {} } = letter;
  const headers = {
    Host: host,
    "Content-Type": carrier.contentType,
    "Content-Length": String(letter.length ?? request.body.length),
    ...request.headers,
    ...more,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = `${[`${method} ${target} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`;
  return { head, body: request.body.toString("latin1") };
}

/** Sends it on a connection of its own. */
export async function post(port: number, carrier: SigningCarrier, request: Signed, letter: Letter = {}) {
  const { head, body } = written(carrier, request, letter);
  const wire = await dial(port);
  await wire.send(head + body);
  const reply = await wire.reply();
  wire.socket.destroy();
  return reply;
}
