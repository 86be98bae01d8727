/**
 * A teacher or judge that is asked in batches: what the journal has is answered, what is missing is noted, and once everything
 * was asked for, it goes to the server as one batch. The same command, run again, collects the replies and goes on; rows that
 * expired or failed are missing again, and only those.
 */
import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import { type BatchRequest, ENDPOINTS, requestLine } from "./batch-lines.ts";
import { type BatchServer, batchServer } from "./batch-server.ts";
import { type BatchTable, batchTable } from "./batch-table.ts";
import { budgetReached, mostOf } from "./budget.ts";
import type { ChatModel, SamplingModel } from "./chat-model.ts";
import { collectBatches } from "./batch-collect.ts";
import type { ConnectionOptions } from "./connection.ts";
import { callTable } from "./journal-call-table.ts";
import type { JournalFile } from "./journal-file.ts";
import { BATCH_OWNER } from "./journal-owners.ts";
import { callStart, toReply, toResponse } from "./journalled-reply.ts";
import {
  chatCompletion,
  digestOf,
  requestDigest,
  sampleKey,
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

/** A server takes no more in one batch. */
const LARGEST_BATCH = { requests: 50_000, bytes: 100_000_000 };
/** After as many failures in batches a request is taken for refused. */
const MOST_FAILURES = 3;
/** Stands in for a reply that is not there yet; what follows from it is not asked for. */
const PENDING = "tuna: this reply is not there yet";

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
  const missing = new Map<string, Missing>();
  let pending = 0;

  /** Undefined for each sample that is not there yet. */
  const answers = (
    request: CompletionRequest,
    { samples, seed }: { samples: number[]; seed?: number | undefined },
  ) => {
    const digest = requestDigest(identity, request, seed);
    const entries = samples.map((sample) => replies.find(sampleKey(digest, sample)));
    const wanted = samples.filter((_, index) => entries[index] === undefined);
    const isFollowUp = request.messages.some(({ content }) => content.includes(PENDING));
    if (wanted.length > 0 && !isFollowUp) {
      refuseHopeless(batches.failures(digest), place);
      pending++;
      if (calls.findOpen(digest) === undefined) missing.set(digest, { digest, request, samples: wanted });
    }
    return { digest, entries };
  };

  return {
    name: model,
    async chat(request) {
      const { entries } = answers(chatCompletion(request), { samples: [0] });
      return entries[0] === undefined ? { text: PENDING } : toReply(entries[0]);
    },
    async sample(request) {
      const { n, firstSample = 0, seed } = request;
      const samples = Array.from({ length: n }, (_, offset) => firstSample + offset);
      const { digest, entries } = answers(samplingCompletion(request), { samples, seed });
      // One word each, so that no two of them are similar and drawn again.
      return entries.map((entry, index) =>
        entry === undefined
          ? { text: digestOf([PENDING, digest, samples[index]]), logprob: 0, numTokens: 1 }
          : toResponse(entry),
      );
    },
    async settle() {
      if (pending === 0) return;
      const sent = await submitMissing([...missing.values()], { place, server, batches, identity, journal });
      throw comeBack(place, [...underWay, ...sent]);
    },
  };
}

export interface Missing {
  digest: string;
  request: CompletionRequest;
  samples: number[];
}

interface Submission {
  place: string;
  server: BatchServer;
  batches: BatchTable;
  identity: ServerIdentity;
  journal: JournalFile;
}

/** Returns what was sent, in words. Each batch is written down before it is sent, and found again by its name. */
async function submitMissing(missing: readonly Missing[], context: Submission): Promise<string[]> {
  const sent: string[] = [];
  for (let start = 0; start < missing.length;) {
    const id = randomUUID();
    const requests = await bookBatch(id, missing.slice(start, start + LARGEST_BATCH.requests), context);
    const { server, batches, identity, journal } = context;
    const remote = await server.submit(requests, id, ENDPOINTS[identity.api]);
    await journal.store.writer.write(() => batches.submitted(id, remote));
    sent.push(`${remote} (${requests.length} requests, submitted now)`);
    start += requests.length;
  }
  return sent;
}

/** As open calls, as many as a batch and the budget hold. Returns their lines. */
async function bookBatch(
  id: string,
  missing: readonly Missing[],
  { place, batches, identity, journal }: Submission,
): Promise<string[]> {
  const { database, writer, owners, stage, spending } = journal.store;
  const calls = callTable(database);
  const { baseUrl: server, model, api } = identity;
  const outcome = await writer.write(() => {
    const lines: string[] = [];
    let bytes = 0;
    for (const { digest, request, samples } of missing) {
      const keys = samples.map((sample) => sampleKey(digest, sample));
      const most = mostOf(callStart({ server, model, digest, keys }, request), spending);
      const spent = calls.spent();
      if (spending.budget !== undefined && spent + (most ?? 0) > spending.budget) {
        if (lines.length === 0) return { lines, stop: budgetReached(spent, most ?? 0, spending.budget) };
        break;
      }
      const call = calls.open({ request: digest, server, model, stage, owner: BATCH_OWNER, most });
      calls.countAttempts(call, 1);
      const line = requestLine({ call, api, model, request, n: samples.length } satisfies BatchRequest);
      lines.push(line);
      batches.addCall(call, id, { samples, logprobs: request.logprobs });
      bytes += line.length;
      if (bytes > LARGEST_BATCH.bytes) break;
    }
    batches.add(id, { server: place, owner: owners.self });
    return { lines, stop: undefined };
  });
  if (outcome.stop !== undefined) throw outcome.stop;
  return outcome.lines;
}

/** A list or row of its own, so that one prompt does not hold up the others for good. */
function refuseHopeless(failures: readonly string[], place: string): void {
  if (failures.length < MOST_FAILURES) return;
  throw new UserError(
    `Model server ${place}: prompt refused in ${failures.length} batches: ${failures.at(-1)}. Shorten this prompt, or drop its row.`,
    { code: "prompt-refused", facts: { place } },
  );
}

function comeBack(place: string, batches: readonly string[]): UserError {
  return new UserError(
    `Not done yet: replies of ${place} are under way in ${batches.length === 1 ? "batch" : "batches"} ${batches.join(", ")}. Run the same command again to collect them.`,
    { code: "batch-pending", facts: { place, batches } },
  );
}

function otherDialect(reference: string): UserError {
  return new UserError(
    `${reference}: --batch speaks OpenAI's Batch API, which this server does not have. Leave out --batch.`,
    { code: "batch-unsupported", facts: { reference } },
  );
}
