/** The journal's SQLite file: its tables, how it is opened, and its errors in words. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Database } from "libsql";
import { UserError } from "../errors.ts";

export type JournalDatabase = Database;

/**
 * A call is one HTTP request with its retries. `charge` is what it counts in dollars: the most it can cost while it is open,
 * the actual cost once it is done. A call is lost where its process died, or its reply may have been paid for and never came.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS owners (
  id TEXT PRIMARY KEY, pid INTEGER NOT NULL, host TEXT NOT NULL, beat INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS calls (
  id INTEGER PRIMARY KEY,
  request TEXT NOT NULL,
  stage TEXT NOT NULL,
  server TEXT NOT NULL,
  model TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'failed', 'lost')),
  owner TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  priced INTEGER NOT NULL,
  charge REAL NOT NULL,
  started TEXT NOT NULL,
  finished TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS calls_open ON calls (request) WHERE state = 'open';
CREATE INDEX IF NOT EXISTS calls_lost ON calls (request) WHERE state = 'lost';
CREATE TABLE IF NOT EXISTS replies (
  id INTEGER PRIMARY KEY,
  call INTEGER,
  key TEXT NOT NULL,
  request TEXT NOT NULL,
  sample INTEGER NOT NULL,
  text TEXT NOT NULL,
  finish_reason TEXT,
  logprob REAL,
  num_tokens INTEGER,
  problem TEXT,
  prompt_tokens INTEGER,
  completion_tokens INTEGER,
  attempt INTEGER NOT NULL,
  time TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS replies_usable ON replies (key) WHERE problem IS NULL;
CREATE TABLE IF NOT EXISTS batches (
  id TEXT PRIMARY KEY, server TEXT NOT NULL, owner TEXT NOT NULL, remote TEXT, state TEXT NOT NULL CHECK (state IN ('submitting', 'open', 'over')), api TEXT
);
CREATE TABLE IF NOT EXISTS batch_calls (
  call INTEGER PRIMARY KEY, batch TEXT NOT NULL, samples TEXT NOT NULL, logprobs INTEGER NOT NULL, failure TEXT, left_out TEXT
);
CREATE TABLE IF NOT EXISTS imports (path TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS ledger (id INTEGER PRIMARY KEY CHECK (id = 1), charge REAL NOT NULL);
INSERT OR IGNORE INTO ledger VALUES (1, 0);
CREATE TRIGGER IF NOT EXISTS charge_of_new AFTER INSERT ON calls BEGIN
  UPDATE ledger SET charge = charge + new.charge;
END;
CREATE TRIGGER IF NOT EXISTS charge_of_changed AFTER UPDATE OF charge ON calls BEGIN
  UPDATE ledger SET charge = charge + new.charge - old.charge;
END;
`;

/** Which API a batch asks; not known of those that are there. */
const FROM_VERSION_1 = "ALTER TABLE batches ADD COLUMN api TEXT";
/** Which parameters a request of a batch went without. */
const FROM_VERSION_2 = "ALTER TABLE batch_calls ADD COLUMN left_out TEXT";
/** Of the tables above. A file of a later Tuna is refused. */
const VERSION = 3;
/** Another process's transactions take milliseconds; a disk that syncs slowly, seconds. */
const BUSY_TIMEOUT_MS = 30_000;

/** Opens or creates the file. What a kill left unfinished in it is undone by SQLite. */
export async function openDatabase(path: string): Promise<JournalDatabase> {
  try {
    await mkdir(dirname(path), { recursive: true });
    // Loaded where a journal is opened only: most commands need none.
    const { default: LibSql } = await import("libsql");
    const database = new LibSql(path, { timeout: BUSY_TIMEOUT_MS });
    prepare(database, path);
    return database;
  } catch (error) {
    throw error instanceof UserError ? error : notWritable(path, "opened", error);
  }
}

export function isDatabaseError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_");
}

export function notWritable(path: string, what: "opened" | "written", cause: unknown): UserError {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new UserError(
    `Journal ${path}: cannot be ${what} (${words}). Mend that and rerun to resume, or name another file with --journal.`,
    { code: "journal-not-writable", facts: { path }, cause },
  );
}

function prepare(database: JournalDatabase, path: string): void {
  // Replies outlive a power failure too: each commit is synced. Readers and the writer do not wait for each other.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  database.exec("BEGIN IMMEDIATE");
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version > VERSION) {
    // Else the lock stays until the last statement is collected.
    database.exec("ROLLBACK");
    database.close();
    throw new UserError(
      `Journal ${path}: it was written by a later version of Tuna. Use that one, or name another file with --journal.`,
      { code: "journal-version", facts: { path, version } },
    );
  }
  if (version === 1) database.exec(FROM_VERSION_1);
  if (version === 1 || version === 2) database.exec(FROM_VERSION_2);
  database.exec(SCHEMA);
  database.exec(`PRAGMA user_version = ${VERSION}`);
  database.exec("COMMIT");
}
