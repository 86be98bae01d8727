/**
 * Reviews of both orders in one row, as Cherry_LLM publishes them: `{dataset, idx, question, input, answer1, answer2, review,
 * scores, review_reverse, scores_reverse}`. The reversed review saw `answer2` first.
 */
import { z } from "zod";
import { readAllJsonLines } from "../../data/jsonl.ts";
import type { Reading } from "./review.ts";
import type { ReviewedQuestion } from "./reviewed.ts";
import type { ReadReviewsOptions } from "./reviews-file.ts";
import { readScores } from "./score-reading.ts";

const pair = z.array(z.number()).length(2);
const bothOrdersRow = z.looseObject({
  dataset: z.string().default("all"),
  idx: z.union([z.string(), z.number()]),
  question: z.string(),
  input: z.string().nullish(),
  answer1: z.string(),
  answer2: z.string(),
  review: z.string(),
  scores: pair,
  review_reverse: z.string(),
  scores_reverse: pair,
});

/** Whether a row of a file is of this form. */
export function isBothOrdersRow(row: object): boolean {
  return "review_reverse" in row;
}

/** In the order of the file; its question sets are the categories. */
export async function readBothOrders(
  path: string,
  { rescore }: ReadReviewsOptions,
): Promise<ReviewedQuestion[]> {
  const rows = await readAllJsonLines(path, bothOrdersRow);
  return rows.map((row) => {
    const id = `${row.dataset}-${row.idx}`;
    const reading = (text: string, scores: readonly number[]): Reading => {
      if (rescore) return readScores(text);
      const isFailed = scores.every((score) => score === -1);
      return isFailed ? { how: "failed", reason: "stored as unreadable" } : { how: "stored", scores };
    };
    return {
      id,
      category: row.dataset,
      question: [row.question, row.input ?? ""].filter((part) => part !== "").join("\n"),
      answers: [row.answer1, row.answer2],
      reviews: [
        { id, shown: [0, 1], text: row.review, reading: reading(row.review, row.scores) },
        {
          id,
          shown: [1, 0],
          text: row.review_reverse,
          reading: reading(row.review_reverse, row.scores_reverse),
        },
      ],
    };
  });
}
