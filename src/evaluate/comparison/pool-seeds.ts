/** One model trained or sampled with several seeds counts as one run: its items have the mean score of its seeds. */
import { UserError } from "../../errors.ts";
import { countOf } from "../../text/count-of.ts";
import { keyOf } from "../benchmark/question.ts";
import type { BenchmarkResult, ScoredItem } from "../benchmark/result.ts";
import { meansOverSeeds } from "../statistics/paired.ts";
import { meanOf } from "../statistics/statistics.ts";

/** What `tuna report` compares: a model under the name that the report gives it. */
export interface EvaluatedRun {
  readonly name: string;
  /** One evaluation a seed. */
  readonly seeds: readonly { readonly model: string; readonly results: readonly BenchmarkResult[] }[];
}

export interface PooledResult {
  readonly run: string;
  readonly benchmark: string;
  readonly headline: string;
  /** In percent, means of the seeds; null where one of them has no value. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly headlineBySeed: readonly (number | null)[];
  /** Whose answers the seeds were judged against, each once. */
  readonly rivals: readonly string[];
  /** By their keys, those that every seed has. */
  readonly items: ReadonlyMap<string, PooledItem>;
  /** Items that only some of the seeds have. */
  readonly notInAllSeeds: number;
}

/** All texts are those of the first seed, `score` is the mean. */
export interface PooledItem extends ScoredItem {
  readonly scoreOfFirst: number;
}

/** One result for each benchmark. Throws a `UserError` where the seeds have different benchmarks or an item twice. */
export function poolSeeds({ name, seeds }: EvaluatedRun): PooledResult[] {
  const [first = [], ...others] = seeds.map(({ results }) => results);
  for (const [index, other] of others.entries()) refuseOtherBenchmarks(name, [first, other], index + 1);
  return first.map((result) => {
    const { benchmark } = result;
    return pool(name, [
      result,
      ...others.map((results) => results.find((other) => other.benchmark === benchmark)!),
    ]);
  });
}

function refuseOtherBenchmarks(
  name: string,
  [first, other]: readonly [readonly BenchmarkResult[], readonly BenchmarkResult[]],
  index: number,
): void {
  const namesOf = (results: readonly BenchmarkResult[]): string[] =>
    results.map(({ benchmark, headline }) => `${benchmark} by ${headline}`).toSorted();
  const [expected, got] = [namesOf(first).join(", "), namesOf(other).join(", ")];
  if (expected === got) return;
  throw new UserError(
    `${name}: its first seed has ${expected || "no benchmark"}, its seed ${index + 1} has ${got || "none"}. ` +
      "Seeds can be pooled where all have the same benchmarks, scored alike: evaluate the rest, or leave that folder out.",
    { code: "comparison-seeds-differ", facts: { run: name, expected, got } },
  );
}

function pool(run: string, results: readonly BenchmarkResult[]): PooledResult {
  const [{ benchmark, headline, metrics }] = results as [BenchmarkResult];
  const bySeed = results.map((result) => itemsByKey(run, result));
  const inAny = new Set(bySeed.flatMap((items) => [...items.keys()]));
  const [first] = bySeed as [Map<string, ScoredItem>];
  const keys = [...first.keys()].filter((key) => bySeed.every((seed) => seed.has(key)));
  const means = meansOverSeeds(bySeed.map((seed) => keys.map((key) => seed.get(key)!.score)));
  const items = new Map(
    keys.map((key, i): [string, PooledItem] => {
      const item = first.get(key)!;
      return [key, { ...item, score: means[i]!, scoreOfFirst: item.score }];
    }),
  );
  const metricBySeed = (name: string): (number | null)[] => results.map((each) => each.metrics[name] ?? null);
  return {
    run,
    benchmark,
    headline,
    metrics: Object.fromEntries(Object.keys(metrics).map((name) => [name, meanOrNull(metricBySeed(name))])),
    headlineBySeed: metricBySeed(headline),
    rivals: [...new Set(results.flatMap(({ rival }) => rival ?? []))],
    items,
    notInAllSeeds: inAny.size - items.size,
  };
}

function itemsByKey(run: string, { benchmark, items }: BenchmarkResult): Map<string, ScoredItem> {
  const byKey = new Map(items.map((item) => [keyOf(item), item]));
  if (byKey.size < items.length) {
    throw new UserError(
      `${run}: its ${benchmark} has ${countOf(items.length - byKey.size, "item")} twice (same task and id). Evaluate it again.`,
      { code: "comparison-duplicate-items", facts: { run, benchmark } },
    );
  }
  return byKey;
}

function meanOrNull(values: readonly (number | null)[]): number | null {
  return values.includes(null) ? null : meanOf(values as number[]);
}
