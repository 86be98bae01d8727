/** What a model is asked for as the request that a server gets, and the names it has in the journal. */
import { createHash } from "node:crypto";
import type { ChatRequest, SamplingRequest } from "./chat-model.ts";
import type { CompletionRequest, ServerIdentity } from "./model-server.ts";

export function chatCompletion({ messages, temperature, maxTokens, schema }: ChatRequest): CompletionRequest {
  return { messages, temperature, maxTokens, schema, logprobs: false };
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

/**
 * Digests of a request: with the schema that its reply is held to, and without. A reply is filed under what was sent. One of
 * either is an answer: the prompt asks for the same in words, and whoever reads the reply checks it.
 */
export interface RequestNames {
  held: string;
  /** Equal to `held` where there is no schema. */
  plain: string;
}

export function requestNames(identity: ServerIdentity, request: CompletionRequest, seed = 0): RequestNames {
  const { schema, ...plain } = request;
  const name = requestDigest(identity, plain, seed);
  return { held: schema === undefined ? name : requestDigest(identity, request, seed), plain: name };
}

/** Each once, and first the one that is asked for. */
export function digestsIn({ held, plain }: RequestNames): string[] {
  return held === plain ? [held] : [held, plain];
}

/** Everything that shapes a reply, in a fixed order; how many are asked for at once does not. Seed 0 is as none. */
function requestDigest(identity: ServerIdentity, request: CompletionRequest, seed = 0): string {
  const { messages, temperature, topP, maxTokens, stop, logprobs, schema } = request;
  return digestOf([
    identity.baseUrl,
    identity.model,
    identity.api,
    messages.map(({ role, content }) => [role, content]),
    {
      temperature,
      topP,
      maxTokens,
      stop,
      logprobs,
      ...(seed !== 0 && { seed }),
      ...(schema !== undefined && { schema: schema.schema }),
    },
  ]);
}

export function digestOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

/** What the reply of one sample is found by. */
export function sampleKey(digest: string, sample: number): string {
  return digestOf([digest, sample]);
}

/** The reply to one sample, under whichever name it lies. */
export function findReply<Reply>(
  names: RequestNames,
  sample: number,
  find: (key: string) => Reply | undefined,
): Reply | undefined {
  for (const digest of digestsIn(names)) {
    const reply = find(sampleKey(digest, sample));
    if (reply !== undefined) return reply;
  }
  return undefined;
}
