import type {
  AskResult,
  CallDetail,
  CallView,
  EventPage,
  Heard,
  InitiateRequest,
  LatencyRow,
  PhonePort,
  PhoneScreen,
  SetupReport,
  TransferRequest,
} from "../../call/service.ts";
import type { Pairing } from "../../call/ports.ts";
import type { Refusal } from "../refusal.ts";
import type { Gateway, Io } from "./deps.ts";
import { gatewayError, GatewayRefusal, isRefusal, NoGateway, sortFailure } from "./failure.ts";
import type { CliPhone } from "./phone.ts";

const READ_MS = 10_000;
/** Checking the setup asks the carrier, and the public URL twice. */
const SETUP_MS = 40_000;
const WRITE_MS = 30_000;
/** Placing a call waits for the carrier's own reply. */
const DIAL_MS = 60_000;
/** Words and keys wait until a ringing call is answered. */
const TALK_MS = 180_000;
/** How often the answer to a question is asked for. */
const ANSWER_POLL_MS = 500;

/** The phone of the running gateway. Methods reject with `NoGateway`, `GatewayRefusal` or `VoiceCallError`. */
export class RemotePhone implements CliPhone {
  readonly #gateway: Gateway;
  readonly #io: Pick<Io, "sleep">;
  #answered = false;

  constructor(gateway: Gateway, io: Pick<Io, "sleep">) {
    this.#gateway = gateway;
    this.#io = io;
  }

  /** Whether a gateway has answered anything, an error included. */
  get answered(): boolean {
    return this.#answered;
  }

  async initiate({ to, message, mode, digits, override }: InitiateRequest): Promise<CallView> {
    const given = { to, message, mode, dtmfSequence: digits, override };
    const method = message === undefined || digits !== undefined ? "voicecall.start" : "voicecall.initiate";
    return field(await this.#write(method, given, DIAL_MS), "call") as CallView;
  }

  async speak(callId: string, message: string): Promise<void> {
    const answer = await this.#write("voicecall.speak", { callId, message }, TALK_MS);
    if (answer["success"] === true) return;
    const { details } = answer;
    throw isRefusal(details) ? new GatewayRefusal(details) : gatewayError("It could not speak on the call");
  }

  async ask(callId: string, message: string): Promise<Heard> {
    const started = await this.#write("voicecall.continue.start", { callId, message });
    const operationId = field(started, "operationId");
    for (;;) {
      const answer = (await this.#write("voicecall.continue.result", {
        operationId,
      })) as unknown as AskResult;
      if (answer.status === "done") return { callId, text: answer.text };
      if (answer.status === "failed") throw new GatewayRefusal(answer.error);
      await this.#io.sleep(ANSWER_POLL_MS);
    }
  }

  async press(callId: string, digits: string): Promise<void> {
    await this.#write("voicecall.dtmf", { callId, digits }, TALK_MS);
  }

  async transfer({ callId, to, message, override }: TransferRequest): Promise<void> {
    await this.#write("voicecall.transfer", { callId, to, message, override }, TALK_MS);
  }

  async end(callId: string): Promise<void> {
    await this.#write("voicecall.end", { callId });
  }

  async status(callId: string): Promise<CallDetail | null> {
    const answer = await this.#read("voicecall.status", { callId });
    return field(answer, "found") === true ? (field(answer, "call") as CallDetail) : null;
  }

  async overview(limit: number): Promise<{ calls: readonly CallView[]; problem: Refusal | null }> {
    const answer = await this.#read("voicecall.list", { limit });
    return {
      calls: field(answer, "calls") as readonly CallView[],
      problem: field(answer, "problem") as Refusal | null,
    };
  }

  async events({ after, limit }: { after: number | null; limit: number }): Promise<EventPage> {
    const answer = await this.#read("voicecall.events", after === null ? { limit } : { after, limit });
    return {
      cursor: field(answer, "cursor") as number,
      events: field(answer, "events") as EventPage["events"],
    };
  }

  async latency(last: number): Promise<readonly LatencyRow[]> {
    return field(await this.#read("voicecall.latency", { last }), "stages") as readonly LatencyRow[];
  }

  async setup(): Promise<SetupReport> {
    const answer = await this.#read("voicecall.setup", {}, SETUP_MS);
    return {
      ok: field(answer, "ok") === true,
      checks: field(answer, "checks") as SetupReport["checks"],
    };
  }

  async pairings(): Promise<readonly Pairing[]> {
    return field(await this.#read("voicecall.pairing.list", {}), "pairings") as readonly Pairing[];
  }

  async approvePairing(code: string): Promise<Pairing> {
    return field(await this.#write("voicecall.pairing.approve", { code }), "pairing") as Pairing;
  }

  async revokePairing(number: string): Promise<boolean> {
    return field(await this.#write("voicecall.pairing.revoke", { number }), "revoked") === true;
  }

  port(): PhonePort {
    const on = async (action: string, params: object): Promise<void> => {
      await this.#write(`voicecall.phone.${action}`, params);
    };
    return {
      call: async (from, to) => {
        const answer = await this.#write("voicecall.phone.call", { from: from || undefined, to });
        return { carrierCallId: field(answer, "carrierCallId") as string };
      },
      answer: async (carrierCallId) => await on("answer", { carrierCallId }),
      decline: async (carrierCallId) => await on("decline", { carrierCallId }),
      say: async (carrierCallId, text) => await on("say", { carrierCallId, text }),
      press: async (carrierCallId, digits) => await on("press", { carrierCallId, digits }),
      play: async (carrierCallId, audio) => {
        const base64 = Buffer.from(audio).toString("base64");
        const answer = await this.#write("voicecall.phone.play", { carrierCallId, audio: base64 });
        return { ms: field(answer, "ms") as number };
      },
      listen: async (carrierCallId, after) => {
        const answer = await this.#read("voicecall.phone.listen", { carrierCallId, after });
        const audio = Buffer.from(field(answer, "audio") as string, "base64");
        return { cursor: field(answer, "cursor") as number, audio };
      },
      hangUp: async (carrierCallId) => await on("hangup", { carrierCallId }),
      screen: async (after) =>
        (await this.#read("voicecall.phone.screen", { after })) as unknown as PhoneScreen,
    };
  }

  async #read(method: string, params: object, timeoutMs = READ_MS): Promise<Answer> {
    return await this.#request(method, params, timeoutMs, false);
  }

  async #write(method: string, params: object, timeoutMs = WRITE_MS): Promise<Answer> {
    return await this.#request(method, params, timeoutMs, true);
  }

  async #request(method: string, params: object, timeoutMs: number, writes: boolean): Promise<Answer> {
    let answer: unknown;
    try {
      answer = await this.#gateway.call(method, given(params), { timeoutMs });
    } catch (thrown) {
      const failure = sortFailure(this.#gateway, thrown, writes);
      if (!(failure instanceof NoGateway)) this.#answered = true;
      throw failure;
    }
    this.#answered = true;
    if (typeof answer !== "object" || answer === null) throw unexpected(method);
    return answer as Answer;
  }
}

type Answer = Readonly<Record<string, unknown>>;

/** The plugin in the gateway and the one in this process may be different versions: a missing field is said. */
function field(answer: Answer, name: string): unknown {
  if (!Object.hasOwn(answer, name)) throw unexpected(name);
  return answer[name];
}

const unexpected = (what: string) =>
  gatewayError(`Its answer is not as expected (${what}); it may run another version`);

const given = (params: object): object =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
