/** Credentials: plain text, a reference to the host's secret storage, or an environment variable. */

import { Type, type Static } from "./shape.ts";
import { type Environment, filled, fromEnvironment } from "./option.ts";

/**
 * The host's reference to a secret. The gateway puts the secret in its place before the plugin sees the
 * configuration; where it cannot, the reference itself arrives and the credential counts as missing.
 * Shape: the host's documentation, gateway/secrets/secretref-contract.
 */
const secretRefSchema = Type.Object(
  {
    source: Type.Unsafe<"env" | "file" | "exec" | "store">({
      type: "string",
      enum: ["env", "file", "exec", "store"],
    }),
    provider: Type.Optional(Type.String({ pattern: "^[a-z][a-z0-9_-]{0,63}$" })),
    id: Type.String({ minLength: 1 }),
  },
  { additionalProperties: false },
);

type SecretRef = Static<typeof secretRefSchema>;

/** What a user may write where a credential belongs. */
export type Credential = string | SecretRef;

/** Optional credential that falls back to an environment variable. */
export function credential(title: string, description: string, env: string) {
  return Type.Optional(
    Type.Union([Type.String(), secretRefSchema], {
      title,
      description,
      "x-option": { env, secret: true, form: "text or a SecretRef ({ source, provider, id })" },
    }),
  );
}

/**
 * The credential to use, or nothing. An unresolved reference never falls back to the environment: whoever wrote
 * it meant another secret.
 */
export function readCredential(
  written: Credential | undefined,
  env: Environment,
  name: string,
): string | undefined {
  if (typeof written === "object") return undefined;
  return filled(written)?.trim() ?? fromEnvironment(env, name);
}

/** True for an object where a credential belongs. */
export function isUnresolved(written: Credential | undefined): boolean {
  return typeof written === "object";
}
