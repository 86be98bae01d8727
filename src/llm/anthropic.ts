/** Anthropic's Messages API, by its own client. It answers a judge; it gives no log-probabilities, so it is no teacher. */
import type { Anthropic } from "@anthropic-ai/sdk";
import { UserError } from "../errors.ts";
import { readAnthropicReply } from "./anthropic-reply.ts";
import { type Connection, type ConnectionOptions, openConnection } from "./connection.ts";
import type { ModelReference } from "./model-reference.ts";
import type { CompletionRequest, ModelServer } from "./model-server.ts";
import { type Accepted, type RefusableParameter, createAcceptance } from "./parameter-refusal.ts";
import { proxiedFetch } from "./proxied-fetch.ts";
import { outputConfig } from "./reply-schema.ts";

/** The API wants a limit on every request. */
const DEFAULT_MAX_TOKENS = 4096;

export function anthropicServer(
  { baseUrl, model }: ModelReference,
  options: ConnectionOptions = {},
): ModelServer {
  const connection = openConnection(`${baseUrl}#${model}`, "anthropic", options);
  let client: Promise<Anthropic> | undefined;
  const acceptance = createAcceptance(model, options.warn);
  return {
    identity: { baseUrl, model, api: "chat" },
    async complete(request, { signal, onAttempt }) {
      if (request.logprobs) throw noTeacher(baseUrl, model);
      client ??= openClient(baseUrl, connection, options);
      const opened = await client;
      let sent = parametersIn(request, acceptance.takes());
      return connection.ask({
        send(limit) {
          sent = parametersIn(request, acceptance.takes());
          return opened.messages.create(bodyOf(model, request, sent), { signal: limit }).asResponse();
        },
        read: (body, attempt) => ({
          ...readAnthropicReply(body),
          ...(sent.includes("response_format") && { heldToSchema: true }),
          attempt,
        }),
        adapt: (error) => acceptance.learn(error, sent),
        onAttempt,
        signal,
      });
    },
  };
}

/** Loaded only where it is used. Its retries, time limit and log lines are left to ours. */
async function openClient(
  baseURL: string,
  { key, timeoutMs }: Connection,
  { environment = process.env }: ConnectionOptions,
): Promise<Anthropic> {
  const { Anthropic } = await import("@anthropic-ai/sdk");
  const send = proxiedFetch(environment, { patient: true });
  return new Anthropic({
    baseURL,
    apiKey: key.value,
    authToken: null,
    maxRetries: 0,
    timeout: 2 * timeoutMs,
    logLevel: "off",
    // It asks by address.
    fetch: (url, init) => send(url as string, init),
  });
}

/** The client's types have forgotten what older models still take. */
type MessageRequest = Anthropic.MessageCreateParamsNonStreaming & { temperature?: number; top_p?: number };

/** Those of the refusable ones that this API has; a limit on tokens it never refuses. */
function parametersIn({ schema }: CompletionRequest, takes: Accepted): RefusableParameter[] {
  const wanted: RefusableParameter[] = [
    "temperature",
    ...(schema === undefined ? [] : ["response_format" as const]),
  ];
  return wanted.filter((name) => takes[name]);
}

function bodyOf(
  model: string,
  request: CompletionRequest,
  sent: readonly RefusableParameter[],
): MessageRequest {
  const { messages, temperature, topP, maxTokens = DEFAULT_MAX_TOKENS, stop, schema } = request;
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  return {
    model,
    max_tokens: maxTokens,
    messages: messages.flatMap(({ role, content }) => (role === "system" ? [] : [{ role, content }])),
    ...(sent.includes("temperature") && { temperature }),
    ...(schema !== undefined && sent.includes("response_format") && { output_config: outputConfig(schema) }),
    ...(system.length > 0 && { system: system.join("\n\n") }),
    ...(topP !== undefined && { top_p: topP }),
    ...(stop !== undefined && { stop_sequences: [...stop] }),
  };
}

function noTeacher(baseUrl: string, model: string): UserError {
  return new UserError(
    `Model server ${baseUrl}#${model}: Anthropic's API gives no log-probabilities, which a teacher's responses need. ` +
      "Nothing was asked. Name it as a judge (tuna rank contextual --judge), and as teacher a model on vLLM, SGLang, " +
      "llama.cpp's server or OpenAI's chat API, or a local one (--model).",
    { code: "logprobs-missing", facts: { baseUrl, model } },
  );
}
