/**
 * Files of reviews. FastChat's, one row a question, hold one order: `answer1_id` names the answer that was shown first. Tuna
 * writes the same rows, a file for each order, and says in `metadata` what FastChat's cannot.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { readAllJsonLines, writeJsonLines } from "../../data/jsonl.ts";
import { UserError } from "../../errors.ts";
import type { Answers } from "./answers.ts";
import { GRADINGS, GRADING_FORMS, type Grading } from "./grading.ts";
import { readMarked, wholeLines } from "./judging.ts";
import { questionId } from "./questions.ts";
import type { Reading, Review } from "./review.ts";

const answerIndex = z.union([z.literal(0), z.literal(1)]);

/** What Tuna adds; other keys of others are left alone. */
const metadata = z.looseObject({
  grading: z.enum(GRADINGS).optional(),
  shown: z.array(answerIndex).min(1).max(2).optional(),
  reason: z.string().optional(),
  cutOff: z.literal(true).optional(),
  again: z.object({ earlier: z.string(), code: z.string() }).optional(),
});

const reviewRow = z.looseObject({
  question_id: questionId,
  text: z.string(),
  score: z.array(z.number()).min(1).max(2).optional(),
  answer1_id: z.string().nullish(),
  answer2_id: z.string().nullish(),
  metadata: metadata.optional(),
});
type ReviewRow = z.output<typeof reviewRow>;

export interface StoredReview extends Review {
  /** Ids of the answers in the order they were shown, where the file has them. */
  readonly answerIds: readonly (string | undefined)[];
  readonly grading: Grading;
}

export interface ReadReviewsOptions {
  /** Reads the replies again instead of taking the scores that are stored. */
  readonly rescore: boolean;
}

/** In the order of the file. */
export async function readReviews(path: string, options: ReadReviewsOptions): Promise<StoredReview[]> {
  const rows = await readAllJsonLines(path, reviewRow);
  if (rows.length === 0) throw refusal(path, "no reviews");
  return rows.map((row, index) => {
    const { grading = "scores", shown, again, cutOff } = row.metadata ?? {};
    const numShown = grading === "single" ? 1 : 2;
    if (shown !== undefined && shown.length !== numShown)
      throw refusal(path, `row ${index + 1} shows ${shown.length} answers`);
    return {
      id: row.question_id,
      shown: shown ?? [0, 1].slice(0, numShown),
      text: row.text,
      reading: options.rescore ? readAgain(row) : stored(row, { path, index, numShown }),
      again,
      isCutOff: cutOff,
      answerIds: [row.answer1_id ?? undefined, row.answer2_id ?? undefined].slice(0, numShown),
      grading,
    };
  });
}

function readAgain({ text, metadata: { grading = "scores", again, cutOff } = {} }: ReviewRow): Reading {
  const whole = wholeLines({ text, isCutOff: cutOff });
  return again === undefined
    ? GRADING_FORMS[grading].read(whole)
    : readMarked(whole, { code: again.code, grading });
}

function stored(
  { score, metadata: { reason } = {} }: ReviewRow,
  { path, index, numShown }: { path: string; index: number; numShown: number },
): Reading {
  if (score?.length !== numShown) {
    throw refusal(
      path,
      `row ${index + 1} has no ${numShown === 1 ? "score" : "pair of scores"}`,
      "Read its text with --rescore",
    );
  }
  // FastChat's mark for a reply that could not be read.
  if (score.every((each) => each === -1)) return { how: "failed", reason: reason ?? "stored as unreadable" };
  return { how: "stored", scores: score };
}

export interface WrittenReviews {
  readonly reviews: readonly Review[];
  readonly answers: readonly Answers[];
  readonly grading: Grading;
  /** Who was asked for them, and how. */
  readonly judge: Readonly<Record<string, unknown>>;
}

/** One order in each file; `pathOf` names it by what was shown. Returns the paths. */
export async function writeReviews(
  { reviews, answers, grading, judge }: WrittenReviews,
  pathOf: (shown: readonly number[]) => string,
): Promise<string[]> {
  const orders = new Map(reviews.map(({ shown }) => [shown.join(), shown]));
  const paths: string[] = [];
  for (const [key, shown] of orders) {
    const ofOrder = reviews.filter((review) => review.shown.join() === key);
    const rows = ofOrder.map((review) => rowOf(review, { answers, grading, judge }));
    await writeJsonLines(pathOf(shown), rows);
    paths.push(pathOf(shown));
  }
  return paths;
}

function rowOf(
  review: Review,
  { answers, grading, judge }: Omit<WrittenReviews, "reviews">,
): Record<string, unknown> {
  const { id, shown, text, reading, again, isCutOff } = review;
  const [first, second] = shown.map((answer) => answers[answer]!.get(id)?.answerId ?? null);
  const name = JSON.stringify([id, shown, first, second, text]);
  return {
    review_id: createHash("sha256").update(name).digest("hex").slice(0, 22),
    question_id: asNumber(id),
    answer1_id: first,
    ...(shown.length === 2 && { answer2_id: second }),
    text,
    score: reading.how === "failed" ? shown.map(() => -1) : [...reading.scores],
    metadata: {
      grading,
      shown,
      ...judge,
      reading: reading.how,
      ...(reading.how === "failed" && { reason: reading.reason }),
      ...(isCutOff === true && { cutOff: true }),
      ...(again !== undefined && { again }),
    },
  };
}

/** FastChat's ids are numbers. */
function asNumber(id: string): string | number {
  return String(Number(id)) === id ? Number(id) : id;
}

function refusal(
  path: string,
  fault: string,
  mend = "Expected rows of FastChat's reviews: {question_id, text, score}",
): UserError {
  return new UserError(`${path}: ${fault}. ${mend}.`, { code: "reviews-invalid", facts: { path } });
}
