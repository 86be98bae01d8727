/** What an audit measured of each item. */
import { kendallW } from "../statistics/rank-correlation.ts";
import { rankedByAll } from "./agreement.ts";
import { type JudgedItem, type Ranks, judgesOf, meanRanks, verdictsOf } from "./judged-item.ts";
import type { HumanRanks } from "./read-human-ranks.ts";

export interface ItemDetails {
  id: string;
  verdicts: number;
  failures: number;
  /** By judge: each response's mean rank over its verdicts, null where it dropped it. */
  meanRanks: Record<string, (number | null)[]>;
  /** Kendall's W of all verdicts; null for one, and where all are ties. */
  w: number | null;
  /** The people's mean ranks; absent without people. */
  people?: (number | null)[];
}

export function itemDetails(items: readonly JudgedItem[], human: HumanRanks | undefined): ItemDetails[] {
  return items.map((item) => {
    const all = item.verdicts.map(({ ranks }) => ranks);
    const people = human?.get(item.id);
    const byJudge = judgesOf([item]).map((judge) => {
      const rankings = verdictsOf(item, judge).map(({ ranks }) => ranks);
      return [judge, withNulls(meanRanks(rankings))] as const;
    });
    return {
      id: item.id,
      verdicts: all.length,
      failures: item.failures,
      meanRanks: Object.fromEntries(byJudge),
      w: (all.length > 1 ? kendallW(rankedByAll(all)) : undefined) ?? null,
      ...(people !== undefined && { people: withNulls(meanRanks(people)) }),
    };
  });
}

function withNulls(ranks: Ranks): (number | null)[] {
  return ranks.map((rank) => rank ?? null);
}
