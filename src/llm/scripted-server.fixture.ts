/** A real HTTP server on loopback for tests: it records requests and answers by a script, faults included. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback } from "../../test/loopback.ts";

export interface ReceivedRequest {
  path: string;
  authorization: string | undefined;
  headers: IncomingMessage["headers"];
  body: Record<string, unknown> & {
    messages?: { role: string; content: string }[];
    n?: number;
    prompt?: string;
  };
}

/** Answers one request. */
export type Reaction = (request: ReceivedRequest, response: ServerResponse) => void;

export interface ScriptedServer {
  /** `http://127.0.0.1:PORT/v1` */
  baseUrl: string;
  received: ReceivedRequest[];
  close(): Promise<void>;
}

/** The n-th request gets the n-th reaction; the last one answers all that follow. */
export async function startScriptedServer(...script: Reaction[]): Promise<ScriptedServer> {
  const received: ReceivedRequest[] = [];
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(incoming);
    received.push(request);
    script[Math.min(received.length, script.length) - 1]!(request, response);
  };
  return { ...(await listenOnLoopback((incoming, response) => void answer(incoming, response))), received };
}

async function readRequest(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as ReceivedRequest["body"];
  return {
    path: incoming.url ?? "",
    authorization: incoming.headers.authorization,
    headers: incoming.headers,
    body,
  };
}

export const sendJson = (body: unknown, status = 200, headers: Record<string, string> = {}): Reaction =>
  sendText(JSON.stringify(body), status, headers);

export const sendText =
  (body: string, status = 200, headers: Record<string, string> = {}): Reaction =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body);
  };

export const sendError = (status: number, message: string, headers: Record<string, string> = {}): Reaction =>
  sendJson({ error: { message, type: "scripted", code: null } }, status, headers);

/** Sends the headers and half of a body, then resets the connection. */
export const resetMidBody: Reaction = (_request, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"choices":[{"message":');
  setTimeout(() => response.destroy(), 5);
};

/** Takes the request and never answers. */
export const hang: Reaction = () => {};

/** Sends the headers and half of a body, and then nothing more. */
export const hangMidBody: Reaction = (_request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"choices":[');
};

/** A chat reply with one choice for each text; `logprobs` gives each choice's token log-probabilities. */
export function chatBody(
  texts: readonly string[],
  logprobs?: readonly (readonly unknown[])[],
): Record<string, unknown> {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    model: "scripted",
    choices: texts.map((content, index) => ({
      index,
      finish_reason: "stop",
      message: { role: "assistant", content },
      logprobs: logprobs && {
        content: logprobs[index]!.map((logprob, position, { length }) => ({
          token: slice(content, position, length),
          logprob,
          top_logprobs: [],
        })),
      },
    })),
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  };
}

/** One of `count` parts that together are the text. */
function slice(text: string, position: number, count: number): string {
  const size = Math.ceil(text.length / count);
  return text.slice(position * size, (position + 1) * size);
}

export const sendChat = (...texts: string[]): Reaction => sendJson(chatBody(texts));
