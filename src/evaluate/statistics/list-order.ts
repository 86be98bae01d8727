/** How values order the responses of ranked lists: pair accuracy and Kendall's tau, with how sure they are. */
import { type Estimate, meanEstimate, statisticEstimate } from "./estimate.ts";
import { kendallTauB, pairsOf } from "./rank-correlation.ts";

export interface OrderedList {
  /** Of the ranked responses; smaller is better, equal ones tie. */
  readonly levels: readonly number[];
  /** What is tried on them, the larger the better. */
  readonly values: readonly number[];
}

export interface OrderAgreement {
  /** Share of the pairs of different level whose better response has the larger value, over all lists. */
  readonly pairAccuracy: Estimate;
  /** Tau-b of each list, as a mean over those where it is defined. */
  readonly kendallTau: Estimate;
}

/** Intervals draw whole lists again: the pairs of one list depend on each other. Undefined without a pair. */
export function orderAgreement(lists: readonly OrderedList[]): OrderAgreement | undefined {
  const seed = "list order";
  const counts = lists.map(countPairs).filter(({ pairs }) => pairs > 0);
  const pairAccuracy = statisticEstimate(counts, shareRight, { seed });
  const kendallTau = meanEstimate(
    lists.map(({ levels, values }) =>
      kendallTauB(
        levels.map((level) => -level),
        values,
      ),
    ),
    { seed },
  );
  return pairAccuracy && kendallTau && { pairAccuracy, kendallTau };
}

interface PairCount {
  readonly pairs: number;
  readonly right: number;
}

function countPairs({ levels, values }: OrderedList): PairCount {
  const pairs = pairsOf(levels.length).filter(([i, j]) => levels[i] !== levels[j]);
  const right = pairs.filter(([i, j]) => {
    const [better, worse] = levels[i]! < levels[j]! ? [i, j] : [j, i];
    return values[better]! > values[worse]!;
  });
  return { pairs: pairs.length, right: right.length };
}

function shareRight(counts: readonly PairCount[]): number | undefined {
  const sum = (key: keyof PairCount): number => counts.reduce((total, count) => total + count[key], 0);
  return sum("pairs") === 0 ? undefined : sum("right") / sum("pairs");
}
