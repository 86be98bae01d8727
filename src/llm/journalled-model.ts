/**
 * A teacher or judge upon any model server: every reply goes through the journal, and only missing ones are
 * asked for.
 */
import { createHash } from "node:crypto";
import { InternalError, UserError } from "../errors.ts";
import type {
  ChatModel,
  ChatReply,
  ChatRequest,
  SampledResponse,
  SamplingModel,
  SamplingRequest,
} from "./chat-model.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import type { Completion, CompletionRequest, ModelServer, ServerIdentity } from "./model-server.ts";
import { createTurns } from "./turns.ts";

export interface JournalledModelOptions {
  journal: Journal;
  /** What the server is to the journal, where its URL changes from run to run. */
  identity?: string | undefined;
  clock?: (() => Date) | undefined;
}

export function journalledModel(
  server: ModelServer,
  { journal, identity = server.identity.baseUrl, clock = () => new Date() }: JournalledModelOptions,
): ChatModel & SamplingModel {
  const inTurn = createTurns();

  /** One entry for each sample, in order. Equal requests wait for each other: the later finds the replies. */
  const answers = (
    request: CompletionRequest,
    { samples, seed, signal }: Wanted,
  ): Promise<JournalEntry[]> => {
    const digest = requestDigest({ ...server.identity, baseUrl: identity }, request, seed);
    const keyOf = (sample: number): string => digestOf([digest, sample]);

    return inTurn(digest, async () => {
      signal?.throwIfAborted();
      const missing = samples.filter((sample) => journal.find(keyOf(sample)) === undefined);
      // A server may return fewer choices than it was asked for.
      while (missing.length > 0) {
        const completion = await server.complete(request, { n: missing.length, signal });
        const entries = toEntries(completion, missing.splice(0, completion.choices.length)).map((entry) => ({
          ...entry,
          key: keyOf(entry.sample),
          request: digest,
          time: clock().toISOString(),
        }));
        await journal.append(entries);
        refuseUnusable(server, entries);
      }
      return samples.map((sample) => found(journal, keyOf(sample)));
    });
  };

  return {
    name: server.identity.model,
    async chat(request) {
      const [entry] = await answers(chatCompletion(request), { samples: [0], signal: request.signal });
      return toReply(entry!);
    },
    async sample(request) {
      const { n, firstSample = 0, seed, signal } = request;
      const samples = Array.from({ length: n }, (_, offset) => firstSample + offset);
      return (await answers(samplingCompletion(request), { samples, seed, signal })).map(toResponse);
    },
  };
}

interface Wanted {
  /** Their indices. */
  samples: readonly number[];
  seed?: number | undefined;
  signal?: AbortSignal | undefined;
}

function chatCompletion({ messages, temperature, maxTokens }: ChatRequest): CompletionRequest {
  return { messages, temperature, maxTokens, logprobs: false };
}

function samplingCompletion({
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

function toEntries({ choices, usage, attempt }: Completion, samples: readonly number[]) {
  return samples.map((sample, position) => ({
    sample,
    ...choices[position]!,
    ...(position === 0 && { usage }),
    attempt,
  }));
}

/** Thrown after the journal has the replies: they were paid for. */
function refuseUnusable({ identity }: ModelServer, entries: readonly JournalEntry[]): void {
  const problem = entries.find((entry) => entry.problem !== undefined)?.problem;
  if (problem === undefined) return;
  throw new UserError(
    `Model server ${identity.baseUrl}#${identity.model}: asked for the log-probability of every token, but ${problem}. ` +
      "Probabilistic ranking needs them: turn log-probabilities on in the server, " +
      `try the ${identity.api === "chat" ? "completions" : "chat"} API, or name a teacher that gives them.`,
    { code: "logprobs-missing", facts: { ...identity, problem } },
  );
}

function found(journal: Journal, key: string): JournalEntry {
  const entry = journal.find(key);
  if (entry === undefined) {
    throw new InternalError("a journalled reply is not found", { code: "journal-lost-entry" });
  }
  return entry;
}

function toReply({ text, finishReason, usage }: JournalEntry): ChatReply {
  return { text, finishReason, usage };
}

function toResponse({ text, logprob, numTokens, finishReason }: JournalEntry): SampledResponse {
  if (logprob === undefined || numTokens === undefined) {
    throw new InternalError("a journalled sample has no log-probability", { code: "journal-lost-logprob" });
  }
  return { text, logprob, numTokens, finishReason };
}

/** Everything that shapes a reply, in a fixed order; how many are asked for at once does not. Seed 0 is as none. */
function requestDigest(identity: ServerIdentity, request: CompletionRequest, seed = 0): string {
  const { messages, temperature, topP, maxTokens, stop, logprobs } = request;
  return digestOf([
    identity.baseUrl,
    identity.model,
    identity.api,
    messages.map(({ role, content }) => [role, content]),
    { temperature, topP, maxTokens, stop, logprobs, ...(seed !== 0 && { seed }) },
  ]);
}

function digestOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
