/** A reverse proxy for HTTP and upgrades, as a tunnel's far end is one. */

import { createServer, request, type IncomingMessage, type Server } from "node:http";

/** Where a request goes, as an absolute URL; null is answered 404. */
export type Route = (request: IncomingMessage) => string | null;

export function proxyServer(route: Route): Server {
  const server = createServer((incoming, outgoing) => {
    const target = route(incoming);
    if (target === null) {
      outgoing.writeHead(404).end();
      return;
    }
    const forward = request(target, { method: incoming.method, headers: forwarded(incoming) }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    forward.on("error", () => outgoing.writeHead(502).end());
    incoming.pipe(forward);
  });
  server.on("upgrade", (incoming, socket, head) => {
    const target = route(incoming);
    if (target === null) {
      socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
      return;
    }
    const forward = request(target, { method: incoming.method, headers: forwarded(incoming) });
    forward.on("error", () => socket.destroy());
    forward.on("response", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    forward.on("upgrade", (reply, upstream, first) => {
      const fields = Object.entries(reply.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields.join("")}\r\n`);
      socket.write(first);
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
      socket.on("error", () => upstream.destroy());
      upstream.on("error", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
      upstream.on("close", () => socket.destroy());
    });
    forward.end();
  });
  return server;
}

/** `Host` stays what the client wrote, as all three do it. */
const forwarded = ({ headers }: IncomingMessage) => ({ ...headers, "x-forwarded-proto": "https" });

/** Listens on a free loopback port and resolves with it. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
