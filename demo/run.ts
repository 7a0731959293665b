import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { startGateway, type TestGateway } from "../test/gateway/rig/gateway.ts";
import { modelConfig, type JsonObject } from "../test/gateway/rig/host-config.ts";
import { livingPids, openRoom, REPO } from "../test/gateway/rig/room.ts";
import { buildPackage } from "./build.ts";
import { connectPhone, endedCall, NUMBER, placeCall, PLUGIN_CONFIG } from "./line.ts";
import { startModel } from "./model.mjs";
import { credentialsOf, HELP, readOptions, readOwnModel, UsageError, type DemoOptions } from "./options.ts";
import { NAME, playPerson } from "./person.ts";
import { Interrupted, Late, stopAt, withStop } from "./stop.ts";
import { beThePerson } from "./terminal-person.ts";
import { TurnTimer } from "./turn-timer.ts";
import { fact, failure, happening, heading, record, seconds, terminalPaint } from "./view.ts";
import { during } from "./progress.ts";

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const paint = terminalPaint();

/** How long the gateway may take to stop by itself. */
const STOP_MS = 8_000;

/** Runs the demo; resolves with the exit code. Whatever happens, no process and no file of it is left. */
export async function runDemo(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args, process.env, process.stdin.isTTY && process.stdout.isTTY);
    if (!options.help) return await new Demo(options).run();
    print(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\nnpm run demo -- --help shows what there is.\n`);
    return 2;
  }
}

class Demo {
  readonly #options: DemoOptions;
  readonly #own: ReturnType<typeof readOwnModel> | null;
  readonly #room: string;
  readonly #cleanups: (() => Promise<unknown>)[] = [];
  #gateway: TestGateway | null = null;

  constructor(options: DemoOptions) {
    this.#options = options;
    this.#own = options.config === null ? null : readOwnModel(options.config);
    this.#room = openRoom("voice-call-demo-");
  }

  async run(): Promise<number> {
    process.once("exit", this.#sweep);
    const stop = stopAt(this.#options.auto ? this.#options.timeoutMs : null);
    let code = 0;
    try {
      await withStop(stop.signal, this.#show(stop.signal, stop.interrupt));
    } catch (error) {
      code = this.#explain(error);
    }
    await this.#cleanUp();
    stop.release();
    if (existsSync(this.#room)) throw new Error(`${this.#room} could not be deleted`);
    const all = seconds(performance.now());
    print(paint("hint", `\nThe gateway is stopped and its folder deleted: nothing is left behind. (${all})`));
    return code;
  }

  async #show(signal: AbortSignal, interrupt: () => void): Promise<void> {
    print(paint("phone", "voice-call demo: an agent makes a phone call"));
    print("");
    const dir = path.join(this.#room, "package");
    await during("plugin", "building the plugin", buildPackage(REPO, dir, signal), paint);
    const hostConfig = await this.#model();
    const starting = startGateway({
      plugin: { id: "voice-call", dir },
      pluginConfig: PLUGIN_CONFIG,
      hostConfig,
      // The host would look a plugin that it cannot load up in npm's registry.
      env: { ...(this.#own === null ? {} : credentialsOf(process.env)), npm_config_offline: "true" },
      bootTimeoutMs: 600_000,
      onSpawn: (gateway) => {
        this.#gateway = gateway;
        this.#cleanups.push(() => gateway.stop({ timeoutMs: STOP_MS }));
      },
    });
    const gateway = await during(
      "gateway",
      "starting a real gateway in a throw-away folder",
      starting,
      paint,
    );
    signal.throwIfAborted();
    print(fact("carrier", "mock: no number is dialled, nothing leaves this machine"));
    await this.#call(gateway, signal, interrupt);
  }

  /** The host configuration of the model that answers. */
  async #model(): Promise<JsonObject> {
    if (this.#own !== null) {
      print(fact("model", `${this.#own.name}, from ${this.#options.config}`));
      return this.#own.config;
    }
    const model = await startModel();
    this.#cleanups.push(() => model.close());
    print(
      fact("model", "no model is configured: a small built-in stand-in answers, at once and by a script"),
    );
    return modelConfig(model.url, "stand-in");
  }

  async #call(gateway: TestGateway, signal: AbortSignal, interrupt: () => void): Promise<void> {
    const remote = connectPhone(gateway);
    const timer = new TurnTimer(() => Date.now());
    const phone = timer.watch(remote.port());
    for (const line of heading("The call", paint)) print(line);
    const { callId, carrierCallId, placedAt } = await placeCall(remote, phone);
    signal.throwIfAborted();
    print(happening(Date.now() - placedAt, `the agent dials ${NUMBER}`, paint));

    const sleep = (ms: number): Promise<void> => after(ms, undefined, { signal });
    const said = { phone, timer, carrierCallId, paint };
    const talking = this.#options.auto
      ? playPerson({ ...said, placedAt, print, sleep })
      : beThePerson({ ...said, number: NUMBER, signal, onInterrupt: interrupt });
    // An interrupted person hangs up and leaves the terminal as it was, while there is a gateway.
    this.#cleanups.push(() => talking);
    const heard = await talking;
    signal.throwIfAborted();

    const call = await endedCall(remote, callId);
    for (const line of record(call, await remote.latency(200), paint)) print(line);
    if (heard === undefined) return;
    if (call.outcome !== "completed") throw new Error(`the call ended as ${call.outcome}, not completed`);
    if (this.#own === null && !heard.slice(3).some((words) => words.includes(NAME)))
      throw new Error(`the agent did not remember the name ${NAME}`);
  }

  /** Says what went wrong; the exit code. */
  #explain(error: unknown): number {
    if (error instanceof Interrupted) {
      print(`\n${paint("phone", "Stopped.")}`);
      return this.#options.auto ? error.exitCode : 0;
    }
    const message = error instanceof Error ? error.message : String(error);
    const hint =
      error instanceof Late
        ? "A busy machine needs longer: npm run demo -- --auto --timeout 180"
        : "docs/errors.md explains every coded error. Without a code, the gateway's last words may say more.";
    for (const line of failure(message, this.#gateway?.output() ?? "", hint, paint))
      process.stderr.write(`${line}\n`);
    return 1;
  }

  /** Takes down what was set up, the last first; what hangs is not waited for. */
  async #cleanUp(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).toReversed())
      await Promise.race([cleanup().catch(() => {}), after(STOP_MS + 2_000, undefined, { ref: false })]);
    this.#sweep();
    process.removeListener("exit", this.#sweep);
  }

  /** Also the last thing a process does that ends otherwise than planned. */
  readonly #sweep = (): void => {
    if (!existsSync(this.#room)) return;
    for (const pid of livingPids(this.#room)) process.kill(pid, "SIGKILL");
    rmSync(this.#room, { recursive: true, force: true, maxRetries: 3 });
  };
}
