/**
 * What a provider implements: one request to one server. Journal, samples and log-probability checks are
 * built upon it.
 */
import type { ChatMessage, Usage } from "./chat-model.ts";
import type { ReplySchema } from "./reply-schema.ts";

/** Which model answers: together with the request, this is what a journalled reply is filed under. */
export interface ServerIdentity {
  baseUrl: string;
  model: string;
  /** `chat` completions, or raw text `completions` for base models. */
  api: "chat" | "completions";
}

export interface CompletionRequest {
  messages: readonly ChatMessage[];
  temperature: number;
  topP?: number | undefined;
  maxTokens?: number | undefined;
  stop?: readonly string[] | undefined;
  /** For the server's own draws; most make no promise. */
  seed?: number | undefined;
  /** Ask for the log-probability of every sampled token. */
  logprobs: boolean;
  /** What the reply is to fit. A provider that cannot hold it to that asks without. */
  schema?: ReplySchema | undefined;
}

export interface Choice {
  text: string;
  finishReason?: string | undefined;
  logprob?: number | undefined;
  numTokens?: number | undefined;
  /** Set where log-probabilities were asked for and what came cannot be used: what is wrong with them. */
  problem?: string | undefined;
}

export interface Completion {
  /** At least one; possibly fewer than were asked for. */
  choices: Choice[];
  /** Of the whole request, not of one choice. */
  usage?: Usage | undefined;
  /** Set where the server was asked to hold the reply to the schema, and did not refuse. */
  heldToSchema?: boolean | undefined;
  /** Which attempt succeeded, from 1. */
  attempt: number;
}

export interface CompletionOptions {
  n: number;
  signal?: AbortSignal | undefined;
  /** Awaited before each attempt, counted from 1: what is sent is written down first. */
  onAttempt?: ((attempt: number) => Promise<void>) | undefined;
}

/** A response that is there already, and what it answers. */
export interface GivenText {
  prompt: string;
  response: string;
}

export interface TextScore extends Pick<Choice, "logprob" | "numTokens" | "problem"> {
  usage?: Usage | undefined;
  attempt: number;
}

export interface ModelServer {
  readonly identity: ServerIdentity;
  complete(request: CompletionRequest, options: CompletionOptions): Promise<Completion>;
  /** The log-probability of a response that is there already, where the provider has a way to ask for it. */
  scoreText?(given: GivenText, options: Omit<CompletionOptions, "n">): Promise<TextScore>;
}
