import { describe, expect, it, test } from "vitest";
import { isVoiceCallError } from "../../src/call/errors.ts";
import { GUARDS, type Guard } from "../../src/call/guard/guards.ts";
import type { InitiateRequest } from "../../src/call/service.ts";
import { settled } from "../support/clock.ts";
import { documentCarrier } from "../support/document-carrier.ts";
import { world, type Office, type World, type WorldOptions } from "./world.ts";

const THEM = "+15550100001";
const PREMIUM = "+19005550100";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const requester = { surface: "cli" } as const;
const hello: InitiateRequest = { to: THEM, message: "Hello.", mode: "notify", requester };

function running(
  outbound: Record<string, unknown>,
  options: WorldOptions = {},
): { it: World; office: Office } {
  const it = world({
    script: { "*": { pickUp: "person" } },
    ...options,
    config: { maxConcurrentCalls: 10, outbound, ...options.config },
  });
  return { it, office: it.start() };
}

/** "placed", or the code of the refusal. */
function ask(office: Office, request: Partial<InitiateRequest> = {}): Promise<string> {
  return office.switchboard.initiate({ ...hello, ...request }).then(
    () => "placed",
    (error: unknown) => {
      if (!isVoiceCallError(error)) throw error;
      return error.code;
    },
  );
}

const warnings = (it: World) => it.log.lines.filter(({ level }) => level === "warn");
const minuteOf = (it: World, offset: number): string =>
  new Date(it.clock.now() + offset * MINUTE).toISOString().slice(11, 16);

describe("a refused call", () => {
  test.each<[string, Record<string, unknown>, string, string]>([
    ["an emergency number", {}, "112", "VC_DESTINATION_EMERGENCY"],
    ["an expensive number", {}, PREMIUM, "VC_DESTINATION_PREMIUM"],
    ["a number that is not listed", { allowTo: ["+49*"] }, THEM, "VC_DESTINATION_NOT_ALLOWED"],
  ])("to %s leaves no trace and takes no place", async (_, outbound, to, code) => {
    const { it, office } = running({ maxCallsPerHour: 1, ...outbound });
    expect(await ask(office, { to })).toBe(code);
    expect([it.commands, it.store.dump().calls, it.log.lines]).toEqual([[], [], []]);
    expect(await ask(office, { override: ["allow-list"] })).toBe("placed");
  });

  it("to the configured number is refused like any other", async () => {
    const { office } = running({ allowTo: ["+49*"] }, { config: { toNumber: THEM } });
    expect(await ask(office, { to: undefined })).toBe("VC_DESTINATION_NOT_ALLOWED");
  });

  it("says first what stands first in the way", async () => {
    const it = world({
      config: {
        maxConcurrentCalls: 0,
        outbound: {
          allowTo: ["+49*"],
          maxCallsPerHour: 1,
          maxMinutesPerDay: 1,
          quietHours: { start: "00:00", end: "23:59", timeZone: "UTC" },
        },
      },
    });
    const office = it.start();
    const answeredAt = it.clock.now() - 10 * MINUTE;
    const { call } = await oldCall(it, { answeredAt });
    expect(call.direction).toBe("outbound");
    expect(await ask(office, { to: "nobody" })).toBe("VC_NUMBER_INVALID");
    const lifted: Guard[] = [];
    const seen = [await ask(office, { to: PREMIUM })];
    for (const guard of GUARDS.slice(1)) {
      lifted.push(guard);
      seen.push(await ask(office, { to: PREMIUM, override: lifted }));
    }
    expect(seen).toEqual([
      "VC_DESTINATION_PREMIUM",
      "VC_DESTINATION_NOT_ALLOWED",
      "VC_QUIET_HOURS",
      "VC_CALLS_PER_HOUR",
      "VC_MINUTES_PER_DAY",
      "VC_TOO_MANY_CALLS",
    ]);
    expect(warnings(it)).toEqual([]);
  });
});

/** A call of ours on record, made 10 minutes ago and over by now unless `changes` says otherwise. */
async function oldCall(it: World, changes: Record<string, unknown> = {}) {
  const source = world();
  const { id } = await source.start().switchboard.initiate(hello);
  const seed = source.call(id);
  const createdAt = it.clock.now() - 10 * MINUTE;
  const call = {
    ...seed,
    id: `vc_old_${it.store.dump().calls.length}`,
    version: 1,
    createdAt,
    state: "ended" as const,
    endedAt: it.clock.now(),
    ...changes,
  };
  await it.store.commit({ call, event: { type: "created" }, at: createdAt, effects: [], turns: [] });
  return { call };
}

/** Nobody on the list, at night. */
const closed = (it: World) => ({
  allowTo: ["+49*"],
  quietHours: { start: minuteOf(it, -60), end: minuteOf(it, 60), timeZone: "UTC" },
});

