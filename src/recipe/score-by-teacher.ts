/** Scores of given responses under a model behind a server: each paid for once, and kept in a journal beside the output. */
import { UserError } from "../errors.ts";
import { type Journal, connectScorer, mapConcurrently } from "../llm/index.ts";
import { orInterrupted } from "./interruption.ts";
import { keysOf } from "./key-file.ts";
import { type SpendingOptions, journalPath, openStageJournal } from "./spending.ts";
import type { Reporter } from "./stage.ts";

export interface TeacherScoring extends SpendingOptions {
  readonly teacher: string;
  readonly out: string;
  /** Default 8. */
  readonly concurrency?: number | undefined;
  readonly keyFile?: string | undefined;
}

export interface ScoredResponse {
  logprob: number;
  numTokens: number;
}

export async function scoreByTeacher(
  rows: readonly { prompt: string; response: string }[],
  scoring: TeacherScoring,
  reporter: Pick<Reporter, "say" | "progress" | "signal">,
): Promise<ScoredResponse[]> {
  const empty = rows.findIndex(({ response }) => response === "");
  if (empty >= 0) {
    throw new UserError(
      `Row ${empty} has an empty response, and a server counts no end token, so there is nothing to score. Leave it out, or score with --model.`,
      { code: "response-empty", facts: { row: empty } },
    );
  }
  const journal = await openStageJournal("score", scoring);
  try {
    return await orInterrupted(
      { signal: reporter.signal, saved: `the teacher's scores are in ${journalPath(scoring)}` },
      () => scoreAll(rows, journal, { scoring, reporter }),
    );
  } finally {
    await journal.close();
  }
}

interface Scoring {
  scoring: TeacherScoring;
  reporter: Pick<Reporter, "say" | "progress" | "signal">;
}

async function scoreAll(
  rows: readonly { prompt: string; response: string }[],
  journal: Journal,
  { scoring: { teacher, concurrency = 8, ...settings }, reporter }: Scoring,
): Promise<ScoredResponse[]> {
  const scorer = connectScorer(teacher, { journal, ...keysOf(settings, (message) => reporter.say(message)) });
  const { signal } = reporter;
  const bar = reporter.progress("score", rows.length);
  let done = 0;
  try {
    return await mapConcurrently(
      rows,
      async (row) => {
        const score = await scorer.score(row, signal);
        bar.update(++done);
        return score;
      },
      { concurrency, signal, idOf: (_, index) => index },
    );
  } finally {
    bar.done();
  }
}
