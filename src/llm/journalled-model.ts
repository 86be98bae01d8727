/**
 * A teacher or judge upon any model server: every reply goes through the journal, and only missing ones are
 * asked for.
 */
import { InternalError } from "../errors.ts";
import type { ChatModel, SamplingModel } from "./chat-model.ts";
import type { Call, Journal, JournalEntry } from "./journal.ts";
import { callStart, refuseUnusable, toEntries, toReply, toResponse } from "./journalled-reply.ts";
import { chatCompletion, findReply, requestNames, samplingCompletion } from "./journalled-request.ts";
import type { Completion, CompletionRequest, ModelServer } from "./model-server.ts";
import { isOfOneReply } from "./token-logprobs.ts";
import { createTurns } from "./turns.ts";

export interface JournalledModelOptions {
  journal: Journal;
  /** What the server is to the journal, where its URL changes from run to run. */
  identity?: string | undefined;
  clock?: (() => Date) | undefined;
}

/** How often samples are drawn anew whose log-probabilities cannot be used, before the run ends. */
const ASKED_AGAIN = 3;

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
    const names = requestNames({ ...server.identity, baseUrl: identity }, request, seed);
    const find = (sample: number) => findReply(names, sample, (key) => journal.find(key));

    return inTurn(names.held, async () => {
      // Again, because a server may return fewer choices than it was asked for, and another process may have asked.
      for (let unusable = 0; ;) {
        signal?.throwIfAborted();
        const missing = samples.filter((sample) => find(sample) === undefined);
        if (missing.length === 0) return samples.map((sample) => found(find(sample)));
        const { model } = server.identity;
        const start = callStart({ server: identity, model, names, samples: missing }, request);
        const call = await journal.begin(start, signal);
        if (call === undefined) continue;
        const completion = await completed(server, request, { call, n: missing.length, signal });
        const digest = completion.heldToSchema === true ? names.held : names.plain;
        const entries = toEntries(completion, { digest, samples: missing, time: clock() });
        await call.finish(entries);
        const problems = entries.flatMap(({ problem }) => problem ?? []);
        const mayBeBetter = problems.length > 0 && problems.every(isOfOneReply) && unusable++ < ASKED_AGAIN;
        if (!mayBeBetter) refuseUnusable(server.identity, entries);
      }
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

interface Asked {
  call: Call;
  n: number;
  signal: AbortSignal | undefined;
}

async function completed(
  server: ModelServer,
  request: CompletionRequest,
  { call, n, signal }: Asked,
): Promise<Completion> {
  try {
    return await server.complete(request, { n, signal, onAttempt: (attempt) => call.attempt(attempt) });
  } catch (error) {
    // Where the journal cannot be written either, the request's own error is the one to tell.
    await call.fail(error).catch(() => {});
    throw error;
  }
}

function found(entry: JournalEntry | undefined): JournalEntry {
  if (entry === undefined) {
    throw new InternalError("a journalled reply is not found", { code: "journal-lost-entry" });
  }
  return entry;
}
