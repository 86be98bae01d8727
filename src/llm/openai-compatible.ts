/** Any server that speaks OpenAI's HTTP API: OpenAI, vLLM, SGLang, llama.cpp, Ollama, LM Studio, TGI. */
import { OpenAI } from "openai";
import { z } from "zod";
import type { ApiKey } from "./api-key.ts";
import { type ConnectionOptions, openConnection } from "./connection.ts";
import { ASKING, type GivenTextWay, readGivenScore, refusesEcho } from "./given-text-reply.ts";
import type { ModelReference } from "./model-reference.ts";
import type { GivenText, ModelServer, ServerIdentity } from "./model-server.ts";
import { type Asked, chatBody, parametersIn, textBody } from "./openai-body.ts";
import { readReply } from "./openai-reply.ts";
import { createAcceptance } from "./parameter-refusal.ts";
import { type Fetch, proxiedFetch } from "./proxied-fetch.ts";

export interface OpenAICompatibleOptions extends ConnectionOptions {
  /** `completions` sends the raw prompt, for base models without a chat template. Default `chat`. */
  api?: ServerIdentity["api"] | undefined;
}

export function openAICompatibleServer(
  { baseUrl, model }: ModelReference,
  { api = "chat", ...options }: OpenAICompatibleOptions = {},
): ModelServer {
  const connection = openConnection(`${baseUrl}#${model}`, "openai", options);
  const client = openAIClient(baseUrl, connection, options);
  const acceptance = createAcceptance(model, options.warn);
  let scoresBy: GivenTextWay = "echo";

  return {
    identity: { baseUrl, model, api },
    complete(request, { n, signal, onAttempt }) {
      const { logprobs, stop } = request;
      let sent = parametersIn(api, { request, n, takes: acceptance.takes() });
      return connection.ask({
        send(limit) {
          const asked = { request, n, takes: acceptance.takes() };
          sent = parametersIn(api, asked);
          return post(client, { model, api, asked, signal: limit });
        },
        read: (body, attempt) => ({
          ...readReply(body, { api, logprobs, stop }),
          ...(sent.includes("response_format") && { heldToSchema: true }),
          attempt,
        }),
        adapt: (error) => acceptance.learn(error, sent),
        signal,
        onAttempt,
      });
    },
    scoreText(given, { signal, onAttempt }) {
      let way = scoresBy;
      return connection.ask({
        send(limit) {
          way = scoresBy;
          return postGiven(client, { model, given, way, signal: limit });
        },
        read: (body, attempt) => ({ ...readGivenScore(body, { way, given }), attempt }),
        adapt(error) {
          if (way !== "echo" || !refusesEcho(error)) return false;
          scoresBy = "prompt_logprobs";
          return true;
        },
        signal,
        onAttempt,
      });
    },
  };
}

/** No log lines, and no retries or time limit of its own: those do not cover the body of a reply. */
export function openAIClient(
  baseURL: string,
  { key, timeoutMs }: { key: ApiKey; timeoutMs: number },
  { environment = process.env }: ConnectionOptions,
): OpenAI {
  const send: Fetch = proxiedFetch(environment, { patient: true });
  return new OpenAI({
    baseURL,
    apiKey: key.value,
    maxRetries: 0,
    timeout: 2 * timeoutMs,
    logLevel: "off",
    // It asks by address.
    fetch: async (url, init) => withErrorInPlace(await send(url as string, init)),
  });
}

/** SGLang writes what is wrong at the top of its body, where OpenAI's client does not look for it. */
async function withErrorInPlace(response: Response): Promise<Response> {
  if (response.ok) return response;
  const { status, statusText, headers } = response;
  const body = await response.text();
  const { data } = z.looseObject({ object: z.literal("error"), message: z.string() }).safeParse(parsed(body));
  const error = data === undefined ? body : JSON.stringify({ error: data });
  return new Response(error, { status, statusText, headers: new Headers([...headers]) });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

interface Post {
  model: string;
  api: ServerIdentity["api"];
  asked: Asked;
  signal: AbortSignal;
}

/** The body is read and checked by us, whatever the server says its content type is. */
function post(client: OpenAI, { model, api, asked, signal }: Post): Promise<Response> {
  const pending =
    api === "chat"
      ? client.chat.completions.create(chatBody(model, asked), { signal })
      : client.completions.create(textBody(model, asked), { signal });
  return pending.asResponse();
}

interface Given {
  model: string;
  given: GivenText;
  way: GivenTextWay;
  signal: AbortSignal;
}

/** One token is generated, since many servers refuse to generate none. */
function postGiven(client: OpenAI, { model, given, way, signal }: Given): Promise<Response> {
  const body = {
    model,
    prompt: given.prompt + given.response,
    ...ASKING[way],
    max_tokens: 1,
    temperature: 0,
  };
  return client.completions.create(body, { signal }).asResponse();
}
