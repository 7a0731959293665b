/** Which hosts are this machine. */

import { isIPv4, isIPv6 } from "node:net";

/** True for `localhost`, 127.0.0.0/8, `::1` and its IPv4-mapped forms, with or without brackets. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/u, "$1").toLowerCase();
  if (bare === "localhost" || bare === "::1") return true;
  if (isIPv4(bare)) return bare.startsWith("127.");
  if (!isIPv6(bare)) return false;
  const compressed = new URL(`http://[${bare}]/`).hostname;
  return compressed === "[::1]" || /^\[::ffff:7f[0-9a-f]{2}:/u.test(compressed);
}
