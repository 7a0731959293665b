import type { InitiateRequest, SetupReport } from "../../call/service.ts";
import { callMode, OVERRIDE, overrides, type CommandSpec, type Run } from "./command.ts";
import { followCall } from "./follow.ts";
import { reach, type Reached } from "./reach.ts";
import { setupLines, standing } from "./words.ts";

const MESSAGE = "This is a test call from OpenClaw. Everything works. Goodbye.";

/** A test call from end to end; without `--yes` only a description of it. */
export const SMOKE: CommandSpec = {
  name: "smoke",
  summary: "Check the setup; with --yes place a real test call and watch it to its end",
  more: "Without --yes nothing is dialled. With --yes it exits 0 only when the call was completed.",
  examples: ["", "--to +15550001234 --yes"],
  options: [
    ["--to <number>", "Number to call (default: the configured toNumber)"],
    ["--message <text>", "What to say"],
    ["--mode <mode>", "notify or conversation (default: outbound.defaultMode)"],
    OVERRIDE,
    ["--yes", "Place the call"],
  ],
  run: async (run) => {
    const request = {
      to: run.option("to"),
      message: run.option("message") ?? MESSAGE,
      mode: callMode(run),
      override: overrides(run),
    };
    const yes = run.flag("yes");
    return await reach(run.deps, yes ? { kind: "run" } : { kind: "read" }, async (reached) => {
      const report = await reached.phone.setup();
      return yes && report.ok ? await real(run, reached, request) : rehearse(run, request, report, yes);
    });
  },
};

type Request = Omit<InitiateRequest, "requester"> & { readonly message: string };

function rehearse(run: Run, request: Request, report: SetupReport, yes: boolean): boolean {
  const would = { to: request.to ?? null, message: request.message, mode: request.mode ?? null };
  const plan = [
    `Would call ${request.to ?? "the configured toNumber"} in ${request.mode ?? "the default"} mode and say:`,
    `  ${request.message}`,
    yes
      ? "Nothing was dialled: the setup is not complete."
      : "Nothing was dialled. Add --yes to place the call.",
  ];
  run.print({ dryRun: true, ok: report.ok, would, checks: report.checks }, [
    ...setupLines(report),
    "",
    ...plan,
  ]);
  return report.ok;
}

async function real(run: Run, { phone }: Reached, request: Request): Promise<boolean> {
  const { io } = run.deps;
  const { callId } = await phone.initiate({ ...request, requester: { surface: "cli" } });
  if (!run.json) io.out(`Call ${callId} is placed. Ctrl-C hangs up.`);
  const call = await followCall(phone, callId, io, (seen) => {
    if (!run.json) io.out(`  ${standing(seen)}`);
  });
  const ok = call.outcome === "completed";
  const error = call.evidence?.error === undefined ? "" : ` (${call.evidence.error})`;
  run.print({ dryRun: false, ok, call }, [
    ok
      ? "The test call was completed."
      : `The test call was not completed: ${call.outcome ?? call.state}${error}.`,
  ]);
  return ok;
}
