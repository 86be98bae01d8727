/** All figures of a set of reviews: win, lose and tie of answer 1, by category and by order, with their intervals. */
import { type BothOrders, type Outcomes, bothOrders } from "../audit/both-orders.ts";
import { type ItemVerdict, type JudgedItem, meanOf } from "../audit/judged-item.ts";
import { type Estimate, meanEstimate, statisticEstimate } from "../statistics/estimate.ts";
import type { BootstrapOptions } from "../statistics/statistics.ts";
import { type ComparedPair, controlLength } from "./length-control.ts";
import { type Outcome, type ReviewOrder, ordersOf, outcomeOf, preferenceOf } from "./outcome.ts";
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
  byCategory: Record<string, OutcomeCounts>;
  /** By what was shown first; null where each answer was graded alone. */
  orders: OrderCounts | null;
  meanScores: MeanScores & { byOrder: Record<string, MeanScores> };
  /** How the scores of all reviews came about. */
  reviews: { stored: number; parsed: number; parsedByFallback: number; failed: number; askedAgain: number };
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

interface Interval {
  low: number;
  high: number;
}

interface OrderCounts {
  order1: Outcomes | null;
  order2: Outcomes | null;
  /** Questions that were read in both orders, and of these the same outcome in both, and the winner where it stood first, or second, in both. */
  pairs: number;
  consistent: number | null;
  alwaysFirst: number | null;
  alwaysSecond: number | null;
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

function countOutcomes(outcomes: readonly Outcome[]): OutcomeCounts {
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

interface Judged {
  readonly question: ReviewedQuestion;
  readonly outcome: Outcome;
}

/** Of the questions that are not failed. Undefined where there are none, or an answer is not known. */
function lengthControlled(
  judged: readonly Judged[],
  options: BootstrapOptions,
): { estimate: Estimate; lengthEffect: number } | undefined {
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
  return control && estimate && { estimate, lengthEffect: control.lengthEffect };
}

function countOrders(questions: readonly ReviewedQuestion[], orders: ReviewOrder): OrderCounts | null {
  const shown = orders.filter(({ length }) => length === 2);
  if (shown.length === 0) return null;
  if (shown.length === 2) {
    const [both] = bothOrders(questions.map(asJudgedItem), JUDGE);
    return withBothOrders(both);
  }
  const name = orderName(shown[0]!);
  const { win, lose, tie } = countOutcomes(questions.map((question) => outcomeOf(question, shown)));
  return { ...NO_ORDERS, [name]: { win, tie, lose } };
}

const NO_ORDERS: OrderCounts = {
  order1: null,
  order2: null,
  pairs: 0,
  consistent: null,
  alwaysFirst: null,
  alwaysSecond: null,
};

function withBothOrders(both: BothOrders | undefined): OrderCounts {
  if (both === undefined) return NO_ORDERS;
  const { order1, order2, pairs, consistent, alwaysFirst, alwaysSecond } = both;
  return { order1, order2, pairs, consistent, alwaysFirst, alwaysSecond };
}

const JUDGE = "judge";

/** As the audit of a judge has them: the lower the rank, the better. */
function asJudgedItem({ id, category, reviews }: ReviewedQuestion): JudgedItem {
  const verdicts = reviews.flatMap((review): ItemVerdict[] => {
    const ranks = [0, 1].map((answer) => {
      const score = scoreOf(review, answer);
      return score === undefined ? undefined : -score;
    });
    return review.shown.length === 2 ? [{ judge: JUDGE, order: review.shown, ranks }] : [];
  });
  return {
    id,
    group: category,
    numResponses: 2,
    texts: undefined,
    sources: undefined,
    verdicts,
    failures: 0,
  };
}

function meanScores(reviews: readonly Review[]): MeanScores {
  const mean = (answer: number): number | null =>
    meanOf(reviews.flatMap((review) => scoreOf(review, answer) ?? [])) ?? null;
  return { answer1: mean(0), answer2: mean(1) };
}

function countHow(reviews: readonly Review[], how: Review["reading"]["how"]): number {
  return reviews.filter(({ reading }) => reading.how === how).length;
}
