import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isVoiceCallError } from "../../src/call/errors.ts";
import { openExposure, type ExposureTools, type Programs } from "../../src/exposure/index.ts";
import { virtualClock } from "../support/clock.ts";
import { recordedLog } from "../support/recorded-log.ts";
import { removeHandler, setHandler, type ServeConfig } from "./stand-ins/serve-config.ts";

const NAME = "gateway.tail1234.ts.net";
const ORDER = {
  local: { host: "127.0.0.1", port: 3334 },
  webhookPath: "/voice/webhook",
  streamPath: "/voice/stream",
};

const ended = (ok: boolean) => ({
  ended: Promise.resolve({ ok, how: `exit code ${ok ? 0 : 1}` }),
  stop: async () => {},
});

/** The program without a process, so that thousands of machines can be tried. Fails from the `limit`-th change on. */
function program(config: ServeConfig, limit: number): Programs {
  let left = limit;
  return {
    find: async (name) => `/usr/bin/${name}`,
    start(_, args, { stdout, stderr }) {
      const [command, sub] = args;
      const flag = (name: string) => args.find((arg) => arg.startsWith(name))?.slice(name.length);
      if (command === "status") {
        stdout(
          JSON.stringify({
            BackendState: "Running",
            CertDomains: [NAME],
            Self: { DNSName: `${NAME}.`, CapMap: { funnel: null } },
          }),
        );
        return ended(true);
      }
      if (sub === "status") {
        stdout(JSON.stringify(config));
        return ended(true);
      }
      const address = `${NAME}:${flag("--https=")}`;
      const path = flag("--set-path=");
      if (path === undefined) throw new Error("without a path every handler of the port goes");
      const proxy = args.at(-1) ?? "";
      if (proxy === "off") return ended(removeHandler(config, address, path));
      if (--left < 0) {
        stderr("error: no more");
        return ended(false);
      }
      setHandler(config, address, { path, proxy, funnel: command === "funnel" });
      return ended(true);
    },
  };
}

const paths = fc.constantFrom("/", "/voice", "/voice/webhook", "/voice/webhook/", "/voice/stream", "/wiki");
const targets = fc.constantFrom(
  "http://127.0.0.1:3334/voice/webhook",
  "http://127.0.0.1:3334/voice/stream",
  "http://127.0.0.1:3334",
  "http://127.0.0.1:8080",
);
const configs = fc
  .array(fc.record({ path: paths, proxy: targets, port: fc.constantFrom(443, 8443) }), { maxLength: 5 })
  .chain((handlers) =>
    fc.record({ handlers: fc.constant(handlers), public443: fc.boolean(), public8443: fc.boolean() }),
  )
  .map(({ handlers, public443, public8443 }) => {
    const config: ServeConfig = {};
    for (const { path, proxy, port } of handlers) {
      const funnel = port === 443 ? public443 : public8443;
      setHandler(config, `${NAME}:${port}`, { path, proxy, funnel });
    }
    return config;
  });

/** What somebody else has on the machine: `address path → target, who reaches it`. */
function others(config: ServeConfig): string[] {
  const own = new Set([
    "/voice/webhook http://127.0.0.1:3334/voice/webhook",
    "/voice/stream http://127.0.0.1:3334/voice/stream",
  ]);
  return Object.entries(config.Web ?? {})
    .flatMap(([address, { Handlers }]) =>
      Object.entries(Handlers).map(([path, { Proxy }]) => {
        const audience = config.AllowFunnel?.[address] === true ? "public" : "tailnet";
        return { address, line: `${path} ${Proxy}`, shown: `${address}${path} ${Proxy} ${audience}` };
      }),
    )
    .filter(({ address, line }) => address !== `${NAME}:443` || !own.has(line))
    .map(({ shown }) => shown)
    .toSorted();
}

/** The code of the error, or null. */
async function attempt(act: () => Promise<void>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (isVoiceCallError(error)) return error.code;
    throw error;
  }
}

describe("on any machine, whatever it serves and wherever it fails, Tailscale", () => {
  it("never changes what is somebody else's nor who reaches it, and leaves nothing of ours", async () => {
    const modes = fc.constantFrom("serve" as const, "funnel" as const);
    await fc.assert(
      fc.asyncProperty(configs, modes, fc.nat({ max: 3 }), async (given, mode, limit) => {
        const config = structuredClone(given);
        const tools: ExposureTools = {
          log: recordedLog(),
          clock: virtualClock(),
          signal: new AbortController().signal,
          programs: program(config, limit),
          onLost: () => {},
        };
        const before = others(config);
        const settings = { way: "tailscale", mode, path: "/voice/webhook", port: 443 } as const;
        const failed = await attempt(async () => {
          const exposure = await openExposure(settings, ORDER, tools);
          const handlers = config.Web?.[`${NAME}:443`]?.Handlers;
          expect(handlers?.["/voice/webhook"]?.Proxy).toBe("http://127.0.0.1:3334/voice/webhook");
          expect(handlers?.["/voice/stream"]?.Proxy).toBe("http://127.0.0.1:3334/voice/stream");
          expect(config.AllowFunnel?.[`${NAME}:443`] === true).toBe(mode === "funnel");
          expect(others(config)).toEqual(before);
          await exposure.close();
        });
        expect([null, "VC_TUNNEL_CONFLICT", "VC_TUNNEL_FAILED"]).toContain(failed);
        expect(failed === "VC_TUNNEL_CONFLICT" ? config : given).toEqual(given);
        expect(others(config)).toEqual(before);
      }),
      { numRuns: 400 },
    );
  });
});
