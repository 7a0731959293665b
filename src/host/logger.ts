import type { OpenClawPluginApi } from "openclaw/plugin-sdk/plugin-entry";
import type { Log, LogFields } from "../call/ports.ts";

/** Writes lines to the gateway's log as `message key=value …`. */
export function hostLog(logger: OpenClawPluginApi["logger"]): Log {
  return {
    debug: (message, fields) => logger.debug?.(line(message, fields)),
    info: (message, fields) => logger.info(line(message, fields)),
    warn: (message, fields) => logger.warn(line(message, fields)),
    error: (message, fields) => logger.error(line(message, fields)),
  };
}

function line(message: string, fields: LogFields = {}): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined);
  return [message, ...pairs.map(([key, value]) => `${key}=${shown(value)}`)].join(" ");
}

const shown = (value: LogFields[string]): string =>
  typeof value === "string" && /[\s="]/.test(value) ? JSON.stringify(value) : String(value);
