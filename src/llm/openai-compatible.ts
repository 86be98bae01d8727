/** Any server that speaks OpenAI's HTTP API: OpenAI, vLLM, SGLang, llama.cpp, Ollama, TGI. */
import { APIError, OpenAI } from "openai";
import { randomStream } from "../random.ts";
import { type ApiKey, type Environment, apiKeyFrom } from "./api-key.ts";
import { withinDeadline } from "./deadline.ts";
import type { ModelReference } from "./model-reference.ts";
import type { Completion, CompletionRequest, ModelServer, ServerIdentity } from "./model-server.ts";
import { readReply } from "./openai-reply.ts";
import { type Fetch, proxiedFetch } from "./proxied-fetch.ts";
import { explainFailure } from "./request-failure.ts";
import { type Failure, withRetries } from "./retry.ts";

export interface OpenAICompatibleOptions {
  /** `completions` sends the raw prompt, for base models without a chat template. Default `chat`. */
  api?: ServerIdentity["api"] | undefined;
  /** For one attempt, until the last byte of its reply. Default ten minutes. */
  timeoutMs?: number | undefined;
  /** How long a request under way may still take after an abort, since its reply is paid for. Default 30 seconds. */
  graceMs?: number | undefined;
  /** Attempts in total. Default 5. */
  attempts?: number | undefined;
  /** Wait after the first failed attempt; doubled after each further one. Default 500. */
  retryDelayMs?: number | undefined;
  /** Where OPENAI_API_KEY and the proxy are looked up. Default: the process's environment. */
  environment?: Environment | undefined;
}

const LONGEST_DELAY_MS = 30_000;

export function openAICompatibleServer(
  { baseUrl, model }: ModelReference,
  {
    api = "chat",
    timeoutMs = 600_000,
    graceMs = 30_000,
    attempts = 5,
    retryDelayMs = 500,
    environment = process.env,
  }: OpenAICompatibleOptions = {},
): ModelServer {
  const key = apiKeyFrom(environment);
  const client = quietClient({ baseURL: baseUrl, key, timeoutMs, send: proxiedFetch(environment) });
  const server = `${baseUrl}#${model}`;
  const random = randomStream("retry", server);
  const waits = {
    attempts,
    firstDelayMs: retryDelayMs,
    longestDelayMs: LONGEST_DELAY_MS,
    jitter: () => random.float(),
  };
  let takesMany = true;

  return {
    identity: { baseUrl, model, api },
    complete(request, { n, signal }) {
      let count = n;
      const attemptOnce = async (attempt: number): Promise<Completion> => {
        count = takesMany ? n : 1;
        const ask = (limit: AbortSignal): Promise<string> =>
          post(client, { model, api, request, count, signal: limit });
        const body = await withinDeadline(ask, { timeoutMs, graceMs, signal });
        return { ...readReply(key.redact(body), { api, logprobs: request.logprobs }), attempt };
      };
      const explain = (error: unknown, attempt: number): Failure => {
        const failure = explainFailure(error, { server, attempt, redact: (text) => key.redact(text) });
        if (count === 1 || !refusesMany(error)) return failure;
        takesMany = false;
        return { ...failure, retry: true, retryAfterMs: 0 };
      };
      return withRetries(attemptOnce, explain, { ...waits, signal });
    },
  };
}

interface ClientOptions {
  baseURL: string;
  key: ApiKey;
  timeoutMs: number;
  send: Fetch;
}

/** No log lines, and no retries or time limit of its own: those do not cover the body of a reply. */
function quietClient({ baseURL, key, timeoutMs, send }: ClientOptions): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey: key.value,
    maxRetries: 0,
    timeout: 2 * timeoutMs,
    logLevel: "off",
    // It asks by address.
    fetch: (url, init) => send(url as string, init),
  });
}

interface Post {
  model: string;
  api: ServerIdentity["api"];
  request: CompletionRequest;
  count: number;
  signal: AbortSignal;
}

/** The body as text: it is read and checked by us, whatever the server says its content type is. */
async function post(client: OpenAI, { model, api, request, count, signal }: Post): Promise<string> {
  const { messages, temperature, topP, maxTokens, stop, logprobs } = request;
  const sampling = {
    model,
    temperature,
    ...(count > 1 && { n: count }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stop !== undefined && { stop: [...stop] }),
  };
  const pending =
    api === "chat"
      ? client.chat.completions.create(
          { ...sampling, messages: [...messages], ...(logprobs && { logprobs }) },
          { signal },
        )
      : client.completions.create(
          { ...sampling, prompt: rawPrompt(messages), ...(logprobs && { logprobs: 1 }) },
          { signal },
        );
  return (await pending.asResponse()).text();
}

function rawPrompt(messages: CompletionRequest["messages"]): string {
  return messages.map((message) => message.content).join("\n\n");
}

/** llama.cpp and others refuse n > 1 outright; one sample at a time then does. */
function refusesMany(error: unknown): boolean {
  return (
    error instanceof APIError &&
    /only one (?:completion )?choice|\bn\b.{0,30}\b(?:1|one)\b/i.test(error.message)
  );
}
