/** The seam: how a carrier reaches the listener, and what it takes to open and close that way. */

import type { Clock, Log } from "../call/ports.ts";
import type { Programs } from "./program.ts";

/** What is to be reached. */
export interface ExposureOrder {
  /** Where the listener is bound. A wildcard address is reached through loopback. */
  readonly local: { readonly host: string; readonly port: number };
  /** The listener's path for webhooks, with its first slash. */
  readonly webhookPath: string;
  /** The listener's path for live audio, with its first slash. */
  readonly streamPath: string;
}

/** A way that is open. */
export interface Exposure {
  /** Full public URL of the webhook, exactly as a carrier calls it. */
  readonly webhookUrl: string;
  /** Full public WebSocket URL of the audio path; `wss` unless `publicUrl` itself is `http`. */
  readonly streamUrl: string;
  /** `public`: the internet. `tailnet`: only the owner's devices, where a carrier cannot follow. */
  readonly reach: "public" | "tailnet";
  /** Takes back everything that was added, and only that. Never rejects; may be called twice. */
  close(): Promise<void>;
}

/** One way to be reached, as configured. */
export type ExposureSettings =
  | { readonly way: "static"; readonly publicUrl: string }
  | {
      readonly way: "ngrok";
      /** Undefined: the agent uses what is in its own configuration file or the environment. */
      readonly authToken: string | undefined;
      readonly domain: string | undefined;
    }
  | {
      readonly way: "tailscale";
      readonly mode: "serve" | "funnel";
      /** Public path of the webhook. The audio path is the same outside and inside. */
      readonly path: string;
      /** HTTPS port that Tailscale opens. */
      readonly port: number;
    }
  | { readonly way: "cloudflared" };

export interface ExposureTools {
  readonly log: Log;
  readonly clock: Clock;
  readonly programs: Programs;
  /** Gives up opening; what was added so far is taken back. Has no effect on a way that is open. */
  readonly signal: AbortSignal;
  /** The way no longer works, or its URL changed. Called at most once, never once `close` was called. */
  onLost(reason: string): void;
  /** Imports an optional package; for tests. */
  readonly load?: (name: string) => Promise<unknown>;
}
