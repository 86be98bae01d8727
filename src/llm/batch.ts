/**
 * A teacher or judge that is asked in batches: what the journal has is answered, what is missing is noted, and once everything
 * was asked for, it goes to the server as one batch. The same command, run again, collects the replies and goes on; rows that
 * expired or failed are missing again, and only those.
 */
import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import { lessonsOf } from "./batch-lessons.ts";
import { batchServer } from "./batch-server.ts";
import { type Missing, submitMissing } from "./batch-submit.ts";
import { batchTable } from "./batch-table.ts";
import type { ChatModel, SamplingModel } from "./chat-model.ts";
import { collectBatches } from "./batch-collect.ts";
import type { ConnectionOptions } from "./connection.ts";
import { callTable } from "./journal-call-table.ts";
import type { JournalFile } from "./journal-file.ts";
import { BATCH_OWNER } from "./journal-owners.ts";
import { toReply, toResponse } from "./journalled-reply.ts";
import {
  chatCompletion,
  digestOf,
  digestsIn,
  findReply,
  requestNames,
  samplingCompletion,
} from "./journalled-request.ts";
import { parseModelReference } from "./model-reference.ts";
import type { CompletionRequest, ServerIdentity } from "./model-server.ts";

export interface BatchedModel extends ChatModel, SamplingModel {
  /**
   * To be called once everything was asked for. Returns where every reply was there; otherwise submits what is missing, and
   * throws a `UserError` that says to come back.
   */
  settle(): Promise<void>;
}

export interface BatchOptions extends ConnectionOptions {
  journal: JournalFile;
  api?: ServerIdentity["api"] | undefined;
}

/** Collects what earlier batches have brought before anything is asked for. */
export async function openBatchedModel(
  reference: string,
  { journal, api = "chat", ...options }: BatchOptions,
): Promise<BatchedModel> {
  const parsed = parseModelReference(reference);
  if (parsed.dialect === "anthropic") throw otherDialect(reference);
  const { baseUrl, model } = parsed;
  const { database, replies } = journal.store;
  const identity: ServerIdentity = { baseUrl, model, api };
  const [server, batches, calls] = [batchServer(parsed, options), batchTable(database), callTable(database)];
  const place = `${baseUrl}#${model}`;
  const underWay = await collectBatches({ place, server, batches, calls, identity, store: journal.store });
  const lessons = lessonsOf(batches.failures(place), place);
  const missing = new Map<string, Missing>();
  /** Stands in for a reply that is not there yet; what follows from it is not asked for. No prompt of the user's has it. */
  const standIn = `tuna: no reply yet (${randomUUID()})`;
  let pending = 0;

  /** Undefined for each sample that is not there yet. */
  const answers = (
    request: CompletionRequest,
    { samples, seed }: { samples: number[]; seed?: number | undefined },
  ) => {
    const names = requestNames(identity, request, seed);
    const entries = samples.map((sample) => findReply(names, sample, (key) => replies.find(key)));
    const wanted = samples.filter((_, index) => entries[index] === undefined);
    const isFollowUp = request.messages.some(({ content }) => content.includes(standIn));
    if (wanted.length > 0 && !isFollowUp) {
      lessons.refuseHopeless(digestsIn(names));
      pending++;
      if (calls.findOpen(digestsIn(names))?.owner !== BATCH_OWNER)
        missing.set(names.held, { names, request, samples: wanted });
    }
    return { digest: names.held, entries };
  };

  return {
    name: model,
    async chat(request) {
      const { entries } = answers(chatCompletion(request), { samples: [0] });
      return entries[0] === undefined ? { text: standIn } : toReply(entries[0]);
    },
    async sample(request) {
      const { n, firstSample = 0, seed } = request;
      const samples = Array.from({ length: n }, (_, offset) => firstSample + offset);
      const { digest, entries } = answers(samplingCompletion(request), { samples, seed });
      // One word each, so that no two of them are similar and drawn again.
      return entries.map((entry, index) =>
        entry === undefined
          ? { text: digestOf([standIn, digest, samples[index]]), logprob: 0, numTokens: 1 }
          : toResponse(entry),
      );
    },
    async settle() {
      if (pending === 0) return;
      const { takes } = lessons;
      const context = { place, server, batches, identity, journal, takes, warn: options.warn };
      const sent = await submitMissing([...missing.values()], context);
      throw comeBack(place, [...underWay, ...sent]);
    },
  };
}

function comeBack(place: string, batches: readonly string[]): UserError {
  const where =
    batches.length === 0
      ? "at another process"
      : `in ${batches.length === 1 ? "batch" : "batches"} ${batches.join(", ")}`;
  return new UserError(
    `Not done yet: replies of ${place} are under way ${where}. Run the same command again to collect them.`,
    { code: "batch-pending", facts: { place, batches } },
  );
}

function otherDialect(reference: string): UserError {
  return new UserError(
    `${reference}: --batch speaks OpenAI's Batch API, which this server does not have. Leave out --batch.`,
    { code: "batch-unsupported", facts: { reference } },
  );
}
