/**
 * An agent on the phone chose a tool that speaks in a chat, and the caller heard nothing. Here it has no such tool, whoever is on
 * the phone and whatever is configured: what it writes is what is heard.
 */
import { describe, expect, it } from "vitest";
import { toolsFor } from "../../src/conversation/phone-tools.ts";
import { liveCall } from "../conversation/calls.ts";
import { configOf } from "../call/bench.ts";

const OWNER = "+15550009999";
const settings = configOf({
  phoneTools: ["tts", "web_search", "TTS"],
  verifiedCallers: { numbers: [OWNER], tools: ["tts", "calendar"] },
});

describe("an agent on the phone", () => {
  it("has no tool that plays to nobody, for a stranger and for the owner", () => {
    const stranger = liveCall({ direction: "inbound", from: "+15550003333" });
    expect(toolsFor(stranger, settings)).toEqual(["web_search", "voice_call"]);
    const owner = liveCall({ direction: "inbound", from: OWNER, attestation: "A" });
    expect(toolsFor(owner, settings)).toEqual(["calendar", "voice_call"]);
  });
});
