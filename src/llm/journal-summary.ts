/** What is in a journal: requests, retries, tokens and cost by stage and model, and every reply. */
import { existsSync } from "node:fs";
import { UserError } from "../errors.ts";
import type { JournalEntry } from "./journal.ts";
import { callTable } from "./journal-call-table.ts";
import { type JournalDatabase, openDatabase } from "./journal-database.ts";
import { allReplies } from "./journal-replies.ts";

export interface JournalLine {
  /** Empty where nobody said: for replies that were imported. */
  stage: string;
  server: string;
  model: string;
  /** Requests that were answered. */
  requests: number;
  /** Attempts beyond those: failed ones, and those whose reply never came. */
  retries: number;
  /** Requests that were sent and whose reply never came. They are among the retries too. */
  lost: number;
  /** Sent now, or left behind by a process that was killed. */
  open: number;
  replies: number;
  promptTokens: number;
  completionTokens: number;
  /** Answered requests whose price was not known. */
  unpriced: number;
  /** Of the other answered requests, in dollars; null where there are none. */
  cost: number | null;
  /** The most that requests whose reply never came, or is not there yet, can have cost. */
  unsureCost: number | null;
}

export interface OpenedJournal {
  lines(): JournalLine[];
  /** In dollars: what is paid, and the most that requests without a reply can have cost. */
  spent(): number;
  /** All replies, those without a use too. */
  entries(): Iterable<JournalEntry>;
  close(): void;
}

/** Opens the journal to look at it. Throws a `UserError` where there is none. */
export async function readJournal(path: string): Promise<OpenedJournal> {
  if (!existsSync(path)) {
    throw new UserError(
      `Journal ${path}: there is no such file. A stage writes OUT.journal.sqlite beside its output.`,
      {
        code: "journal-missing",
        facts: { path },
      },
    );
  }
  const database = await openDatabase(path);
  return {
    lines: () => linesOf(database),
    spent: () => callTable(database).spent(),
    entries: () => allReplies(database),
    close: () => database.close(),
  };
}

const LINES = `
WITH tokens AS (
  SELECT call, count(*) AS replies, total(prompt_tokens) AS prompt, total(completion_tokens) AS completion
  FROM replies GROUP BY call
)
SELECT stage, server, model,
  total(state = 'done') AS requests,
  total(attempts) - total(state = 'done') - total(iif(state = 'open', attempts, 0)) AS retries,
  total(state = 'lost') AS lost, total(state = 'open') AS open,
  total(replies) AS replies, total(prompt) AS promptTokens, total(completion) AS completionTokens,
  total(state = 'done' AND priced = 0) AS unpriced,
  iif(max(priced) = 0, NULL, total(iif(state = 'done', charge, 0))) AS cost,
  iif(max(priced) = 0, NULL, total(iif(state = 'done', 0, charge))) AS unsureCost
FROM calls LEFT JOIN tokens ON tokens.call = calls.id
GROUP BY stage, server, model
UNION ALL
SELECT '', '', '', count(DISTINCT request), 0, 0, 0, count(*), total(prompt_tokens), total(completion_tokens), count(DISTINCT request), NULL, NULL
FROM replies WHERE call IS NULL HAVING count(*) > 0`;

function linesOf(database: JournalDatabase): JournalLine[] {
  const rows = database.prepare(LINES).all() as JournalLine[];
  return rows.map((row) => ({
    stage: row.stage,
    server: row.server,
    model: row.model,
    requests: row.requests,
    retries: row.retries,
    lost: row.lost,
    open: row.open,
    replies: row.replies,
    promptTokens: row.promptTokens,
    completionTokens: row.completionTokens,
    unpriced: row.unpriced,
    cost: row.cost,
    unsureCost: row.unsureCost,
  }));
}
