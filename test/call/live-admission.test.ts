import { describe, expect, it } from "vitest";
import type { LiveRequest } from "../../src/call/effect.ts";
import { VoiceCallError } from "../../src/call/errors.ts";
import type { CarrierFact, LiveCalls, Offer } from "../../src/call/ports.ts";
import { settled } from "../support/clock.ts";
import { documentCarrier, paperFact } from "../support/document-carrier.ts";
import { CARRIER_ID, OURS, THEIRS } from "./bench.ts";
import { world } from "./world.ts";

const STRANGER = "+15550109999";
const ON = { streaming: { enabled: true } };
const requester = { surface: "tool" } as const;
const offer: Offer = { direction: "inbound", from: THEIRS, to: OURS, attestation: null };
const rings = (from: string): CarrierFact => ({
  ...paperFact({ id: "vc_unknown", carrierCallId: CARRIER_ID }, []),
  callId: null,
  offer: { ...offer, from },
});

/** Live audio that notes what it is asked for. */
function noted(problem: VoiceCallError | null = null) {
  const asked: string[] = [];
  const live: LiveCalls = {
    problem: () => {
      asked.push("problem");
      return Promise.resolve(problem);
    },
    prepare: () => void asked.push("prepare"),
    request: (_, { type }: LiveRequest) => void asked.push(type),
    end: () => Promise.resolve(),
  };
  return { asked, live };
}

describe("who calls where conversations have live audio", () => {
  it.each(["allowlist", "pairing", "disabled"])(
    "is asked about by the policy first: under %s a stranger wakes neither ears nor voice",
    async (inboundPolicy) => {
      const { asked, live } = noted();
      const config = {
        ...ON,
        inboundPolicy,
        ...(inboundPolicy === "allowlist" ? { allowFrom: [THEIRS] } : {}),
      };
      const it = world({ carrier: documentCarrier(), config, live });
      await it.start().receive(rings(STRANGER));
      await settled();
      expect(asked).toEqual([]);
      expect(it.store.dump().calls.map((call) => call.live)).toEqual([null]);
    },
  );

  it("is prepared for while the phone rings when the policy lets them in", async () => {
    const { asked, live } = noted();
    const config = { ...ON, inboundPolicy: "allowlist", allowFrom: [THEIRS] };
    const it = world({ carrier: documentCarrier(), config, live });
    await it.start().receive(rings(THEIRS));
    await settled();
    expect(asked).toEqual(["problem", "prepare"]);
    expect(it.store.dump().calls[0]?.live).toMatchObject({ stream: "awaited" });
  });

  it("is served by the carrier's voice and ears when nobody of ours could listen, and the log says why", async () => {
    const { asked, live } = noted(new VoiceCallError("VC_LISTENING_FAILED", { detail: "none" }));
    const config = { ...ON, inboundPolicy: "open" };
    const it = world({ carrier: documentCarrier(), config, live });
    await it.start().receive(rings(THEIRS));
    await settled();
    expect(asked).toEqual(["problem"]);
    expect(it.store.dump().calls[0]).toMatchObject({ live: null, instruction: { next: { kind: "listen" } } });
    expect(it.log.lines.some(({ fields }) => fields?.["error"] === "VC_LISTENING_FAILED")).toBe(true);
  });
});

describe("who is called where conversations have live audio", () => {
  it("is not called at all when nobody could listen to them", async () => {
    const { live } = noted(new VoiceCallError("VC_LISTENING_FAILED", { detail: "none" }));
    const it = world({ carrier: documentCarrier({ liveAudio: true }), config: ON, live });
    const order = { to: THEIRS, message: "Hello.", mode: "conversation", requester } as const;
    await expect(it.start().switchboard.initiate(order)).rejects.toMatchObject({
      code: "VC_LISTENING_FAILED",
    });
    expect([it.count("dial"), it.store.dump().calls]).toEqual([0, []]);
  });

  it("hears a message from the carrier itself, whatever ears and voices there are", async () => {
    const { asked, live } = noted();
    const it = world({ carrier: documentCarrier({ liveAudio: true }), config: ON, live });
    const order = { to: THEIRS, message: "Your taxi is here.", mode: "notify", requester } as const;
    const call = await it.start().switchboard.initiate(order);
    expect(asked).toEqual([]);
    expect(it.call(call.id)).toMatchObject({ live: null, instruction: { say: ["Your taxi is here."] } });
  });

  it("is refused where the carrier has no live audio at all", async () => {
    const { live } = noted();
    const it = world({ carrier: documentCarrier({ liveAudio: false }), config: ON, live });
    const order = { to: THEIRS, message: "Hello.", mode: "conversation", requester } as const;
    await expect(it.start().switchboard.initiate(order)).rejects.toMatchObject({ code: "VC_UNSUPPORTED" });
  });
});
