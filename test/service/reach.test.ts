import { describe, expect, it, test } from "vitest";
import { VoiceCallError } from "../../src/call/errors.ts";
import type { Exposure, ExposureTools } from "../../src/exposure/index.ts";
import { PublicReach } from "../../src/service/reach.ts";
import { settled, virtualClock } from "../support/clock.ts";
import { seededRandom } from "../support/random.ts";
import { recordedLog } from "../support/recorded-log.ts";
import { configOf } from "./setup-rig.ts";

const TUNNEL = { tunnel: { provider: "cloudflared" }, publicUrl: undefined };
const FAILED = new VoiceCallError("VC_TUNNEL_FAILED", { program: "cloudflared", detail: "no network" });
const LOGIN = new VoiceCallError("VC_TUNNEL_LOGIN", {
  program: "tailscale",
  url: "https://login.tailscale.com/a/0123456789ab",
});

/** An opening under way: the test says how it ends. */
interface Opening {
  readonly tools: ExposureTools;
  readonly port: number;
  succeed(url: string, reach?: Exposure["reach"]): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** Whoever opens ways here, a listener that is told the URL, and what became of both. */
function rig(settings: object = TUNNEL) {
  const clock = virtualClock();
  const log = recordedLog();
  const openings: Opening[] = [];
  /** Everything that happened, in order. */
  const happened: string[] = [];
  const open = { now: 0, most: 0 };
  const closing: { hold: Promise<unknown> } = { hold: Promise.resolve() };
  const reach = new PublicReach(configOf({ provider: "twilio", ...settings }), {
    clock,
    log,
    onBack: (moved) => void happened.push(moved ? "back elsewhere" : "back"),
    open: (_, order, tools) => {
      const { promise, resolve, reject } = Promise.withResolvers<Exposure>();
      happened.push("opening");
      const giveUp = () => reject(tools.signal.reason);
      tools.signal.addEventListener("abort", giveUp, { once: true });
      const done = () => {
        tools.signal.removeEventListener("abort", giveUp);
        return settled();
      };
      openings.push({
        tools,
        port: order.local.port,
        succeed(url, audience = "public") {
          open.now += 1;
          open.most = Math.max(open.most, open.now);
          let closed: Promise<void> | null = null;
          const close = async () => {
            await closing.hold;
            open.now -= 1;
            happened.push(`closed ${url}`);
          };
          resolve({
            webhookUrl: `${url}/voice/webhook`,
            streamUrl: `${url.replace("http", "ws")}/voice/stream`,
            reach: audience,
            close: () => (closed ??= close()),
          });
          return done();
        },
        fail(error) {
          reject(error);
          return done();
        },
      });
      return promise;
    },
  });
  const edge = {
    port: 3334,
    setPublicUrl: (url: string | null) => void happened.push(`url ${url}`),
  };
  return {
    clock,
    log,
    openings,
    happened,
    open,
    closing,
    reach,
    edge,
    get last(): Opening {
      const last = openings.at(-1);
      if (last === undefined) throw new Error("nothing was opened");
      return last;
    },
    said: (level: string) => log.lines.filter((line) => line.level === level).map(({ message }) => message),
  };
}

/** A rig whose tunnel is open at `https://one.example.com`. */
async function opened(settings: object = TUNNEL) {
  const made = rig(settings);
  const opening = made.reach.open(made.edge);
  await made.last.succeed("https://one.example.com");
  await opening;
  return made;
}

const outcome = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "resolved",
    (error: unknown) => error,
  );

describe("a public URL that somebody else takes care of", () => {
  it("is there from the beginning and needs nothing opened", async () => {
    const publicUrl = "https://voice.example.com/pbx/voice/webhook";
    const { reach } = rig({ publicUrl });
    expect([reach.isTunnel, reach.webhookUrl, reach.urlForCarrier()]).toEqual([false, publicUrl, publicUrl]);
  });

  it("has its audio path beside the webhook", async () => {
    const on = rig({ publicUrl: "https://voice.example.com/pbx/voice/webhook" });
    const opening = on.reach.open(on.edge);
    await on.last.succeed("https://voice.example.com/pbx");
    await opening;
    expect(on.reach.streamUrl).toBe("wss://voice.example.com/pbx/voice/stream");
    expect(on.happened).toEqual(["opening"]);
  });

  it("may be missing, which is no closed tunnel", async () => {
    const on = rig({ publicUrl: undefined });
    await on.reach.open(on.edge);
    expect(on.openings).toEqual([]);
    expect([on.reach.webhookUrl, on.reach.streamUrl, on.reach.audience]).toEqual([null, null, null]);
    expect(on.reach.urlForCarrier()).toBeNull();
    await on.reach.close();
  });
});

