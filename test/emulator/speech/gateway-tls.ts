/**
 * Loaded into a gateway before anything else: connections to the vendors named in `STAND_IN_VENDORS` (`host=port`, comma between
 * two) go to that port of this machine. The certificate is still checked against the vendor's name; the gateway is told to
 * trust the stand-in's by `NODE_EXTRA_CA_CERTS`.
 */

import { Socket } from "node:net";

const ports = new Map(
  (process.env["STAND_IN_VENDORS"] ?? "").split(",").map((pair): [string, number] => {
    const [host = "", port = ""] = pair.split("=");
    return [host, Number(port)];
  }),
);

interface Destination {
  host?: string;
  port?: number | string;
  servername?: string;
}

// `https`, `tls`, `ws` and `fetch` all come by here, with their options or with what was made of them.
const own = Object.getOwnPropertyDescriptor(Socket.prototype, "connect")?.value as (
  this: Socket,
  ...args: unknown[]
) => Socket;
Object.defineProperty(Socket.prototype, "connect", {
  configurable: true,
  writable: true,
  value(this: Socket, ...args: unknown[]): Socket {
    const [first] = args;
    const options = (Array.isArray(first) ? first[0] : first) as Destination | undefined;
    const port = typeof options === "object" ? ports.get(options.host ?? "") : undefined;
    if (options !== undefined && port !== undefined) {
      options.servername ??= options.host ?? "";
      options.host = "127.0.0.1";
      options.port = port;
    }
    return own.apply(this, args);
  },
});
