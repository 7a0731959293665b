/** Which hosts somebody on the internet can reach. */

import { BlockList, isIP } from "node:net";

/** Addresses that lead nowhere from outside (IANA special-purpose registries); IPv4-mapped IPv6 is matched too. */
const INSIDE: readonly (readonly [address: string, bits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  // Between a provider and its customers: what a line behind carrier-grade NAT has.
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["224.0.0.0", 3],
  // `::` and `::1`
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
];

const inside = new BlockList();
for (const [address, bits] of INSIDE)
  inside.addSubnet(address, bits, address.includes(":") ? "ipv6" : "ipv4");

/** Names that no public name server knows. */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)\.?$/u;

/** `host` as `URL.hostname` gives it. A name counts as public when it could be one; nothing is looked up. */
export function isPublicHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/u, "$1").toLowerCase();
  const family = isIP(bare);
  if (family !== 0) return !inside.check(bare, family === 4 ? "ipv4" : "ipv6");
  return bare.includes(".") && !LOCAL_NAME.test(bare);
}