describe("a tunnel", () => {
  it("leads to the listener's port, and the listener is told its URL", async () => {
    const on = rig();
    expect([on.reach.isTunnel, on.reach.webhookUrl, on.reach.streamUrl]).toEqual([true, null, null]);
    const opening = on.reach.open(on.edge);
    expect(on.last.port).toBe(3334);
    await on.last.succeed("https://one.example.com");
    await opening;
    expect(on.happened).toEqual(["opening", "url https://one.example.com/voice/webhook"]);
    expect(on.reach.webhookUrl).toBe("https://one.example.com/voice/webhook");
    expect(on.reach.streamUrl).toBe("wss://one.example.com/voice/stream");
    expect(on.reach.audience).toBe("public");
    expect(on.log.lines).toEqual([]);
  });

  it("that cannot be opened rejects with its own error, and is not tried again from here", async () => {
    const on = rig();
    const opening = outcome(on.reach.open(on.edge));
    await on.last.fail(LOGIN);
    expect(await opening).toBe(LOGIN);
    expect(on.clock.pending).toBe(0);
    await on.reach.close();
    expect(on.happened).toEqual(["opening"]);
  });

  it("that is lost before it was ready counts as failed, and is closed", async () => {
    const on = rig();
    const opening = outcome(on.reach.open(on.edge));
    on.last.tools.onLost("cloudflared ended: exit code 1");
    await on.last.succeed("https://one.example.com");
    expect(await opening).toMatchObject({ code: "VC_TUNNEL_FAILED" });
    expect(String(await opening)).toContain("cloudflared ended: exit code 1");
    expect(on.happened).toEqual(["opening", "closed https://one.example.com"]);
    expect(on.reach.webhookUrl).toBeNull();
    expect(on.clock.pending).toBe(0);
  });

  it("to the tailnet only is warned about when a carrier has to get there", async () => {
    const serve = { tunnel: { provider: "tailscale-serve" }, publicUrl: undefined };
    const on = rig(serve);
    const opening = on.reach.open(on.edge);
    await on.last.succeed("https://gateway.tail1234.ts.net", "tailnet");
    await opening;
    expect(on.log.lines).toEqual([
      {
        level: "warn",
        message: expect.stringMatching(/Only devices of the tailnet[^]*tailscale-funnel/u),
        fields: { provider: "twilio" },
      },
    ]);
    expect(on.reach.audience).toBe("tailnet");
    const mock = rig({ ...serve, provider: "mock" });
    const opened = mock.reach.open(mock.edge);
    await mock.last.succeed("https://gateway.tail1234.ts.net", "tailnet");
    await opened;
    expect(mock.log.lines).toEqual([]);
  });
});

