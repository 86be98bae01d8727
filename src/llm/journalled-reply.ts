/** Entries of the journal as replies, and completions as entries. */
import { InternalError, UserError } from "../errors.ts";
import { mostPromptTokens } from "./budget.ts";
import type { ChatReply, SampledResponse } from "./chat-model.ts";
import type { CallStart, JournalEntry } from "./journal.ts";
import { type RequestNames, digestsIn, sampleKey } from "./journalled-request.ts";
import type { Completion, CompletionRequest, ServerIdentity } from "./model-server.ts";

export interface Asking extends Pick<CallStart, "server" | "model"> {
  names: RequestNames;
  samples: readonly number[];
}

export function toReply({ text, finishReason, usage }: JournalEntry): ChatReply {
  return { text, finishReason, usage };
}

export function toResponse({ text, logprob, numTokens, finishReason }: JournalEntry): SampledResponse {
  if (logprob === undefined || numTokens === undefined) {
    throw new InternalError("a journalled sample has no log-probability", { code: "journal-lost-logprob" });
  }
  return { text, logprob, numTokens, finishReason };
}

export function callStart(
  { names, samples, server, model }: Asking,
  { messages, maxTokens, schema }: CompletionRequest,
): CallStart {
  const [request, ...alike] = digestsIn(names);
  const keys = samples.flatMap((sample) => digestsIn(names).map((digest) => sampleKey(digest, sample)));
  // Where a server takes one sample at a time only, the prompt is paid for with each.
  const promptTokens = samples.length * mostPromptTokens(messages, schema);
  const completionTokens = maxTokens && samples.length * maxTokens;
  return { request: request!, alike, keys, server, model, mostTokens: { promptTokens, completionTokens } };
}

export interface Answered {
  /** Of the request as it was sent. */
  digest: string;
  /** The samples that were asked for. */
  samples: readonly number[];
  time: Date;
}

/** Choices that nobody asked for are left out. */
export function toEntries(
  { choices, usage, attempt }: Completion,
  { digest, samples, time }: Answered,
): JournalEntry[] {
  return samples.slice(0, choices.length).map((sample, position) => ({
    key: sampleKey(digest, sample),
    request: digest,
    time: time.toISOString(),
    sample,
    ...choices[position]!,
    ...(position === 0 && { usage }),
    attempt,
  }));
}

/** Thrown after the journal has the replies: they were paid for. */
export function refuseUnusable(identity: ServerIdentity, entries: readonly JournalEntry[]): void {
  const problem = entries.find((entry) => entry.problem !== undefined)?.problem;
  if (problem === undefined) return;
  throw new UserError(
    `Model server ${identity.baseUrl}#${identity.model}: asked for the log-probability of every token, but ${problem}. ` +
      "Probabilistic ranking needs them: turn log-probabilities on in the server, " +
      `try the ${identity.api === "chat" ? "completions" : "chat"} API, or name a teacher that gives them.`,
    { code: "logprobs-missing", facts: { ...identity, problem } },
  );
}
