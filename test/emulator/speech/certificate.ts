import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { Identity } from "./vendor.ts";

/**
 * A self-made certificate for these names, good for two days. It is its own authority, so whoever is to trust it is given
 * `cert`. X.509 v3 (RFC 5280) with a P-256 key and ECDSA with SHA-256.
 */
export function selfMade(names: readonly string[]): Identity {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(set(sequence(oid("550403"), der(0x0c, Buffer.from("voice-call test")))));
  const day = 24 * 60 * 60 * 1000;
  const validity = sequence(time(Date.now() - day), time(Date.now() + day));
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const isAuthority = extension("551d13", sequence(der(0x01, Buffer.from([0xff]))));
  const alternatives = extension("551d11", sequence(...names.map((dns) => der(0x82, Buffer.from(dns)))));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_SHA256,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(isAuthority, alternatives)),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
  };
}

/** A value of ASN.1 in DER: tag, length, content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const whole = Buffer.concat(content);
  const { length } = whole;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), whole]);
}

const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content);
const set = (...content: readonly Uint8Array[]): Buffer => der(0x31, ...content);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const extension = (id: string, value: Uint8Array): Buffer => sequence(oid(id), der(0x04, value));

/** UTCTime, `YYMMDDHHMMSSZ`. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));