describe("a tunnel that is lost", () => {
  it("leaves no URL: the listener and the carrier are told so", async () => {
    const on = await opened();
    on.last.tools.onLost("cloudflared ended: SIGKILL");
    expect([on.reach.webhookUrl, on.reach.streamUrl, on.reach.audience]).toEqual([null, null, null]);
    expect(on.happened.at(-1)).toBe("url null");
    expect(on.said("error")).toEqual(["The tunnel to the webhook is lost and is opened again."]);
    expect(on.log.lines[0]?.fields).toEqual({ reason: "cloudflared ended: SIGKILL" });
  });

  it("refuses requests to the carrier with a code of its own, as not sent and to be tried again", async () => {
    const on = await opened();
    expect(on.reach.urlForCarrier()).toBe("https://one.example.com/voice/webhook");
    on.last.tools.onLost("gone");
    const error = await outcome((async () => on.reach.urlForCarrier())());
    expect(error).toMatchObject({ code: "VC_TUNNEL_DOWN", certainty: "not-sent" });
    expect(error).toBeInstanceOf(VoiceCallError);
    expect((error as VoiceCallError).toJSON()).toMatchObject({ retryable: true });
    expect(String(error)).toContain("twilio cannot reach this gateway at the moment");
  });

  it("is opened again after a second, with its new URL, and calls are looked up then", async () => {
    const on = await opened();
    on.last.tools.onLost("cloudflared changed its public URL");
    await on.clock.advance(999);
    expect(on.openings).toHaveLength(1);
    await on.clock.advance(1);
    expect(on.openings).toHaveLength(2);
    await on.last.succeed("https://two.example.com");
    expect(on.reach.webhookUrl).toBe("https://two.example.com/voice/webhook");
    expect(on.reach.urlForCarrier()).toBe("https://two.example.com/voice/webhook");
    expect(on.happened).toEqual([
      "opening",
      "url https://one.example.com/voice/webhook",
      "url null",
      "closed https://one.example.com",
      "opening",
      "url https://two.example.com/voice/webhook",
      "back elsewhere",
    ]);
    expect(on.said("info")).toEqual(["The tunnel to the webhook is open again."]);
  });

  it("may come back with the URL that it had", async () => {
    const on = await opened();
    on.last.tools.onLost("gone");
    await on.clock.advance(1_000);
    await on.last.succeed("https://one.example.com");
    expect(on.happened.at(-1)).toBe("back");
    await on.reach.close();
  });

  it("is closed to its end before it is opened again, however long that takes", async () => {
    const on = await opened();
    const slow = Promise.withResolvers<void>();
    on.closing.hold = slow.promise;
    on.last.tools.onLost("cloudflared changed its public URL");
    await on.clock.advance(60_000);
    expect(on.openings).toHaveLength(1);
    slow.resolve();
    await settled();
    expect(on.openings).toHaveLength(2);
    expect(on.open).toEqual({ now: 0, most: 1 });
  });

  it("is tried with pauses that double up to a minute, without end", async () => {
    const on = await opened();
    on.last.tools.onLost("gone");
    const pauses: number[] = [];
    for (let tries = 0; tries < 9; tries += 1) {
      const [before, since] = [on.openings.length, on.clock.now()];
      while (on.openings.length === before) await on.clock.advance(500);
      pauses.push((on.clock.now() - since) / 1_000);
      await on.last.fail(FAILED);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    await on.reach.close();
  });

  it("says each failure once, and again once it was open in between", async () => {
    const on = await opened();
    const fail = async (error: VoiceCallError) => {
      await on.clock.advance(60_000);
      await on.last.fail(error);
    };
    on.last.tools.onLost("gone");
    for (const error of [FAILED, FAILED, LOGIN, LOGIN, LOGIN]) await fail(error);
    expect(on.said("error").slice(1)).toEqual([
      expect.stringContaining("no network"),
      expect.stringContaining("https://login.tailscale.com/a/0123456789ab"),
    ]);
    expect(on.log.lines.slice(1).map(({ fields }) => fields)).toEqual([
      { code: "VC_TUNNEL_FAILED" },
      { code: "VC_TUNNEL_LOGIN" },
    ]);
    expect(on.reach.problem).toBe(LOGIN);
    await on.clock.advance(60_000);
    await on.last.succeed("https://two.example.com");
    expect(on.reach.problem).toBeNull();
    on.last.tools.onLost("gone");
    await fail(LOGIN);
    expect(on.said("error")).toHaveLength(5);
    await on.reach.close();
  });

  test.each([
    ["goes on with the last pause when it did not stay long", 59_999, 4_000],
    ["begins with the first pause when it ran well", 60_000, 1_000],
  ])("%s", async (_, ranMs, pauseMs) => {
    const on = await opened();
    on.last.tools.onLost("gone");
    await on.clock.advance(1_000);
    await on.last.fail(FAILED);
    await on.clock.advance(2_000);
    await on.last.succeed("https://two.example.com");
    await on.clock.advance(ranMs);
    on.last.tools.onLost("gone again");
    await on.clock.advance(pauseMs - 1);
    expect(on.openings).toHaveLength(3);
    await on.clock.advance(1);
    expect(on.openings).toHaveLength(4);
    await on.reach.close();
  });

  it("is not lost twice: what an older one says afterwards is no news", async () => {
    const on = await opened();
    const [first] = on.openings;
    first?.tools.onLost("gone");
    await on.clock.advance(1_000);
    await on.last.succeed("https://two.example.com");
    first?.tools.onLost("gone, I said");
    expect(on.reach.webhookUrl).toBe("https://two.example.com/voice/webhook");
    expect(on.clock.pending).toBe(0);
  });
});

describe("closing", () => {
  it("takes back a way that is open, once", async () => {
    const on = await opened();
    await Promise.all([on.reach.close(), on.reach.close()]);
    await on.reach.close();
    expect(on.happened.slice(2)).toEqual(["closed https://one.example.com"]);
    expect(on.open.now).toBe(0);
  });

  it("gives up an opening under way", async () => {
    const on = rig();
    const opening = outcome(on.reach.open(on.edge));
    await on.reach.close();
    expect(await opening).toMatchObject({ code: "VC_NOT_RUNNING" });
    expect(on.reach.webhookUrl).toBeNull();
  });

  it("takes back a way that gets open at the same moment", async () => {
    const on = rig();
    const opening = outcome(on.reach.open(on.edge));
    const succeeded = on.last.succeed("https://one.example.com");
    const closed = on.reach.close();
    await succeeded;
    await closed;
    expect(await opening).toMatchObject({ code: "VC_NOT_RUNNING" });
    expect(on.open.now).toBe(0);
    expect(on.happened).not.toContain("url https://one.example.com/voice/webhook");
  });

  it("before opening leaves nothing to open", async () => {
    const on = rig();
    await on.reach.close();
    expect(await outcome(on.reach.open(on.edge))).toMatchObject({ code: "VC_NOT_RUNNING" });
    expect(on.openings).toEqual([]);
  });

  it("ends the wait for another try, and the try itself", async () => {
    const waiting = await opened();
    waiting.last.tools.onLost("gone");
    await waiting.reach.close();
    expect(waiting.clock.pending).toBe(0);
    await waiting.clock.advance(120_000);
    expect(waiting.openings).toHaveLength(1);

    const trying = await opened();
    trying.last.tools.onLost("gone");
    await trying.clock.advance(1_000);
    expect(trying.openings).toHaveLength(2);
    await trying.reach.close();
    expect(trying.clock.pending).toBe(0);
    expect(trying.said("error")).toHaveLength(1);
    expect(trying.open.now).toBe(0);
  });

  it("hears of no loss any more", async () => {
    const on = await opened();
    await on.reach.close();
    on.last.tools.onLost("cloudflared ended: SIGTERM");
    expect(on.log.lines).toEqual([]);
    expect(on.clock.pending).toBe(0);
  });
});

describe("whatever happens to a tunnel, in any order", () => {
  test.each(Array.from({ length: 150 }, (_, seed) => seed))(
    "one is open at most, the listener knows its URL, nothing is left (%i)",
    async (seed) => {
      const random = seededRandom(seed);
      const on = rig();
      void outcome(on.reach.open(on.edge));
      await on.last.succeed("https://t0.example.com");
      const steps: readonly (() => unknown)[] = [
        () => on.last.tools.onLost("gone"),
        () => on.last.succeed(`https://t${on.openings.length}.example.com`),
        () => on.last.fail(FAILED),
        () => on.clock.advance(random() * 30_000),
        () => on.clock.advance(70_000),
      ];
      const answered = new Set([on.last]);
      for (let step = 0; step < 30; step += 1) {
        const choice = Math.floor(random() * steps.length);
        const answers = choice === 1 || choice === 2;
        if (answers && answered.has(on.last)) continue;
        if (answers) answered.add(on.last);
        await steps[choice]?.();
        await settled();
        expect(on.open.most).toBe(1);
        const [told] = on.happened.filter((line) => line.startsWith("url ")).slice(-1);
        expect(told).toBe(`url ${on.reach.webhookUrl}`);
        // Lost means: somebody is at it, or will be.
        const atIt = on.clock.pending + Number(!answered.has(on.last));
        expect(on.reach.webhookUrl !== null || atIt > 0).toBe(true);
      }
      await on.reach.close();
      await on.clock.advance(120_000);
      expect([on.open.now, on.clock.pending]).toEqual([0, 0]);
    },
  );
});
