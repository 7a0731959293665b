import { afterAll, beforeAll } from "vitest";
import { startGateway, stopAllGateways, type GatewayOptions, type TestGateway } from "./gateway.ts";

// Whatever a test file started is stopped with it, also when a test fails half-way.
afterAll(stopAllGateways);

/** One gateway for all tests of the enclosing `describe` (or file). Give a function when options need other `beforeAll` work first. */
export function useGateway(options: GatewayOptions | (() => GatewayOptions)): () => TestGateway {
  let gateway: TestGateway | undefined;
  beforeAll(async () => {
    gateway = await startGateway(typeof options === "function" ? options() : options);
  });
  afterAll(() => gateway?.stop());
  return () => {
    if (gateway === undefined) throw new Error("the gateway has not started yet");
    return gateway;
  };
}

export { GatewayExit, openclaw, prepareState, startGateway, TestGateway } from "./gateway.ts";
export type { GatewayOptions } from "./gateway.ts";
export { RpcClient, RpcError, type Scope } from "./client.ts";
export { deepMerge, modelConfig, type JsonObject } from "./host-config.ts";
export { agentTurn } from "./agent.ts";
export { Person, type ScreenLine } from "./caller.ts";
export { packageFolder, packedTarball } from "./pack.ts";
export { reconfigure } from "./reconfigure.ts";
export { isAlive } from "./room.ts";
