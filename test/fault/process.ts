import type { Carrier, CallStore, Clock } from "../../src/call/ports.ts";
import type { Office, Seams, World } from "../call/world.ts";

/** A place between two steps at which a process can die. */
export interface Fuse {
  /** Boundaries passed so far, by name. */
  readonly passed: string[];
  readonly dead: boolean;
  /** Resolves at the next boundary's other side, or never if the process dies here. */
  pass(name: string): Promise<void>;
}

/** A process that dies at its `limit`-th boundary (from 1): from then on it does, hears and remembers nothing. */
export function lightFuse(limit: number): Fuse & { readonly died: Promise<never> } {
  const passed: string[] = [];
  let dead = false;
  const { promise: died, reject: die } = Promise.withResolvers<never>();
  died.catch(() => {});
  return {
    passed,
    died,
    get dead() {
      return dead;
    },
    pass(name) {
      if (dead) return new Promise(() => {});
      passed.push(name);
      if (passed.length < limit) return Promise.resolve();
      dead = true;
      die(new Error("the process died"));
      return new Promise(() => {});
    },
  };
}

const WRITES = new Set(["commit", "claim", "settle", "savePairing"]);
const COMMANDS = new Set(["dial", "instruct", "hangup", "reject"]);

/** Starts the plugin as a process that dies when its fuse has burnt down. Nothing of it survives but the store. */
export function startMortal(world: World, limit: number): { office: Office; fuse: Fuse } {
  const fuse = lightFuse(limit);
  const cancels = new Set<() => void>();
  void fuse.died.catch(() => {
    for (const cancel of cancels) cancel();
  });
  const seams: Seams = {
    store: (store) => guarded<CallStore>(store, WRITES, fuse),
    carrier: (carrier) => guarded<Carrier>(carrier, COMMANDS, fuse),
    clock: (clock): Clock => ({
      now: () => clock.now(),
      at(at, fn) {
        if (fuse.dead) return () => {};
        const cancel = clock.at(at, () => {
          cancels.delete(cancel);
          fn();
        });
        cancels.add(cancel);
        return cancel;
      },
    }),
    effects: (run) => void fuse.pass("run effects").then(run),
    reply: (reply) => async (turn, signal) => {
      await fuse.pass("before the agent");
      const words = await reply(turn, signal);
      await fuse.pass("after the agent");
      return words;
    },
    report: async (report) => {
      await fuse.pass("before the report");
      await report();
      await fuse.pass("after the report");
    },
  };
  const office = world.start(seams);
  const { deliver } = world;
  world.deliver = async (fact) => {
    if (fuse.dead) throw new Error("connection refused");
    const answer = deliver(fact).then(async (reply) => {
      await fuse.pass("answer the webhook");
      return reply;
    });
    return Promise.race([answer, fuse.died]);
  };
  return { office, fuse };
}

/** `target` with a boundary before and after each of the named methods, and frozen once the process is dead. */
function guarded<T extends object>(target: T, names: ReadonlySet<string>, fuse: Fuse): T {
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name);
      if (typeof value !== "function" || typeof name !== "string") return value;
      const method = value.bind(object) as (...args: unknown[]) => unknown;
      if (!names.has(name))
        return (...args: unknown[]) => (fuse.dead ? new Promise(() => {}) : method(...args));
      return async (...args: unknown[]) => {
        await fuse.pass(`before ${name}`);
        const result = await method(...args);
        await fuse.pass(`after ${name}`);
        return result;
      };
    },
  });
}
