/** Brings the replies of batches into the journal. */
import { UserError } from "../errors.ts";
import { type BatchReply, readReplyLine } from "./batch-lines.ts";
import type { BatchServer, BatchState } from "./batch-server.ts";
import type { BatchTable, StoredBatch, StoredCall } from "./batch-table.ts";
import { actualOf } from "./budget.ts";
import type { JournalEntry } from "./journal.ts";
import type { CallTable } from "./journal-call-table.ts";
import type { CallsContext } from "./journal-calls.ts";
import { refuseUnusable, toEntries } from "./journalled-reply.ts";
import type { ServerIdentity } from "./model-server.ts";

export interface Collecting {
  /** URL#MODEL */
  place: string;
  server: BatchServer;
  batches: BatchTable;
  calls: CallTable;
  identity: ServerIdentity;
  store: CallsContext;
}

const OVER = new Set(["completed", "expired", "cancelled", "failed"]);

/** Returns the batches that are still under way, in words. */
export async function collectBatches(context: Collecting): Promise<string[]> {
  const underWay: string[] = [];
  for (const batch of context.batches.open(context.place)) {
    if (batch.remote === null && !context.store.owners.isGone(batch.owner)) {
      underWay.push("one that another process is submitting");
      continue;
    }
    const remote = batch.remote ?? (await adopt(batch, context));
    if (remote === undefined) continue;
    const state = await unlessGone(context.server.look(remote));
    if (state === undefined) await loseBatch(batch, context);
    else if (OVER.has(state.status)) await collect(batch, state, asSent(batch, context));
    else underWay.push(inWords(state));
  }
  return underWay;
}

/** Its replies are of the API that it asked, whichever is asked now. */
function asSent({ api }: StoredBatch, context: Collecting): Collecting {
  const { identity } = context;
  return { ...context, identity: { ...identity, api: api ?? identity.api } };
}

/** A kill between sending a batch and writing down its id: the server may have it, under our name for it. */
async function adopt(
  { id }: StoredBatch,
  { server, batches, calls, store }: Collecting,
): Promise<string | undefined> {
  const remote = await unlessGone(server.find(id));
  await store.writer.write(() => {
    if (remote !== undefined) return batches.submitted(id, remote);
    for (const call of batches.openCalls(id)) calls.fail(call.id);
    batches.over(id);
  });
  return remote;
}

/** Its replies may be paid for, and are not to be had any more. */
async function loseBatch({ id }: StoredBatch, { batches, calls, store }: Collecting): Promise<void> {
  await store.writer.write(() => {
    for (const call of batches.openCalls(id)) calls.lose(call.id);
    batches.over(id);
  });
}

/** Undefined where the server does not know it. */
async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof UserError && error.code === "server-not-found") return undefined;
    throw error;
  }
}

async function collect({ id }: StoredBatch, state: BatchState, context: Collecting): Promise<void> {
  const { server, batches, calls, identity, store } = context;
  const open = new Map(batches.openCalls(id).map((call) => [call.id, call]));
  const unusable: JournalEntry[] = [];
  let isWhole = true;
  const take = async (lines: string[]): Promise<void> => {
    const replies = lines.map((line) => readLine(line, open, context));
    if (replies.includes(undefined)) isWhole = false;
    const entries = await store.writer.write(() => replies.flatMap((reply) => book(reply, open, context)));
    unusable.push(...entries.filter(({ problem }) => problem !== undefined));
  };
  for (const file of [state.output_file_id, state.error_file_id]) {
    if (file == null) continue;
    const found = await unlessGone(server.download(file, take).then(() => true));
    if (found === undefined) isWhole = false;
  }
  await store.writer.write(() => {
    // What came in neither file did not run before the batch expired, was cancelled or was refused.
    for (const { id: call } of open.values()) {
      if (isWhole) calls.fail(call);
      else calls.lose(call);
    }
    batches.over(id);
  });
  refuseUnusable(identity, unusable);
  if (state.status === "failed") throw refused(state, context);
}

function refused(state: BatchState, { place, identity }: Collecting): UserError {
  const reasons = state.errors?.data?.map(({ message }) => message ?? "").join("; ");
  return new UserError(
    `Model server ${place}: batch ${state.id} of ${identity.model} was refused: ${reasons || "no reason given"}. Mend that and run the same command again.`,
    { code: "batch-refused", facts: { place, batch: state.id } },
  );
}

function readLine(
  line: string,
  open: ReadonlyMap<number, StoredCall>,
  { identity: { api } }: Collecting,
): BatchReply | undefined {
  return readReplyLine(line, (id) => ({ api, logprobs: open.get(id)?.logprobs ?? false }));
}

/** Takes the call from those that are open, and returns its replies. In a transaction. */
function book(
  reply: BatchReply | undefined,
  open: Map<number, StoredCall>,
  { batches, calls, store }: Collecting,
): JournalEntry[] {
  const call = reply && open.get(reply.call);
  if (reply === undefined || call === undefined) return [];
  open.delete(call.id);
  if (!reply.ok) {
    if (reply.isPaid) calls.lose(call.id);
    else calls.fail(call.id);
    if (reply.isRefused) batches.noteFailure(call.id, reply.failure);
    return [];
  }
  const { request: digest, samples, server, model, charge } = call;
  const entries = toEntries({ ...reply.completion, attempt: 1 }, { digest, samples, time: new Date() });
  store.replies.add(entries, call.id);
  const actual = actualOf(entries[0]?.usage, store.spending.prices.priceOf(server, model), charge);
  calls.finish(call.id, { charge: actual, attempt: 1 });
  calls.chargeLost(digest, actual);
  return entries;
}

function inWords({ id, status, request_counts: counts }: BatchState): string {
  return `${id} (${status}${counts == null ? "" : `, ${counts.completed} of ${counts.total} done`})`;
}
