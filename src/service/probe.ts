import { request as plainRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";

/** One request to a public URL, as somebody outside would send it. */
export interface ProbeRequest {
  /** `http`, `https`, `ws` or `wss`. */
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for everything, from the look-up of the name to the last byte. */
  readonly limitMs: number;
}

export type ProbeAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string | undefined>>;
      /** Its beginning; empty for a completed upgrade. */
      readonly body: string;
    }
  | { readonly kind: "silence"; readonly fault: ProbeFault; readonly code: string };

/** Why there was no answer. */
export type ProbeFault = "name" | "refused" | "unreachable" | "tls" | "time-out" | "closed" | "not-http";

/** More than anything of ours says. */
const MOST_BODY = 4_096;

/** Sends it once, follows no redirect, and never rejects. An upgrade that is agreed to is closed at once. */
export function probe({ url, method, headers = {}, body = "", limitMs }: ProbeRequest): Promise<ProbeAnswer> {
  const { promise, resolve } = Promise.withResolvers<ProbeAnswer>();
  const address = url.replace(/^ws/u, "http");
  const send = address.startsWith("https:") ? tlsRequest : plainRequest;
  const fail = (error: unknown): void => {
    const code = codeOf(error);
    resolve({ kind: "silence", fault: faultOf(code), code });
  };
  let sent: ClientRequest;
  try {
    const all = { "user-agent": "openclaw-voice-call", ...headers };
    sent = send(address, { method, agent: false, headers: all });
  } catch (error) {
    fail(error);
    return promise;
  }
  const timer = setTimeout(() => {
    resolve({ kind: "silence", fault: "time-out", code: "ETIMEDOUT" });
    sent.destroy();
  }, limitMs);
  void promise.then(() => clearTimeout(timer));
  sent.on("error", fail);
  sent.on("upgrade", (response, socket) => {
    socket.on("error", () => {});
    socket.destroy();
    resolve(answer(response, ""));
  });
  sent.on("response", (response) => read(response, resolve, fail));
  sent.end(body);
  return promise;
}

function read(
  response: IncomingMessage,
  resolve: (answer: ProbeAnswer) => void,
  fail: (error: unknown) => void,
): void {
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => {
    text += chunk;
    if (text.length < MOST_BODY) return;
    resolve(answer(response, text.slice(0, MOST_BODY)));
    response.destroy();
  });
  response.on("end", () => resolve(answer(response, text)));
  response.on("error", fail);
}

function answer({ statusCode, headers }: IncomingMessage, body: string): ProbeAnswer {
  const plain = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : value,
  ]);
  return {
    kind: "answer",
    status: statusCode ?? 0,
    headers: Object.fromEntries(plain) as Record<string, string>,
    body,
  };
}

/** Node's words for what happened, by what they mean to whoever reads them. */
const FAULTS: readonly (readonly [RegExp, ProbeFault])[] = [
  [/^(?:ENOTFOUND|EAI_)/u, "name"],
  [/^ECONNREFUSED$/u, "refused"],
  [/^ETIMEDOUT$/u, "time-out"],
  [/^(?:EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|EACCES|EPERM)$/u, "unreachable"],
  [/^HPE_/u, "not-http"],
  [/CERT|SSL|TLS|^EPROTO$|^UNABLE_TO_|^HOSTNAME_MISMATCH$/u, "tls"],
];

const faultOf = (code: string): ProbeFault => FAULTS.find(([pattern]) => pattern.test(code))?.[1] ?? "closed";

/** With several addresses the first attempt stands for all. */
function codeOf(error: unknown): string {
  const inner: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const code: unknown = typeof inner === "object" && inner !== null ? Reflect.get(inner, "code") : undefined;
  return typeof code === "string" ? code : "connection lost";
}
