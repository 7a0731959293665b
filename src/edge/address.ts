import { BlockList, isIP } from "node:net";

/** A remote address without zone, IPv4-mapped IPv6 (dotted or hexadecimal) as IPv4. Null when it is no address. */
export function plainAddress(address: string | undefined): string | null {
  if (address === undefined) return null;
  const bare = address.replace(/%.*$/s, "").toLowerCase();
  const kind = isIP(bare);
  if (kind !== 6) return kind === 4 ? bare : null;
  const canonical = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (mapped === null) return canonical;
  const [high, low] = [Number.parseInt(mapped[1] ?? "", 16), Number.parseInt(mapped[2] ?? "", 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** True for 127.0.0.0/8 and ::1, also IPv4-mapped; false when the address is unknown. */
export function isLoopback(address: string | undefined): boolean {
  const plain = plainAddress(address);
  return plain !== null && (plain === "::1" || plain.startsWith("127."));
}

/**
 * Matches remote addresses against a list of addresses and CIDR ranges. An entry that is neither matches nothing,
 * and an unknown address is never matched.
 */
export function addressList(entries: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [text, bits] = entry.trim().split("/");
    const address = plainAddress(text);
    if (address === null) continue;
    const family = isIP(address) === 4 ? "ipv4" : "ipv6";
    const prefix = bits === undefined ? null : Number(bits);
    if (prefix === null) list.addAddress(address, family);
    else if (
      Number.isInteger(prefix) &&
      bits !== "" &&
      prefix >= 0 &&
      prefix <= (family === "ipv4" ? 32 : 128)
    ) {
      list.addSubnet(address, prefix, family);
    }
  }
  return (address) => {
    const plain = plainAddress(address);
    return plain !== null && list.check(plain, isIP(plain) === 4 ? "ipv4" : "ipv6");
  };
}

/**
 * The address of the client behind the proxies in `isProxy`, from its peer and X-Forwarded-For: the rightmost hop that is
 * none of them, since that one a proxy of ours has seen itself. What is no address ends the way back. `unknown` when there
 * is none.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  isProxy: (address: string | undefined) => boolean,
): string {
  let client = plainAddress(peer);
  for (const hop of (forwardedFor ?? "").split(",").toReversed()) {
    const before = isProxy(client ?? undefined) ? hopAddress(hop) : null;
    if (before === null) break;
    client = before;
  }
  return client ?? "unknown";
}

/** One entry of X-Forwarded-For; some proxies write a port, and brackets around IPv6. */
function hopAddress(hop: string): string | null {
  const text = hop.trim();
  const { v6, v4 } = /^(?:\[(?<v6>[^\]]+)\](?::\d+)?|(?<v4>[\d.]+):\d+)$/.exec(text)?.groups ?? {};
  return plainAddress(v6 ?? v4 ?? text);
}
