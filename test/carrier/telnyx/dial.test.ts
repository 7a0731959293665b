import { describe, expect, it } from "vitest";
import { createTelnyxApi } from "../../../src/carrier/telnyx/api.ts";
import { TelnyxCarrier } from "../../../src/carrier/telnyx/carrier.ts";
import { readState } from "../../../src/carrier/telnyx/client-state.ts";
import type { Fault } from "../../emulator/telnyx/index.ts";
import { noStream } from "../samples.ts";
import { API_KEY, CONNECTION, OURS, THEIRS } from "./fixtures.ts";
import {
  BYE,
  LISTEN,
  NEW,
  SCREENED,
  emulator,
  desk,
  carrier,
  signal,
  connect,
  failureOf,
  dialed,
  bodies,
  ids,
  start,
  useTelnyx,
} from "./rig.ts";

useTelnyx();

describe("placing a call", () => {
  it("asks for everything at once, and tells our id where Telnyx signs it", async () => {
    await dialed(SCREENED);
    const [body = {}] = bodies("dial");
    expect(body).toEqual({
      connection_id: CONNECTION,
      to: THEIRS,
      from: OURS,
      timeout_secs: 30,
      time_limit_secs: 300,
      webhook_url: `${desk.url}?call=vc_1`,
      webhook_url_method: "POST",
      answering_machine_detection: "greeting_end",
      client_state: body["client_state"],
      command_id: "vc_1.dial",
    });
    expect(readState(body["client_state"])).toMatchObject({ callId: "vc_1", direction: "outbound", gen: 0 });
    expect(emulator.problems).toEqual([]);
  });

  it("asks for no detection where none is wanted", async () => {
    await dialed();
    expect(bodies("dial")[0]).not.toHaveProperty("answering_machine_detection");
  });

  it("keeps ring time and length within what Telnyx takes", async () => {
    const limits = { ...NEW.limits, ringMs: 1000, maxDurationMs: 86_400_000 };
    await dialed({ ...NEW, limits });
    await dialed({ ...NEW, id: "vc_2", limits: { ...NEW.limits, ringMs: 20_500, maxDurationMs: 1000 } });
    expect(bodies("dial")).toMatchObject([
      { timeout_secs: 5, time_limit_secs: 14_400 },
      { timeout_secs: 21, time_limit_secs: 60 },
    ]);
  });

  it("is refused without a public URL before anything is sent", async () => {
    const deaf = connect({ webhookUrl: null });
    expect(await failureOf(deaf.dial(NEW, BYE, signal))).toMatchObject({
      code: "VC_PUBLIC_URL_MISSING",
      certainty: "refused",
    });
    expect(emulator.requests).toEqual([]);
  });

  it("is refused before anybody's phone rings when what is to be said cannot be said, or heard", async () => {
    for (const [language, instruction] of [
      ["cs-CZ", BYE],
      ["cy-GB", LISTEN],
      ["tlh", LISTEN],
    ] as const) {
      const call = { ...NEW, route: { ...NEW.route, language } };
      expect(await failureOf(carrier.dial(call, instruction, signal))).toMatchObject({
        code: "VC_LANGUAGE_UNSUPPORTED",
        certainty: "refused",
      });
    }
    expect(emulator.requests).toEqual([]);
  });

  it("asked for again rings once", async () => {
    const first = await carrier.dial(NEW, BYE, signal);
    expect(await carrier.dial(NEW, BYE, signal)).toEqual(first);
    expect(ids("dial")).toEqual(["vc_1.dial", "vc_1.dial"]);
    expect(emulator.calls).toHaveLength(1);
  });

  it("whose reply was lost rings once when it is asked for again", async () => {
    emulator.failCreate("lost");
    expect(await failureOf(carrier.dial(NEW, BYE, signal))).toMatchObject({ certainty: "unknown" });
    const { carrierCallId } = await carrier.dial(NEW, BYE, signal);
    expect(emulator.calls.map(({ id }) => id)).toEqual([carrierCallId]);
  });
});

