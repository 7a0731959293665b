import { expect } from "vitest";
import type { PhoneService } from "../../src/call/service.ts";
import { registerRpc, type RpcClient, type RpcHandler } from "../../src/surface/rpc.ts";

export const READER: RpcClient = { connect: { scopes: ["operator.read"] } };
export const WRITER: RpcClient = { connect: { scopes: ["operator.read", "operator.write"] } };
export const ADMIN: RpcClient = { connect: { scopes: ["operator.admin"] } };
export const PLUGIN: RpcClient = { ...WRITER, internal: { pluginRuntimeOwnerId: "google-meet" } };

/** The gateway with our methods, which ask for the service with `find`. */
export function gateway(find: () => PhoneService) {
  const methods = new Map<string, { handler: RpcHandler; scope: string }>();
  registerRpc(
    { registerGatewayMethod: (name, handler, { scope }) => methods.set(name, { handler, scope }) },
    find,
  );
  const call = async (
    name: string,
    params: Record<string, unknown> = {},
    client: RpcClient | null = WRITER,
  ) => {
    const answers: unknown[] = [];
    const method = methods.get(name);
    if (method === undefined) throw new Error(`no method ${name}`);
    await method.handler({
      params,
      client,
      respond: (ok, payload, error) => answers.push(error === undefined ? { ok, payload } : { ok, error }),
    });
    expect(answers).toHaveLength(1);
    return answers[0] as { ok: boolean; payload?: unknown; error?: { code: string; message: string } };
  };
  return { methods, call };
}

export const withService = (service: PhoneService) => gateway(() => service);
