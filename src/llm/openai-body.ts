/** The body of a request to an OpenAI-compatible server, sent at once or as a line of a batch. */
import type { OpenAI } from "openai";
import type { CompletionRequest, ServerIdentity } from "./model-server.ts";
import { type Accepted, REFUSABLE, type RefusableParameter } from "./parameter-refusal.ts";
import { responseFormat } from "./reply-schema.ts";

export interface Asked {
  request: CompletionRequest;
  n: number;
  takes: Accepted;
}

export function chatBody(
  model: string,
  asked: Asked,
): OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming {
  const { messages, logprobs, schema } = asked.request;
  return {
    model,
    ...sampling(asked),
    messages: [...messages],
    ...(logprobs && { logprobs }),
    ...(schema !== undefined && asked.takes.response_format && { response_format: responseFormat(schema) }),
  };
}

/** This API has no `response_format` in OpenAI's own form. */
export function textBody(model: string, asked: Asked): OpenAI.CompletionCreateParamsNonStreaming {
  const { messages, logprobs } = asked.request;
  const prompt = messages.map(({ content }) => content).join("\n\n");
  return { model, ...sampling(asked), prompt, ...(logprobs && { logprobs: 1 }) };
}

/** The refusable parameters that the body has. */
export function parametersIn(
  api: ServerIdentity["api"],
  { request: { schema, maxTokens }, n, takes }: Asked,
): RefusableParameter[] {
  const wanted: Record<RefusableParameter, boolean> = {
    response_format: api === "chat" && schema !== undefined,
    max_tokens: maxTokens !== undefined,
    temperature: true,
    n: n > 1,
  };
  return REFUSABLE.filter((name) => wanted[name] && takes[name]);
}

function sampling({ request, n, takes }: Asked) {
  const { temperature, topP, maxTokens, stop, seed } = request;
  return {
    ...(takes.temperature && { temperature }),
    ...(takes.n && n > 1 && { n }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && {
      [takes.max_tokens ? "max_tokens" : "max_completion_tokens"]: maxTokens,
    }),
    ...(stop !== undefined && { stop: [...stop] }),
    ...(seed !== undefined && { seed }),
  };
}
