/** The benchmark in the form that reports compare. */
import type { BenchmarkResult, ScoredItem } from "../benchmark/result.ts";
import { ordersOf, outcomeOf, preferenceOf, reviewOf } from "./outcome.ts";
import { TASK } from "./questions.ts";
import { scoreOf } from "./review.ts";
import type { ReviewedQuestion } from "./reviewed.ts";
import { HIGHEST_SCORE } from "./stated-scores.ts";
import type { VicunaQaSummary } from "./summary.ts";

/**
 * Of model 1. A win is 1, a tie a half; of a model that was graded alone, its rating out of ten. Failed questions are left out.
 * `rival` is the name of model 2, where it is known.
 */
export function benchmarkResult(
  questions: readonly ReviewedQuestion[],
  { winRate, lengthControlledWinRate, meanScores, ...counts }: VicunaQaSummary,
  rival: string | undefined,
): BenchmarkResult {
  const judged = counts.win + counts.lose + counts.tie;
  const inPercent = (count: number, total: number): number | null =>
    total === 0 ? null : (100 * count) / total;
  // With two answers, what counts is which is better.
  const rating = judged === 0 ? meanScores.answer1 : null;
  const meanScore = rating === null ? null : (100 * rating) / HIGHEST_SCORE;
  return {
    benchmark: TASK,
    headline: judged === 0 ? "meanScore" : "winRate",
    metrics: {
      winRate,
      lengthControlledWinRate,
      win: inPercent(counts.win, judged),
      lose: inPercent(counts.lose, judged),
      tie: inPercent(counts.tie, judged),
      failed: inPercent(counts.failed, counts.questions),
      meanScore,
    },
    ...(judged > 0 && { rival }),
    items: scoredItems(questions),
  };
}

function scoredItems(questions: readonly ReviewedQuestion[]): ScoredItem[] {
  const orders = ordersOf(questions);
  return questions.flatMap((question) => {
    const outcome = outcomeOf(question, orders);
    const score = outcome === "graded" ? ratingOf(question) : preferenceOf(outcome);
    if (score === undefined) return [];
    const { id, category, question: text = "", answers } = question;
    const [prediction = "", rivalAnswer] = answers;
    return [{ task: TASK, id, group: category, score, question: text, prediction, rivalAnswer }];
  });
}

function ratingOf(question: ReviewedQuestion): number | undefined {
  const review = reviewOf(question, [0]);
  const rating = review && scoreOf(review, 0);
  return rating === undefined ? undefined : rating / HIGHEST_SCORE;
}
