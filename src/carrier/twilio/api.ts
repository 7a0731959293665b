import type {
  CallContextUpdateOptions,
  CallInstance,
  CallListInstance,
  CallListInstanceCreateOptions,
} from "twilio/lib/rest/api/v2010/account/call.js";
import { isVoiceCallError } from "../../call/errors.ts";
import type { RequestKind } from "../http.ts";
import type { AccountReport } from "../carrier.ts";
import { inspectAccount } from "./account.ts";
import { loss, refusal } from "./errors.ts";
import { transport } from "./transport.ts";

export type TwilioRegion = "us1" | "ie1" | "au1";

export interface ApiSettings {
  readonly accountSid: string;
  readonly authToken: string;
  readonly region: TwilioRegion;
  /** Another server that speaks the same API. */
  readonly apiBaseUrl?: string | undefined;
}

type AccountVersion = Parameters<typeof CallListInstance>[0];

/** Each region is reached through the edge that lies in it (twilio 6.2.0: `api.<edge>.<region>.twilio.com`). */
const HOSTS: Readonly<Record<TwilioRegion, string>> = {
  us1: "api.twilio.com",
  ie1: "api.dublin.ie1.twilio.com",
  au1: "api.sydney.au1.twilio.com",
};

export const apiBase = (settings: Pick<ApiSettings, "region" | "apiBaseUrl">): string =>
  settings.apiBaseUrl ?? `https://${HOSTS[settings.region]}`;

/** A call as Twilio's REST API shows it. */
export interface RemoteCall {
  readonly sid: string;
  readonly status: string;
  readonly direction: string;
  /** Epoch ms, whole seconds; null when it is missing. */
  readonly createdAt: number | null;
  readonly durationSec: number | null;
}

/** Calls of one account. Every method sends one request and throws `CarrierError`s only. */
export interface TwilioApi {
  /** Loads what the first request needs. */
  prepare(): Promise<void>;
  create(options: CallListInstanceCreateOptions, signal: AbortSignal): Promise<RemoteCall>;
  update(sid: string, options: CallContextUpdateOptions, signal: AbortSignal): Promise<void>;
  fetch(sid: string, signal: AbortSignal): Promise<RemoteCall>;
  /** The newest calls between two numbers, at most 50. */
  list(parties: { to: string; from: string }, signal: AbortSignal): Promise<readonly RemoteCall[]>;
  /** The account, and one of its numbers. Never throws. */
  inspect(number: string | null, signal: AbortSignal): Promise<AccountReport>;
}

const PAGE_SIZE = 50;

export function createTwilioApi(settings: ApiSettings, fetch: typeof globalThis.fetch): TwilioApi {
  const base = apiBase(settings);

  /** The call resource over a transport of its own, so that an answer's meaning and abort belong to one request. */
  async function calls(request: RequestKind, signal: AbortSignal): Promise<CallListInstance> {
    const { CallListInstance, Domain, Version } = await load();
    const domain = new Domain(transport({ ...settings, fetch }, request, signal), base);
    // Of its version the resource uses what the package's base class has.
    return CallListInstance(new Version(domain, "2010-04-01") as AccountVersion, settings.accountSid);
  }

  return {
    inspect: (number, signal) => inspectAccount({ ...settings, base, fetch }, number, signal),
    prepare: async () => void (await load()),
    create: (options, signal) =>
      run("create", async () => remote("create", await (await calls("create", signal)).create(options))),
    update: (sid, options, signal) =>
      run("update", async () => void (await (await calls("update", signal)).get(sid).update(options))),
    fetch: (sid, signal) =>
      run("read", async () => remote("read", await (await calls("read", signal)).get(sid).fetch())),
    list: ({ to, from }, signal) =>
      run("read", async () => {
        const page = await (await calls("read", signal)).page({ to, from, pageSize: PAGE_SIZE });
        return page.instances.map((call) => remote("read", call));
      }),
  };
}

/**
 * The one resource we use instead of the whole client: loading it takes about 15 ms and 6 MB, the client 190 ms
 * and 38 MB, all on the gateway's own thread.
 */
async function load() {
  const [{ CallListInstance }, domain, version] = await Promise.all([
    import("twilio/lib/rest/api/v2010/account/call.js"),
    import("twilio/lib/base/Domain.js"),
    import("twilio/lib/base/Version.js"),
  ]);
  return { CallListInstance, Domain: exported(domain), Version: exported(version) };
}

/** A compiled module's default export, which Node wraps once more. */
function exported<T>(module: { default: { default: T } | T }): T {
  const inner = module.default;
  return (inner as { default?: T }).default ?? (inner as T);
}

async function run<T>(request: RequestKind, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (isVoiceCallError(error)) throw error;
    const { status, code } = error as { status?: unknown; code?: unknown };
    if (typeof status === "number") throw refusal(request, status, typeof code === "number" ? code : null);
    // A success whose body cannot be read.
    throw loss(request, { kind: "lost", cause: "unreadable answer" }, error);
  }
}

function remote(request: RequestKind, call: CallInstance): RemoteCall {
  if (typeof call.sid !== "string" || typeof call.status !== "string") {
    throw loss(request, { kind: "lost", cause: "unreadable answer" });
  }
  const createdAt = call.dateCreated instanceof Date ? call.dateCreated.getTime() : Number.NaN;
  const duration = Number.parseInt(call.duration ?? "", 10);
  return {
    sid: call.sid,
    status: call.status,
    direction: call.direction ?? "",
    createdAt: Number.isNaN(createdAt) ? null : createdAt,
    durationSec: Number.isNaN(duration) ? null : duration,
  };
}
