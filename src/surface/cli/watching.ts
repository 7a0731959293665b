import type { EventLine } from "../../call/service.ts";
import { invalid } from "../params.ts";
import { wholeNumber, type CommandSpec, type Run } from "./command.ts";
import { untilInterrupted, type LocalUse } from "./deps.ts";
import type { CliPhone } from "./phone.ts";
import { onOwn, reach, type Reached } from "./reach.ts";
import { callSheet, callTable, latencyTable, setupLines, time } from "./words.ts";
import { VoiceCallError } from "../../call/errors.ts";

const READ: LocalUse = { kind: "read" };
const FILE: readonly [string, string] = [
  "--file <path>",
  "Read this call store instead of asking the gateway",
];
const PAGE = 500;

/** `setup`, `status`, `tail`, `latency`: they read, and start no server. */
export const WATCHING: readonly CommandSpec[] = [
  {
    name: "setup",
    summary: "Check the configuration and say what is left to do",
    more: "Asks the carrier and looks at the public URL from outside; changes nothing. Exits 0 when calls can be placed.",
    examples: ["", "--json"],
    run: async (run) =>
      await reach(run.deps, READ, async ({ phone, own }) => {
        const report = await phone.setup();
        const note = own ? ["No gateway answers; this is what the configuration on disk says."] : [];
        run.print({ ...report, gateway: !own }, [...note, ...setupLines(report)]);
        return report.ok;
      }),
  },
  {
    name: "status",
    summary: "Show one call, or the latest ones",
    examples: ["", "--call-id vc_123 --json"],
    options: [["--call-id <id>", "The call, by its id or the carrier's; also one that has ended"]],
    run: async (run) => {
      const callId = run.option("callId");
      return await reach(run.deps, READ, async ({ phone }) =>
        callId === undefined ? await overview(run, phone) : await one(run, phone, callId),
      );
    },
  },
  {
    name: "tail",
    summary: "Follow what happens on all calls, without numbers and words",
    more: "Runs until Ctrl-C. With --json one object per line.",
    examples: ["", "--since 10m", "--since 1204 --json"],
    options: [
      [
        "--since <cursor|duration>",
        "Begin after this cursor, or this long ago: 30s, 10m, 2h, 1d (default: now)",
      ],
      ["--poll <ms>", "How often to look (default: 500)"],
      FILE,
    ],
    run: async (run) => {
      const since = parseSince(run.option("since"));
      const poll = wholeNumber(run, "poll", 50, 60_000) ?? 500;
      return await readFrom(run, async ({ phone }) => await tail(run, phone, since, poll));
    },
  },
  {
    name: "latency",
    summary: "Show how fast calls are placed and answered: p50, p95 and maximum of each stage",
    examples: ["", "--last 50 --json"],
    options: [["--last <n>", "Samples of each stage to look at (default: 200)"], FILE],
    run: async (run) => {
      const last = wholeNumber(run, "last", 1, 100_000) ?? 200;
      const rows = await readFrom(run, async ({ phone }) => await phone.latency(last));
      run.print({ stages: rows }, latencyTable(rows));
      return true;
    },
  },
];

async function readFrom<T>(run: Run, work: (reached: Reached) => Promise<T>): Promise<T> {
  const store = run.option("file");
  return store === undefined
    ? await reach(run.deps, READ, work)
    : await onOwn(run.deps, { kind: "read", store }, work);
}

async function overview(run: Run, phone: CliPhone): Promise<boolean> {
  const { calls, problem } = await phone.overview(20);
  const warning =
    problem === null ? [] : [`${problem.what}: ${problem.why} ${problem.next} [${problem.code}]`, ""];
  run.print({ calls, problem }, [...warning, ...callTable(calls)]);
  return true;
}

async function one(run: Run, phone: CliPhone, callId: string): Promise<boolean> {
  const call = await phone.status(callId);
  if (call === null) throw new VoiceCallError("VC_CALL_NOT_FOUND");
  run.print({ found: true, call }, callSheet(call));
  return true;
}

type Since = { readonly cursor: number | null; readonly agoMs: number | null };

async function tail(run: Run, phone: CliPhone, since: Since, poll: number): Promise<boolean> {
  const { io } = run.deps;
  const from = since.agoMs === null ? 0 : io.now() - since.agoMs;
  return await untilInterrupted(io, async (signal) => {
    let after = since.cursor;
    while (!signal.aborted) {
      const page = await phone.events({ after, limit: PAGE });
      for (const event of page.events) {
        if (event.at >= from) io.out(run.json ? JSON.stringify(event) : eventLine(event));
      }
      after = page.cursor;
      if (page.events.length < PAGE) await io.sleep(poll, signal);
    }
    return true;
  });
}

const eventLine = ({ at, callId, state, type }: EventLine): string =>
  `${time(at)}  ${callId}  ${state.padEnd(8)}  ${type}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseSince(given: string | undefined): Since {
  if (given === undefined) return { cursor: null, agoMs: null };
  const [, count, unit] = /^(\d{1,15})(ms|s|m|h|d)?$/.exec(given) ?? [];
  if (count === undefined)
    throw invalid("--since must be a cursor or a duration such as 30s, 10m, 2h or 1d.");
  return unit === undefined
    ? { cursor: Number(count), agoMs: null }
    : { cursor: 0, agoMs: Number(count) * (UNITS[unit] ?? 0) };
}
