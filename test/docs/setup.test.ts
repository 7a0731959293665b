import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { VoiceCallError } from "../../src/call/errors.ts";
import { accountChecks } from "../../src/service/setup/account.ts";
import { configOf, ids, plantWith, report, twilioSettings } from "../service/setup-rig.ts";

const page = readFileSync(path.join(import.meta.dirname, "../../docs/setup.md"), "utf8");
const rows = [...page.matchAll(/^\| (`[^|]*`) \|/gmu)].map(([, cell]) => cell ?? "");
const documented = new Set(rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/gu)].map(([, id]) => id ?? "")));

const speech = () => Promise.resolve({ voice: () => Promise.resolve("a"), ears: () => Promise.resolve("b") });

/** What the page names it by. */
const family = (id: string): string => id.replace(/^(config|abilities)\..*/u, "$1.<key>");

async function everyId(): Promise<readonly string[]> {
  const live = twilioSettings({ streaming: { enabled: true }, inboundPolicy: "pairing", staleCallReaperSeconds: 1 });
  const mock = plantWith({ id: "mock" });
  const poor = plantWith({ capabilities: { answeringMachine: "none" } });
  const hangup = twilioSettings({ outbound: { answeringMachine: "hangup" } });
  const reports = await Promise.all([
    report(live, { plant: plantWith(), speech }),
    report({ provider: "mock" }, { plant: mock }),
    report(hangup, { plant: poor }),
    report(twilioSettings(), { problem: new VoiceCallError("VC_NOT_RUNNING") }),
    report({ colour: 1 }),
  ]);
  const account = accountChecks({
    config: configOf({ provider: "plivo", fromNumber: "+15550101111", inboundPolicy: "open" }),
    report: { credentials: "accepted", ownsNumber: true, inboundUrl: null, reportUrl: null, clockSkewMs: 0 },
    notes: { inboundPlace: "there", reportPlace: "there", signatureLifeMs: null, limitsInbound: false },
    webhookUrl: "https://voice.example.test/voice/webhook",
  });
  return [...reports.flatMap(ids), ...account.map(({ id }) => id)];
}

describe("the page about the setup", () => {
  it("explains every check there is, and no other", async () => {
    const made = new Set((await everyId()).map(family));
    expect([...made].filter((id) => !documented.has(id))).toEqual([]);
    expect([...documented].filter((id) => !made.has(id))).toEqual([]);
  });
});
