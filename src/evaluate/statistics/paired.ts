/**
 * Two models on the same items: the difference of their means with its bootstrap interval, and a permutation test. The item is
 * what is drawn and what may change its sign: say what one is (an instance, a question), and average over what belongs to it.
 */
import { InternalError } from "../../errors.ts";
import { randomStream } from "../../random.ts";
import type { Estimate } from "./estimate.ts";
import { type SignFlip, signFlipTest } from "./sign-flip.ts";
import { type BootstrapOptions, drawnMean, meanOf, quantile } from "./statistics.ts";

export interface PairedOptions extends BootstrapOptions {
  /** Of the test, where not all sign patterns are tried. Default 10,000; p cannot be below 1 / (1 + permutations). */
  permutations?: number;
  /**
   * By item, such as its task. The difference is then the mean of the strata's mean differences, as in a benchmark that
   * averages over tasks, and items are drawn again within their stratum.
   */
  strata?: readonly string[];
}

export interface PairedComparison extends SignFlip {
  /** The first less the second, in the unit of the values. */
  difference: Estimate;
}

/**
 * The values of both models, item by item; undefined without items. The interval is the percentile bootstrap over items
 * (P. Koehn, "Statistical Significance Tests for Machine Translation Evaluation", 2004). It is too narrow for few items: with
 * fewer than 20, believe the test.
 */
export function comparePaired(
  first: readonly number[],
  second: readonly number[],
  { permutations, strata, ...bootstrap }: PairedOptions,
): PairedComparison | undefined {
  const lengths = new Set([first.length, second.length, strata?.length ?? first.length]);
  if (lengths.size > 1) throw new InternalError("values are not paired", { code: "values-unpaired" });
  if (first.length === 0) return undefined;
  const differences = first.map((value, item) => value - second[item]!);
  const byStratum = grouped(differences, strata);
  // So that their sum is that of the strata's means, to which the difference is proportional.
  const weighted = byStratum.flatMap((group) => group.map((difference) => difference / group.length));
  return {
    difference: differenceEstimate(byStratum, bootstrap),
    ...signFlipTest(weighted, { seed: bootstrap.seed, ...(permutations !== undefined && { permutations }) }),
  };
}

/**
 * Runs of one model with several seeds, each with a value for every item, as one value an item: their mean. What follows then
 * holds for these seeds, over items like these; K runs of an item count as one item and not as K (E. Miller, "Adding Error Bars
 * to Evals", 2024, on resampling). How far whole runs differ is in `acrossSeeds`, and is not part of an interval over items.
 */
export function meansOverSeeds(runs: readonly (readonly number[])[]): number[] {
  return (runs[0] ?? []).map((_, item) => meanOf(runs.map((run) => run[item]!)));
}

/** The standard deviation of the runs' means (with the number of runs less one); undefined for one run. */
export function acrossSeeds(runs: readonly (readonly number[])[]): number | undefined {
  if (runs.length < 2) return undefined;
  const means = runs.map(meanOf);
  const mean = meanOf(means);
  return Math.sqrt(means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (means.length - 1));
}

function grouped(values: readonly number[], strata: readonly string[] | undefined): number[][] {
  if (strata === undefined) return [[...values]];
  const groups = new Map<string, number[]>();
  for (const [item, value] of values.entries()) {
    const group = groups.get(strata[item]!) ?? [];
    group.push(value);
    groups.set(strata[item]!, group);
  }
  return [...groups.values()];
}

function differenceEstimate(
  groups: readonly (readonly number[])[],
  { seed, resamples = 2000, confidence = 0.95 }: BootstrapOptions,
): Estimate {
  const random = randomStream(seed, "bootstrap");
  const drawn = Float64Array.from({ length: resamples }, () =>
    meanOf(groups.map((group) => drawnMean(group, random))),
  ).toSorted();
  return {
    value: meanOf(groups.map(meanOf)),
    low: quantile(drawn, (1 - confidence) / 2),
    high: quantile(drawn, (1 + confidence) / 2),
    items: groups.reduce((count, group) => count + group.length, 0),
  };
}
