/** The carriers' own sections, gathered from the list of carriers. */

import type { CarrierSecurity, CarrierSettings, Need } from "../carrier/carrier.ts";
import { CARRIERS, type CarrierName } from "../carrier/list.ts";
import type { Environment } from "./option.ts";
import { Type, type Maybe, type Static } from "./shape.ts";

type Listed = typeof CARRIERS;
/** Carriers that have a section. */
type Section = { [K in CarrierName]: Listed[K]["settings"] extends null ? never : K }[CarrierName];
type SettingsOf<K extends Section> = NonNullable<Listed[K]["settings"]>;

export type CarrierSchemas = { readonly [K in Section]: SettingsOf<K>["schema"] & Maybe };
export type CarrierUsers = { readonly [K in Section]?: Static<SettingsOf<K>["schema"]> };
export type CarrierConfigs = { readonly [K in Section]: ReturnType<SettingsOf<K>["resolve"]> };

type AnySettings = CarrierSettings<unknown, { readonly apiBaseUrl: string | undefined }>;

/** Id and settings of every carrier that has a section, in the order of the list. */
const sections = Object.entries(CARRIERS).flatMap(([id, { settings }]) =>
  settings === null ? [] : [[id as Section, settings as unknown as AnySettings] as const],
);

export const carrierNames = Object.keys(CARRIERS) as CarrierName[];
export const carrierSections: readonly Section[] = sections.map(([id]) => id);

const fromEach = <T>(make: (id: Section, settings: AnySettings) => T): Readonly<Record<Section, T>> =>
  Object.fromEntries(sections.map(([id, settings]) => [id, make(id, settings)])) as Record<Section, T>;

export const carrierSchemas = fromEach((_, { schema }) => Type.Optional(schema)) as CarrierSchemas;

export function resolveCarriers(user: CarrierUsers, env: Environment): CarrierConfigs {
  return fromEach((id, settings) => settings.resolve(user[id] ?? {}, env)) as CarrierConfigs;
}

/** What the carrier `provider` must have, by dotted path. */
export function carrierNeeds(
  provider: CarrierName,
  config: CarrierConfigs & Pick<CarrierSecurity, "skipSignatureVerification">,
): readonly Need[] {
  const found = sections.find(([id]) => id === provider);
  if (found === undefined) return [];
  const [id, settings] = found;
  return settings.needs(config[id], config).map(({ path, env, value }) => {
    const need = { path: `${id}.${path}`, value };
    return env === undefined ? need : Object.assign(need, { env });
  });
}
