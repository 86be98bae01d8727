/** Whether a judge favours responses for the place where it saw them. */
import { randomStream } from "../../random.ts";
import { type Estimate, meanEstimate } from "../statistics/estimate.ts";
import { type ItemVerdict, type JudgedItem, meanOf, placesOf, verdictsOf } from "./judged-item.ts";
import type { BootstrapOptions } from "../statistics/statistics.ts";

export interface PositionBias {
  /** How many responses were shown at once; lists of another length are another row. */
  numShown: number;
  /** The mean rank, 0 best, of what stood in each place; without bias all are (numShown - 1) / 2. */
  meanRank: Estimate[];
  /** How often places that mean nothing would differ as much or more. */
  pValue: number;
  items: number;
  /** Items whose responses each stood in each place equally often: the others' quality may be what the places show. */
  balancedItems: number;
}

export function positionBias(
  items: readonly JudgedItem[],
  judge: string,
  options: BootstrapOptions,
): PositionBias[] {
  const bySize = new Map<number, { ranks: number[]; balanced: boolean }[]>();
  for (const item of items) {
    const complete = verdictsOf(item, judge).filter(rankAllShown);
    const numShown = complete[0]?.order.length ?? 0;
    const verdicts = complete.filter(({ order }) => order.length === numShown);
    if (numShown < 2) continue;
    const row = { ranks: meanRankByPlace(verdicts, numShown), balanced: isBalanced(verdicts, numShown) };
    bySize.set(numShown, [...(bySize.get(numShown) ?? []), row]);
  }
  return [...bySize]
    .toSorted(([first], [second]) => first - second)
    .map(([numShown, rows]) => ({
      numShown,
      meanRank: Array.from({ length: numShown }, (_, place) =>
        meanEstimate(
          rows.map(({ ranks }) => ranks[place]),
          options,
        )!,
      ),
      pValue: permutationTest(
        rows.map(({ ranks }) => ranks),
        options,
      ),
      items: rows.length,
      balancedItems: rows.filter(({ balanced }) => balanced).length,
    }));
}

/** A dropped duplicate has no rank, and the others' ranks would shift. */
function rankAllShown({ order, ranks }: ItemVerdict): boolean {
  return order.every((response) => ranks[response] !== undefined);
}

function meanRankByPlace(verdicts: readonly ItemVerdict[], numShown: number): number[] {
  const ranks = verdicts.map(({ order, ranks: given }) => placesOf(order.map((response) => given[response])));
  return Array.from({ length: numShown }, (_, place) => meanOf(ranks.map((row) => row[place]!))!);
}

function isBalanced(verdicts: readonly ItemVerdict[], numShown: number): boolean {
  const [first] = verdicts;
  return first!.order.every((response) => {
    const places = verdicts.map(({ order }) => order.indexOf(response));
    return Array.from({ length: numShown }, (_, place) => places.filter((at) => at === place).length).every(
      (count) => count * numShown === verdicts.length,
    );
  });
}

/**
 * Were places to mean nothing, an item's could be exchanged: the same exchange for all verdicts on it. An item that was judged
 * alike in both orders then says nothing against it.
 */
function permutationTest(rows: readonly (readonly number[])[], { seed, resamples = 2000 }: BootstrapOptions) {
  const random = randomStream(seed, "position-permutation");
  const observed = spreadOfPlaces(rows) - 1e-12;
  let asLarge = 0;
  for (let draw = 0; draw < resamples; draw++) {
    if (spreadOfPlaces(rows.map((row) => random.shuffle(row))) >= observed) asLarge++;
  }
  return (asLarge + 1) / (resamples + 1);
}

/** The sum of squares of the place's totals about their mean, which no exchange moves. */
function spreadOfPlaces(rows: readonly (readonly number[])[]): number {
  const totals = rows[0]!.map(() => 0);
  for (const row of rows) for (const [place, rank] of row.entries()) totals[place]! += rank;
  const mean = totals.reduce((sum, total) => sum + total, 0) / totals.length;
  return totals.reduce((sum, total) => sum + (total - mean) ** 2, 0);
}
