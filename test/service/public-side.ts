import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** How the public side treats what comes in; by default it passes everything on as it is. */
export interface Manners {
  /** Path and query as they are passed on. */
  readonly target?: (url: string) => string;
  readonly headers?: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
  readonly body?: (body: string) => string;
  /** Answers by itself instead. */
  readonly answer?: {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  };
  /** Takes every request and closes the connection. */
  readonly closes?: boolean;
  /** Takes every request and never answers. */
  readonly stalls?: boolean;
  /** Passes upgrades on as plain requests. */
  readonly noUpgrades?: boolean;
  /** Speaks TLS with a certificate that nobody has signed. */
  readonly selfSigned?: boolean;
}

export interface PublicSide {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Every request that came in, `<method> <url>`. */
  readonly seen: readonly string[];
}

/** A reverse proxy of loopback that plays the internet's side of a public URL; `port` is where it leads. */
export async function publicSide(port: () => number, manners: Manners = {}): Promise<PublicSide> {
  const seen: string[] = [];
  const passOn = ({ url = "/", method, headers }: IncomingMessage) =>
    request({
      host: "127.0.0.1",
      port: port(),
      path: manners.target?.(url) ?? url,
      method,
      headers: manners.headers?.(headers) ?? (manners.noUpgrades === true ? withoutHops(headers) : headers),
      agent: false,
    });
  const server: Server =
    manners.selfSigned === true ? createTlsServer({ key: KEY, cert: CERT }) : createServer();
  server.on("request", (incoming: IncomingMessage, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    if (manners.closes === true) return void incoming.socket.destroy();
    if (manners.stalls === true) return;
    const { answer } = manners;
    if (answer !== undefined) return void outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    const forward = passOn(incoming);
    forward.on("response", (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    forward.on("error", () => outgoing.writeHead(502).end());
    void textOf(incoming).then((body) => forward.end(manners.body?.(body) ?? body));
  });
  if (manners.noUpgrades !== true) {
    server.on("upgrade", (incoming: IncomingMessage, socket) => {
      seen.push(`UPGRADE ${incoming.url}`);
      socket.on("error", () => {});
      const { answer } = manners;
      if (answer !== undefined) {
        const fields = Object.entries(answer.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
        return void socket.end(`HTTP/1.1 ${answer.status} Answer\r\n${fields.join("")}\r\n`);
      }
      const forward = passOn(incoming);
      forward.on("error", () => socket.destroy());
      forward.on("response", (reply) =>
        socket.end(`HTTP/1.1 ${reply.statusCode} Answer\r\nconnection: close\r\n\r\n`),
      );
      forward.on("upgrade", (reply, upstream) => {
        const fields = Object.entries(reply.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields.join("")}\r\n`);
        upstream.on("error", () => socket.destroy());
        socket.pipe(upstream).pipe(socket);
      });
      forward.end();
    });
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const withoutHops = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !["connection", "upgrade"].includes(name)));

/** A port of loopback at which nobody listens. */
export async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += String(chunk);
  return text;
}

/** Made for these tests: `CN=localhost`, signed by itself. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIWcMl9h2aQgORYtx
DFd/PKSPuZzatnE2WmKwT5VPDpyhRANCAARFVt/Pfa2rPjuXt5AqecCcpVPiSVUM
N+tbuYQz0YO8XnaVcIpSrN1MDGLggVzaoccdJka1jRAfsxHv5jXTLhp0
-----END PRIVATE KEY-----
`;
const CERT = `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUIhv+FlgESUdNuhyl/J5eTUVCa6kwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTIzMTAzNFoYDzIxMjYxMTAx
MjMxMDM0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARFVt/Pfa2rPjuXt5AqecCcpVPiSVUMN+tbuYQz0YO8XnaVcIpSrN1M
DGLggVzaoccdJka1jRAfsxHv5jXTLhp0o2QwYjAdBgNVHQ4EFgQUDR3lllZSKb8A
fiyIUg82QzI4VQAwHwYDVR0jBBgwFoAUDR3lllZSKb8AfiyIUg82QzI4VQAwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IAD7tiZw/nBM4xVdZSjCarEtzMbT0VMBiSusxoK5YRbLAiEA/9+hveBROfs42i9i
JQaw9QQh2Fm4hasP+xx94oIh0No=
-----END CERTIFICATE-----
`;
