/**
 * The journal in one SQLite file, which runs and processes may share. A reply is on disk before it is used, so that a rerun
 * asks only for what is missing; a request is written down before it is sent, so that no other process sends it too.
 */
import type { Spending } from "./budget.ts";
import type { Journal } from "./journal.ts";
import { type CallsContext, journalCalls } from "./journal-calls.ts";
import { type JournalDatabase, openDatabase } from "./journal-database.ts";
import { importJsonLines } from "./journal-import.ts";
import { type OwnersOptions, journalOwners } from "./journal-owners.ts";
import { journalReplies } from "./journal-replies.ts";
import { journalWriter } from "./journal-writer.ts";
import { openPrices } from "./price.ts";

export interface JournalOptions extends OwnersOptions {
  /** What its calls are booked under, such as `sample`. */
  stage?: string | undefined;
  /** Default: list prices, no budget. */
  spending?: Spending | undefined;
  /** Of an earlier Tuna, `OUT.journal.jsonl`: imported where it is there and was not yet. */
  jsonLines?: string | undefined;
}

export interface JournalFile extends Journal {
  /** For what is kept beside single calls: batches. */
  readonly store: CallsContext;
}

export async function openJournal(path: string, options: JournalOptions = {}): Promise<JournalFile> {
  const database = await openDatabase(path);
  try {
    return journalIn(database, path, options);
  } catch (error) {
    database.close();
    throw error;
  }
}

function journalIn(database: JournalDatabase, path: string, options: JournalOptions): JournalFile {
  const { stage = "", spending = { prices: openPrices() }, jsonLines, ...lease } = options;
  const replies = journalReplies(database);
  if (jsonLines !== undefined) importJsonLines(database, replies, jsonLines);
  const writer = journalWriter(database, path);
  const owners = journalOwners(database, writer, lease);
  const store = { database, writer, replies, owners, stage, spending };
  return {
    find: (key) => replies.find(key),
    append: (entries) => writer.write(() => replies.add(entries)),
    begin: journalCalls(store),
    store,
    async close() {
      await owners.close();
      await writer.drained();
      database.close();
    },
  };
}
