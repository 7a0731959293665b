// A stand-in for a language model: an OpenAI-compatible chat completions server on this machine that follows a script.
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { smallTalk } from "./small-talk.mjs";

/** @import { Answer, ChatMessage, Model, ModelRequest, Script } from "./model.d.mts" */
/** @typedef {import("node:http").IncomingMessage} Incoming */
/** @typedef {import("node:http").ServerResponse} Outgoing */

/**
 * @param {{ script?: Script, ttftMs?: number, perTokenMs?: number }} [options]
 * @returns {Promise<Model>}
 */
export async function startModel(options = {}) {
  /** @type {Script} */
  let script = options.script ?? smallTalk();
  /** @type {(ModelRequest & { state: ModelRequest["state"] })[]} */
  const requests = [];
  /** @type {Map<number, { promise: Promise<ModelRequest>, resolve: (request: ModelRequest) => void }>} */
  const expected = new Map();
  const closing = new AbortController();

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });

  /** @param {Incoming} incoming @param {Outgoing} outgoing */
  async function serve(incoming, outgoing) {
    if (incoming.method === "GET" && incoming.url === "/v1/models") {
      return sendJson(outgoing, 200, { object: "list", data: [{ id: "test-model", object: "model" }] });
    }
    if (incoming.method !== "POST" || incoming.url !== "/v1/chat/completions") {
      return sendJson(outgoing, 404, { error: { message: `nothing at ${incoming.url}` } });
    }
    const request = describe(JSON.parse(await bodyOf(incoming)), requests.length + 1);
    requests.push(request);
    expected.get(request.index)?.resolve(request);

    const gone = new AbortController();
    outgoing.once("close", () => {
      request.state = outgoing.writableFinished ? "done" : "aborted";
      gone.abort();
    });
    const answer = {
      ttftMs: options.ttftMs ?? 0,
      perTokenMs: options.perTokenMs ?? 0,
      ...(await script(request)),
    };
    await respond(outgoing, request, answer, AbortSignal.any([gone.signal, closing.signal]));
  }

  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    use: (next) => {
      script = next;
    },
    request: (index) => {
      const known = requests[index - 1];
      if (known !== undefined) return Promise.resolve(known);
      const waiting = expected.get(index) ?? Promise.withResolvers();
      expected.set(index, waiting);
      return waiting.promise;
    },
    close: async () => {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * @param {Outgoing} outgoing
 * @param {ModelRequest} request
 * @param {Answer & { ttftMs: number, perTokenMs: number }} answer
 * @param {AbortSignal} signal
 */
async function respond(outgoing, request, answer, signal) {
  try {
    await pause(answer.ttftMs, signal);
    if (answer.status !== undefined) {
      sendJson(outgoing, answer.status, { error: { message: `the script says ${answer.status}` } });
    } else if (request.stream) await stream(outgoing, request, answer, signal);
    else if (answer.drop) outgoing.destroy();
    else if (!answer.hang) sendJson(outgoing, 200, completion(request, answer));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** @type {(outgoing: Outgoing, request: ModelRequest, answer: Answer & { perTokenMs: number }, signal: AbortSignal) => Promise<void>} */
async function stream(outgoing, request, answer, signal) {
  const tokens = answer.text?.match(/\s*\S+/g) ?? [];
  if (tokens.length === 0 && answer.hang) return;
  if (tokens.length === 0 && answer.drop) return void outgoing.destroy();

  outgoing.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  const base = {
    id: `chatcmpl-${request.index}`,
    object: "chat.completion.chunk",
    created: 0,
    model: request.model,
  };
  const send = (/** @type {object} */ chunk) =>
    outgoing.write(`data: ${JSON.stringify({ ...base, ...chunk })}\n\n`);
  const delta = (/** @type {object} */ content, /** @type {string | null} */ finish = null) =>
    send({ choices: [{ index: 0, delta: content, finish_reason: finish }] });

  delta({ role: "assistant", content: "" });
  for (const [place, token] of tokens.entries()) {
    if (place > 0) await pause(answer.perTokenMs, signal);
    delta({ content: token });
  }
  if (answer.hang) return;
  if (answer.drop) {
    // What was said so far must be on the wire before the cut.
    await new Promise((resolve) => void outgoing.write("\n", resolve));
    return void outgoing.destroy();
  }
  const calls = toolCalls(request, answer);
  if (calls.length > 0) delta({ tool_calls: calls.map((call, index) => ({ index, ...call })) });
  delta({}, calls.length > 0 ? "tool_calls" : "stop");
  send({ choices: [], usage: usage(tokens.length) });
  outgoing.end("data: [DONE]\n\n");
}

/** @type {(request: ModelRequest, answer: Answer) => object} */
function completion(request, answer) {
  const calls = toolCalls(request, answer);
  const message = {
    role: "assistant",
    content: answer.text ?? null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  return {
    id: `chatcmpl-${request.index}`,
    object: "chat.completion",
    created: 0,
    model: request.model,
    choices: [{ index: 0, message, finish_reason: calls.length > 0 ? "tool_calls" : "stop" }],
    usage: usage(1),
  };
}

/** @type {(request: ModelRequest, answer: Answer) => object[]} */
function toolCalls(request, answer) {
  return (answer.toolCalls ?? []).map((call, index) => ({
    id: call.id ?? `call_${request.index}_${index}`,
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.arguments ?? {}) },
  }));
}

/** @param {number} tokens */
const usage = (tokens) => ({ prompt_tokens: 1, completion_tokens: tokens, total_tokens: 1 + tokens });

/** Marks a user message the host wrote itself, after the caller's. */
const HOST_CONTEXT = "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>";

/** @type {(body: { [key: string]: unknown }, index: number) => ModelRequest & { state: ModelRequest["state"] }} */
function describe(body, index) {
  const messages = /** @type {ChatMessage[]} */ (body["messages"] ?? []);
  const tools = /** @type {{ function?: { name: string } }[]} */ (body["tools"] ?? []);
  const texts = (/** @type {string[]} */ ...roles) =>
    messages.filter(({ role }) => roles.includes(role)).map(({ content }) => textOf(content));
  const userTurns = texts("user").filter((text) => !text.includes(HOST_CONTEXT));
  const last = messages.findLast(
    ({ role, content }) => role !== "user" || !textOf(content).includes(HOST_CONTEXT),
  );
  return {
    index,
    at: Date.now(),
    model: typeof body["model"] === "string" ? body["model"] : "",
    stream: body["stream"] === true,
    messages,
    system: texts("system", "developer").join("\n"),
    userTurns,
    lastUser: userTurns.at(-1) ?? "",
    tools: tools.flatMap((tool) => tool.function?.name ?? []),
    toolResult: last?.role === "tool" ? textOf(last.content) : undefined,
    body,
    state: "answering",
  };
}

/** @type {(content: unknown) => string} */
function textOf(content) {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (typeof part?.text === "string" ? part.text : "")).join("");
}

/** @param {Incoming} incoming */
async function bodyOf(incoming) {
  let body = "";
  for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
  return body;
}

/** @param {Outgoing} outgoing @param {number} status @param {object} body */
function sendJson(outgoing, status, body) {
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(JSON.stringify(body));
}

/** @param {number} ms @param {AbortSignal} signal */
async function pause(ms, signal) {
  if (ms > 0) await delay(ms, undefined, { signal });
  signal.throwIfAborted();
}
