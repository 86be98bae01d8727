/** The journal's tables of batches. What changes them is to be run in a transaction. */
import type { JournalDatabase } from "./journal-database.ts";
import type { ServerIdentity } from "./model-server.ts";

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

/** As SQLite keeps it. */
interface StoredRow extends Omit<StoredCall, "samples" | "logprobs"> {
  samples: string;
  logprobs: 0 | 1;
}

export interface BatchTable {
  add(id: string, batch: { server: string; owner: string; api: Api }): void;
  addCall(call: number, batch: string, asked: { samples: readonly number[]; logprobs: boolean }): void;
  /** The server has it. */
  submitted(id: string, remote: string): void;
  over(id: string): void;
  /** Those of the server that are not over. */
  open(server: string): StoredBatch[];
  openCalls(batch: string): StoredCall[];
  noteFailure(call: number, failure: string): void;
  /** Why earlier calls of the request failed in batches. */
  failures(request: string): string[];
}

export function batchTable(database: JournalDatabase): BatchTable {
  const insert = database.prepare(
    "INSERT INTO batches (id, server, owner, state, api) VALUES (?, ?, ?, 'submitting', ?)",
  );
  const insertCall = database.prepare("INSERT INTO batch_calls VALUES (?, ?, ?, ?, NULL)");
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
    "SELECT failure FROM batch_calls JOIN calls ON call = calls.id WHERE request = ? AND failure IS NOT NULL",
  );
  return {
    add: (id, { server, owner, api }) => void insert.run(id, server, owner, api),
    addCall: (call, batch, { samples, logprobs }) =>
      void insertCall.run(call, batch, JSON.stringify(samples), logprobs ? 1 : 0),
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
    failures: (request) => (failures.all(request) as { failure: string }[]).map(({ failure }) => failure),
  };
}
