import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Agent } from "node:https";
import { createRequire } from "node:module";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { Client, Response, validateSignature, validateV3Signature } from "plivo";

/** Our side of the webhooks in tests, and Plivo's official package as a witness on both sides. */

export const MAIN = { authId: "MAXXXXXXXXXXXXXXXXXX", authToken: "main-token" };
export const PUBLIC = "https://voice.example.test";

/** A webhook as it arrived; `genuine` is the official package's verdict. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
  readonly genuine: boolean;
}

export interface DeskAnswer {
  readonly status?: number;
  readonly contentType?: string;
  readonly body?: string;
}

/** A document as the official package writes it, as far as tests write them. */
export interface Writer {
  addSpeak(text: string, attributes?: object): Writer;
  addPlay(url: string, attributes?: object): Writer;
  addGetInput(attributes: object): Writer;
  addGetDigits(attributes: object): Writer;
  addWait(attributes: object): Writer;
  addDTMF(digits: string, attributes?: object): Writer;
  addRedirect(url: string, attributes?: object): Writer;
  addHangup(attributes: object): Writer;
  addDial(attributes: object): Writer;
  addNumber(number: string, attributes?: object): Writer;
  addUser(address: string, attributes?: object): Writer;
  addStream(url: string, attributes?: object): Writer;
  toXML(): string;
  readonly element: string;
  readonly valid_attributes: readonly string[];
  readonly nestables: readonly string[];
}

export const newDocument = (): Writer => Response() as Writer;

/** A document of Plivo's XML, written by the official package. */
export function document(write: (response: Writer) => void): DeskAnswer {
  const response = newDocument();
  write(response);
  return { body: response.toXML() };
}

export class Desk {
  readonly arrivals: Arrival[] = [];
  /** What a webhook is answered with; null: nothing, ever. The default keeps the person listening. */
  answer: (arrival: Arrival) => DeskAnswer | null | Promise<DeskAnswer>;
  readonly #token: string;
  readonly #server: Server;

  constructor(token: string) {
    this.#token = token;
    this.answer = () => ({ body: "<Response/>" });
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  readonly reach = (url: string): string =>
    url.replace(PUBLIC, `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);

  at(path: string): readonly Arrival[] {
    return this.arrivals.filter((arrival) => arrival.path === path);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", headers } = request;
    const url = new URL(`https://${headers.host}${request.url}`);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString("utf8")));
    const fields = { ...Object.fromEntries(url.searchParams), ...form };
    const header = (name: string): string => String(headers[name] ?? "");
    const whole = `https://${headers.host}${request.url}`;
    const genuine =
      Boolean(
        validateV3Signature(
          method,
          whole,
          header("x-plivo-signature-v3-nonce"),
          this.#token,
          header("x-plivo-signature-v3"),
          form,
        ),
      ) &&
      Boolean(
        validateSignature(
          whole,
          header("x-plivo-signature-v2-nonce"),
          header("x-plivo-signature-v2"),
          this.#token,
        ),
      );
    const arrival = { method, path: url.pathname, fields, headers, genuine };
    this.arrivals.push(arrival);
    const answer = await this.answer(arrival);
    if (answer === null) return;
    const { status = 200, contentType = "application/xml", body = "" } = answer;
    response.writeHead(status, { "content-type": contentType }).end(body);
  }
}

/** Sends what is meant for Plivo's host, in plain HTTP, to that port of this machine. */
class DetourAgent extends Agent {
  readonly #port: number;

  constructor(port: number) {
    super({ keepAlive: false });
    this.#port = port;
  }

  override createConnection(): Duplex {
    return connect(this.#port, "127.0.0.1");
  }
}

/** What the official package asks with; it is its dependency, not ours. */
const HTTP_LIBRARY = "axios";

interface Axios {
  readonly defaults: { httpsAgent: unknown };
}

/** The official client, whose base URL is fixed: its HTTPS agent is replaced until `restore`. */
export function officialClient(
  url: string,
  { authId, authToken } = MAIN,
): { readonly client: Client; restore(): void } {
  const require = createRequire(createRequire(import.meta.url).resolve("plivo"));
  const { defaults } = require(HTTP_LIBRARY) as Axios;
  const { httpsAgent } = defaults;
  defaults.httpsAgent = new DetourAgent(Number(new URL(url).port));
  return { client: new Client(authId, authToken), restore: () => void (defaults.httpsAgent = httpsAgent) };
}
