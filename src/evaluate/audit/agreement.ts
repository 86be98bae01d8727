/** Agreement of rankings of the same responses: among the orders of one judge, among judges, and with people. */
import { type Estimate, meanEstimate } from "../statistics/estimate.ts";
import { type Ranks, meanOf } from "./judged-item.ts";
import { kendallTauB, kendallW, pairsOf } from "../statistics/rank-correlation.ts";
import type { BootstrapOptions } from "../statistics/statistics.ts";

export interface Agreement {
  /** Kendall's tau-b, the mean over pairs of rankings; undefined where one of them is all ties on every item. */
  tau: Estimate | undefined;
  /** Kendall's W of all rankings of an item. */
  w: Estimate | undefined;
  /** Of pairs of responses, the share on which two rankings say the same: better, worse, or a tie. */
  samePairs: Estimate | undefined;
}

/** The rankings of each item. Items with fewer than two have no part; undefined where all have. */
export function agreement(
  rankingsByItem: readonly (readonly Ranks[])[],
  options: BootstrapOptions,
): Agreement | undefined {
  const compared = rankingsByItem.map(rankedByAll).filter((rankings) => rankings.length > 1);
  if (compared.length === 0) return undefined;
  const perItem = compared.map((rankings) => {
    const pairs = pairsOf(rankings.length).map(([i, j]) => [rankings[i]!, rankings[j]!] as const);
    return {
      tau: meanOf(pairs.flatMap(([first, second]) => kendallTauB(first, second) ?? [])),
      w: kendallW(rankings),
      samePairs: meanOf(pairs.flatMap(([first, second]) => shareOfSameRelations(first, second) ?? [])),
    };
  });
  return {
    tau: meanEstimate(
      perItem.map(({ tau }) => tau),
      options,
    ),
    w: meanEstimate(
      perItem.map(({ w }) => w),
      options,
    ),
    samePairs: meanEstimate(
      perItem.map(({ samePairs }) => samePairs),
      options,
    ),
  };
}

/** Only the responses that every ranking ranks. */
export function rankedByAll(rankings: readonly Ranks[]): number[][] {
  const responses = [...(rankings[0] ?? []).keys()].filter((response) =>
    rankings.every((ranks) => ranks[response] !== undefined),
  );
  return rankings.map((ranks) => responses.map((response) => ranks[response]!));
}

/** -1 where i is better than j, 0 for a tie, 1 where it is worse, for all i < j. */
export function relationsOf(ranks: readonly number[]): number[] {
  return pairsOf(ranks.length).map(([i, j]) => Math.sign(ranks[i]! - ranks[j]!));
}

function shareOfSameRelations(first: readonly number[], second: readonly number[]): number | undefined {
  const others = relationsOf(second);
  return meanOf(relationsOf(first).map((relation, pair) => Number(relation === others[pair])));
}

/**
 * Cohen's kappa (1960): by how much two raters agree beyond what their frequencies alone would bring, 1 at most. Undefined
 * where these alone bring full agreement.
 */
export function cohenKappa(labels: readonly (readonly [number, number])[]): number | undefined {
  if (labels.length === 0) return undefined;
  const observed = labels.filter(([a, b]) => a === b).length / labels.length;
  const classes = [...new Set(labels.flat())];
  const share = (rater: 0 | 1, label: number): number =>
    labels.filter((pair) => pair[rater] === label).length / labels.length;
  const expected = classes.reduce((sum, label) => sum + share(0, label) * share(1, label), 0);
  return expected === 1 ? undefined : (observed - expected) / (1 - expected);
}
