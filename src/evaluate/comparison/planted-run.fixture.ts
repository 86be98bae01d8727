/** Runs whose scores a test has chosen, so that it knows what a comparison must find. */
import type { BenchmarkResult, ScoredItem } from "../benchmark/result.ts";
import type { EvaluatedRun } from "./pool-seeds.ts";

/** Items of one task, their ids from 0. */
export function items(scores: readonly number[], more: Partial<ScoredItem> = {}): ScoredItem[] {
  return scores.map((score, i) => ({
    task: "task",
    id: String(i),
    group: "group",
    question: `question ${i}`,
    prediction: `answer ${i}`,
    ...more,
    score,
  }));
}

/** The headline is the mean of the items, in percent, where no metrics are given. */
export function result(
  benchmark: string,
  scored: ScoredItem[],
  metrics?: BenchmarkResult["metrics"],
): BenchmarkResult {
  const mean = scored.reduce((sum, { score }) => sum + score, 0) / scored.length;
  const given = metrics ?? { score: 100 * mean };
  return { benchmark, headline: Object.keys(given)[0]!, metrics: given, items: scored };
}

export function run(name: string, ...seeds: BenchmarkResult[][]): EvaluatedRun {
  return { name, seeds: seeds.map((results, i) => ({ model: `models/${name}-${i}`, results })) };
}

/** `count` scores of which the first `ones` are 1. */
export function share(ones: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i < ones ? 1 : 0));
}
