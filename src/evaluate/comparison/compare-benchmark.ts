/** One benchmark, all runs that have it: means with intervals, tests over the items that they share, parts, examples. */
import { UserError } from "../../errors.ts";
import { type BenchmarkKind, kindOf } from "./benchmark-kind.ts";
import { compareParts } from "./compare-parts.ts";
import type { BenchmarkComparison } from "./comparison.ts";
import { type ExampleOptions, differingExamples } from "./differing-examples.ts";
import { type Pause, opponentOf, pairedScores, pairedTests } from "./paired-scores.ts";
import type { PooledItem, PooledResult } from "./pool-seeds.ts";

export interface CompareOptions extends ExampleOptions {
  readonly baseline: string;
  /** Awaited between the steps. */
  readonly pause: Pause;
}

/** `holmP` is still `p`: the correction needs all benchmarks. */
export async function compareBenchmark(
  results: readonly PooledResult[],
  options: CompareOptions,
): Promise<BenchmarkComparison> {
  const [{ benchmark, headline }] = results as [PooledResult];
  refuseOtherHeadlines(results);
  const { isTested, isMeanOverTasks, ...kind } = kindOf(results);
  const keys = commonKeys(results, isTested);
  const otherRivals = countDiffering(results, keys, ({ rivalAnswer }) => rivalAnswer);
  const opponent = opponentOf(results, {
    ...options,
    isPairwise: kind.isPairwise,
    haveOneRival: otherRivals === 0,
  });
  const { pause, seed } = options;
  const over = { keys, seed, isMeanOverTasks };
  await pause();
  const { means, differences } = pairedScores(results, opponent, over);
  const tests = await pairedTests(results, opponent, { ...over, differences, pause });
  return {
    benchmark,
    headline,
    ...kind,
    against: opponent?.name,
    commonItems: keys.length,
    otherQuestions: countDiffering(results, keys, ({ question }) => question),
    otherRivals,
    runs: results.map((result, index) => ({
      run: result.run,
      metrics: result.metrics,
      headlineBySeed: result.headlineBySeed,
      rivals: result.rivals,
      leftOut: [...result.items.values()].filter(isTested).length - keys.length,
      notInAllSeeds: result.notInAllSeeds,
      score: means[index]!,
      test: tests[index],
    })),
    parts: await compareParts(results, opponent, { ...over, partsAre: kind.partsAre, pause }),
    examples: differingExamples(results, keys, options),
  };
}

/** Such as answers that were graded one by one, beside answers that were compared with another model's. */
function refuseOtherHeadlines(results: readonly PooledResult[]): void {
  const [first, ...others] = results as [PooledResult, ...PooledResult[]];
  const other = others.find(({ headline }) => headline !== first.headline);
  if (other === undefined) return;
  throw new UserError(
    `${first.benchmark}: ${first.run} was scored by ${first.headline}, ${other.run} by ${other.headline}. ` +
      "Evaluate both in the same way, or leave one out.",
    { code: "comparison-headlines-differ", facts: { benchmark: first.benchmark } },
  );
}

/** In the order of the first run. */
function commonKeys(results: readonly PooledResult[], isTested: BenchmarkKind["isTested"]): string[] {
  const [first, ...others] = results as [PooledResult, ...PooledResult[]];
  const keys = [...first.items]
    .filter(([key, item]) => isTested(item) && others.every(({ items }) => items.has(key)))
    .map(([key]) => key);
  if (keys.length > 0) return keys;
  const names = results.map(({ run, items }) => `${run} (${items.size})`).join(", ");
  throw new UserError(
    `${first.benchmark}: of the items of ${names}, none is in all of them; task and id name an item. ` +
      "Evaluate the runs on the same data, or leave one out.",
    { code: "comparison-no-common-items", facts: { benchmark: first.benchmark } },
  );
}

/** How many items have a text that reads differently in different runs. A run that does not have it says nothing. */
function countDiffering(
  results: readonly PooledResult[],
  keys: readonly string[],
  textOf: (item: PooledItem) => string | undefined,
): number {
  return keys.filter((key) => new Set(results.flatMap(({ items }) => textOf(items.get(key)!) ?? [])).size > 1)
    .length;
}
