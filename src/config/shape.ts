/**
 * A handful of builders for JSON Schema that carry the TypeScript type of what they describe. The schema library of
 * choice would cost every gateway start a tenth of a second and 20 MiB for these nine.
 */

/** A JSON Schema of values of type `T`. `T` exists for the compiler only. */
export interface Shape<T = unknown> {
  readonly [describes]?: T;
}

/** Marks a property that may be absent. The mark does not appear in the schema. */
export interface Maybe {
  readonly [maybe]: true;
}

export declare const describes: unique symbol;
export const maybe: unique symbol = Symbol("optional");

/** What a shape describes. */
export type Static<S extends Shape> = S extends Shape<infer T> ? T : never;

type Shapes = Readonly<Record<string, Shape>>;
type Absent<P extends Shapes> = { [K in keyof P]: P[K] extends Maybe ? K : never }[keyof P];
type Flat<T> = { [K in keyof T]: T[K] };
type Whole<P extends Shapes> = Flat<
  { [K in Exclude<keyof P, Absent<P>>]: Static<P[K]> } & { [K in Absent<P>]?: Static<P[K]> }
>;

/** Further keywords of the schema. */
type Keywords = Readonly<Record<string, unknown>>;

const isMaybe = (shape: Shape): boolean => maybe in shape;

export const Type = {
  String: (keywords: Keywords = {}): Shape<string> => build({ type: "string" }, keywords),
  Integer: (keywords: Keywords = {}): Shape<number> => build({ type: "integer" }, keywords),
  Boolean: (keywords: Keywords = {}): Shape<boolean> => build({ type: "boolean" }, keywords),
  Array: <S extends Shape>(items: S, keywords: Keywords = {}): Shape<Static<S>[]> =>
    build({ type: "array", items }, keywords),
  Record: <V extends Shape>(
    pattern: string,
    value: V,
    keywords: Keywords = {},
  ): Shape<Record<string, Static<V>>> =>
    build({ type: "object", patternProperties: { [pattern]: value } }, keywords),
  Union: <const S extends readonly Shape[]>(shapes: S, keywords: Keywords = {}): Shape<Static<S[number]>> =>
    build({ anyOf: [...shapes] }, keywords),
  Object: <P extends Shapes>(
    properties: P,
    keywords: Keywords = {},
  ): Shape<Whole<P>> & { readonly properties: P } => {
    const required = Object.keys(properties).filter((key) => !isMaybe(properties[key] as Shape));
    const head = required.length > 0 ? { type: "object", required } : { type: "object" };
    return build({ ...head, properties }, keywords) as Shape<Whole<P>> & { readonly properties: P };
  },
  Optional: <S extends Shape>(shape: S): S & Maybe =>
    Object.defineProperty({ ...shape }, maybe, { value: true }) as S & Maybe,
  /** A schema written out by hand, for values that the others cannot type. */
  Unsafe: <T>(keywords: Keywords): Shape<T> => build({}, keywords),
};

const build = <T>(head: Keywords, keywords: Keywords): Shape<T> => ({ ...head, ...keywords });
