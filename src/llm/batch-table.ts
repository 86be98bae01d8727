/** The journal's tables of batches. What changes them is to be run in a transaction. */
import type { JournalDatabase } from "./journal-database.ts";
import type { ServerIdentity } from "./model-server.ts";
import type { RefusableParameter } from "./parameter-refusal.ts";

type Api = ServerIdentity["api"];

export interface StoredBatch {
  /** Our name for it. */
  id: string;
  /** The server's; null until that has said so. */
  remote: string | null;
  /** Who submits it. */
  owner: string;
  /** Which it asks; null for those of an earlier Tuna, which did not write it down. */
  api: Api | null;
}

export interface StoredCall {
  id: number;
  request: string;
  server: string;
  model: string;
  samples: number[];
  /** Whether its replies are to have them. */
  logprobs: boolean;
  charge: number;
}

/** Why a request failed in a batch, and what had been left out of it by then. */
export interface BatchFailure {
  request: string;
  failure: string;
  /** How many samples it asked for. */
  n: number;
  leftOut: readonly RefusableParameter[];
}

/** As SQLite keeps it. */
interface StoredRow extends Omit<StoredCall, "samples" | "logprobs"> {
  samples: string;
  logprobs: 0 | 1;
}

export interface BatchTable {
  add(id: string, batch: { server: string; owner: string; api: Api }): void;
  addCall(call: number, batch: string, asked: AskedInBatch): void;
  /** The server has it. */
  submitted(id: string, remote: string): void;
  over(id: string): void;
  /** Those of the server that are not over. */
  open(server: string): StoredBatch[];
  openCalls(batch: string): StoredCall[];
  noteFailure(call: number, failure: string): void;
  /** Those of the server, in the order in which they were sent. */
  failures(server: string): BatchFailure[];
}

interface AskedInBatch {
  samples: readonly number[];
  logprobs: boolean;
  leftOut: readonly RefusableParameter[];
}

export function batchTable(database: JournalDatabase): BatchTable {
  const insert = database.prepare(
    "INSERT INTO batches (id, server, owner, state, api) VALUES (?, ?, ?, 'submitting', ?)",
  );
  const insertCall = database.prepare(
    "INSERT INTO batch_calls (call, batch, samples, logprobs, left_out) VALUES (?, ?, ?, ?, ?)",
  );
  const submitted = database.prepare("UPDATE batches SET remote = ?, state = 'open' WHERE id = ?");
  const over = database.prepare("UPDATE batches SET state = 'over' WHERE id = ?");
  const open = database.prepare(
    "SELECT id, remote, owner, api FROM batches WHERE server = ? AND state <> 'over'",
  );
  const openCalls = database.prepare(
    "SELECT calls.id AS id, request, server, model, samples, logprobs, charge FROM calls JOIN batch_calls ON call = calls.id WHERE batch = ? AND state = 'open'",
  );
  const noteFailure = database.prepare("UPDATE batch_calls SET failure = ? WHERE call = ?");
  const failures = database.prepare(
    "SELECT request, failure, samples, left_out FROM batch_calls JOIN batches ON batch = batches.id JOIN calls ON call = calls.id WHERE batches.server = ? AND failure IS NOT NULL ORDER BY call",
  );
  return {
    add: (id, { server, owner, api }) => void insert.run(id, server, owner, api),
    addCall: (call, batch, { samples, logprobs, leftOut }) =>
      void insertCall.run(call, batch, JSON.stringify(samples), logprobs ? 1 : 0, JSON.stringify(leftOut)),
    submitted: (id, remote) => void submitted.run(remote, id),
    over: (id) => void over.run(id),
    open: (server) =>
      (open.all(server) as StoredBatch[]).map(({ id, remote, owner, api }) => ({ id, remote, owner, api })),
    openCalls: (batch) =>
      (openCalls.all(batch) as StoredRow[]).map((row) => ({
        ...row,
        samples: JSON.parse(row.samples) as number[],
        logprobs: row.logprobs === 1,
      })),
    noteFailure: (call, failure) => void noteFailure.run(failure, call),
    failures: (server) => (failures.all(server) as FailureRow[]).map(toFailure),
  };
}

interface FailureRow {
  request: string;
  failure: string;
  samples: string;
  /** Null for those of an earlier Tuna, which left nothing out. */
  left_out: string | null;
}

function toFailure({ request, failure, samples, left_out }: FailureRow): BatchFailure {
  return {
    request,
    failure,
    n: (JSON.parse(samples) as number[]).length,
    leftOut: JSON.parse(left_out ?? "[]") as RefusableParameter[],
  };
}
