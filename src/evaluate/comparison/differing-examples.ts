/** Items to read side by side: those on which the runs differ most. */
import { randomStream } from "../../random.ts";
import type { ExampleItem } from "./comparison.ts";
import type { PooledItem, PooledResult } from "./pool-seeds.ts";

export interface ExampleOptions {
  readonly numExamples: number;
  readonly seed: number;
}

/**
 * Many items differ by as much (right and wrong), so which of them are shown is drawn; and where items of several tasks
 * do, each task has its turn. Of one run any items are drawn.
 */
export function differingExamples(
  results: readonly PooledResult[],
  keys: readonly string[],
  { numExamples, seed }: ExampleOptions,
): ExampleItem[] {
  const [{ benchmark }] = results as [PooledResult];
  const drawn = randomStream(seed, "report-examples", benchmark)
    .shuffle(keys)
    .map((key) => results.map(({ items }) => items.get(key)!))
    .map((items) => ({ items, spread: spreadOf(items) }));
  const differing = drawn.filter(({ spread }) => spread > 0).toSorted((a, b) => b.spread - a.spread);
  const shown = takeTurns(results.length === 1 ? drawn : differing, numExamples);
  return shown.map(({ items }) => {
    const [{ task, id, group, question }] = items as [PooledItem];
    return { task, id, group, question, answers: items.map((item, i) => answerOf(results[i]!.run, item)) };
  });
}

interface Candidate {
  readonly items: readonly PooledItem[];
  readonly spread: number;
}

/** In their order; but one whose task was shown already waits behind those of equal spread whose task was not. */
function takeTurns(candidates: readonly Candidate[], count: number): Candidate[] {
  const seen = new Map<string, number>();
  const turns = candidates.map((candidate) => {
    const name = JSON.stringify([candidate.spread, candidate.items[0]!.task]);
    const turn = seen.get(name) ?? 0;
    seen.set(name, turn + 1);
    return { candidate, turn };
  });
  return turns
    .toSorted((a, b) => b.candidate.spread - a.candidate.spread || a.turn - b.turn)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

function spreadOf(items: readonly PooledItem[]): number {
  const scores = items.map(({ score }) => score);
  return Math.max(...scores) - Math.min(...scores);
}

function answerOf(run: string, item: PooledItem): ExampleItem["answers"][number] {
  const { prediction, rivalAnswer, scoreOfFirst, score } = item;
  return { run, prediction, rivalAnswer, score: scoreOfFirst, meanScore: score };
}
