/**
 * Serves the pocket world's judge over OpenAI's chat completions protocol on this machine, so that a run can rank
 * through the same client as with a real judge, or review answers. It ignores all sampling settings: equal prompts get equal replies.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { judgeRankingPrompt, judgeReview } from "./judge.ts";

export interface JudgeServer {
  /** Ends in /v1. */
  baseUrl: string;
  close(): Promise<void>;
}

/** Starts the server on the given port of the loopback interface; by default any free one. */
export async function startJudgeServer({ port = 0 }: { port?: number } = {}): Promise<JudgeServer> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await react(request).catch((error: unknown) => failure(error));
  // Nobody listens any more: the request broke off.
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

interface Reaction {
  status: number;
  body: unknown;
}

async function react(request: IncomingMessage): Promise<Reaction> {
  if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
    return refusal(
      404,
      `unknown request: ${request.method} ${request.url}; this server has POST /v1/chat/completions`,
    );
  }
  const text = await readBody(request);
  if (text === undefined) return refusal(413, `the request is longer than ${MAX_BODY_BYTES} bytes`);
  const parsed = chatRequest.safeParse(parseJson(text));
  if (!parsed.success)
    return refusal(400, `not a chat completions request: ${z.prettifyError(parsed.error)}`);
  return complete(parsed.data);
}

const textPart = z.object({ type: z.literal("text"), text: z.string() });
const chatRequest = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(textPart)]) })).min(1),
  n: z.number().int().min(1).max(128).nullish(),
  stream: z.literal(false, "streaming is not supported").nullish(),
});
type ChatRequest = z.infer<typeof chatRequest>;

function complete({ model, messages, n }: ChatRequest): Reaction {
  const texts = messages.map(({ content }) =>
    typeof content === "string" ? content : content.map(({ text }) => text).join(""),
  );
  const answered = judgeReview(texts) ?? judgeRankingPrompt(texts.at(-1)!);
  if (!answered.ok) return refusal(400, `this judge cannot answer: ${answered.reason}`);
  const choices = Array.from({ length: n ?? 1 }, (_, index) => ({
    index,
    message: { role: "assistant", content: answered.reply, refusal: null },
    logprobs: null,
    finish_reason: "stop",
  }));
  const promptTokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  const completionTokens = choices.length * countTokens(answered.reply);
  return {
    status: 200,
    body: {
      id: "chatcmpl-pocket",
      object: "chat.completion",
      // No clock: equal requests get equal bytes.
      created: 0,
      model,
      choices,
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      },
    },
  };
}

/** Errors have OpenAI's shape. */
function refusal(status: 400 | 404 | 413, message: string): Reaction {
  const code = { 400: "invalid_request", 404: "not_found", 413: "request_too_large" }[status];
  return { status, body: { error: { message, type: "invalid_request_error", param: null, code } } };
}

function failure(error: unknown): Reaction {
  const message = `internal: ${error instanceof Error ? error.message : String(error)}`;
  return { status: 500, body: { error: { message, type: "server_error", param: null, code: null } } };
}

/** Words and marks: the judge has no tokenizer of its own. */
function countTokens(text: string): number {
  return text.match(/\w+|[^\w\s]/g)?.length ?? 0;
}

const MAX_BODY_BYTES = 1_000_000;

/** The body as text; undefined where it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk as Buffer);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString("utf8") : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
