/** How values order the responses of ranked lists: pair accuracy, Kendall's tau and NDCG, with how sure they are. */
import { type Estimate, type Share, meanEstimate, shareEstimate } from "./estimate.ts";
import { gainsOf, ndcg } from "./ndcg.ts";
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
  /** Tau-b of each list, as a mean over those where it is defined; null where all values of each are equal. */
  readonly kendallTau: Estimate | null;
  /** As a mean over the lists with a pair; an order by chance has 0.81 with four responses, not 0. */
  readonly ndcg: Estimate;
}

/** Of a single list; undefined where it has no pair, tau also where all values are equal. */
export interface ListOrder {
  readonly pairAccuracy: number | undefined;
  readonly kendallTau: number | undefined;
  readonly ndcg: number | undefined;
}

const SEED = "list order";

/** Intervals draw whole lists again: the pairs of one list depend on each other. Undefined without a pair. */
export function orderAgreement(lists: readonly OrderedList[]): OrderAgreement | undefined {
  const orders = lists.map(orderOfList);
  const accuracy = pairAccuracyOf(lists.map((list) => comparedPairs(list)));
  const kendallTau = meanEstimate(
    orders.map((order) => order.kendallTau),
    { seed: SEED },
  );
  const gain = meanEstimate(
    orders.map((order) => order.ndcg),
    { seed: SEED },
  );
  return accuracy && gain && { pairAccuracy: accuracy, kendallTau: kendallTau ?? null, ndcg: gain };
}

export function orderOfList(list: OrderedList): ListOrder {
  const { levels, values } = list;
  const { part, whole } = rightOf(comparedPairs(list));
  return {
    pairAccuracy: whole === 0 ? undefined : part / whole,
    kendallTau: kendallTauB(
      levels.map((level) => -level),
      values,
    ),
    ndcg: ndcg(gainsOf(levels), values),
  };
}

/** Two responses of different level, by their places in the list. */
export interface ComparedPair {
  readonly better: number;
  readonly worse: number;
  /** Whether the better one has the larger value; equal values are wrong. */
  readonly isRight: boolean;
}

export function comparedPairs({ levels, values }: OrderedList): ComparedPair[] {
  return pairsOf(levels.length)
    .filter(([i, j]) => levels[i] !== levels[j])
    .map(([i, j]) => {
      const [better, worse] = levels[i]! < levels[j]! ? [i, j] : [j, i];
      return { better, worse, isRight: values[better]! > values[worse]! };
    });
}

/** Over the pairs of all lists; its interval draws the lists that have any. */
export function pairAccuracyOf(lists: readonly (readonly ComparedPair[])[]): Estimate | undefined {
  return shareEstimate(
    lists.map(rightOf).filter(({ whole }) => whole > 0),
    { seed: SEED },
  );
}

function rightOf(pairs: readonly ComparedPair[]): Share {
  return { part: pairs.filter(({ isRight }) => isRight).length, whole: pairs.length };
}
