import type { CallRecords } from "../../call/ports.ts";
import type { SetupCheck } from "../../call/service.ts";
import type { VoiceCallConfig } from "../../config/index.ts";
import { passed, warned } from "./check.ts";

const ID = "callers";

/** Who may call in. An empty allowlist is told by the configuration itself. */
export async function callerChecks(
  config: VoiceCallConfig,
  records: Pick<CallRecords, "pairings"> | null,
): Promise<SetupCheck[]> {
  const { inboundPolicy, allowFrom } = config;
  switch (inboundPolicy) {
    case "disabled":
      return [passed(ID, "Nobody may call in (inboundPolicy is disabled).")];
    case "open":
      return [passed(ID, "Everybody may call in (inboundPolicy is open).")];
    case "allowlist":
      return allowFrom.length === 0 ? [] : [passed(ID, `Numbers that may call in: ${allowFrom.length}.`)];
    case "pairing":
      return await pairingCheck(allowFrom.length, records);
  }
}

async function pairingCheck(
  listed: number,
  records: Pick<CallRecords, "pairings"> | null,
): Promise<SetupCheck[]> {
  let approved: number;
  try {
    const pairings = (await records?.pairings()) ?? [];
    approved = pairings.filter(({ approvedAt }) => approvedAt !== null).length;
  } catch {
    const next = "Look at the gateway log.";
    return [warned(ID, "The approved callers cannot be read from the call records.", next)];
  }
  if (listed + approved > 0) {
    return [passed(ID, `Numbers that may call in: ${listed} listed, ${approved} approved by pairing.`)];
  }
  const next =
    "Have them call once, then approve the code they hear: `openclaw voicecall pairing list`, " +
    "`openclaw voicecall pairing approve <code>`.";
  return [warned(ID, "Nobody may call in yet: no caller is approved and allowFrom is empty.", next)];
}
