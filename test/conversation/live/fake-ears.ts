import type { EarEvents, Ears, EarSession } from "../../../src/conversation/live/speech.ts";

/** What a provider does when a session of it is connected; the n-th entry is for its n-th session, the last for all others. */
export type Manner = "connects" | "refuses" | "never" | "cannot-open" | "throws-on-send";

export interface FakeSession {
  readonly provider: string;
  readonly on: EarEvents;
  readonly heard: Uint8Array[];
  closes: number;
  /** Settles a `connect` that is pending. */
  connected(): void;
}

/** Providers that do as they are told. */
export class FakeEars implements Ears {
  readonly sessions: FakeSession[] = [];
  list: readonly string[] | Error = ["first", "second"];
  readonly manners: Record<string, Manner[]> = {};
  readonly languages: string[] = [];
  /** Hears every block as it comes. */
  onAudio: (session: FakeSession, audio: Uint8Array) => void = () => undefined;
  readonly #counts = new Map<string, number>();

  get last(): FakeSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error("no session was opened");
    return session;
  }

  providers(): Promise<readonly string[]> {
    return this.list instanceof Error ? Promise.reject(this.list) : Promise.resolve(this.list);
  }

  open(provider: string, { language }: { language: string }, on: EarEvents): Promise<EarSession> {
    this.languages.push(language);
    const count = this.#counts.get(provider) ?? 0;
    this.#counts.set(provider, count + 1);
    const manners = this.manners[provider] ?? [];
    const manner = manners[count] ?? manners.at(-1) ?? "connects";
    if (manner === "cannot-open")
      return Promise.reject(Object.assign(new Error("no key"), { code: "missing_key" }));
    const { promise, resolve } = Promise.withResolvers<void>();
    const session: FakeSession = { provider, on, heard: [], closes: 0, connected: resolve };
    this.sessions.push(session);
    return Promise.resolve({
      connect: () => {
        if (manner === "refuses") return Promise.reject(new Error("socket: HTTP 503"));
        return manner === "never" ? promise : Promise.resolve();
      },
      send: (audio) => {
        if (manner === "throws-on-send") throw new Error("not open");
        session.heard.push(audio);
        this.onAudio(session, audio);
      },
      close: () => {
        session.closes++;
      },
    });
  }
}

/** Everything a session heard, one byte after another. */
export const heardBy = ({ heard }: FakeSession): number[] => heard.flatMap((audio) => [...audio]);
