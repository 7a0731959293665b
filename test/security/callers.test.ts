/** Who is on the line: what each carrier writes about a caller, and what is made of it. */
import { describe, expect, it } from "vitest";
import type { Offer } from "../../src/call/ports.ts";
import { callerNumber } from "../../src/call/number.ts";
import { decideInbound } from "../../src/call/policy.ts";
import { readConfig } from "../../src/config/index.ts";
import { toolsFor } from "../../src/conversation/phone-tools.ts";
import * as telnyx from "../carrier/telnyx/fixtures.ts";
import { CARRIERS, judge, signed, type Draft, type SigningCarrier } from "./carriers.ts";

const FRIEND = "+15550101234";

type Fields = Readonly<Record<string, string | boolean | undefined>>;

/** The announcement of a call to us, with other fields; null where the carrier's part refuses to read it. */
async function offered(carrier: SigningCarrier, fields: Fields): Promise<Offer | null> {
  const verdict = await judge(carrier, signed(carrier, announcement(carrier, fields)));
  if (!verdict.ok) return null;
  return verdict.fact.offer;
}

function announcement(carrier: SigningCarrier, fields: Fields): Draft {
  if (carrier.name === "telnyx") {
    const payload = { direction: "incoming", from: FRIEND, to: telnyx.OURS, ...fields };
    return { query: "", body: Buffer.from(JSON.stringify(telnyx.event("call.initiated", payload))) };
  }
  const drafts = carrier.drafts(carrier.callId("0123456789abcdef".repeat(2)));
  const offer = drafts.find(({ query }) => query === "");
  const form = new URLSearchParams(offer?.body.toString());
  const told: Fields = { From: FRIEND, ...fields };
  for (const [name, value] of Object.entries(told)) {
    if (value === undefined) form.delete(name);
    else form.set(name, String(value));
  }
  return { query: "", body: Buffer.from(form.toString()) };
}

const fromField = ({ name }: SigningCarrier): string => (name === "telnyx" ? "from" : "From");

/** Whether a caller whom the carrier describes so is let in. */
async function isLetIn(
  carrier: SigningCarrier,
  from: string | undefined,
  policy: "allowlist" | "pairing",
): Promise<boolean> {
  const offer = await offered(carrier, { [fromField(carrier)]: from });
  if (offer === null) return false;
  const rules = { policy, allowFrom: [FRIEND], paired: new Set<string>() };
  return decideInbound(rules, callerNumber(offer.from)).kind === "accept";
}

describe.each(CARRIERS)("on $name,", (carrier) => {
  it("a listed caller is let in", async () => {
    expect(await isLetIn(carrier, FRIEND, "allowlist")).toBe(true);
    expect(await isLetIn(carrier, FRIEND, "pairing")).toBe(true);
  });

  it("S1: a caller who withholds the number is let in by no list, whatever stands in its place", async () => {
    const withheld = [
      undefined,
      "",
      " ",
      "anonymous",
      "Anonymous",
      "restricted",
      "unknown",
      "private",
      "unavailable",
    ];
    const words = ["+266696687", "sip:anonymous@anonymous.invalid", "+", "null", "0", "client:friend"];
    for (const from of [...withheld, ...words]) {
      for (const policy of ["allowlist", "pairing"] as const)
        expect({ from, in: await isLetIn(carrier, from, policy) }).toEqual({ from, in: false });
    }
  });

  it("S2: a caller whose number only ends, begins or looks like a listed one is let in by no list", async () => {
    const alike = [
      "+99915550101234",
      "+5550101234",
      "0015550101234",
      `${FRIEND}0`,
      `${FRIEND} `,
      ` ${FRIEND}`,
      `${FRIEND};ext=1`,
      `${FRIEND},+15550109999`,
      `sip:${FRIEND}@example.com`,
      "+１５５５０１０１２３４",
      "+1 555 010 1234",
      `+${FRIEND}`,
    ];
    for (const from of alike) {
      for (const policy of ["allowlist", "pairing"] as const)
        expect({ from, in: await isLetIn(carrier, from, policy) }).toEqual({ from, in: false });
    }
  });

  describe("S29, S30: a borrowed number, a display name or an invented field", () => {
    const reading = readConfig({ verifiedCallers: { numbers: [FRIEND], tools: ["exec"] } }, {});
    const toolsOf = async (fields: Fields) => {
      const offer = await offered(carrier, fields);
      if (offer === null || !reading.ok) throw new Error("no call was offered");
      return toolsFor(offer, reading.config);
    };

    it("gives nobody tools that act", async () => {
      for (const fields of CLAIMS[carrier.name]) expect(await toolsOf(fields)).not.toContain("exec");
    });

    it("is told from a listed number that the carrier itself has checked", async () => {
      expect(await toolsOf(VOUCHED[carrier.name])).toEqual(["exec", "voice_call"]);
      const stranger = { ...VOUCHED[carrier.name], [fromField(carrier)]: "+15550109999" };
      expect(await toolsOf(stranger)).not.toContain("exec");
    });
  });
});

/** How each carrier says that it has checked the caller's number itself. */
const VOUCHED = {
  twilio: { StirVerstat: "TN-Validation-Passed-A" },
  telnyx: { shaken_stir_attestation: "A", shaken_stir_validated: true },
  plivo: { STIRVerification: "Verified" },
} as const;

/** What anybody on the network can bring about, or what is less than a check. */
const CLAIMS: Readonly<Record<SigningCarrier["name"], readonly Fields[]>> = {
  twilio: [
    {},
    { StirVerstat: "TN-Validation-Passed-B" },
    { StirVerstat: "TN-Validation-Failed-A" },
    { StirVerstat: "A" },
    { CallerName: FRIEND, attestation: "A", role: "owner" },
  ],
  telnyx: [
    {},
    { shaken_stir_attestation: "A" },
    { shaken_stir_attestation: "A", shaken_stir_validated: false },
    { shaken_stir_attestation: "A", shaken_stir_validated: "true" },
    { shaken_stir_attestation: "B", shaken_stir_validated: true },
    { shaken_stir_attestation: "a", shaken_stir_validated: true },
    { caller_id_name: FRIEND, attestation: "A", role: "owner" },
  ],
  plivo: [
    {},
    { STIRVerification: "Not Verified" },
    { STIRVerification: "verified" },
    { STIRVerification: "A" },
    { STIRVerification: "Not Applicable" },
    { STIRAttestation: "A", attestation: "A", role: "owner" },
  ],
};
