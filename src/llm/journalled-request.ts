/** What a model is asked for as the request that a server gets, and the names it has in the journal. */
import { createHash } from "node:crypto";
import type { ChatRequest, SamplingRequest } from "./chat-model.ts";
import type { CompletionRequest, ServerIdentity } from "./model-server.ts";

export function chatCompletion({ messages, temperature, maxTokens }: ChatRequest): CompletionRequest {
  return { messages, temperature, maxTokens, logprobs: false };
}

export function samplingCompletion({
  prompt,
  temperature,
  topP,
  maxTokens,
  stop,
}: SamplingRequest): CompletionRequest {
  return {
    messages: [{ role: "user", content: prompt }],
    temperature,
    topP,
    maxTokens,
    stop,
    logprobs: true,
  };
}

/** Everything that shapes a reply, in a fixed order; how many are asked for at once does not. Seed 0 is as none. */
export function requestDigest(identity: ServerIdentity, request: CompletionRequest, seed = 0): string {
  const { messages, temperature, topP, maxTokens, stop, logprobs } = request;
  return digestOf([
    identity.baseUrl,
    identity.model,
    identity.api,
    messages.map(({ role, content }) => [role, content]),
    { temperature, topP, maxTokens, stop, logprobs, ...(seed !== 0 && { seed }) },
  ]);
}

export function digestOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

/** What the reply of one sample is found by. */
export function sampleKey(digest: string, sample: number): string {
  return digestOf([digest, sample]);
}
