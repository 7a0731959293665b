/**
 * `@ngrok/ngrok`, ngrok as a library. It is native code through 13 platform packages, so it is none of ours: whoever
 * installed it beside the plugin can use it instead of the agent.
 */

import { VoiceCallError } from "../call/errors.ts";
import type { ExposureTools } from "./exposure.ts";
import { ngrokComplaint } from "./ngrok-errors.ts";
import type { OpenTunnel } from "./tunnel.ts";
import { publicOrigin } from "./urls.ts";

/** The part of the package that is used; types of 1.7.0. */
interface NgrokPackage {
  forward(config: {
    readonly addr: string;
    readonly authtoken?: string;
    readonly authtoken_from_env?: boolean;
    readonly domain?: string;
    /** `closed`: the connection is lost; `connected`: it is back. */
    readonly onStatusChange?: (status: string) => void;
  }): Promise<NgrokListener>;
}

interface NgrokListener {
  url(): string | null;
  close(): Promise<void>;
}

export interface PackageOrder {
  readonly address: string;
  readonly authToken: string | undefined;
  readonly host: string | undefined;
}

const NAME = "@ngrok/ngrok";
const OPEN_MS = 30_000;

/** Null when the package is not there. Throws `VC_TUNNEL_FAILED`, `_TIMEOUT`, `_NOT_PUBLIC` or the signal's reason. */
export async function openPackage(order: PackageOrder, tools: ExposureTools): Promise<OpenTunnel | null> {
  const ngrok = await load(tools.load ?? ((name) => import(name)));
  if (ngrok === null) return null;
  const { log, clock, signal } = tools;
  signal.throwIfAborted();
  let over = false;
  const close = async (listener: NgrokListener) => {
    over = true;
    // Its messages may quote the token.
    await listener.close().catch(() => log.warn("The ngrok package did not close its tunnel."));
  };
  const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
  const onAbort = () => giveUp(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const cancel = clock.at(clock.now() + OPEN_MS, () => {
    const detail = "no public URL was announced";
    giveUp(new VoiceCallError("VC_TUNNEL_TIMEOUT", { program: NAME, seconds: OPEN_MS / 1_000, detail }));
  });
  const opening = ngrok.forward({
    addr: order.address,
    ...(order.authToken === undefined ? { authtoken_from_env: true } : { authtoken: order.authToken }),
    ...(order.host === undefined ? {} : { domain: order.host }),
    onStatusChange(status) {
      if (status === "closed" && !over) log.warn("ngrok lost its connection and tries to get it back.");
    },
  });
  try {
    const listener = await Promise.race([opening, givenUp]);
    const origin = publicOrigin(NAME, listener.url() ?? "");
    return { origin, close: () => close(listener) };
  } catch (error) {
    // Also one that opens after we have given up.
    void opening.then(close, () => {});
    throw known(error, signal);
  } finally {
    cancel();
    signal.removeEventListener("abort", onAbort);
  }
}

/** Rejections of the package carry ngrok's code in `errorCode` or in their message. */
function known(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof VoiceCallError || (signal.aborted && error === signal.reason)) return error;
  const { errorCode, message } = (error ?? {}) as {
    readonly errorCode?: unknown;
    readonly message?: unknown;
  };
  const detail = ngrokComplaint(`${String(errorCode)} ${String(message)}`) || "it gave no error code";
  return new VoiceCallError("VC_TUNNEL_FAILED", { program: NAME, detail });
}

async function load(from: (name: string) => Promise<unknown>): Promise<NgrokPackage | null> {
  try {
    const found = (await from(NAME)) as Partial<NgrokPackage> & { readonly default?: NgrokPackage };
    const ngrok = found.forward === undefined ? found.default : (found as NgrokPackage);
    return ngrok ?? null;
  } catch {
    return null;
  }
}
