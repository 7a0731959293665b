import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PUBLIC, document, type DeskAnswer } from "./desk.ts";
import { goodbye, HER, LISTEN, openRig, type Rig } from "./rig.ts";

/** What documents do to calls, and calls to those who write broken ones. */

let rig: Rig;

beforeEach(async () => {
  rig = await openRig();
});

afterEach(() => rig.close());

describe("a document", () => {
  it("leads elsewhere, by the method it names", async () => {
    rig.route({
      "/answer": (response) => void response.addRedirect(`${PUBLIC}/next?a=1`, { method: "GET" }),
      "/next": goodbye,
    });
    const live = await rig.dial({ answerMethod: "GET" });
    await live.ended;
    expect(rig.desk.at("/answer")[0]).toMatchObject({ method: "GET", genuine: true });
    expect(rig.desk.at("/next")[0]).toMatchObject({ method: "GET", genuine: true, fields: { a: "1" } });
    expect(live.heard()).toEqual(["Goodbye."]);
  });

  it("hangs up later while the rest of it runs", async () => {
    rig.route({
      "/answer": (response) => {
        response.addHangup({ schedule: 3 });
        response.addSpeak("One moment.");
        response.addWait({ length: 600 });
      },
    });
    const live = await rig.dial();
    expect(await live.ended).toMatchObject({ by: "document", code: 4000 });
    expect(live.heard()).toEqual(["One moment."]);
  });

  it.each([
    ["is empty", "<Response/>", 4010, "document"],
    ["is not XML", "hello", 8011, "carrier"],
    ["is nothing at all", "", 8011, "carrier"],
    ["has an element of another carrier", "<Response><Say>x</Say></Response>", 8011, "carrier"],
    [
      "speaks a language its voice lacks",
      '<Response><Speak language="ja-JP">x</Speak></Response>',
      8011,
      "carrier",
    ],
    ["is too long", `<Response><Speak>x</Speak>${" ".repeat(102_400)}</Response>`, 8011, "carrier"],
  ])("that %s answers and ends the call with %s", async (_, body, code, by) => {
    rig.desk.answer = () => ({ body });
    const live = await rig.dial();
    expect(await live.ended).toMatchObject({ by, code, status: "completed" });
    expect(rig.emulator.problems).toHaveLength(code === 4010 ? 0 : 1);
  });

  it("has to say that it is XML", async () => {
    rig.desk.answer = () => ({ contentType: "text/html", body: "<Response/>" });
    expect(await (await rig.dial()).ended).toMatchObject({ code: 8011 });
    expect(rig.emulator.problems).toEqual(["answer: content type text/html"]);
  });

  it.each([401, 403, 404])("that is refused with %d ends the call, after one try", async (status) => {
    rig.desk.answer = ({ path }) => ({ status: path === "/answer" ? status : 200 });
    expect(await (await rig.dial()).ended).toMatchObject({ by: "carrier", code: 7011, source: "Error" });
    expect(rig.desk.at("/answer")).toHaveLength(1);
    expect(rig.emulator.problems).toEqual([`answer: HTTP ${status}`]);
  });

  it.each([
    ["an action", "/input", 7012, 8012],
    ["a redirect", "/next", 7014, 8014],
  ])("of %s fails with a code of its own", async (_, path, unreachable, broken) => {
    const answers: DeskAnswer[] = [{ status: 404 }, { body: "?" }];
    rig.desk.answer = (arrival) => {
      if (arrival.path === path) return answers.shift() ?? {};
      return arrival.path === "/answer"
        ? document((response) => {
            if (path === "/input") response.addGetInput(LISTEN);
            else response.addRedirect(`${PUBLIC}/next`);
          })
        : {};
    };
    rig.emulator.callee(HER).says("Yes.");
    expect((await (await rig.dial()).ended).code).toBe(unreachable);
    expect((await (await rig.dial()).ended).code).toBe(broken);
  });

  it("is asked for three times, each with another nonce, and then at the fallback URL", async () => {
    rig.desk.answer = ({ path }) =>
      path === "/answer" ? { status: 503 } : path === "/back" ? document(goodbye) : {};
    const live = await rig.dial({ fallbackUrl: `${PUBLIC}/back` });
    expect(await live.ended).toMatchObject({ code: 4000 });
    const nonces = rig.desk.at("/answer").map(({ headers }) => headers["x-plivo-signature-v3-nonce"]);
    expect([nonces.length, new Set(nonces).size]).toEqual([3, 3]);
    expect(rig.desk.at("/back")[0]?.fields).toMatchObject({ Event: "StartApp" });
  });

  it("is not waited for longer than Plivo waits", async () => {
    await rig.close();
    rig = await openRig({ webhookTimeoutMs: 50 });
    rig.desk.answer = ({ path }) => (path === "/answer" ? null : {});
    const live = await rig.dial({ answerUrl: `${PUBLIC}/answer#rc=0` });
    expect(await live.ended).toMatchObject({ code: 7011 });
    expect(rig.emulator.problems).toContain("answer: the answer came too late");
  });
});
