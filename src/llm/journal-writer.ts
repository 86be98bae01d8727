/** Group commit: what many concurrent requests have to write goes to disk in one transaction, and is synced once. */
import { type JournalDatabase, isDatabaseError, notWritable } from "./journal-database.ts";

export interface JournalWriter {
  /** Runs the work in a transaction, with whatever else is waiting. Resolves with its result when that is on disk. */
  write<T>(work: () => T): Promise<T>;
  /** Resolves when nothing is waiting. */
  drained(): Promise<void>;
}

interface Job {
  work: () => unknown;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

export function journalWriter(database: JournalDatabase, path: string): JournalWriter {
  let waiting: Job[] = [];

  const commit = (): void => {
    const jobs = waiting;
    waiting = [];
    let settle: (() => void)[];
    try {
      settle = inTransaction(database, () => jobs.map((job) => runJob(database, path, job)));
    } catch (error) {
      const failure = notWritable(path, "written", error);
      for (const { reject } of jobs) reject(failure);
      return;
    }
    for (const tell of settle) tell();
  };

  const write = <T>(work: () => T): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      // All replies that came in this turn of the event loop are one group.
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ work, resolve: resolve as Job["resolve"], reject });
    });

  return {
    write,
    drained: () => (waiting.length === 0 ? Promise.resolve() : write(() => {}).catch(() => {})),
  };
}

/** What fails is undone alone, so that the rest of its group is written. Returns how to tell whoever waits. */
function runJob(database: JournalDatabase, path: string, { work, resolve, reject }: Job): () => void {
  database.exec("SAVEPOINT job");
  try {
    const result = work();
    database.exec("RELEASE job");
    return () => resolve(result);
  } catch (error) {
    // SQLite may have undone the whole transaction.
    if (!database.inTransaction) throw error;
    database.exec("ROLLBACK TO job; RELEASE job");
    return () => reject(isDatabaseError(error) ? notWritable(path, "written", error) : error);
  }
}

/** All or nothing: an error undoes the whole group. */
export function inTransaction<T>(database: JournalDatabase, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk has undone the transaction by itself already.
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
