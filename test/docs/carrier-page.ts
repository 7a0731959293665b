import type { CarrierContext, Connected } from "../../src/carrier/carrier.ts";
import { connectCarrier } from "../../src/carrier/index.ts";
import { CARRIERS } from "../../src/carrier/list.ts";
import type { SetupCheck } from "../../src/call/service.ts";
import { accountChecks } from "../../src/service/setup/account.ts";
import { randomIds } from "../../src/service/tools.ts";
import { configOf, report } from "../service/setup-rig.ts";
import { virtualClock } from "../support/clock.ts";
import { CONSOLES, type Done } from "./consoles.ts";
import { blocksOf, rowsOf, sectionsOf, textOf, type Json, type Section } from "./pages.ts";

export type Name = keyof typeof CONSOLES;

const LIMIT_MS = 10_000;

/** A carrier's page, and what comes of doing as it says. */
export class CarrierPage {
  readonly name: Name;
  readonly sections: readonly Section[];
  /** The configuration to paste. */
  readonly config: Json & { readonly fromNumber: string; readonly publicUrl: string };
  /** What is added for calls that come in. */
  readonly inbound: Json & { readonly allowFrom: readonly string[]; readonly inboundGreeting: string };

  constructor(name: Name) {
    const text = textOf(`docs/carriers/${name}.md`);
    this.name = name;
    this.sections = sectionsOf(text);
    const [config, inbound] = blocksOf(text);
    this.config = config as this["config"];
    this.inbound = inbound as this["inbound"];
  }

  section(name: string): Section {
    const found = this.sections.find((section) => section.name === name);
    if (found === undefined) throw new Error(`the page of ${this.name} has no section ${name}`);
    return found;
  }

  /** The pasted configuration with the keys from the console in it. */
  settings(section: Json): Json {
    return { ...this.config, [this.name]: { ...(this.config[this.name] as Json), ...section } };
  }

  /** What has to be filled in, by `goes to`: `twilio.authToken`, `TWILIO_AUTH_TOKEN`. */
  keys(): readonly (readonly string[])[] {
    return rowsOf(this.section("Account and keys").text)
      .slice(1)
      .map((cells) => [...(cells.at(-1) ?? "").matchAll(/`([^`]+)`/gu)].map(([, key = ""]) => key));
  }

  /** What the carrier's settings ask for, in the same words. */
  needs(): readonly (readonly string[])[] {
    const { settings } = CARRIERS[this.name];
    const needs = settings.needs(settings.resolve({}, {}) as never, { skipSignatureVerification: false });
    return needs.map(({ path, env }) => [`${this.name}.${path}`, env]);
  }

  /** Connects with these keys; the carrier has to be closed. */
  connect(section: Json, context: CarrierContext = alone(this.config.publicUrl)): Promise<Connected> {
    return connectCarrier(configOf(this.settings(section)), context);
  }

  /** What `setup` says of the account when that was done in the console and `wrong` is wrong in the keys. */
  async account(done: Partial<Done> = {}, wrong: Json = {}): Promise<readonly SetupCheck[]> {
    const { fromNumber, publicUrl } = this.config;
    const { world, section } = await CONSOLES[this.name]({
      number: fromNumber,
      inboundUrl: publicUrl,
      ...done,
    });
    const { carrier } = await this.connect({ ...section, ...wrong });
    try {
      const answer = await carrier.inspect(fromNumber, AbortSignal.timeout(LIMIT_MS));
      const config = configOf({ ...this.settings({ ...section, ...wrong }), ...this.inbound });
      return accountChecks({ config, report: answer, notes: carrier.notes, webhookUrl: publicUrl });
    } finally {
      await carrier.close();
      await world.close();
    }
  }

  /** What `setup` says of the configuration as it was pasted, `changes` over it, before any secret is in its place. */
  async pasted(changes: Json = {}): Promise<readonly SetupCheck[]> {
    return (await report({ ...this.config, ...changes })).checks;
  }
}

/** A carrier that is only asked. */
const alone = (publicUrl: string): CarrierContext => ({
  webhookUrl: () => publicUrl,
  openStream: () => `${publicUrl.replace(/^http/u, "ws")}/token`,
  fetch: globalThis.fetch,
  clock: virtualClock(Date.now()),
  ids: randomIds,
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  security: { skipSignatureVerification: false, loopbackBypass: false },
  deliver: () => Promise.reject(new Error("there is no gateway")),
  missed: () => {},
});
