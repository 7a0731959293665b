import { describe, expect, it } from "vitest";
import { CALL, fakePort, fakeService, NUMBER } from "../fake.ts";
import { GatewayClientRequestError, GatewayTransportError, refused, voicecall } from "./harness.ts";

const CREDENTIALS = Object.assign(new Error("gateway credentials required\nmore"), {
  name: "GatewayCredentialsRequiredError",
});

const late = () => new GatewayTransportError({ kind: "timeout", message: "gateway timeout after 1ms" });

/** Everything a gateway that is there may do instead of answering well. */
const FAILURES: [string, Error, string][] = [
  [
    "times out",
    new GatewayTransportError({ kind: "timeout", message: "gateway timeout after 10000ms\nurl" }),
    "VC_GATEWAY_ERROR",
  ],
  [
    "closes the connection",
    new GatewayTransportError({
      kind: "closed",
      code: 1006,
      message: "gateway closed (1006): no close reason",
    }),
    "VC_GATEWAY_ERROR",
  ],
  [
    "refuses the credential",
    new GatewayTransportError({
      kind: "closed",
      code: 1008,
      reason: "unauthorized",
      message: "gateway closed (1008)",
    }),
    "VC_GATEWAY_ERROR",
  ],
  [
    "resets the connection",
    new GatewayTransportError({
      kind: "closed",
      reason: "read ECONNRESET",
      message: "Gateway not reachable",
    }),
    "VC_GATEWAY_ERROR",
  ],
  ["is on another machine and refuses", refused("wss://gateway.example:18789"), "VC_GATEWAY_ERROR"],
  ["is at an address that makes no sense", refused("nowhere"), "VC_GATEWAY_ERROR"],
  [
    "lacks the scope",
    new GatewayClientRequestError("FORBIDDEN", "missing scope: operator.write"),
    "VC_GATEWAY_ERROR",
  ],
  [
    "does not have the plugin",
    new GatewayClientRequestError("INVALID_REQUEST", "unknown method: voicecall.end"),
    "VC_NOT_RUNNING",
  ],
  ["fails in some other way", new TypeError("bad"), "VC_GATEWAY_ERROR"],
];

const EVERY: string[][] = [
  ["setup"],
  ["smoke"],
  ["smoke", "--yes"],
  ["call", "--message", "hi"],
  ["start", "--to", NUMBER],
  ["continue", "--call-id", "c", "--message", "hi"],
  ["speak", "--call-id", "c", "--message", "hi"],
  ["dtmf", "--call-id", "c", "--digits", "1"],
  ["transfer", "--call-id", "c", "--to", "+15550100777"],
  ["end", "--call-id", "c"],
  ["status"],
  ["status", "--call-id", "c"],
  ["tail"],
  ["latency"],
  ["pairing", "list"],
  ["pairing", "approve", "X"],
  ["pairing", "revoke", NUMBER],
  ["phone"],
];
const ARGV = EVERY.map((argv) => [argv]);

describe("a command whose gateway does not answer well", () => {
  describe.each(FAILURES)("because it %s", (_, failure, code) => {
    it.each(ARGV)("fails and opens nothing of its own: %j", async (argv) => {
      const setting = { fails: () => failure, local: fakeService() };
      const run = await voicecall([...argv, "--json"], setting);
      expect([run.code, run.opened]).toEqual([1, []]);
      expect(run.json()).toMatchObject({
        error: {
          code,
          what: expect.any(String),
          why: expect.any(String),
          next: expect.any(String),
          message: expect.any(String),
          retryable: expect.any(Boolean),
        },
      });
      const plain = await voicecall(argv, setting);
      expect([plain.code, plain.out, plain.opened]).toEqual([1, [], []]);
      expect(plain.err.join()).toContain(`[${code}]`);
      expect(plain.listening).toBe(0);
    });
  });

  it("warns that a write that timed out may have happened, and a read not", async () => {
    expect((await voicecall(["end", "--call-id", "c"], { fails: late })).err.join()).toContain(
      "carried out all the same",
    );
    expect((await voicecall(["status"], { fails: late })).err.join()).not.toContain("carried out");
  });

  it("never replaces a gateway that has answered before", async () => {
    const run = await voicecall(["smoke", "--yes"], {
      service: fakeService(),
      fails: (_, nth) => (nth > 1 ? refused() : undefined),
      local: fakeService(),
    });
    expect([run.code, run.opened]).toEqual([1, []]);
  });

  it("says so when the answer is not the expected one", async () => {
    const run = await voicecall(["latency"], { answers: { rows: [] } });
    expect(run.code).toBe(1);
    expect(run.err.join()).toContain("another version");
    const noSuchField = fakeService({ askStart: async () => await Promise.resolve({} as never) });
    const asked = await voicecall(["continue", "--call-id", "c", "--message", "hi"], {
      service: noSuchField,
    });
    expect(asked.code).toBe(1);
    const mute = await voicecall(["status"], { answers: null });
    expect([mute.code, mute.err.join()]).toEqual([1, expect.stringContaining("another version")]);
    const vague = await voicecall(["speak", "--call-id", "c", "--message", "hi"], { answers: {} });
    expect([vague.code, vague.err.join()]).toEqual([1, expect.stringContaining("VC_GATEWAY_ERROR")]);
  });
});

