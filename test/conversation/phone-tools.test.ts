import { describe, expect, it } from "vitest";
import { toolsFor, type PhoneToolSettings } from "../../src/conversation/phone-tools.ts";
import { liveCall } from "./calls.ts";

const OWNER = "+15550009999";
const settings: PhoneToolSettings = {
  phoneTools: ["web_search", "web_search"],
  verifiedCallers: { numbers: [OWNER], tools: ["calendar"], requireAttestation: "A" },
};
const inbound = { direction: "inbound", from: OWNER, to: "+15550001000", attestation: "A" } as const;

describe("tools on the phone", () => {
  it("are the read-only list and our own for anybody", () => {
    expect(toolsFor(liveCall({ direction: "inbound", from: "+15550003333" }), settings)).toEqual([
      "web_search",
      "voice_call",
    ]);
  });

  it("are the configured ones for a listed caller the carrier vouches for", () => {
    expect(toolsFor(liveCall(inbound), settings)).toEqual(["calendar", "voice_call"]);
  });

  it.each([
    ["the carrier only knows where the call came from", { ...inbound, attestation: "B" }],
    ["the carrier says nothing", { ...inbound, attestation: null }],
    ["the number only begins the same", { ...inbound, from: `${OWNER}0` }],
    ["the number is withheld", { ...inbound, from: "" }],
    ["we called them", { direction: "outbound", from: OWNER, to: OWNER, attestation: "A" }],
  ] as const)("stay read-only when %s", (_, over) => {
    expect(toolsFor(liveCall(over), settings)).toEqual(["web_search", "voice_call"]);
  });

  it("stay read-only for withheld callers even if the list holds an empty entry", () => {
    const sloppy = { ...settings, verifiedCallers: { ...settings.verifiedCallers, numbers: [""] } };
    expect(toolsFor(liveCall({ ...inbound, from: "" }), sloppy)).toEqual(["web_search", "voice_call"]);
  });

  it("never leave out the tool that ends the call", () => {
    expect(toolsFor(liveCall(), { ...settings, phoneTools: [] })).toEqual(["voice_call"]);
  });
});
