import { Worker } from "node:worker_threads";
import { VoiceCallError } from "../call/errors.ts";
import type { CarrierFact } from "../call/ports.ts";
import { heartbeat, type Beat, type Heartbeat } from "./heartbeat.ts";
import type { StreamEvent } from "../media/commands.ts";
import type { EdgeCommand, EdgeEvent, FactAnswer, ListenerSettings } from "./protocol.ts";
import { parcel } from "./streams/transfer.ts";

export interface ThreadHooks {
  /** Commands are taken from now on, before it listens, and served in their order. */
  opened(send: (command: EdgeCommand) => void): void;
  /** Decides on a fact and passes the answer on. Never rejects. */
  answer(fact: CarrierFact, reply: (answer: FactAnswer) => void): Promise<void>;
  refused(counts: Readonly<Record<string, number>>): void;
  bypassed(count: number): void;
  stream(event: StreamEvent): void;
  /** The thread ended without having been asked to. `cause` is an error's name or an exit code. */
  died(cause: string): void;
}

/** A worker that listens. */
export interface EdgeThread {
  readonly port: number;
  /** Finishes what is under way for at most `graceMs`, then ends the thread. Never rejects. */
  close(graceMs: number): Promise<void>;
}

/** What a thread is given beyond its grace to say goodbye before it is terminated. */
const GOODBYE_MS = 500;
/** Loading the worker takes well under a second; past this it hangs. */
const START_TIMEOUT_MS = 30_000;

/**
 * The worker's own process-wide surroundings are cut off: no output of its own, no environment, no loader flags, and
 * a heap that can run full without taking the gateway along.
 */
export function spawnWorker(): Worker {
  // Built files are JavaScript; from a checkout Node strips the types of the source itself.
  const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  return new Worker(new URL(file, import.meta.url), {
    name: "voice-call-edge",
    env: {},
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
}

/** Starts a worker and its listener, and ends one that hangs. Rejects coded, and then the worker is gone and the port free. */
export async function startThread(
  spawn: () => Worker,
  { settings, firstStream }: { readonly settings: ListenerSettings; readonly firstStream: number },
  hooks: ThreadHooks,
  beat: Beat,
): Promise<EdgeThread> {
  const worker = spawn();
  let heart: Heartbeat | null = null;
  const send = (command: EdgeCommand): void => {
    const { message, transfer } = parcel(command);
    worker.postMessage(message, transfer);
  };
  let lastError = "";
  let stage: "starting" | "listening" | "closing" = "starting";

  worker.stdout.resume();
  worker.stderr.resume();
  const exited = new Promise<void>((resolve) => {
    worker.once("exit", () => resolve());
  });
  const ready = new Promise<number>((resolve, reject) => {
    const fail = (problem: string): void => reject(new VoiceCallError("VC_LISTENER_FAILED", { problem }));
    const timer = setTimeout(() => fail("The worker thread did not get ready."), START_TIMEOUT_MS).unref();
    worker.on("message", (event: EdgeEvent) => {
      switch (event.type) {
        case "listening":
          return resolve(event.port);
        case "listen-failed":
          return reject(listenError(settings, event));
        case "fact":
          return void hooks.answer(event.fact, (answer) => {
            send({ type: "reply", id: event.id, ...answer });
          });
        case "refused":
          return hooks.refused(event.counts);
        case "bypassed":
          return hooks.bypassed(event.count);
        case "pong":
          return heart?.pong();
        case "closed":
          return undefined;
        default:
          return hooks.stream(event);
      }
    });
    worker.on("error", (error) => {
      lastError = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : "Error";
    });
    worker.once("exit", (code) => {
      clearTimeout(timer);
      heart?.stop();
      const cause = lastError || `exit ${code}`;
      if (stage === "starting") fail(`The worker thread ended while it started (${cause}).`);
      if (stage === "listening") hooks.died(cause);
    });
  });

  send({ type: "listen", settings, firstStream });
  hooks.opened(send);
  try {
    const port = await ready;
    stage = "listening";
    const silent = (): void => {
      lastError = "it does not answer";
      void worker.terminate();
    };
    heart = heartbeat(beat, () => send({ type: "ping" }), silent);
    return {
      port,
      close: async (graceMs) => {
        stage = "closing";
        heart?.stop();
        send({ type: "close", graceMs });
        const timer = setTimeout(() => void worker.terminate(), graceMs + GOODBYE_MS);
        await exited;
        clearTimeout(timer);
      },
    };
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

function listenError(
  { bind, port }: ListenerSettings,
  { code, message }: { readonly code: string; readonly message: string },
): VoiceCallError {
  return code === "EADDRINUSE"
    ? new VoiceCallError("VC_LISTENER_PORT_TAKEN", { bind, port })
    : new VoiceCallError("VC_LISTENER_FAILED", { problem: `${message} (${code}).` });
}
