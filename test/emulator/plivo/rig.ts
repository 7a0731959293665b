import { Desk, document, MAIN, officialClient, PUBLIC, type DeskAnswer, type Writer } from "./desk.ts";
import { startPlivoEmulator, type LiveCall, type PlivoEmulator, type PlivoEmulatorOptions } from "./index.ts";

/** The emulator, our desk and the official client, for tests of whole calls. */

/** Whom we call. */
export const HER = "+15550101234";

export interface Rig {
  readonly emulator: PlivoEmulator;
  readonly desk: Desk;
  readonly official: ReturnType<typeof officialClient>;
  /** Calls her with the official package; `more` are parameters in its spelling. */
  dial(more?: object): Promise<LiveCall>;
  /** Answers by path; anything else with a plain 200. */
  route(answers: Readonly<Record<string, (response: Writer) => void>>): void;
  /** The fields of the hangup webhook. */
  hangup(): Readonly<Record<string, string>> | undefined;
  close(): Promise<void>;
}

/** `token` is the one the desk checks signatures with. */
export async function openRig(
  options: Partial<PlivoEmulatorOptions> = {},
  token = MAIN.authToken,
): Promise<Rig> {
  const desk = await new Desk(token).open();
  const emulator = await startPlivoEmulator({ ...MAIN, reach: desk.reach, ...options });
  const official = officialClient(emulator.url);
  return {
    emulator,
    desk,
    official,
    async dial(more = {}) {
      const created: unknown = await official.client.calls.create(
        emulator.ours,
        HER,
        `${PUBLIC}/answer?call=vc_1`,
        { ringUrl: `${PUBLIC}/ring`, hangupUrl: `${PUBLIC}/hangup`, ...more },
      );
      return emulator.call((created as { readonly requestUuid: string }).requestUuid);
    },
    route(answers) {
      desk.answer = ({ path }): DeskAnswer => {
        const write = answers[path];
        return write === undefined ? {} : document(write);
      };
    },
    hangup: () => desk.at("/hangup")[0]?.fields,
    async close() {
      official.restore();
      await emulator.close();
      await desk.close();
    },
  };
}

export const LISTEN = { action: `${PUBLIC}/input?turn=1`, inputType: "dtmf speech", executionTimeout: 5 };

/** Listens while saying that; says that nothing was heard when nothing was. */
export const listenAfter =
  (text: string) =>
  (response: Writer): void => {
    response.addGetInput(LISTEN).addSpeak(text);
    response.addSpeak("Nothing heard.");
  };

export const goodbye = (response: Writer): void => {
  response.addSpeak("Goodbye.");
  response.addHangup({});
};
