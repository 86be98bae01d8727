/**
 * The journal of paid-for replies: append-only JSON lines, each on disk before its reply is used, so that a
 * rerun asks only for what is missing. Replies without a use (no log-probabilities) are kept too, but are not
 * found again.
 */
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";

const journalEntry = z.object({
  /** Digest of the request and the sample's index: what the reply is found by. */
  key: z.string(),
  /** Digest of server, model, prompt and sampling parameters. */
  request: z.string(),
  sample: z.number().int(),
  text: z.string(),
  finishReason: z.string().optional(),
  logprob: z.number().optional(),
  numTokens: z.number().int().optional(),
  /** Why the reply cannot be used. */
  problem: z.string().optional(),
  /** Of the whole HTTP reply, on the first of its samples only, so that sums over the file are right. */
  usage: z.object({ promptTokens: z.number(), completionTokens: z.number() }).optional(),
  attempt: z.number().int(),
  /** ISO 8601. */
  time: z.string(),
});
export type JournalEntry = z.infer<typeof journalEntry>;

export interface Journal {
  find(key: string): JournalEntry | undefined;
  /** Resolves when the entries are on disk. */
  append(entries: readonly JournalEntry[]): Promise<void>;
  close(): Promise<void>;
}

/** Remembers replies for the life of the process only. */
export function memoryJournal(): Journal {
  const replies = new Map<string, JournalEntry>();
  return {
    find: (key) => replies.get(key),
    append: async (entries) => entries.forEach((entry) => remember(replies, entry)),
    close: async () => {},
  };
}

/** Opens or creates the file. A last line cut off by a kill is removed: its reply is asked for again. */
export async function openJournal(path: string): Promise<Journal> {
  const file = await openFile(path);
  const replies = await readEntries(file, path).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  let lastWrite: Promise<void> = Promise.resolve();

  const write = async (entries: readonly JournalEntry[]): Promise<void> => {
    try {
      await file.appendFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      await file.datasync();
    } catch (error) {
      throw new UserError(
        `Journal ${path}: cannot be written (${String(error)}). Mend that and rerun to resume.`,
        { code: "journal-not-writable", cause: error },
      );
    }
    for (const entry of entries) remember(replies, entry);
  };

  return {
    find: (key) => replies.get(key),
    append(entries) {
      // After a failed write nothing is appended any more: it would run into the half-written line.
      lastWrite = lastWrite.then(() => write(entries));
      return lastWrite;
    },
    async close() {
      await lastWrite.catch(() => {});
      await file.close();
    },
  };
}

function remember(replies: Map<string, JournalEntry>, entry: JournalEntry): void {
  if (entry.problem === undefined) replies.set(entry.key, entry);
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true });
    return await open(path, "a+");
  } catch (error) {
    throw new UserError(`Journal ${path}: cannot be opened (${String(error)}).`, {
      code: "journal-not-writable",
      cause: error,
    });
  }
}

async function readEntries(file: FileHandle, path: string): Promise<Map<string, JournalEntry>> {
  const bytes = await file.readFile();
  const end = bytes.lastIndexOf("\n") + 1;
  if (end < bytes.length) {
    await file.truncate(end);
    await file.datasync();
  }
  const replies = new Map<string, JournalEntry>();
  for (let start = 0, line = 1; start < end; line++) {
    const stop = bytes.indexOf("\n", start);
    remember(replies, parseEntry(bytes.toString("utf8", start, stop), `${path}:${line}`));
    start = stop + 1;
  }
  return replies;
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
