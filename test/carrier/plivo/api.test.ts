import { describe, expect, it } from "vitest";
import { createPlivoApi } from "../../../src/carrier/plivo/api.ts";
import { AUTH_ID, CALL_UUID, TOKEN } from "./fixtures.ts";
import { failureOf } from "./rig.ts";

const { signal } = new AbortController();

/** A client whose requests are kept, and all answered with the same. */
function client(body: unknown, status = 200) {
  const sent: { readonly url: string; readonly init: RequestInit }[] = [];
  const answer = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    sent.push({ url: url instanceof Request ? url.url : String(url), init });
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  };
  return { api: createPlivoApi({ authId: AUTH_ID, authToken: TOKEN }, answer), sent };
}

const LIVE = {
  call_uuid: CALL_UUID,
  call_status: "in-progress",
  direction: "outbound",
  from: "15550101000",
  to: "15550101234",
};

describe("a request", () => {
  it("carries the credentials, its method and JSON, to a path that ends in a slash", async () => {
    const { api, sent } = client({ request_uuid: CALL_UUID }, 201);
    expect(await api.create({ from: "1", to: "2" }, signal)).toBe(CALL_UUID);
    const [only] = sent;
    expect(only?.url).toBe(`https://api.plivo.com/v1/Account/${AUTH_ID}/Call/`);
    expect(only?.init).toMatchObject({ method: "POST", body: '{"from":"1","to":"2"}', redirect: "manual" });
    expect(only?.init.headers).toMatchObject({
      authorization: `Basic ${Buffer.from(`${AUTH_ID}:${TOKEN}`).toString("base64")}`,
      "content-type": "application/json",
    });
  });

  it("that only ends something has no body, and no answer to read", async () => {
    const { api, sent } = client(null, 204);
    await api.end(CALL_UUID, signal);
    await api.cancel(CALL_UUID, signal);
    expect(sent.map(({ init, url }) => [init.method, init.body, url.split(`${AUTH_ID}/`)[1]])).toEqual([
      ["DELETE", null, `Call/${CALL_UUID}/`],
      ["DELETE", null, `Request/${CALL_UUID}/`],
    ]);
  });

  it("cannot be led elsewhere by an id", async () => {
    const { api, sent } = client(null, 204);
    await api.end("../../Other/Call?x#y", signal);
    expect(new URL(sent[0]?.url ?? "").pathname).toBe(
      `/v1/Account/${AUTH_ID}/Call/..%2F..%2FOther%2FCall%3Fx%23y/`,
    );
  });

  it("is never made for every call of the account", async () => {
    const { api, sent } = client(null, 204);
    expect(await failureOf(api.end("", signal))).toBeInstanceOf(RangeError);
    expect(sent).toEqual([]);
  });
});

describe("an answer", () => {
  it.each([
    ["2026-10-01 12:00:00", Date.UTC(2026, 9, 1, 12)],
    ["2026-10-01 12:00:00.500000", Date.UTC(2026, 9, 1, 12) + 500],
    ["2026-10-01 12:00:00+05:30", Date.UTC(2026, 9, 1, 6, 30)],
    ["2026-10-01T12:00:00Z", Date.UTC(2026, 9, 1, 12)],
    ["2026-13-45 12:00:00", null],
    ["yesterday", null],
    [undefined, null],
  ])("that a call began at %s is read as UTC unless it says otherwise", async (session_start, startedAt) => {
    const { api } = client({ ...LIVE, session_start });
    expect(await api.get(CALL_UUID, "live", signal)).toMatchObject({ startedAt });
  });

  it("names the request of a call, or the call itself, and its numbers without plus", async () => {
    const { api } = client({ ...LIVE, from: "+15550101000", request_uuid: "other" });
    expect(await api.get(CALL_UUID, "live", signal)).toMatchObject({
      requestId: "other",
      from: "15550101000",
    });
    expect(await client(LIVE).api.get(CALL_UUID, "live", signal)).toMatchObject({ requestId: CALL_UUID });
  });

  it("about a call that is over has its numbers as text or as numbers", async () => {
    const record = { call_uuid: CALL_UUID, call_direction: "inbound", answer_time: null };
    for (const [code, duration] of [
      [4000, 12],
      ["4000", "12"],
    ]) {
      const { api } = client({ ...record, hangup_cause_code: code, call_duration: duration });
      expect(await api.record(CALL_UUID, signal)).toEqual({
        direction: "inbound",
        code: 4000,
        hangupSource: undefined,
        durationSec: 12,
        wasAnswered: false,
      });
    }
  });

  it("with a list that is none lists nothing, and drops what is no id", async () => {
    expect(await client({ calls: ["a", 1, null] }).api.list("live", signal)).toEqual(["a"]);
    expect(await client({ calls: "a" }).api.list("queued", signal)).toEqual([]);
    expect(await client([]).api.list("queued", signal)).toEqual([]);
  });
});