describe("a command while no gateway listens on this machine", () => {
  const away = { fails: () => refused() };

  it.each([
    [["setup"]],
    [["status"]],
    [["status", "--call-id", CALL.callId]],
    [["latency"]],
    [["smoke"]],
    [["pairing", "list"]],
  ])("reads the store on disk and starts no server: %j", async (argv) => {
    const run = await voicecall(argv, { ...away, local: fakeService() });
    expect([run.code, run.opened, run.stopped]).toEqual([0, [{ kind: "read" }], 1]);
    expect(run.sent).toHaveLength(1);
  });

  it("tail follows the store on disk", async () => {
    const run = await voicecall(["tail"], { ...away, local: fakeService(), interruptAt: 1 });
    expect([run.code, run.opened, run.stopped]).toEqual([0, [{ kind: "read" }], 1]);
  });

  it("setup says that no gateway runs", async () => {
    const run = await voicecall(["setup", "--json"], { ...away, local: fakeService() });
    expect(run.json()).toMatchObject({ ok: true, gateway: false });
    const plain = await voicecall(["setup"], { ...away, local: fakeService() });
    expect(plain.out[0]).toContain("No gateway answers");
  });

  it.each([
    [["continue", "--call-id", "c", "--message", "hi"]],
    [["speak", "--call-id", "c", "--message", "hi"]],
    [["dtmf", "--call-id", "c", "--digits", "1"]],
    [["end", "--call-id", "c"]],
    [["pairing", "approve", "X"]],
    [["pairing", "revoke", NUMBER]],
  ])("writes with a runtime of its own and stops it: %j", async (argv) => {
    const run = await voicecall(argv, { ...away, local: fakeService() });
    expect([run.code, run.opened, run.stopped]).toEqual([0, [{ kind: "run" }], 1]);
  });

  it.each([[["call", "--message", "hi"]], [["start", "--to", NUMBER]], [["smoke", "--yes"]]])(
    "holds the call until it is over: %j",
    async (argv) => {
      let looks = 0;
      const local = fakeService({
        status: async () =>
          await Promise.resolve(++looks < 4 ? { ...CALL, state: "live", outcome: null } : CALL),
      });
      const run = await voicecall(argv, { ...away, local });
      expect([run.code, looks, run.stopped]).toEqual([0, 4, 1]);
    },
  );

  it("fails when the call it held was not completed, and prints only the id to stdout", async () => {
    const local = fakeService({ status: async () => await Promise.resolve({ ...CALL, outcome: "busy" }) });
    const run = await voicecall(["call", "--message", "hi"], { ...away, local });
    expect([run.code, run.out]).toEqual([1, ["vc_abcdef"]]);
    expect(run.err).toContain("ended: busy");
    const json = await voicecall(["call", "--message", "hi", "--json"], { ...away, local });
    expect([json.json(), json.err]).toEqual([{ callId: "vc_abcdef", state: "ringing" }, []]);
  });

  it("stops its runtime also when the work fails", async () => {
    const local = fakeService({ end: async () => await Promise.reject(new Error("boom")) });
    const run = await voicecall(["end", "--call-id", "c"], { ...away, local });
    expect([run.code, run.stopped]).toEqual([1, 1]);
    expect(run.err.join()).toContain("VC_INTERNAL");
  });

  it("is the mock phone itself", async () => {
    const port = fakePort();
    const run = await voicecall(["phone"], {
      ...away,
      local: fakeService({ phone: () => port }),
      terminalPhone: async ({ phone }) => await phone.answer("m"),
    });
    expect([run.code, run.opened, port.asked.length]).toEqual([0, [{ kind: "run" }], 2]);
  });

  it.each(ARGV)("says that none answers when it can do nothing itself: %j", async (argv) => {
    const run = await voicecall(argv, away);
    expect(run.code).toBe(1);
    expect(run.err.join()).toContain("Gateway not reachable");
  });
});

describe("a command without a credential for the gateway", () => {
  const locked = { fails: () => CREDENTIALS };

  it("reads the store on disk", async () => {
    const run = await voicecall(["status"], { ...locked, local: fakeService() });
    expect([run.code, run.opened]).toEqual([0, [{ kind: "read" }]]);
  });

  it("writes nothing, since a gateway may be running", async () => {
    const run = await voicecall(["call", "--message", "hi"], { ...locked, local: fakeService() });
    expect([run.code, run.opened]).toEqual([1, []]);
    expect(run.err.join()).toContain("gateway credentials required");
  });
});

describe("a command line that is wrong", () => {
  it.each([
    [["call"], "--message"],
    [["start"], "--to"],
    [["continue", "--call-id", "c"], "--message"],
    [["speak", "--message", "hi"], "--call-id"],
    [["dtmf", "--call-id", "c"], "--digits"],
    [["end"], "--call-id"],
    [["pairing", "approve"], "code"],
    [["status", "--colour"], "--colour"],
    [["fly"], "fly"],
  ])("%j exits 1 and names what is wrong", async (argv, name) => {
    const { code, err } = await voicecall(argv);
    expect(code).toBe(1);
    expect(err.join()).toContain(name);
  });

  it.each([
    [["call", "--message", "  "], "--message"],
    [["call", "--message", "hi", "--mode", "loud"], "--mode"],
    [["end", "--call-id", ""], "--call-id"],
    [["tail", "--since", "yesterday"], "--since"],
    [["tail", "--poll", "1"], "--poll"],
    [["latency", "--last", "many"], "--last"],
    [["phone", "--poll", "5000"], "--poll"],
  ])("%j is refused before anybody is asked", async (argv, name) => {
    const { code, err, sent } = await voicecall(argv);
    expect([code, sent]).toEqual([1, []]);
    expect(err.join()).toContain("VC_REQUEST_INVALID");
    expect(err.join()).toContain(name);
  });
});

describe("voicecall --help", () => {
  it.each(ARGV)("explains %j with examples and --json", async (argv) => {
    const path = argv.slice(0, argv[0] === "pairing" ? 2 : 1);
    const { code, out } = await voicecall([...path, "--help"]);
    expect(code).toBe(0);
    expect(out.join("")).toContain(`$ openclaw voicecall ${path.join(" ")}`);
    expect(out.join("")).toContain("--json");
  });
});
