/** The log-probability of given responses under a model behind a server, each asked for once and kept in the journal. */
import { createHash } from "node:crypto";
import { UserError } from "../errors.ts";
import { mostPromptTokens } from "./budget.ts";
import { type ConnectOptions, openServer } from "./connect.ts";
import { firstAlone } from "./first-alone.ts";
import { type Call, type Journal, type JournalEntry, memoryJournal } from "./journal.ts";
import type { GivenText, ModelServer, TextScore } from "./model-server.ts";
import { createTurns } from "./turns.ts";

export interface TextScorer {
  readonly name: string;
  /** Over the tokens of the response; servers do not count an end token that the text does not hold. */
  readonly score: (given: GivenText, signal?: AbortSignal) => Promise<{ logprob: number; numTokens: number }>;
}

export function connectScorer(
  reference: string,
  { journal = memoryJournal(), identity, ...options }: ConnectOptions = {},
): TextScorer {
  const server = firstAlone(openServer(reference, options));
  const { baseUrl, model } = server.identity;
  if (server.scoreText === undefined) throw cannotScore(server, "its API has no way to ask for them");
  const inTurn = createTurns();
  return {
    name: model,
    score(given, signal) {
      const digest = digestOf(["score", identity ?? baseUrl, model, given.prompt, given.response]);
      return inTurn(digest, async () => {
        for (;;) {
          signal?.throwIfAborted();
          const known = journal.find(digest);
          if (known !== undefined) return { logprob: known.logprob!, numTokens: known.numTokens! };
          await askFor(given, { server, journal, digest, signal });
        }
      });
    },
  };
}

interface Asking {
  server: ModelServer;
  journal: Journal;
  digest: string;
  signal: AbortSignal | undefined;
}

async function askFor(given: GivenText, { server, journal, digest, signal }: Asking): Promise<void> {
  const { baseUrl, model } = server.identity;
  const promptTokens = mostPromptTokens([{ content: given.prompt + given.response }]);
  const mostTokens = { promptTokens, completionTokens: 1 };
  const start = { request: digest, keys: [digest], server: baseUrl, model, mostTokens };
  const call = await journal.begin(start, signal);
  if (call === undefined) return;
  const score = await scored(server, given, { call, signal });
  await call.finish([toEntry(score, digest)]);
  if (score.problem !== undefined) throw cannotScore(server, score.problem);
}

async function scored(
  server: ModelServer,
  given: GivenText,
  { call, signal }: { call: Call; signal: AbortSignal | undefined },
): Promise<TextScore> {
  try {
    return await server.scoreText!(given, { signal, onAttempt: (attempt) => call.attempt(attempt) });
  } catch (error) {
    // Where the journal cannot be written either, the request's own error is the one to tell.
    await call.fail(error).catch(() => {});
    if (refusesToScore(error)) throw cannotScore(server, `it refuses: ${error.message}`);
    throw error;
  }
}

function refusesToScore(error: unknown): error is UserError {
  return (
    error instanceof UserError &&
    error.code === "server-refused-request" &&
    /echo|logprobs/i.test(error.message)
  );
}

function toEntry(score: TextScore, digest: string): JournalEntry {
  return { key: digest, request: digest, sample: 0, text: "", ...score, time: new Date().toISOString() };
}

function cannotScore({ identity: { baseUrl, model } }: ModelServer, problem: string): UserError {
  return new UserError(
    `Model server ${baseUrl}#${model}: asked for the log-probabilities of a given text, but ${problem}. ` +
      "vLLM and SGLang give them on /v1/completions (echo with logprobs, or prompt_logprobs); llama.cpp's server, Ollama, LM Studio, TGI and " +
      "Anthropic do not. Or score with a local model: --model.",
    { code: "given-logprobs-missing", facts: { baseUrl, model, problem } },
  );
}

function digestOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
