/** Who wins a question: the outcome of each order, and all of them together. */
import { meanOf } from "../audit/judged-item.ts";
import { type Review, scoreOf } from "./review.ts";
import type { ReviewedQuestion } from "./reviewed.ts";

/** Of answer 1. `graded`: there is no other answer. `failed`: a reply is missing or could not be read. */
export const OUTCOMES = ["win", "lose", "tie", "failed", "graded"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A list of what was shown. */
export type ReviewOrder = readonly (readonly number[])[];

/** All that stand anywhere in the reviews; every question should have a review in each. */
export function ordersOf(questions: readonly ReviewedQuestion[]): ReviewOrder {
  const orders = questions.flatMap(({ reviews }) =>
    reviews.map(({ shown }) => [shown.join(), shown] as const),
  );
  return [...new Map(orders)].map(([, shown]) => shown);
}

/** More wins than losses over the orders is a win, fewer a loss. Where a review of an order failed, so did the question: the rest would be one-sided. */
export function outcomeOf(question: ReviewedQuestion, orders: ReviewOrder): Outcome {
  const needed = orders.map((shown) => reviewOf(question, shown));
  const isComplete = needed.every((review) => review !== undefined && review.reading.how !== "failed");
  if (!isComplete) return "failed";
  const signs = signsOf(question, orders);
  if (signs.length === 0) return "graded";
  const total = signs.reduce((sum, sign) => sum + sign, 0);
  return total === 0 ? "tie" : total > 0 ? "win" : "lose";
}

/** From 0 to 1 for answer 1; undefined where there is none. */
export function preferenceOf(outcome: Outcome): number | undefined {
  return { win: 1, tie: 0.5, lose: 0, failed: undefined, graded: undefined }[outcome];
}

export function reviewOf({ reviews }: ReviewedQuestion, shown: readonly number[]): Review | undefined {
  return reviews.find((review) => review.shown.join() === shown.join());
}

/** By comparison, 1, 0 or -1 for answer 1. Two ratings, each given to an answer alone, make one comparison. */
function signsOf(question: ReviewedQuestion, orders: ReviewOrder): number[] {
  const pairs = orders.filter(({ length }) => length === 2);
  const alone = orders.filter(({ length }) => length === 1);
  const comparisons = [...pairs.map((shown) => [shown]), ...(alone.length === 2 ? [alone] : [])];
  return comparisons.map((shown) => {
    const [first, second] = [0, 1].map((answer) => scoreIn(question, shown, answer));
    return Math.sign(first! - second!);
  });
}

function scoreIn(question: ReviewedQuestion, orders: ReviewOrder, answer: number): number | undefined {
  const review = reviewOf(
    question,
    orders.find((shown) => shown.includes(answer))!,
  );
  return review && scoreOf(review, answer);
}

export interface OutcomeCounts {
  questions: number;
  win: number;
  lose: number;
  tie: number;
  failed: number;
  /** In percent of those that are not failed, ties as halves; null where there are none. */
  winRate: number | null;
}

export function countOutcomes(outcomes: readonly Outcome[]): OutcomeCounts {
  const count = (outcome: Outcome): number => outcomes.filter((each) => each === outcome).length;
  const share = meanOf(outcomes.flatMap((outcome) => preferenceOf(outcome) ?? []));
  return {
    questions: outcomes.length,
    win: count("win"),
    lose: count("lose"),
    tie: count("tie"),
    failed: count("failed"),
    winRate: share === undefined ? null : 100 * share,
  };
}
