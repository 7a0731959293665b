import { describe, expect, it } from "vitest";
import { VoiceCallError } from "../../../src/call/errors.ts";
import type { Exposed, ExposeWish } from "../../../src/surface/cli/deps.ts";
import { voicecall } from "./harness.ts";

const WEBHOOK = "https://gateway.tail1234.ts.net/voice/webhook";
const FUNNEL: Exposed = {
  mode: "funnel",
  webhookUrl: WEBHOOK,
  streamUrl: "wss://gateway.tail1234.ts.net/voice/stream",
  reach: "public",
  changed: true,
  publicUrl: { now: null, should: WEBHOOK },
  notes: [],
};

/** Runs the command on a machine whose Tailscale answers this. */
async function expose(argv: readonly string[], changes: Partial<Exposed> = {}) {
  const wishes: ExposeWish[] = [];
  const run = await voicecall(["expose", ...argv], {
    expose: (wish) => {
      wishes.push(wish);
      return Promise.resolve({ ...FUNNEL, ...changes });
    },
  });
  return { ...run, wishes };
}

describe("voicecall expose", () => {
  it("prints both URLs, who gets there and what to write into the configuration", async () => {
    const { code, out, err, sent, opened, listening } = await expose(["--mode", "funnel"]);
    expect([code, err, sent, opened, listening]).toEqual([0, [], [], [], 0]);
    expect(out).toEqual([
      "Tailscale leads the internet to the gateway's listener:",
      `  Webhook  ${WEBHOOK}`,
      "  Audio    wss://gateway.tail1234.ts.net/voice/stream",
      "Everybody can get there. Webhooks are verified by their signatures.",
      `Set plugins.entries.voice-call.config.publicUrl to ${WEBHOOK}`,
    ]);
  });

  it("says so when nothing had to be changed or written", async () => {
    const { out } = await expose(["--mode", "funnel"], {
      changed: false,
      publicUrl: { now: WEBHOOK, should: WEBHOOK },
      notes: ["Mind the step."],
    });
    expect(out[0]).toContain("Nothing to change");
    expect(out.slice(-2)).toEqual([
      "plugins.entries.voice-call.config.publicUrl names the webhook already.",
      "Mind the step.",
    ]);
  });

  it("says that carriers do not get into a tailnet", async () => {
    const { out } = await expose(["--mode", "serve"], {
      mode: "serve",
      reach: "tailnet",
      publicUrl: { now: null, should: null },
    });
    expect(out[0]).toContain("devices of your tailnet");
    expect(out.at(-1)).toContain("Carriers do not");
  });

  it.each([
    [true, null, "no longer leads", "  Audio "],
    [false, null, "Nothing to take back", "  Audio "],
    [true, WEBHOOK, "no longer leads", "it still names this way"],
  ])("takes it back (%s, publicUrl %s)", async (changed, now, first, last) => {
    const { out, code } = await expose(["--mode", "off"], {
      mode: "off",
      reach: null,
      changed,
      publicUrl: { now, should: null },
    });
    expect([code, out[0]]).toEqual([0, expect.stringContaining(first)]);
    expect(out.at(-1)).toContain(last);
  });

  it("--json prints all of it", async () => {
    expect((await expose(["--mode", "funnel", "--json"])).json()).toEqual(FUNNEL);
  });

  it("hands on what is given and nothing else", async () => {
    const signal = expect.any(AbortSignal) as AbortSignal;
    expect((await expose(["--mode", "off"])).wishes).toEqual([{ mode: "off", signal }]);
    const all = ["--mode", "funnel", "--path", "/phone", "--port", "8443", "--serve-path", "/voice/other"];
    expect((await expose(all)).wishes).toEqual([
      { mode: "funnel", path: "/phone", port: 8443, servePath: "/voice/other", signal },
    ]);
  });

  it.each([
    [["--mode", "on"], "--mode must be one of: off, serve, funnel."],
    [["--mode", ""], "--mode must be one of"],
    [["--mode", "serve", "--path", "phone"], "--path must be a path"],
    [["--mode", "serve", "--path", "/a?b"], "--path must be a path"],
    [["--mode", "serve", "--serve-path", "/a b"], "--serve-path must be a path"],
    [["--mode", "serve", "--port", "0"], "--port must be a whole number"],
    [["--mode", "serve", "--port", "https"], "--port must be a whole number"],
  ])("refuses %j before it runs anything", async (argv, message) => {
    const { code, out, err, wishes } = await expose(argv);
    expect([code, out, wishes]).toEqual([1, [], []]);
    expect(err.join()).toContain(message);
  });

  it("needs a mode", async () => {
    const { code, wishes } = await expose([]);
    expect([code, wishes]).toEqual([1, []]);
  });

  it("fails with the coded error of the program", async () => {
    const failing = {
      expose: () => Promise.reject(new VoiceCallError("VC_TUNNEL_MISSING", { program: "tailscale" })),
    };
    const plain = await voicecall(["expose", "--mode", "serve"], failing);
    expect([plain.code, plain.out, plain.listening]).toEqual([1, [], 0]);
    expect(plain.err.join()).toContain("tailscale is not installed");
    const run = await voicecall(["expose", "--mode", "serve", "--json"], failing);
    expect(run.json()).toMatchObject({ error: { code: "VC_TUNNEL_MISSING" } });
  });

  it("stops at Ctrl-C and says so", async () => {
    const handlers: (() => void)[] = [];
    const run = await voicecall(["expose", "--mode", "serve"], {
      onInterrupt: (stop) => handlers.push(stop),
      expose: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
          for (const stop of handlers) stop();
        }),
    });
    expect([run.code, run.listening]).toEqual([1, 0]);
    expect(run.err.join()).toContain("interrupted");
  });

  it("has help with examples", async () => {
    const run = await voicecall(["expose", "--help"]);
    expect([run.code, run.out.join("")]).toEqual([
      0,
      expect.stringContaining("voicecall expose --mode funnel"),
    ]);
  });
});
