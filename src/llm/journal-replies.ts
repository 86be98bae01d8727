/** The journal's table of replies: entries in, entries out. */
import type { JournalEntry } from "./journal.ts";
import type { JournalDatabase } from "./journal-database.ts";

export interface JournalReplies {
  find(key: string): JournalEntry | undefined;
  /** To be run in a transaction. A usable reply that is there already stands. */
  add(entries: readonly JournalEntry[], call?: number): void;
}

interface ReplyRow {
  key: string;
  request: string;
  sample: number;
  /** As bytes: libsql reads a text only up to its first U+0000. */
  text: Buffer | ArrayBuffer;
  finish_reason: string | null;
  logprob: number | null;
  num_tokens: number | null;
  problem: string | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  attempt: number;
  time: string;
}

const COLUMNS =
  "key, request, sample, text, finish_reason, logprob, num_tokens, problem, prompt_tokens, completion_tokens, attempt, time";

const SELECTED = COLUMNS.replace("text", "CAST(text AS BLOB) AS text");

export function journalReplies(database: JournalDatabase): JournalReplies {
  const select = database.prepare(`SELECT ${SELECTED} FROM replies WHERE key = ? AND problem IS NULL`);
  const insert = database.prepare(
    `INSERT OR IGNORE INTO replies (call, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    find(key) {
      const row = select.get(key) as ReplyRow | undefined;
      return row && toEntry(row);
    },
    add(entries, call) {
      for (const entry of entries) insert.run(call ?? null, ...toValues(entry));
    },
  };
}

/** Every reply, also those without a use, in the order in which they came. */
export function* allReplies(database: JournalDatabase): Generator<JournalEntry> {
  const rows = database.prepare(`SELECT ${SELECTED} FROM replies ORDER BY id`).iterate();
  for (const row of rows) yield toEntry(row as ReplyRow);
}

function toValues(entry: JournalEntry): (string | number | null)[] {
  const { key, request, sample, text, finishReason, logprob, numTokens, problem, usage, attempt, time } =
    entry;
  const known = [finishReason, logprob, numTokens, problem, usage?.promptTokens, usage?.completionTokens];
  return [key, request, sample, text, ...known.map((value) => value ?? null), attempt, time];
}

function toEntry(row: ReplyRow): JournalEntry {
  const { key, request, sample, text, attempt, time } = row;
  const { finish_reason, logprob, num_tokens, problem, prompt_tokens, completion_tokens } = row;
  return {
    key,
    request,
    sample,
    text: (text instanceof ArrayBuffer ? Buffer.from(text) : text).toString(),
    ...(finish_reason !== null && { finishReason: finish_reason }),
    ...(logprob !== null && { logprob }),
    ...(num_tokens !== null && { numTokens: num_tokens }),
    ...(problem !== null && { problem }),
    ...(prompt_tokens !== null && {
      usage: { promptTokens: prompt_tokens, completionTokens: completion_tokens ?? 0 },
    }),
    attempt,
    time,
  };
}
