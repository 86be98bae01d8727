/** The ranks that a person gave to the answers of one question: whether they are a ranking, and which places they mean. */
import { midranks } from "../statistics/rank-correlation.ts";

/**
 * The places from 1, the best; answers that share one get the mean of those that they take up. Ties may be written as 1, 2, 2, 4
 * or 1, 2, 2, 3 or 1, 2.5, 2.5, 4; anything else is a slip of the pen, and nobody can say which. Returns the reason then.
 */
export function placesOf(ranks: readonly number[], { ties }: { ties: boolean }): number[] | string {
  const count = ranks.length;
  const outside = ranks.find((rank) => rank < 1 || rank > count);
  if (outside !== undefined) return `rank ${outside} is out of range: expected 1 to ${count}`;
  const twice = ranks.find((rank, i) => ranks.indexOf(rank) !== i);
  if (twice !== undefined && !ties)
    return `rank ${twice} is given twice, and these sheets were made without ties`;
  const places = midranks(ranks).map((rank) => rank + 1);
  const written = waysToWrite(places).some((way) => way.every((rank, i) => rank === ranks[i]));
  if (written) return places;
  const inOrder = ranks.toSorted((a, b) => a - b).join(", ");
  return `ranks ${inOrder} are no ranking of ${count} answers${twice === undefined ? "" : "; a tie is written as 1, 2, 2, 4 or 1, 2, 2, 3"}`;
}

/** Shared mean places, the least of the shared places, and without gaps. */
function waysToWrite(places: readonly number[]): number[][] {
  const different = [...new Set(places)].toSorted((a, b) => a - b);
  return [
    [...places],
    places.map((place) => 1 + places.filter((other) => other < place).length),
    places.map((place) => 1 + different.indexOf(place)),
  ];
}

/** A cell as spreadsheets write numbers, with a point or a comma; undefined where it is none. */
export function readRank(cell: string): number | undefined {
  return /^\d+(?:[.,]\d+)?$/.test(cell) ? Number(cell.replace(",", ".")) : undefined;
}
