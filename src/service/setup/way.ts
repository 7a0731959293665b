import type { ErrorCode, VoiceCallError } from "../../call/errors.ts";
import type { SetupCheck } from "../../call/service.ts";
import type { VoiceCallConfig } from "../../config/index.ts";
import { exposureSettings } from "../../exposure/index.ts";
import type { Plant } from "../plant.ts";
import { failed, passed, unchecked } from "./check.ts";

/** The listener, and the way that leads to it from outside. */
export function wayChecks(
  config: VoiceCallConfig,
  plant: Plant | null,
  problem: VoiceCallError | null,
): SetupCheck[] {
  if (config.provider === "mock") return [passed("webhook", "mock needs no webhook.")];
  return [listenerCheck(config, plant, problem), urlCheck(config, plant, problem)];
}

function listenerCheck(
  { serve: { bind, port, path } }: VoiceCallConfig,
  plant: Plant | null,
  problem: VoiceCallError | null,
): SetupCheck {
  if (plant !== null && plant.port !== null) {
    return passed("listener", `Listening on ${bind}:${plant.port}${path}.`);
  }
  if (problem?.code === "VC_LISTENER_PORT_TAKEN" || problem?.code === "VC_LISTENER_FAILED") {
    const { what, why, next } = problem.toJSON();
    return failed("listener", `Not listening: ${what}. ${why}`, next);
  }
  return unchecked("listener", `${bind}:${port} can be listened on`);
}

function urlCheck(config: VoiceCallConfig, plant: Plant | null, problem: VoiceCallError | null): SetupCheck {
  const settings = exposureSettings(config);
  const id = "publicUrl";
  if (settings === null) {
    const message = `No public URL is configured, so ${config.provider} cannot reach this gateway.`;
    return failed(id, message, "Set publicUrl, tunnel.provider or tailscale.mode (docs/exposure.md).");
  }
  const way = settings.way === "tailscale" ? `Tailscale (${settings.mode})` : settings.way;
  if (plant === null) {
    if (settings.way === "static") return passed(id, `The public URL is ${settings.publicUrl}`);
    if (problem !== null && isTunnelProblem(problem)) {
      const { what, why, next } = problem.toJSON();
      return failed(id, `There is no way in: ${what}. ${why}`, next);
    }
    return unchecked(id, `${way} opens a way in`);
  }
  const { webhookUrl, audience, isTunnel, problem: obstacle } = plant.reach;
  if (webhookUrl === null) {
    const closed = `The way through ${way} is closed at the moment`;
    if (obstacle === null) return failed(id, `${closed}.`, "It is opened again by itself.");
    const { what, why, next } = obstacle.toJSON();
    return failed(id, `${closed}: ${what}. ${why}`, `${next} It is tried again by itself.`);
  }
  if (audience === "tailnet") {
    const message = `Only devices of your tailnet get to ${webhookUrl}, and ${config.provider} is none of them.`;
    return failed(id, message, "Set tunnel.provider to tailscale-funnel, or tailscale.mode to funnel.");
  }
  return passed(
    id,
    isTunnel ? `The way through ${way} is open: ${webhookUrl}` : `The public URL is ${webhookUrl}`,
  );
}

/** Why there is no way in from outside. */
const TUNNEL_PROBLEMS: ReadonlySet<ErrorCode> = new Set([
  "VC_TUNNEL_DOWN",
  "VC_TUNNEL_MISSING",
  "VC_TUNNEL_LOGIN",
  "VC_TUNNEL_NOT_ALLOWED",
  "VC_TUNNEL_CONFLICT",
  "VC_TUNNEL_NOT_PUBLIC",
  "VC_TUNNEL_TIMEOUT",
  "VC_TUNNEL_FAILED",
]);

const isTunnelProblem = ({ code }: VoiceCallError): boolean => TUNNEL_PROBLEMS.has(code);
