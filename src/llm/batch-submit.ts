/** Sends what is missing as batches. */
import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import { ENDPOINTS, requestLine } from "./batch-lines.ts";
import type { BatchServer } from "./batch-server.ts";
import type { BatchTable } from "./batch-table.ts";
import { budgetReached, exceedsBudget, mostOf } from "./budget.ts";
import { type CallTable, callTable } from "./journal-call-table.ts";
import type { JournalFile } from "./journal-file.ts";
import { BATCH_OWNER } from "./journal-owners.ts";
import { callStart } from "./journalled-reply.ts";
import { type RequestNames, digestsIn, findReply } from "./journalled-request.ts";
import type { CompletionRequest, ServerIdentity } from "./model-server.ts";
import { parametersIn } from "./openai-body.ts";
import { type Accepted, REFUSABLE, TAKES_ALL, warningWithout } from "./parameter-refusal.ts";

export interface Missing {
  names: RequestNames;
  request: CompletionRequest;
  samples: number[];
}

export interface Submission {
  place: string;
  server: BatchServer;
  batches: BatchTable;
  identity: ServerIdentity;
  journal: JournalFile;
  /** What the server has not refused in earlier batches. */
  takes: Accepted;
  warn?: ((message: string) => void) | undefined;
}

/** A server takes no more in one batch. */
const LARGEST_BATCH = { requests: 50_000, bytes: 100_000_000 };

/** Returns what was sent, in words. Each batch is written down before it is sent, and found again by its name. */
export async function submitMissing(missing: readonly Missing[], context: Submission): Promise<string[]> {
  const sent: string[] = [];
  warnOfMissing(missing, context);
  for (let start = 0; start < missing.length;) {
    const id = randomUUID();
    const { lines, passed } = await bookBatch(id, missing.slice(start), context);
    start += passed;
    if (lines.length === 0) continue;
    const remote = await send(id, lines, context);
    await context.journal.store.writer.write(() => context.batches.submitted(id, remote));
    sent.push(`${remote} (${lines.length} requests, submitted now)`);
  }
  return sent;
}

/** Where the server surely has no such batch, the calls are free to be made again. */
async function send(
  id: string,
  lines: readonly string[],
  { server, batches, identity, journal }: Submission,
): Promise<string> {
  try {
    return await server.create(await server.upload(lines, id), id, ENDPOINTS[identity.api]);
  } catch (error) {
    if (error instanceof UserError && error.code === "batch-in-doubt") throw error;
    const { database, writer } = journal.store;
    const undo = (): void => {
      for (const call of batches.openCalls(id)) callTable(database).fail(call.id);
      batches.over(id);
    };
    // Where the journal cannot be written either, the server's error is the one to tell.
    await writer.write(undo).catch(() => {});
    throw error;
  }
}

interface Booked {
  lines: string[];
  /** How many of the missing are in it, or need not be. */
  passed: number;
}

/** As open calls, as many as a batch and the budget hold. */
async function bookBatch(id: string, missing: readonly Missing[], context: Submission): Promise<Booked> {
  const { place, batches, identity, journal } = context;
  const { database, writer, owners } = journal.store;
  const calls = callTable(database);
  const outcome = await writer.write(() => {
    const lines: string[] = [];
    let [bytes, passed] = [0, 0];
    for (const one of missing) {
      if (lines.length === LARGEST_BATCH.requests || bytes > LARGEST_BATCH.bytes) break;
      const line = bookRequest(id, one, context, calls);
      if (line instanceof UserError) {
        if (lines.length === 0) return { lines, passed, stop: line };
        break;
      }
      passed++;
      if (line === undefined) continue;
      lines.push(line);
      bytes += Buffer.byteLength(line) + 1;
    }
    if (lines.length > 0) batches.add(id, { server: place, owner: owners.self, api: identity.api });
    return { lines, passed, stop: undefined };
  });
  if (outcome.stop !== undefined) throw outcome.stop;
  return outcome;
}

/** Returns its line; undefined where others have it under way or answered by now; what to tell where the budget is reached. */
function bookRequest(
  batch: string,
  { names, request: wanted, samples }: Missing,
  { batches, identity: { baseUrl: server, model, api }, journal, takes }: Submission,
  calls: CallTable,
): string | UserError | undefined {
  const { replies, owners, stage, spending } = journal.store;
  const missing = samples.filter(
    (sample) => findReply(names, sample, (key) => replies.find(key)) === undefined,
  );
  const open = calls.findOpen(digestsIn(names));
  if (missing.length === 0 || (open !== undefined && !owners.isGone(open.owner))) return undefined;
  if (open !== undefined) calls.lose(open.id);
  // One that takes no `n` gives the others in batches after this one.
  const asked = takes.n ? missing : missing.slice(0, 1);
  const { request, digest } = asSent({ names, request: wanted }, api, takes);
  const most = mostOf(callStart({ server, model, names, samples: asked }, request), spending);
  const spent = calls.spent();
  if (exceedsBudget(spent, most ?? 0, spending.budget))
    return budgetReached(spent, most ?? 0, spending.budget!);
  const call = calls.open({ request: digest, server, model, stage, owner: BATCH_OWNER, most });
  calls.countAttempts(call, 1);
  const leftOut = REFUSABLE.filter((name) => !takes[name]);
  batches.addCall(call, batch, { samples: asked, logprobs: request.logprobs, leftOut });
  return requestLine({ call, api, model, asked: { request, n: asked.length, takes } });
}

/** With its schema only where that goes out with it, and under the name that it then has. */
function asSent(
  { names, request }: Omit<Missing, "samples">,
  api: ServerIdentity["api"],
  takes: Accepted,
): { request: CompletionRequest; digest: string } {
  const isHeld = parametersIn(api, { request, n: 1, takes }).includes("response_format");
  return isHeld
    ? { request, digest: names.held }
    : { request: { ...request, schema: undefined }, digest: names.plain };
}

/** Of what requests go without, where it matters. */
function warnOfMissing(missing: readonly Missing[], { identity, takes, warn }: Submission): void {
  const { api, model } = identity;
  const wanted = new Set(
    missing.flatMap(({ request, samples }) =>
      parametersIn(api, { request, n: samples.length, takes: TAKES_ALL }),
    ),
  );
  for (const name of wanted) {
    const warning = takes[name] ? undefined : warningWithout(name, model);
    if (warning !== undefined) warn?.(warning);
  }
}