describe("an override", () => {
  it("is logged with the guard's name and the call, and never with the number", async () => {
    const { it, office } = running({ ...closed(world()), maxCallsPerHour: 1, maxMinutesPerDay: 1 });
    await oldCall(it, { answeredAt: it.clock.now() - 5 * MINUTE });
    const call = await office.switchboard.initiate({ ...hello, to: PREMIUM, override: GUARDS });
    expect(warnings(it)).toEqual(
      ["premium", "allow-list", "quiet-hours", "calls-per-hour", "minutes-per-day"].map((guard) => ({
        level: "warn",
        message: "an outbound guard was overridden",
        fields: { guard, by: "request", callId: call.id },
      })),
    );
    expect(JSON.stringify(it.log.lines)).not.toContain(PREMIUM.slice(1));
  });

  it("that nothing needed is not logged", async () => {
    const { it, office } = running({ maxCallsPerHour: 5 });
    expect(await ask(office, { override: GUARDS })).toBe("placed");
    expect(warnings(it)).toEqual([]);
  });

  test.each<[string, string, Record<string, unknown>, Guard]>([
    ["allowEmergency", "112", { allowEmergency: true }, "emergency"],
    ["allowPremium", PREMIUM, { allowPremium: true }, "premium"],
  ])("by %s is logged at every use", async (_, to, outbound, guard) => {
    const { it, office } = running(outbound);
    const first = await office.switchboard.initiate({ ...hello, to });
    const second = await office.switchboard.initiate({ ...hello, to });
    expect(warnings(it).map(({ fields }) => fields)).toEqual([
      { guard, by: "configuration", callId: first.id },
      { guard, by: "configuration", callId: second.id },
    ]);
    expect(first.to).toBe(to);
  });

  it("lets an emergency number through at night and past the list, dialled as it was written", async () => {
    const { office } = running({ ...closed(world()) });
    expect(await ask(office)).toBe("VC_DESTINATION_NOT_ALLOWED");
    const call = await office.switchboard.initiate({ ...hello, to: "1-1-2", override: ["emergency"] });
    expect(call.to).toBe("112");
  });
});

describe("quiet hours", () => {
  it("refuse until they are over", async () => {
    const probe = world();
    const quietHours = { start: minuteOf(probe, -1), end: minuteOf(probe, 30), timeZone: "UTC" };
    const { it, office } = running({ quietHours });
    expect(await ask(office)).toBe("VC_QUIET_HOURS");
    await it.clock.advance(29 * MINUTE);
    expect(await ask(office)).toBe("VC_QUIET_HOURS");
    await it.clock.advance(MINUTE);
    expect(await ask(office)).toBe("placed");
  });
});

describe("calls per hour", () => {
  it("are counted over any 60 minutes, whatever became of the calls", async () => {
    const { it, office } = running(
      { maxCallsPerHour: 2 },
      { script: { "*": { pickUp: "person" }, "+15550100002": { create: "refused" } } },
    );
    expect(await ask(office)).toBe("placed");
    await it.clock.advance(20 * MINUTE);
    expect(await ask(office, { to: "+15550100002" })).toBe("VC_CARRIER_TO_INVALID");
    const refusal = office.switchboard.initiate(hello);
    await expect(refusal).rejects.toMatchObject({ code: "VC_CALLS_PER_HOUR", retryable: true });
    await expect(refusal).rejects.toThrow(
      "2 of 2 allowed outbound calls were placed in the last 60 minutes.",
    );
    await it.clock.advance(40 * MINUTE);
    expect(await ask(office)).toBe("VC_CALLS_PER_HOUR");
    await it.clock.advance(1);
    expect(await ask(office)).toBe("placed");
    expect(await ask(office)).toBe("VC_CALLS_PER_HOUR");
  });

  it("are without limit at 0, and do not count calls that came in", async () => {
    const { it, office } = running({ maxCallsPerHour: 0 }, { config: { inboundPolicy: "open" } });
    for (let call = 0; call < 5; call++) expect(await ask(office)).toBe("placed");
    const limited = running({ maxCallsPerHour: 1 }, { config: { inboundPolicy: "open" } });
    await limited.it.mock.phone.call("+15550100009", "+15550001111");
    await limited.it.clock.advance(0);
    expect(await ask(limited.office)).toBe("placed");
    await it.finish();
  });

  it("are kept however many requests race", async () => {
    const { it, office } = running({ maxCallsPerHour: 3 });
    const answers = await Promise.all(Array.from({ length: 9 }, () => ask(office)));
    expect(answers.filter((answer) => answer === "placed")).toHaveLength(3);
    expect(answers.filter((answer) => answer === "VC_CALLS_PER_HOUR")).toHaveLength(6);
    expect(it.count("dial")).toBe(3);
  });

  it("give the last place to one of two, also while the records answer slowly", async () => {
    const { promise: open, resolve: answer } = Promise.withResolvers<undefined>();
    const it = world({ config: { maxConcurrentCalls: 10, outbound: { maxCallsPerHour: 2 } } });
    const office = it.start({
      store: (store) => {
        const slow = Object.create(store) as typeof store;
        return Object.assign(slow, bound(store), {
          outboundSince: async (...query: Parameters<typeof store.outboundSince>) => {
            await open;
            return store.outboundSince(...query);
          },
        });
      },
    });
    const asked = [ask(office), ask(office), ask(office)];
    await settled();
    answer(undefined);
    expect((await Promise.all(asked)).toSorted()).toEqual(["VC_CALLS_PER_HOUR", "placed", "placed"]);
  });

  it("count a call once while the carrier has not replied yet", async () => {
    const carrier = documentCarrier();
    const { promise: accepted, resolve: accept } = Promise.withResolvers<{ carrierCallId: string }>();
    const dial = carrier.dial.bind(carrier);
    let slow = true;
    carrier.dial = (...order) => (slow ? accepted : dial(...order));
    const { it, office } = running({ maxCallsPerHour: 2 }, { carrier });
    const first = ask(office);
    await settled();
    expect(it.store.dump().calls).toMatchObject([{ carrierCallId: null }]);
    slow = false;
    expect(await ask(office)).toBe("placed");
    expect(await ask(office)).toBe("VC_CALLS_PER_HOUR");
    accept({ carrierCallId: "paper-slow" });
    expect(await first).toBe("placed");
  });

  it("give a place back when the request comes to nothing", async () => {
    let known = false;
    const { office } = running(
      { maxCallsPerHour: 1 },
      {
        identify: () =>
          known
            ? Promise.resolve({ agentId: "main", sessionKey: "s" })
            : Promise.reject(new Error("no such agent")),
      },
    );
    await expect(office.switchboard.initiate(hello)).rejects.toThrow("no such agent");
    known = true;
    expect(await ask(office)).toBe("placed");
  });

  it("hold over a restart", async () => {
    const { it, office } = running({ maxCallsPerHour: 1 });
    expect(await ask(office)).toBe("placed");
    await office.stop();
    const next = it.start();
    await next.recover();
    expect(await ask(next)).toBe("VC_CALLS_PER_HOUR");
    await it.clock.advance(HOUR + 1);
    expect(await ask(next)).toBe("placed");
  });
});

