/** What a teacher and a judge are to the rest of Tuna. No provider is named here. */
import type { ReplySchema } from "./reply-schema.ts";

export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: string;
}

export interface Usage {
  promptTokens: number;
  completionTokens: number;
}

export interface ChatRequest {
  messages: readonly ChatMessage[];
  temperature: number;
  maxTokens?: number | undefined;
  /** What the reply is to fit, where the server can hold the model to it; it may not, so check. */
  schema?: ReplySchema | undefined;
  signal?: AbortSignal | undefined;
}

export interface ChatReply {
  text: string;
  /** The server's word for why it stopped: `stop`, `length`, `content_filter`, ... */
  finishReason?: string | undefined;
  usage?: Usage | undefined;
}

/** A model that answers a conversation: the judge. */
export interface ChatModel {
  /** The model's name as records keep it, such as `gpt-4`. */
  readonly name: string;
  chat(request: ChatRequest): Promise<ChatReply>;
}

export interface SamplingRequest {
  /** The whole prompt: one user message on a chat server, the raw text on a completions server. */
  prompt: string;
  n: number;
  temperature: number;
  topP?: number | undefined;
  maxTokens?: number | undefined;
  stop?: readonly string[] | undefined;
  /** Index of the first sample, default 0. A sample of equal prompt and index is asked for once. */
  firstSample?: number | undefined;
  /** Another seed asks for other samples of the same prompt and index. The server does not see it. Default 0. */
  seed?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface SampledResponse {
  text: string;
  /**
   * Sum over the `numTokens` tokens that the server reports, in nats. Most servers leave the end token out.
   */
  logprob: number;
  numTokens: number;
  finishReason?: string | undefined;
}

/** A model that samples responses with their log-probabilities: the teacher. */
export interface SamplingModel {
  readonly name: string;
  sample(request: SamplingRequest): Promise<SampledResponse[]>;
}
