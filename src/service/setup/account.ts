import { CATALOGUE } from "../../call/errors.ts";
import type { AccountReport, CarrierNotes } from "../../call/ports.ts";
import type { SetupCheck } from "../../call/service.ts";
import type { VoiceCallConfig } from "../../config/index.ts";
import { depends, failed, passed, warned } from "./check.ts";
import { shown } from "./findings.ts";

/** What is said about the account; the report is the carrier's own word. */
export interface AccountQuestion {
  readonly config: Pick<VoiceCallConfig, "provider" | "fromNumber" | "inboundPolicy">;
  readonly report: AccountReport;
  readonly notes: CarrierNotes;
  /** Where the carrier should send calls; null while there is no public URL. */
  readonly webhookUrl: string | null;
}

/** Left of a signature's life for the way. */
const WAY_MS = 60_000;
const SKEW_MS = 30_000;

export function accountChecks(question: AccountQuestion): SetupCheck[] {
  return [
    credentialsCheck(question),
    ...numberChecks(question),
    ...inboundChecks(question),
    ...limitChecks(question),
    ...clockChecks(question),
  ];
}

function credentialsCheck({ config: { provider }, report }: AccountQuestion): SetupCheck {
  const { credentials, detail } = report;
  const why = detail === undefined ? "" : ` (${detail})`;
  switch (credentials) {
    case "accepted":
      return passed("account", `${provider} accepts the credentials.`);
    case "refused":
      return failed("account", `${provider} refuses the credentials${why}.`, CATALOGUE.VC_CARRIER_AUTH.next);
    case "unreachable": {
      const next = "Check the network and the carrier's status page, then run setup again.";
      return failed("account", `${provider} cannot be asked whether it accepts the credentials${why}.`, next);
    }
  }
}

function numberChecks({ config: { fromNumber, provider }, report }: AccountQuestion): SetupCheck[] {
  if (fromNumber === undefined) return [];
  if (report.credentials !== "accepted") {
    return [depends("number", "fromNumber belongs to the account", "account")];
  }
  switch (report.ownsNumber) {
    case true:
      return [passed("number", `${fromNumber} belongs to the account.`)];
    case null: {
      const next = "Look the number up in the carrier's console.";
      return [
        warned("number", `${provider} does not tell whether ${fromNumber} belongs to the account.`, next),
      ];
    }
    case false: {
      const next = "Set fromNumber to a number of the account, or have it verified there as a caller ID.";
      return [
        warned(
          "number",
          `${fromNumber} is not one of the account's numbers; most calls from it are refused.`,
          next,
        ),
      ];
    }
  }
}

function inboundChecks({ config, report, notes, webhookUrl }: AccountQuestion): SetupCheck[] {
  const { fromNumber, inboundPolicy, provider } = config;
  if (inboundPolicy === "disabled" || fromNumber === undefined) return [];
  if (report.credentials !== "accepted")
    return [depends("inbound", "calls to our number come here", "account")];
  if (webhookUrl === null) return [depends("inbound", "calls to our number come here", "publicUrl")];
  const set = `At ${provider}, set ${notes.inboundPlace} to ${webhookUrl} (POST).`;
  const number = `Calls to ${fromNumber}`;
  const { inboundUrl, inboundMethod, reportUrl, reportMethod } = report;
  if (report.ownsNumber === false) return [depends("inbound", "calls to our number come here", "number")];
  if (inboundUrl === undefined) {
    return [warned("inbound", `${provider} does not tell where calls to ${fromNumber} go.`, set)];
  }
  const way = wayOf(inboundUrl, inboundMethod, webhookUrl);
  const inbound =
    way === null ? passed("inbound", `${number} come here.`) : warned("inbound", `${number} go ${way}.`, set);
  if (reportUrl === undefined) return [inbound];
  const reported = wayOf(reportUrl, reportMethod, webhookUrl);
  const end =
    reported === null
      ? passed("inbound.end", `The end of calls to ${fromNumber} is reported here.`)
      : warned(
          "inbound.end",
          `The end of calls to ${fromNumber} is reported ${reported}, so it is noticed late.`,
          `At ${provider}, set ${notes.reportPlace ?? "where it is reported"} to ${webhookUrl} (POST).`,
        );
  return [inbound, end];
}

/** Where they go instead, or how they come in vain; null when they come as they should. */
function wayOf(set: string | null, method: string | undefined, ours: string): string | null {
  if (!isSame(set, ours)) return `${whither(set)}, not here`;
  return method === undefined || method.toUpperCase() === "POST"
    ? null
    : "here by another method than POST, which is refused";
}

const whither = (url: string | null): string =>
  url === null ? "nowhere" : `to ${shown(url) ?? "something else"}`;

/** Scheme, host and path; what else is in the query is passed on and verified as it comes. */
const isSame = (set: string | null, ours: string): boolean => set !== null && shown(set) === shown(ours);

/** What the carrier cannot be told to hold by itself. */
function limitChecks({ config: { inboundPolicy, provider }, notes }: AccountQuestion): SetupCheck[] {
  if (inboundPolicy === "disabled" || notes.limitsInbound) return [];
  const message = `${provider} takes no time limit for calls that come in: while this gateway is down only the caller ends them.`;
  return [
    warned("inbound.limit", message, "Nothing to do; maxDurationSeconds holds while the gateway runs."),
  ];
}

function clockChecks({
  config: { provider },
  report: { clockSkewMs },
  notes,
}: AccountQuestion): SetupCheck[] {
  if (clockSkewMs === null) return [];
  const seconds = Math.round(Math.abs(clockSkewMs) / 1_000);
  if (seconds * 1_000 <= SKEW_MS) return [passed("clock", "This machine's clock agrees with the carrier's.")];
  const side = clockSkewMs > 0 ? "behind" : "ahead of";
  const message = `This machine's clock is ${seconds} s ${side} the clock of ${provider}.`;
  const next = "Switch time synchronisation (NTP) on.";
  const { signatureLifeMs: life } = notes;
  const isDeadly = life !== null && Math.abs(clockSkewMs) > life - WAY_MS;
  return isDeadly
    ? [failed("clock", `${message} Its webhooks are refused as too old or too new.`, next)]
    : [warned("clock", message, next)];
}
