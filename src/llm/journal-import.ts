/** Replies that an earlier Tuna kept as JSON lines (`OUT.journal.jsonl`) come into the journal, once; the file stays. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../errors.ts";
import { type JournalEntry, journalEntry } from "./journal.ts";
import type { JournalDatabase } from "./journal-database.ts";
import type { JournalReplies } from "./journal-replies.ts";
import { inTransaction } from "./journal-writer.ts";

/** Does nothing where the file is not there, or was imported before. Throws a `UserError` for a line that is no entry. */
export function importJsonLines(database: JournalDatabase, replies: JournalReplies, path: string): void {
  const place = resolve(path);
  if (!existsSync(place)) return;
  const known = database.prepare("SELECT path FROM imports WHERE path = ?");
  inTransaction(database, () => {
    if (known.get(place) !== undefined) return;
    for (const entry of readEntries(place)) replies.add([entry]);
    database.prepare("INSERT INTO imports VALUES (?)").run(place);
  });
}

/** A last line cut off by a kill is left out: its reply is asked for again. */
function* readEntries(path: string): Generator<JournalEntry> {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf("\n") + 1;
  for (let start = 0, line = 1; start < end; line++) {
    const stop = bytes.indexOf("\n", start);
    yield parseEntry(bytes.toString("utf8", start, stop), `${path}:${line}`);
    start = stop + 1;
  }
}

function parseEntry(line: string, place: string): JournalEntry {
  try {
    return journalEntry.parse(JSON.parse(line));
  } catch (error) {
    throw new UserError(
      `Journal ${place}: not a journal entry. Remove this line to have its reply asked for again, or name another file.`,
      { code: "journal-corrupt", cause: error },
    );
  }
}
