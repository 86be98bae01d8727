/** All figures of a set of reviews: win, lose and tie of answer 1, by category and by order, with their intervals. */
import { meanOf } from "../audit/judged-item.ts";
import { type Estimate, meanEstimate, statisticEstimate } from "../statistics/estimate.ts";
import type { BootstrapOptions } from "../statistics/statistics.ts";
import { type ComparedPair, controlLength } from "./length-control.ts";
import { type OrderCounts, countOrders } from "./order-counts.ts";
import {
  type Outcome,
  type OutcomeCounts,
  countOutcomes,
  ordersOf,
  outcomeOf,
  preferenceOf,
} from "./outcome.ts";
import { type Review, orderName, scoreOf } from "./review.ts";
import type { ReviewedQuestion } from "./reviewed.ts";

export interface VicunaQaSummary extends OutcomeCounts {
  /** 95 %. */
  winRateInterval: Interval | null;
  /** In percent: what the win rate would be at equal length; null where the answers' texts are not known. */
  lengthControlledWinRate: number | null;
  lengthControlledInterval: Interval | null;
  /** Above 0, longer answers are preferred. */
  lengthEffect: number | null;
  /** In percent of the judged questions: near 0 and near 100, equal length is an extrapolation. */
  answer1Longer: number | null;
  byCategory: Record<string, OutcomeCounts>;
  /** By what was shown first; null where each answer was graded alone. */
  orders: OrderCounts | null;
  meanScores: MeanScores & { byOrder: Record<string, MeanScores> };
  /** How the scores of all reviews came about. */
  reviews: { stored: number; parsed: number; parsedByFallback: number; failed: number; askedAgain: number };
}

interface Interval {
  low: number;
  high: number;
}

interface MeanScores {
  answer1: number | null;
  answer2: number | null;
}

export function summarize(
  questions: readonly ReviewedQuestion[],
  options: BootstrapOptions,
): VicunaQaSummary {
  const orders = ordersOf(questions);
  const judged = questions.map((question) => ({ question, outcome: outcomeOf(question, orders) }));
  const outcomes = judged.map(({ outcome }) => outcome);
  const categories = [...new Set(questions.map(({ category }) => category))];
  const winRate = meanEstimate(outcomes.map(preferenceOf), options);
  const controlled = lengthControlled(judged, options);
  const reviews = questions.flatMap((question) => question.reviews);
  return {
    ...countOutcomes(outcomes),
    winRateInterval: winRate ? { low: 100 * winRate.low, high: 100 * winRate.high } : null,
    lengthControlledWinRate: controlled?.estimate.value ?? null,
    lengthControlledInterval: controlled
      ? { low: controlled.estimate.low, high: controlled.estimate.high }
      : null,
    lengthEffect: controlled?.lengthEffect ?? null,
    answer1Longer: controlled?.answer1Longer ?? null,
    byCategory: Object.fromEntries(
      categories.map((category) => [
        category,
        countOutcomes(
          judged.filter(({ question }) => question.category === category).map(({ outcome }) => outcome),
        ),
      ]),
    ),
    orders: countOrders(questions, orders),
    meanScores: {
      ...meanScores(reviews),
      byOrder: Object.fromEntries(
        orders.map((shown) => [
          orderName(shown),
          meanScores(reviews.filter((review) => review.shown.join() === shown.join())),
        ]),
      ),
    },
    reviews: {
      stored: countHow(reviews, "stored"),
      parsed: countHow(reviews, "parsed"),
      parsedByFallback: countHow(reviews, "fallback"),
      failed: countHow(reviews, "failed"),
      askedAgain: reviews.filter(({ again }) => again !== undefined).length,
    },
  };
}

interface Judged {
  readonly question: ReviewedQuestion;
  readonly outcome: Outcome;
}

/** Of the questions that are not failed. Undefined where there are none, or an answer is not known. */
function lengthControlled(
  judged: readonly Judged[],
  options: BootstrapOptions,
): { estimate: Estimate; lengthEffect: number; answer1Longer: number } | undefined {
  const pairs: ComparedPair[] = [];
  for (const { question, outcome } of judged) {
    const preference = preferenceOf(outcome);
    if (preference === undefined) continue;
    const [first, second] = question.answers;
    if (first === undefined || second === undefined) return undefined;
    pairs.push({ preference, lengthDifference: first.length - second.length });
  }
  const control = controlLength(pairs);
  const estimate = statisticEstimate(pairs, (drawn) => controlLength(drawn)?.winRate, options);
  const longer = pairs.filter(({ lengthDifference }) => lengthDifference > 0).length;
  return (
    control &&
    estimate && { estimate, lengthEffect: control.lengthEffect, answer1Longer: (100 * longer) / pairs.length }
  );
}

function meanScores(reviews: readonly Review[]): MeanScores {
  const mean = (answer: number): number | null =>
    meanOf(reviews.flatMap((review) => scoreOf(review, answer) ?? [])) ?? null;
  return { answer1: mean(0), answer2: mean(1) };
}

function countHow(reviews: readonly Review[], how: Review["reading"]["how"]): number {
  return reviews.filter(({ reading }) => reading.how === how).length;
}
