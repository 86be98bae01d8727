/** Brings the replies of batches into the journal. */
import { UserError } from "../errors.ts";
import { readReplyLine } from "./batch-lines.ts";
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
    const state = await context.server.look(remote);
    if (OVER.has(state.status)) await collect(batch, state, context);
    else underWay.push(inWords(state));
  }
  return underWay;
}

/** A kill between sending a batch and writing down its id: the server may have it, under our name for it. */
async function adopt(
  { id }: StoredBatch,
  { server, batches, calls, store }: Collecting,
): Promise<string | undefined> {
  const remote = await server.find(id);
  await store.writer.write(() => {
    if (remote !== undefined) return batches.submitted(id, remote);
    for (const call of batches.openCalls(id)) calls.fail(call.id);
    batches.over(id);
  });
  return remote;
}

async function collect({ id }: StoredBatch, state: BatchState, context: Collecting): Promise<void> {
  const { server, batches, calls, identity, store, place } = context;
  const lines: string[] = [];
  for (const file of [state.output_file_id, state.error_file_id])
    if (file != null) lines.push(...(await server.download(file)));
  const open = new Map(batches.openCalls(id).map((call) => [call.id, call]));
  const entries = await store.writer.write(() => {
    const collected = lines.flatMap((line) => collectLine(line, open, context));
    // What came in neither file did not run before the batch expired, was cancelled or was refused.
    for (const call of open.values()) calls.fail(call.id);
    batches.over(id);
    return collected;
  });
  refuseUnusable(identity, entries);
  if (state.status !== "failed") return;
  const reasons = state.errors?.data?.map(({ message }) => message ?? "").join("; ");
  throw new UserError(
    `Model server ${place}: batch ${state.id} of ${identity.model} was refused: ${reasons || "no reason given"}. Mend that and run the same command again.`,
    { code: "batch-refused", facts: { place, batch: state.id } },
  );
}

/** Takes the call from those that are open, and returns its replies. */
function collectLine(
  line: string,
  open: Map<number, StoredCall>,
  { batches, calls, identity, store }: Collecting,
): JournalEntry[] {
  const logprobs = (id: number): boolean => open.get(id)?.logprobs ?? false;
  const reply = readReplyLine(line, (id) => ({ api: identity.api, logprobs: logprobs(id) }));
  const call = reply && open.get(reply.call);
  if (reply === undefined || call === undefined) return [];
  open.delete(call.id);
  if (!reply.ok) {
    calls.fail(call.id);
    if (reply.isRefused) batches.noteFailure(call.id, reply.failure);
    return [];
  }
  const { request: digest, samples, server, model, charge } = call;
  const entries = toEntries({ ...reply.completion, attempt: 1 }, { digest, samples, time: new Date() });
  store.replies.add(entries, call.id);
  const actual = actualOf(entries[0]?.usage, store.spending.prices.priceOf(server, model), charge);
  calls.finish(call.id, { charge: actual, attempt: 1 });
  return entries;
}

function inWords({ id, status, request_counts: counts }: BatchState): string {
  return `${id} (${status}${counts == null ? "" : `, ${counts.completed} of ${counts.total} done`})`;
}