describe("a create that fails", () => {
  const uncertain = { code: "VC_CARRIER_UNCERTAIN", certainty: "unknown" };
  const cases: readonly [string, Fault, object][] = [
    ["HTTP 500", { kind: "error", status: 500 }, uncertain],
    ["HTTP 503 although it was carried out", { kind: "error", status: 503, carriedOut: true }, uncertain],
    ["HTTP 408", { kind: "error", status: 408 }, uncertain],
    ["HTTP 409", { kind: "error", status: 409 }, { code: "VC_CARRIER_REFUSED", certainty: "refused" }],
    ["a reset before it arrived", { kind: "reset" }, uncertain],
    ["a reset instead of the reply", { kind: "lose-reply" }, uncertain],
    ["a redirect", { kind: "error", status: 307 }, uncertain],
    [
      "HTTP 429",
      { kind: "error", status: 429, code: "10011" },
      { code: "VC_CARRIER_RATE", certainty: "not-sent" },
    ],
    ["a bad value", { kind: "error", status: 422, code: "10015" }, { code: "VC_CARRIER_REFUSED" }],
    ["an account level", { kind: "error", status: 403, code: "10038" }, { code: "VC_CARRIER_BLOCKED" }],
  ];

  it.each(cases)("with %s says what is known, and is sent once", async (_, fault, expected) => {
    emulator.fail("dial", fault);
    expect(await failureOf(carrier.dial(NEW, BYE, signal))).toMatchObject(expected);
    expect(emulator.creates()).toBe(1);
  });

  it("without any answer is given up with its time, and was sent once", async () => {
    emulator.fail("dial", { kind: "silence" });
    expect(await failureOf(carrier.dial(NEW, BYE, AbortSignal.timeout(100)))).toMatchObject(uncertain);
    expect(emulator.creates()).toBe(1);
  });

  it.each([
    ["a success without a body", 200, "", uncertain],
    ["a success that is no call", 200, "[]", uncertain],
    ["a success without an id", 200, '{"data":{}}', uncertain],
    ["a page of a proxy", 502, "<html>", uncertain],
    ["a refusal without a reason", 422, "<html>", { code: "VC_CARRIER_REFUSED", certainty: "refused" }],
  ])("with %s says what is known", async (_, status, body, expected) => {
    const there = new TelnyxCarrier({
      api: createTelnyxApi({ apiKey: API_KEY }, async () => new Response(body, { status })),
      connectionId: CONNECTION,
      webhookUrl: () => desk.url,
      openStream: noStream,
      inspect: () => Promise.reject(new Error("not here")),
      sleep: async () => {},
    });
    expect(await failureOf(there.dial(NEW, BYE, signal))).toMatchObject(expected);
  });

  it("with a wrong key says so, and never shows the key", async () => {
    const stranger = connect({ apiKey: "KEY_of_somebody_else" });
    const failure = await failureOf(stranger.dial(NEW, BYE, signal));
    expect(failure).toMatchObject({ code: "VC_CARRIER_AUTH", certainty: "refused" });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("somebody");
  });

  it("because nobody is there was certainly not sent", async () => {
    const nobody = connect({ apiBaseUrl: emulator.url });
    await emulator.close();
    expect(await failureOf(nobody.dial(NEW, BYE, signal))).toMatchObject({
      code: "VC_CARRIER_UNREACHABLE",
      certainty: "not-sent",
    });
    await start();
  });

  it("is not even sent when it is no longer wanted, or the carrier has been closed", async () => {
    const unwanted = await failureOf(carrier.dial(NEW, BYE, AbortSignal.abort()));
    await carrier.close();
    for (const failure of [unwanted, await failureOf(carrier.dial(NEW, BYE, signal))]) {
      expect(failure).toMatchObject({ certainty: "not-sent" });
    }
    expect(emulator.requests).toEqual([]);
  });
});
