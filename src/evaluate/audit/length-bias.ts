/** Whether longer responses are ranked higher. Longer may be better: people's ranks of the same responses are the measure. */
import { type Estimate, meanEstimate } from "../statistics/estimate.ts";
import { type JudgedItem, type Ranks, meanOf, meanRanks } from "./judged-item.ts";
import { pairsOf, spearman } from "../statistics/rank-correlation.ts";
import type { BootstrapOptions } from "../statistics/statistics.ts";

export interface LengthBias {
  /** Spearman's rho of quality (minus the rank) and length within an item: above 0, longer is ranked higher. */
  correlation: Estimate;
  /** Of pairs that differ in length and in rank, the share in which the longer is ranked higher. */
  longerPreferred: Estimate | undefined;
}

/** `rankingsOf`: the rankings of an item whose mean is looked at. Undefined where no item has texts and ranks that differ. */
export function lengthBias(
  items: readonly JudgedItem[],
  rankingsOf: (item: JudgedItem) => readonly Ranks[],
  options: BootstrapOptions,
): LengthBias | undefined {
  const perItem = items.map((item) => {
    const ranks = meanRanks(rankingsOf(item));
    const ranked = ranks.flatMap((rank, response) => {
      const text = item.texts?.[response];
      return rank === undefined || text === undefined ? [] : [{ quality: -rank, length: text.length }];
    });
    return { correlation: correlationOf(ranked), longerPreferred: shareOfLonger(ranked) };
  });
  const correlation = meanEstimate(
    perItem.map((each) => each.correlation),
    options,
  );
  const longerPreferred = meanEstimate(
    perItem.map((each) => each.longerPreferred),
    options,
  );
  return correlation && { correlation, longerPreferred };
}

interface Ranked {
  quality: number;
  /** In UTF-16 code units, which are characters in most texts. */
  length: number;
}

function correlationOf(responses: readonly Ranked[]): number | undefined {
  return spearman(
    responses.map(({ quality }) => quality),
    responses.map(({ length }) => length),
  );
}

function shareOfLonger(responses: readonly Ranked[]): number | undefined {
  const signs = pairsOf(responses.length).map(([i, j]) => {
    const [first, second] = [responses[i]!, responses[j]!];
    return Math.sign(first.quality - second.quality) * Math.sign(first.length - second.length);
  });
  return meanOf(signs.filter((sign) => sign !== 0).map((sign) => Number(sign > 0)));
}
