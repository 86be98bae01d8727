/** Reviews from files, with what else is known of their questions. */
import { z } from "zod";
import { readJsonLines } from "../../data/jsonl.ts";
import { UserError } from "../../errors.ts";
import { isBothOrdersRow, readBothOrders } from "./both-orders-file.ts";
import type { Grading } from "./grading.ts";
import { type Material, type ReviewedQuestion, mergeReviews, withReviews } from "./reviewed.ts";
import { type ReadReviewsOptions, readReviews } from "./reviews-file.ts";

export interface ReadReviewed {
  readonly reviewed: readonly ReviewedQuestion[];
  readonly grading: Grading;
}

/** Files of one pair of answers: FastChat's, one for each order, or one file with both orders in each row. */
export async function readReviewed(
  paths: readonly string[],
  { rescore, ...material }: ReadReviewsOptions & Material,
): Promise<ReadReviewed> {
  const [path] = paths;
  if (path !== undefined && isBothOrdersRow(await firstRow(path))) {
    if (paths.length > 1 || material.answers !== undefined || material.questions !== undefined) {
      throw new UserError(
        `${path} holds both orders, the questions and the answers. Give it alone, without --data and --answers.`,
        { code: "reviews-complete" },
      );
    }
    return { reviewed: await readBothOrders(path, { rescore }), grading: "scores" };
  }
  const files = await Promise.all(
    paths.map(async (each) => ({ path: each, reviews: await readReviews(each, { rescore }) })),
  );
  const reviews = mergeReviews(files, material);
  return { reviewed: withReviews(reviews, material), grading: reviews[0]!.grading };
}

/** An empty object for an empty file, which its reader refuses. */
async function firstRow(path: string): Promise<object> {
  for await (const row of readJsonLines(path, z.looseObject({}))) return row;
  return {};
}