describe("minutes per day", () => {
  it("refuse once they are used up, count running calls and come back a day later", async () => {
    const { it, office } = running({ maxMinutesPerDay: 10 });
    await oldCall(it, { answeredAt: it.clock.now() - 6 * MINUTE, endedAt: it.clock.now() });
    expect(await ask(office)).toBe("placed");
    await oldCall(it, { answeredAt: it.clock.now() - 3 * MINUTE, state: "live", endedAt: null });
    expect(await ask(office)).toBe("placed");
    await it.clock.advance(MINUTE);
    const refusal = office.switchboard.initiate(hello);
    await expect(refusal).rejects.toMatchObject({ code: "VC_MINUTES_PER_DAY", retryable: true });
    await expect(refusal).rejects.toThrow("10 of 10 allowed minutes were talked");
    await it.clock.advance(24 * HOUR);
    const live = it.store.dump().calls.filter((call) => call.state === "live");
    for (const call of live)
      await it.store.commit({
        call: { ...call, version: call.version + 1, state: "ended", endedAt: it.clock.now() - 24 * HOUR },
        event: { type: "hang-up" },
        at: it.clock.now(),
        effects: [],
        turns: [],
      });
    expect(await ask(office)).toBe("placed");
  });

  it("are without limit at 0", async () => {
    const { it, office } = running({ maxMinutesPerDay: 0 });
    await oldCall(it, { answeredAt: it.clock.now() - 20 * HOUR });
    expect(await ask(office)).toBe("placed");
  });

  it("hold over a restart", async () => {
    const { it, office } = running({ maxMinutesPerDay: 5 });
    await oldCall(it, { answeredAt: it.clock.now() - 5 * MINUTE });
    await office.stop();
    expect(await ask(it.start())).toBe("VC_MINUTES_PER_DAY");
  });
});

const failOn = (op: string): boolean => op === "outboundSince";

describe("records that cannot be read", () => {
  it("refuse a call whose limit they hold, and no other", async () => {
    const limited = running({ maxCallsPerHour: 5 }, { failOn });
    expect(await ask(limited.office)).toBe("VC_STORE_FAILED");
    expect(limited.it.commands).toEqual([]);
    expect(await ask(running({}, { failOn }).office)).toBe("placed");
  });
});

/** The methods of a store as plain functions, to be spread over another. */
function bound<T extends object>(store: T): Partial<T> {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(store)) as (keyof T & string)[];
  return Object.fromEntries(
    names
      .filter((name) => name !== "constructor")
      .map((name) => [name, (store[name] as (...args: unknown[]) => unknown).bind(store)]),
  ) as Partial<T>;
}
