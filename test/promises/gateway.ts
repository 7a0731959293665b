import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { VoiceCallPlugin } from "../../src/plugin.ts";
import { startTwilioEmulator, type TwilioEmulator } from "../emulator/twilio/index.ts";
import { fakeHost } from "../host/fake-host.ts";
import { recordedLog } from "../support/recorded-log.ts";

const ACCOUNT = `AC${"0a".repeat(16)}`;
const TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
export const WEBHOOK = "https://voice.example.test/voice/webhook";

const mute = (): Promise<never> => Promise.reject(new Error("there is no voice"));

/** The whole plugin in a gateway that is not there: its own state directory, configuration and log. */
export function pluginIn(config: object, env: Record<string, string> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "voice-call-promise-"));
  const log = recordedLog();
  const host = fakeHost({ plugins: { entries: { "voice-call": { config } } } });
  const plugin = new VoiceCallPlugin({
    api: {
      runtime: {
        ...host.runtime,
        state: { resolveStateDir: () => folder },
        tts: { textToSpeechStream: mute, textToSpeechTelephony: mute },
      },
      session: {
        workflow: {
          enqueueNextTurnInjection: ({ sessionKey }) =>
            Promise.resolve({ enqueued: true, id: "1", sessionKey }),
        },
      },
    },
    log,
    env,
  });
  onTestFinished(async () => {
    await plugin.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    plugin,
    log,
    /** Warnings and errors. */
    complaints: () => log.lines.filter(({ level }) => level === "warn" || level === "error"),
    /** Ports that were listened on, one per start that came through. */
    ports: () =>
      log.lines
        .filter(({ message }) => message === "voice-call is ready")
        .map(({ fields }) => Number(fields["port"])),
  };
}

/** Twilio for gateways whose webhook is at `port`. */
export async function twilioFor(port: () => number): Promise<TwilioEmulator> {
  const twilio = await startTwilioEmulator({
    accountSid: ACCOUNT,
    authToken: TOKEN,
    pace: 0.01,
    reach: (url) => url.replace("https://voice.example.test", `http://127.0.0.1:${port()}`),
  });
  onTestFinished(() => twilio.close());
  return twilio;
}

/** A complete configuration for it. */
export const twilioConfig = ({ url }: { url: string }, port: number) => ({
  provider: "twilio",
  fromNumber: "+15550001111",
  publicUrl: WEBHOOK,
  maxConcurrentCalls: 10,
  serve: { port },
  twilio: { accountSid: ACCOUNT, authToken: TOKEN, apiBaseUrl: url },
});

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
