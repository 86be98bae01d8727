/** Where a model orders pairs of responses rightly: far apart in the ranking or near, and the better one longer or shorter. */
import type { Estimate } from "./statistics/estimate.ts";
import {
  type ComparedPair,
  type OrderedList,
  comparedPairs,
  pairAccuracyOf,
} from "./statistics/list-order.ts";
import { quantile } from "./statistics/statistics.ts";

/** A list with the lengths of its responses, in characters. */
export interface MeasuredList extends OrderedList {
  readonly lengths: readonly number[];
}

export interface GapAccuracy {
  /** Steps in the ranking from the better response to the worse; without ties the k - j of Eq. 5. */
  readonly gap: number;
  readonly pairs: number;
  readonly model: Estimate;
  /** What always choosing the longer response gets. */
  readonly longest: Estimate;
}

export interface LengthAccuracy {
  /** By how many characters the better response is longer, least and most in this quarter; negative where it is shorter. */
  readonly from: number;
  readonly to: number;
  readonly pairs: number;
  readonly model: Estimate;
}

/** By gap, the smallest first. */
export function accuracyByRankGap(lists: readonly MeasuredList[]): GapAccuracy[] {
  const model = lists.map(pairsWithGaps);
  const longest = lists.map(({ lengths, ...list }) => pairsWithGaps({ ...list, values: lengths }));
  const gaps = new Set(model.flat().map(({ gap }) => gap));
  return [...gaps]
    .toSorted((a, b) => a - b)
    .map((gap) => {
      const of = (all: typeof model): (typeof model)[number][] =>
        all.map((pairs) => pairs.filter((pair) => pair.gap === gap));
      return {
        gap,
        pairs: of(model).flat().length,
        model: pairAccuracyOf(of(model))!,
        longest: pairAccuracyOf(of(longest))!,
      };
    });
}

/**
 * By quartile of the difference in length, better less worse. A model without a taste for length is as right in the first
 * quarter, where the better response is much shorter, as in the last; one that prefers long responses gets better from
 * quarter to quarter, one that prefers short ones worse. Pairs of equal difference share a quarter, so that there may be
 * fewer than four.
 */
export function accuracyByLength(lists: readonly MeasuredList[]): LengthAccuracy[] {
  const pairs = lists.map((list) =>
    comparedPairs(list).map((pair) => ({
      ...pair,
      difference: list.lengths[pair.better]! - list.lengths[pair.worse]!,
    })),
  );
  const sorted = Float64Array.from(pairs.flat().map(({ difference }) => difference)).toSorted();
  if (sorted.length === 0) return [];
  const cuts = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share));
  const quarterOf = (difference: number): number => cuts.filter((cut) => difference > cut).length;
  return [0, 1, 2, 3].flatMap((quarter) => {
    const own = pairs.map((list) => list.filter(({ difference }) => quarterOf(difference) === quarter));
    const model = pairAccuracyOf(own);
    if (model === undefined) return [];
    const inside = sorted.filter((difference) => quarterOf(difference) === quarter);
    return [{ from: inside[0]!, to: inside.at(-1)!, pairs: inside.length, model }];
  });
}

function pairsWithGaps(list: OrderedList): (ComparedPair & { gap: number })[] {
  const steps = [...new Set(list.levels)].toSorted((a, b) => a - b);
  const stepOf = (index: number): number => steps.indexOf(list.levels[index]!);
  return comparedPairs(list).map((pair) => ({ ...pair, gap: stepOf(pair.worse) - stepOf(pair.better) }));
}
